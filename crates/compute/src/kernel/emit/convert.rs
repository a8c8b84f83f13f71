//! From one representation to another. What is narrowed without a check was proved to fit.

use cranelift_codegen::ir::{self, InstBuilder, condcodes::IntCC, types};

use super::{Emit, Val};
use crate::kernel::interval::{I64, Interval};
use crate::kernel::math;
use crate::kernel::runtime::Reason;
use crate::kernel::types::{Fact, IntFact, Repr};

impl Emit<'_> {
    /// Another representation of the same value.
    pub(super) fn convert(&mut self, value: &Val, to: &Repr) -> Val {
        if value.repr == *to {
            return value.clone();
        }
        let part = match (&value.repr, to) {
            (Repr::I64 | Repr::I128 | Repr::Bool, Repr::I64 | Repr::I128) => self.int_as(value, to),
            (Repr::I64 | Repr::Bool, Repr::Number) => {
                let int = self.int_as(value, &Repr::I64);
                let float = self.b.ins().fcvt_from_sint(types::F64, int);
                let yes = self.b.ins().iconst(types::I8, 1);
                return Val {
                    repr: Repr::Number,
                    parts: vec![float, yes],
                };
            }
            (Repr::I128, Repr::Number) => {
                let narrow = Val::new(Repr::I64, self.int_as(value, &Repr::I64));
                return self.convert(&narrow, to);
            }
            (Repr::F64, Repr::Number) => {
                let no = self.b.ins().iconst(types::I8, 0);
                return Val {
                    repr: Repr::Number,
                    parts: vec![value.one(), no],
                };
            }
            (Repr::Tuple(from), Repr::Tuple(to_items)) => {
                let mut parts = Vec::new();
                let mut rest = value.parts.as_slice();
                for (from, to) in from.iter().zip(to_items) {
                    let (own, more) = rest.split_at(from.parts());
                    let item = Val {
                        repr: from.clone(),
                        parts: own.to_vec(),
                    };
                    parts.extend(self.convert(&item, to).parts);
                    rest = more;
                }
                return Val {
                    repr: to.clone(),
                    parts,
                };
            }
            // Ways that are never gone: the analysis joins nothing else.
            _ => return self.zero(to),
        };
        Val::new(to.clone(), part)
    }

    /// An int (or bool) in 64 or 128 bits, without a check.
    pub(super) fn int_as(&mut self, value: &Val, to: &Repr) -> ir::Value {
        let part = value.one();
        match (&value.repr, to) {
            (Repr::Bool, Repr::I64) => self.b.ins().uextend(types::I64, part),
            (Repr::Bool, _) => self.b.ins().uextend(types::I128, part),
            (Repr::I64, Repr::I128) => self.b.ins().sextend(types::I128, part),
            (Repr::I128, Repr::I64) => self.b.ins().ireduce(types::I64, part),
            _ => part,
        }
    }

    /// An int in 64 bits, checked unless it is known to fit.
    pub(super) fn narrow(&mut self, value: &Val, interval: Interval, reason: Reason) -> ir::Value {
        if value.repr != Repr::I128 {
            return self.int_as(value, &Repr::I64);
        }
        let (low, high) = self.b.ins().isplit(value.one());
        if !interval.within(I64) {
            let sign = self.b.ins().sshr_imm_s(low, 63);
            let bad = self.is(IntCC::NotEqual, sign, high);
            self.check(bad, reason);
        }
        low
    }

    /// The float of a number.
    pub(super) fn float(&mut self, value: &Val, fact: &Fact) -> ir::Value {
        match &value.repr {
            Repr::I64 | Repr::Bool => {
                let int = self.int_as(value, &Repr::I64);
                self.b.ins().fcvt_from_sint(types::F64, int)
            }
            Repr::I128 => {
                let interval = match fact {
                    Fact::Int(IntFact { interval, .. }) => *interval,
                    _ => Interval { lo: None, hi: None },
                };
                self.wide_float(value.one(), interval)
            }
            _ => value.one(),
        }
    }

    fn wide_float(&mut self, value: ir::Value, interval: Interval) -> ir::Value {
        let (low, high) = self.b.ins().isplit(value);
        if !interval.within(Interval::new(-(1 << 106), 1 << 106)) {
            return self.helper(math::i128_to_f64 as *const u8, &[low, high], &[types::F64])[0];
        }
        // Two halves of 53 bits are each exact as floats, so that their sum is rounded once, as it must be.
        let upper = self.b.ins().ushr_imm_s(low, 53);
        let above = self.b.ins().ishl_imm_s(high, 11);
        let upper = self.b.ins().bor(upper, above);
        let lower = self.b.ins().band_imm_u(low, (1 << 53) - 1);
        let upper = self.b.ins().fcvt_from_sint(types::F64, upper);
        let lower = self.b.ins().fcvt_from_sint(types::F64, lower);
        let scale = self.b.ins().f64const(2.0_f64.powi(53));
        let upper = self.b.ins().fmul(upper, scale);
        self.b.ins().fadd(upper, lower)
    }

    /// Real and imaginary part of a number.
    pub(super) fn complex(&mut self, value: &Val, fact: &Fact) -> (ir::Value, ir::Value) {
        if value.repr == Repr::Complex {
            return (value.parts[0], value.parts[1]);
        }
        let real = self.float(value, fact);
        let zero = self.b.ins().f64const(0.0);
        (real, zero)
    }

    /// A float that is whole, as an int. What does not fit leaves the code.
    pub(super) fn float_to_int(&mut self, whole: ir::Value, wide: bool) -> Val {
        use cranelift_codegen::ir::condcodes::FloatCC;
        let limit = self
            .b
            .ins()
            .f64const(2.0_f64.powi(if wide { 127 } else { 63 }));
        let size = self.b.ins().fabs(whole);
        let fits = self.b.ins().fcmp(FloatCC::LessThan, size, limit);
        let bad = self.b.ins().icmp_imm_u(IntCC::Equal, fits, 0);
        self.check(bad, Reason::Overflow);
        if !wide {
            let int = self.b.ins().fcvt_to_sint_sat(types::I64, whole);
            return Val::new(Repr::I64, int);
        }
        let slot = self.stack(1);
        self.helper(
            super::helpers::f64_to_i128 as *const u8,
            &[whole, slot],
            &[],
        );
        self.read(&Repr::I128, slot, &mut 0)
    }
}
