//! Random numbers: the state of a stream is four variables, its generator is xoshiro256++.

use cranelift_codegen::ir::{InstBuilder, types};

use super::{Emit, Val};
use crate::kernel::random;
use crate::kernel::runtime::Reason;
use crate::kernel::syntax::{Draw, Expr, Var};
use crate::kernel::types::Repr;

impl Emit<'_> {
    pub(super) fn stream(&mut self, target: Var, seed: &Expr, index: &Expr) {
        let mut words = Vec::new();
        for e in [seed, index] {
            let value = self.expr(e);
            let wide = self.int_as(&value, &Repr::I128);
            let (low, high) = self.b.ins().isplit(wide);
            words.extend([low, high]);
        }
        let place = self.stack(4);
        words.push(place);
        self.helper(random::seed_slots as *const u8, &words, &[]);
        let state = self.read(&Repr::Stream, place, &mut 0);
        self.assign(target, &state);
    }

    pub(super) fn draw(&mut self, target: Var, stream: Var, draw: Draw, args: &[Expr]) {
        let args: Vec<Val> = {
            let values: Vec<_> = args
                .iter()
                .map(|arg| (self.expr(arg), self.a.fact(arg)))
                .collect();
            values
                .iter()
                .map(|(value, fact)| match draw {
                    Draw::RandRange => value.clone(),
                    _ => Val::new(Repr::F64, self.float(value, fact)),
                })
                .collect()
        };
        let (state, flag) = self.variable(stream);
        self.check_bound(flag);
        let value = match draw {
            Draw::Random => {
                let (next, state) = self.next(&state);
                self.assign(stream, &state);
                self.unit(next)
            }
            Draw::Uniform => {
                let (next, state) = self.next(&state);
                let unit = self.unit(next);
                let (a, b) = (args[0].one(), args[1].one());
                let span = self.b.ins().fsub(b, a);
                let part = self.b.ins().fmul(span, unit.one());
                self.assign(stream, &state);
                Val::new(Repr::F64, self.b.ins().fadd(a, part))
            }
            Draw::Gauss => {
                let place = self.stack(4);
                self.write(&state, place, &mut 0);
                let unit =
                    self.helper(random::gauss_slots as *const u8, &[place], &[types::F64])[0];
                let state = self.read(&Repr::Stream, place, &mut 0);
                let scaled = self.b.ins().fmul(unit, args[1].one());
                self.assign(stream, &state);
                Val::new(Repr::F64, self.b.ins().fadd(args[0].one(), scaled))
            }
            Draw::RandRange => {
                let limit = crate::kernel::interval::Interval { lo: None, hi: None };
                let most = self.narrow(&args[0], limit, Reason::Python);
                let bad = self.b.ins().icmp_imm_s(
                    cranelift_codegen::ir::condcodes::IntCC::SignedLessThanOrEqual,
                    most,
                    0,
                );
                self.check(bad, Reason::Python);
                let place = self.stack(4);
                self.write(&state, place, &mut 0);
                let part = self.helper(
                    random::below_slots as *const u8,
                    &[place, most],
                    &[types::I64],
                )[0];
                let state = self.read(&Repr::Stream, place, &mut 0);
                self.assign(stream, &state);
                Val::new(Repr::I64, part)
            }
        };
        self.assign(target, &value);
    }

    /// The next word, and the state after it.
    fn next(&mut self, state: &Val) -> (cranelift_codegen::ir::Value, Val) {
        let [s0, s1, s2, s3] = [0, 1, 2, 3].map(|i| state.parts[i]);
        let sum = self.b.ins().iadd(s0, s3);
        let turned = self.b.ins().rotl_imm_s(sum, 23);
        let result = self.b.ins().iadd(turned, s0);
        let t = self.b.ins().ishl_imm_s(s1, 17);
        let s2 = self.b.ins().bxor(s2, s0);
        let s3 = self.b.ins().bxor(s3, s1);
        let new1 = self.b.ins().bxor(s1, s2);
        let new0 = self.b.ins().bxor(s0, s3);
        let new2 = self.b.ins().bxor(s2, t);
        let new3 = self.b.ins().rotl_imm_s(s3, 45);
        let state = Val {
            repr: Repr::Stream,
            parts: vec![new0, new1, new2, new3],
        };
        (result, state)
    }

    /// A float in [0, 1) of a word's upper 53 bits.
    fn unit(&mut self, word: cranelift_codegen::ir::Value) -> Val {
        let bits = self.b.ins().ushr_imm_s(word, 11);
        let whole = self.b.ins().fcvt_from_sint(types::F64, bits);
        let scale = self.b.ins().f64const(2.0_f64.powi(-53));
        Val::new(Repr::F64, self.b.ins().fmul(whole, scale))
    }
}
