//! Sums of ints and their like over an array, several elements at a time: `total += a[i]`.
//!
//! Only of ints, and only where no step can overflow: then the order does not matter. Floats are added one after the other,
//! since each sum is rounded.

use cranelift_codegen::ir::{self, InstBuilder, MemFlagsData, condcodes::IntCC, types};

use super::vector::{LANES, REGISTERS, Streams};
use super::{Emit, Val};
use crate::kernel::interval::I64;
use crate::kernel::live::Set;
use crate::kernel::syntax::{Binary, Builtin, Expr, ExprKind, For, Stmt, StmtKind, Var};
use crate::kernel::transfer;
use crate::kernel::types::{DType, Fact, Repr};

/// How elements are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fold {
    Add,
    Sub,
    And,
    Or,
    Xor,
    Min,
    Max,
}

/// A loop that combines elements into one int.
pub(super) struct Folded<'a> {
    var: Var,
    fold: Fold,
    array: Var,
    index: &'a [Expr],
    pub(super) streams: Streams,
}

impl Emit<'_> {
    /// Finds out whether a loop is that, and computes before it where the elements are.
    pub(super) fn folded<'a>(&mut self, stmt: &Stmt, f: &'a For) -> Option<Folded<'a>> {
        let [only] = f.body.as_slice() else {
            return None;
        };
        // As in a group of elements: nobody counts there.
        if self.a.live.header(stmt).contains(f.target) {
            return None;
        }
        let StmtKind::Assign(var, value) = &only.kind else {
            return None;
        };
        let is_it = |e: &Expr| matches!(e.kind, ExprKind::Var(v) if v == *var);
        let (fold, element) = match &value.kind {
            ExprKind::Binary(op, a, b) if is_it(a) || is_it(b) => {
                let fold = match op {
                    Binary::Add => Fold::Add,
                    Binary::Sub if is_it(a) => Fold::Sub,
                    Binary::And => Fold::And,
                    Binary::Or => Fold::Or,
                    Binary::Xor => Fold::Xor,
                    _ => return None,
                };
                let (x, y) = (self.a.fact(a), self.a.fact(b));
                let (x, y) = (transfer::as_int(x)?, transfer::as_int(y)?);
                if !transfer::exact(*op, &x, &y).within(I64) {
                    return None;
                }
                (fold, if is_it(a) { &**b } else { &**a })
            }
            ExprKind::Call(builtin @ (Builtin::Min | Builtin::Max), args) => {
                let [first, second] = args.as_slice() else {
                    return None;
                };
                let min = *builtin == Builtin::Min;
                if !is_it(first) {
                    return None;
                }
                (if min { Fold::Min } else { Fold::Max }, second)
            }
            _ => return None,
        };
        let ExprKind::Load(array, index) = &element.kind else {
            return None;
        };
        let int = matches!(self.a.fact(value), Fact::Int(int) if int.narrow());
        let place = matches!(self.places[*var as usize], Some((Repr::I64, false)));
        let known = matches!(
            self.arrays.get(array)?.ty.dtype,
            DType::I64 | DType::I32 | DType::U32
        );
        let mut bound = Set::default();
        bound.insert(f.target);
        bound.insert(*var);
        if !int || !place || !known || *var == f.target {
            return None;
        }
        if !self.is_stream(*array, index, f.target, &bound) {
            return None;
        }
        let mut streams = Streams::default();
        self.base(&mut streams, f.target, *array, index);
        Some(Folded {
            var: *var,
            fold,
            array: *array,
            index,
            streams,
        })
    }

    /// The loop over groups: from the counter on to at most `strip`.
    pub(super) fn fold_groups(&mut self, folded: &Folded<'_>, f: &For, strip: ir::Value) {
        let [test, group, done] = [(); 3].map(|()| self.b.create_block());
        let now = self.hidden(f.hidden[0]);
        let (value, _) = self.variable(folded.var);
        let start = match folded.fold {
            Fold::Min | Fold::Max => self.int_as(&value, &Repr::I64),
            Fold::And => self.b.ins().iconst(types::I64, -1),
            _ => self.b.ins().iconst(types::I64, 0),
        };
        let start = self.b.ins().splat(types::I64X2, start);
        let params: [ir::Value; REGISTERS] =
            std::array::from_fn(|_| self.b.append_block_param(test, types::I64X2));
        let at = self.b.append_block_param(test, types::I64);
        let first: Vec<_> = [start; REGISTERS].into_iter().chain([now]).collect();
        self.jump_with(test, &first);
        self.b.switch_to_block(test);
        let left = self.b.ins().isub(strip, at);
        let count = LANES * REGISTERS as i64;
        let enough = self
            .b
            .ins()
            .icmp_imm_s(IntCC::SignedGreaterThanOrEqual, left, count);
        self.b.ins().brif(enough, group, &[], done, &[]);
        self.b.seal_block(group);
        self.b.switch_to_block(group);
        let (address, dtype) = self.element(&folded.streams, folded.array, folded.index, at);
        let flags = MemFlagsData::new().with_notrap();
        let mut next = Vec::new();
        for (register, sum) in params.into_iter().enumerate() {
            let register = register as i32;
            let two = match dtype {
                DType::I32 => self.b.ins().sload32x2(flags, address, register * 8),
                DType::U32 => self.b.ins().uload32x2(flags, address, register * 8),
                _ => self
                    .b
                    .ins()
                    .load(types::I64X2, flags, address, register * 16),
            };
            next.push(self.fold_two(folded.fold, sum, two));
        }
        next.push(self.b.ins().iadd_imm_s(at, count));
        self.jump_with(test, &next);
        self.b.seal_block(test);
        self.b.seal_block(done);
        self.b.switch_to_block(done);
        let mut all = params[0];
        for sum in &params[1..] {
            // What is taken away in the end is added up before.
            all = self.fold_two(folded.fold, all, *sum);
        }
        let [a, b] = [0, 1].map(|lane| self.b.ins().extractlane(all, lane));
        let two = self.fold_one(folded.fold, a, b);
        let old = self.int_as(&value, &Repr::I64);
        let sum = match folded.fold {
            Fold::Sub => self.b.ins().isub(old, two),
            fold => self.fold_one(fold, old, two),
        };
        self.assign(folded.var, &Val::new(Repr::I64, sum));
        self.assign(f.hidden[0], &Val::new(Repr::I64, at));
    }

    fn fold_two(&mut self, fold: Fold, a: ir::Value, b: ir::Value) -> ir::Value {
        match fold {
            Fold::Min | Fold::Max => {
                let cc = if fold == Fold::Min {
                    IntCC::SignedLessThan
                } else {
                    IntCC::SignedGreaterThan
                };
                let better = self.is(cc, b, a);
                self.b.ins().bitselect(better, b, a)
            }
            _ => self.fold_one(fold, a, b),
        }
    }

    fn fold_one(&mut self, fold: Fold, a: ir::Value, b: ir::Value) -> ir::Value {
        match fold {
            Fold::Add | Fold::Sub => self.b.ins().iadd(a, b),
            Fold::And => self.b.ins().band(a, b),
            Fold::Or => self.b.ins().bor(a, b),
            Fold::Xor => self.b.ins().bxor(a, b),
            Fold::Min => self.b.ins().smin(a, b),
            Fold::Max => self.b.ins().smax(a, b),
        }
    }
}
