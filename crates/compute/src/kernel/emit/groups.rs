//! Groups of elements in vector registers: the loop over them that [`vector`](super::vector) has found to be possible.

use std::collections::HashMap;
use std::ops::Range;

use cranelift_codegen::ir::{
    self, InstBuilder, MemFlagsData,
    condcodes::{FloatCC, IntCC},
    types,
};

use super::expr::float_cc;
use super::vector::{LANES, REGISTERS, Streams, Vector};
use super::{Emit, Val};
use crate::kernel::math::Math;
use crate::kernel::syntax::{Binary, Builtin, Expr, ExprKind, For, StmtKind, Var};
use crate::kernel::types::{DType, Fact, Repr};

/// A value in several registers, two floats in each.
type Wide = Vec<ir::Value>;

/// What is computed at once.
struct Group<'a> {
    vector: &'a Vector<'a>,
    /// The counter at the group's first element.
    now: ir::Value,
    /// Which of the group's registers.
    registers: Range<i32>,
    /// Where an element goes whose check fails.
    out: ir::Block,
}

impl Emit<'_> {
    /// The loop over groups: from the counter on to at most `strip`. Leaves the counter where single elements go on.
    pub(super) fn groups(&mut self, vector: &Vector<'_>, f: &For, strip: ir::Value) {
        let [test, group, done] = [(); 3].map(|()| self.b.create_block());
        match vector.apart {
            Some(apart) => self.b.ins().brif(apart, test, &[], done, &[]),
            None => self.b.ins().jump(test, &[]),
        };
        self.b.switch_to_block(test);
        let now = self.hidden(f.hidden[0]);
        let left = self.b.ins().isub(strip, now);
        let count = LANES * REGISTERS as i64;
        let enough = self
            .b
            .ins()
            .icmp_imm_s(IntCC::SignedGreaterThanOrEqual, left, count);
        self.b.ins().brif(enough, group, &[], done, &[]);
        self.b.seal_block(group);
        self.b.switch_to_block(group);
        // One register after the other, so that few are in use at a time; but what may be left undone is computed as a
        // whole before any of it is stored.
        let all = REGISTERS as i32;
        let each = if vector.may_fail { all } else { 1 };
        for first in (0..all).step_by(each as usize) {
            let registers = first..first + each;
            self.group(&Group {
                vector,
                now,
                registers,
                out: done,
            });
        }
        let next = self.b.ins().iadd_imm_s(now, count);
        self.assign(f.hidden[0], &Val::new(Repr::I64, next));
        self.jump(test);
        self.b.seal_block(test);
        self.b.seal_block(done);
        self.b.switch_to_block(done);
    }

    fn group(&mut self, group: &Group<'_>) {
        let mut locals: HashMap<Var, Wide> = HashMap::new();
        let mut stores = Vec::new();
        for stmt in group.vector.body {
            match &stmt.kind {
                StmtKind::Assign(var, value) => {
                    let value = self.wide_expr(group, value, &locals);
                    locals.insert(*var, value);
                }
                StmtKind::Store(array, index, value) => {
                    let value = self.wide_expr(group, value, &locals);
                    stores.push((*array, index, value));
                }
                _ => {}
            }
        }
        for (array, index, value) in stores {
            self.wide_store(group, array, index, value);
        }
    }

    pub(super) fn element(
        &mut self,
        streams: &Streams,
        array: Var,
        index: &[Expr],
        now: ir::Value,
    ) -> (ir::Value, DType) {
        let dtype = self.arrays[&array].ty.dtype;
        let base = index.last().and_then(|last| streams.get(&last.id)).copied();
        let base = base.unwrap_or(self.arrays[&array].data);
        let offset = self.b.ins().imul_imm_s(now, i64::from(dtype.size()));
        (self.b.ins().iadd(base, offset), dtype)
    }

    fn wide_load(&mut self, group: &Group<'_>, array: Var, index: &[Expr]) -> Wide {
        let (address, dtype) = self.element(&group.vector.streams, array, index, group.now);
        let flags = MemFlagsData::new().with_notrap();
        let one = |register: i32| {
            let b = &mut self.b;
            if dtype == DType::F64 {
                return b.ins().load(types::F64X2, flags, address, register * 16);
            }
            // Two short floats are one word.
            let word = b.ins().load(types::I64, flags, address, register * 8);
            let both = b.ins().scalar_to_vector(types::I64X2, word);
            let both = b.ins().bitcast(types::F32X4, little(), both);
            b.ins().fvpromote_low(both)
        };
        group.registers.clone().map(one).collect()
    }

    fn wide_store(&mut self, group: &Group<'_>, array: Var, index: &[Expr], value: Wide) {
        let (address, dtype) = self.element(&group.vector.streams, array, index, group.now);
        let flags = MemFlagsData::new().with_notrap();
        for (register, part) in group.registers.clone().zip(value) {
            if dtype == DType::F64 {
                self.b.ins().store(flags, part, address, register * 16);
                continue;
            }
            let short = self.b.ins().fvdemote(part);
            let words = self.b.ins().bitcast(types::I64X2, little(), short);
            let word = self.b.ins().extractlane(words, 0);
            self.b.ins().store(flags, word, address, register * 8);
        }
    }

    /// An expression for a group.
    fn wide_expr(&mut self, group: &Group<'_>, e: &Expr, locals: &HashMap<Var, Wide>) -> Wide {
        if let Some(value) = group.vector.uniform.get(&e.id) {
            let both = self.b.ins().splat(types::F64X2, *value);
            return vec![both; group.registers.len()];
        }
        let inner = |this: &mut Self, e: &Expr| this.wide_expr(group, e, locals);
        let both = |a: Wide, b: Wide| a.into_iter().zip(b);
        match &e.kind {
            ExprKind::Var(var) => locals[var].clone(),
            ExprKind::Load(array, index) => self.wide_load(group, *array, index),
            ExprKind::Unary(_, a) => {
                let a = inner(self, a).into_iter();
                a.map(|a| self.b.ins().fneg(a)).collect()
            }
            ExprKind::Binary(op, a, b) => {
                let (a, b) = (inner(self, a), inner(self, b));
                if *op == Binary::Div {
                    self.leave_group(&b, FloatCC::Equal, group.out);
                }
                both(a, b)
                    .map(|(a, b)| match op {
                        Binary::Add => self.b.ins().fadd(a, b),
                        Binary::Sub => self.b.ins().fsub(a, b),
                        Binary::Mul => self.b.ins().fmul(a, b),
                        _ => self.b.ins().fdiv(a, b),
                    })
                    .collect()
            }
            ExprKind::Call(Builtin::Math(Math::Sqrt), args) => {
                let a = inner(self, &args[0]);
                if !matches!(self.a.fact(&args[0]), Fact::Float { nonnegative: true }) {
                    self.leave_group(&a, FloatCC::LessThan, group.out);
                }
                a.into_iter().map(|a| self.b.ins().sqrt(a)).collect()
            }
            ExprKind::Call(Builtin::Abs | Builtin::Math(Math::Fabs), args) => {
                let a = inner(self, &args[0]).into_iter();
                a.map(|a| self.b.ins().fabs(a)).collect()
            }
            ExprKind::Call(builtin @ (Builtin::Min | Builtin::Max), args) => {
                let cc = if *builtin == Builtin::Min {
                    FloatCC::LessThan
                } else {
                    FloatCC::GreaterThan
                };
                let mut found = inner(self, &args[0]);
                for arg in &args[1..] {
                    let next = inner(self, arg);
                    found = both(next, found)
                        .map(|(next, found)| {
                            let better = self.b.ins().fcmp(cc, next, found);
                            self.choose_lanes(better, next, found)
                        })
                        .collect();
                }
                found
            }
            ExprKind::Call(_, args) => inner(self, &args[0]),
            ExprKind::IfElse(test, a, b) => {
                let ExprKind::Compare(op, x, y) = &test.kind else {
                    return inner(self, a);
                };
                let (x, y) = (inner(self, x), inner(self, y));
                let (a, b) = (inner(self, a), inner(self, b));
                let cc = float_cc(*op);
                both(x, y)
                    .zip(both(a, b))
                    .map(|((x, y), (a, b))| {
                        let test = self.b.ins().fcmp(cc, x, y);
                        self.choose_lanes(test, a, b)
                    })
                    .collect()
            }
            _ => {
                let zero = self.b.ins().f64const(0.0);
                vec![self.b.ins().splat(types::F64X2, zero); group.registers.len()]
            }
        }
    }

    fn choose_lanes(&mut self, mask: ir::Value, a: ir::Value, b: ir::Value) -> ir::Value {
        let mask = self.b.ins().bitcast(types::F64X2, little(), mask);
        self.b.ins().bitselect(mask, a, b)
    }

    /// Leaves the group to the other loop where any element compares so with 0.
    fn leave_group(&mut self, value: &Wide, cc: FloatCC, out: ir::Block) {
        let zero = self.b.ins().f64const(0.0);
        let zero = self.b.ins().splat(types::F64X2, zero);
        let mut any: Option<ir::Value> = None;
        for part in value {
            let bad = self.b.ins().fcmp(cc, *part, zero);
            any = Some(match any {
                Some(all) => self.b.ins().bor(all, bad),
                None => bad,
            });
        }
        let Some(any) = any else { return };
        let bad = self.b.ins().vany_true(any);
        let next = self.b.create_block();
        self.b.ins().brif(bad, out, &[], next, &[]);
        self.b.switch_to_block(next);
        self.b.seal_block(next);
    }
}

const fn little() -> MemFlagsData {
    MemFlagsData::new().with_endianness(ir::Endianness::Little)
}
