//! Groups of elements in vector registers: the loop over them that [`vector`](super::vector) has found to be possible.

use std::collections::HashMap;

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
pub(super) type Wide = [ir::Value; REGISTERS];

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
        let mut locals: HashMap<Var, Wide> = HashMap::new();
        let mut stores = Vec::new();
        for stmt in vector.body {
            match &stmt.kind {
                StmtKind::Assign(var, value) => {
                    let value = self.wide_expr(vector, value, now, &locals, done);
                    locals.insert(*var, value);
                }
                StmtKind::Store(array, index, value) => {
                    let value = self.wide_expr(vector, value, now, &locals, done);
                    stores.push((*array, index, value));
                }
                _ => {}
            }
        }
        for (array, index, value) in stores {
            self.wide_store(vector, array, index, now, value);
        }
        let next = self.b.ins().iadd_imm_s(now, count);
        self.assign(f.hidden[0], &Val::new(Repr::I64, next));
        self.jump(test);
        self.b.seal_block(test);
        self.b.seal_block(done);
        self.b.switch_to_block(done);
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

    pub(super) fn wide_load(
        &mut self,
        vector: &Vector<'_>,
        array: Var,
        index: &[Expr],
        now: ir::Value,
    ) -> Wide {
        let (address, dtype) = self.element(&vector.streams, array, index, now);
        let flags = MemFlagsData::new().with_notrap();
        std::array::from_fn(|register| {
            let register = register as i32;
            if dtype == DType::F64 {
                return self
                    .b
                    .ins()
                    .load(types::F64X2, flags, address, register * 16);
            }
            // Two short floats are one word.
            let word = self.b.ins().load(types::I64, flags, address, register * 8);
            let both = self.b.ins().scalar_to_vector(types::I64X2, word);
            let both = self.b.ins().bitcast(types::F32X4, little(), both);
            self.b.ins().fvpromote_low(both)
        })
    }

    pub(super) fn wide_store(
        &mut self,
        vector: &Vector<'_>,
        array: Var,
        index: &[Expr],
        now: ir::Value,
        value: Wide,
    ) {
        let (address, dtype) = self.element(&vector.streams, array, index, now);
        let flags = MemFlagsData::new().with_notrap();
        for (register, part) in value.into_iter().enumerate() {
            let register = register as i32;
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

    /// An expression for a group. Goes to `out` where an element needs a check that fails.
    pub(super) fn wide_expr(
        &mut self,
        vector: &Vector<'_>,
        e: &Expr,
        now: ir::Value,
        locals: &HashMap<Var, Wide>,
        out: ir::Block,
    ) -> Wide {
        if let Some(value) = vector.uniform.get(&e.id) {
            let both = self.b.ins().splat(types::F64X2, *value);
            return [both; REGISTERS];
        }
        let inner = |this: &mut Self, e: &Expr| this.wide_expr(vector, e, now, locals, out);
        match &e.kind {
            ExprKind::Var(var) => locals[var],
            ExprKind::Load(array, index) => self.wide_load(vector, *array, index, now),
            ExprKind::Unary(_, a) => {
                let a = inner(self, a);
                a.map(|a| self.b.ins().fneg(a))
            }
            ExprKind::Binary(op, a, b) => {
                let (a, b) = (inner(self, a), inner(self, b));
                if *op == Binary::Div {
                    self.leave_group(b, FloatCC::Equal, out);
                }
                std::array::from_fn(|i| match op {
                    Binary::Add => self.b.ins().fadd(a[i], b[i]),
                    Binary::Sub => self.b.ins().fsub(a[i], b[i]),
                    Binary::Mul => self.b.ins().fmul(a[i], b[i]),
                    _ => self.b.ins().fdiv(a[i], b[i]),
                })
            }
            ExprKind::Call(Builtin::Math(Math::Sqrt), args) => {
                let a = inner(self, &args[0]);
                if !matches!(self.a.fact(&args[0]), Fact::Float { nonnegative: true }) {
                    self.leave_group(a, FloatCC::LessThan, out);
                }
                a.map(|a| self.b.ins().sqrt(a))
            }
            ExprKind::Call(Builtin::Abs | Builtin::Math(Math::Fabs), args) => {
                let a = inner(self, &args[0]);
                a.map(|a| self.b.ins().fabs(a))
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
                    found = std::array::from_fn(|i| {
                        let better = self.b.ins().fcmp(cc, next[i], found[i]);
                        self.choose_lanes(better, next[i], found[i])
                    });
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
                std::array::from_fn(|i| {
                    let test = self.b.ins().fcmp(cc, x[i], y[i]);
                    self.choose_lanes(test, a[i], b[i])
                })
            }
            _ => {
                let zero = self.b.ins().f64const(0.0);
                let both = self.b.ins().splat(types::F64X2, zero);
                [both; REGISTERS]
            }
        }
    }

    pub(super) fn choose_lanes(
        &mut self,
        mask: ir::Value,
        a: ir::Value,
        b: ir::Value,
    ) -> ir::Value {
        let mask = self.b.ins().bitcast(types::F64X2, little(), mask);
        self.b.ins().bitselect(mask, a, b)
    }

    /// Leaves the group to the other loop where any element compares so with 0.
    pub(super) fn leave_group(&mut self, value: Wide, cc: FloatCC, out: ir::Block) {
        let zero = self.b.ins().f64const(0.0);
        let zero = self.b.ins().splat(types::F64X2, zero);
        let mut any: Option<ir::Value> = None;
        for part in value {
            let bad = self.b.ins().fcmp(cc, part, zero);
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

pub(super) const fn little() -> MemFlagsData {
    MemFlagsData::new().with_endianness(ir::Endianness::Little)
}
