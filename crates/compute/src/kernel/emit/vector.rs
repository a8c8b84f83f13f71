//! Elementwise loops, several elements at a time: `out[i] = a * x[i] + y[i]`.
//!
//! Before the loop over single elements runs one over groups of them, in vector registers. It does the same
//! operations on each element, in the same order, so that nothing is rounded otherwise. Where an element needs what only
//! the other loop does (a division by zero), the group is left to that.

use std::collections::HashMap;

use cranelift_codegen::ir::{self, InstBuilder, condcodes::IntCC, types};

use super::Emit;
use crate::kernel::analyse::{in_bounds, linear};
use crate::kernel::live::Set;
use crate::kernel::math::Math;
use crate::kernel::runtime::Reason;
use crate::kernel::syntax::{Binary, Builtin, Expr, ExprKind, For, Stmt, StmtKind, Unary, Var};
use crate::kernel::transfer;
use crate::kernel::types::{DType, Fact, Repr};

/// Registers worked on at once: independent ones hide how long each operation takes.
pub(super) const REGISTERS: usize = 4;

/// Floats in a register.
pub(super) const LANES: i64 = 2;

/// Base addresses of accesses, by their last index expression: the element's for a counter of 0.
pub(super) type Streams = HashMap<u32, ir::Value>;

/// An elementwise loop.
pub(super) struct Vector<'a> {
    pub(super) body: &'a [Stmt],
    pub(super) target: Var,
    pub(super) streams: Streams,
    /// Values that are the same in every iteration, by expression.
    pub(super) uniform: HashMap<u32, ir::Value>,
    /// Whether an element may need a check that fails.
    pub(super) may_fail: bool,
    /// Not 0 where what is stored is not what another iteration loads.
    pub(super) apart: Option<ir::Value>,
}

impl Emit<'_> {
    /// Finds out whether a loop is elementwise, and computes before it what is the same in all iterations.
    pub(super) fn vector<'a>(&mut self, stmt: &Stmt, f: &'a For) -> Option<Vector<'a>> {
        let mut bound = Set::default();
        bound.insert(f.target);
        for inner in &f.body {
            inner.binds().iter().for_each(|v| bound.insert(*v));
        }
        let header = self.a.live.header(stmt);
        // A group has no one counter that could be left to what comes after the loop.
        if header.contains(f.target) {
            return None;
        }
        let mut stores = 0;
        for inner in &f.body {
            match &inner.kind {
                // What an iteration leaves to the next is no vector.
                StmtKind::Assign(var, value) => {
                    let kept = header.contains(*var) || *var == f.target;
                    if kept || !self.is_elementwise(value, f.target, &bound) {
                        return None;
                    }
                }
                StmtKind::Store(array, index, value) => {
                    stores += 1;
                    if !self.arrays.get(array)?.ty.writable {
                        return None;
                    }
                    let floats = matches!(self.dtype(*array)?, DType::F64 | DType::F32);
                    if !floats || !self.is_stream(*array, index, f.target, &bound) {
                        return None;
                    }
                    if !self.is_elementwise(value, f.target, &bound) {
                        return None;
                    }
                }
                _ => return None,
            }
        }
        if stores == 0 {
            return None;
        }
        let mut vector = Vector {
            body: &f.body,
            target: f.target,
            streams: Streams::new(),
            uniform: HashMap::new(),
            apart: None,
            may_fail: f.body.iter().any(|stmt| {
                let mut checks = false;
                stmt.exprs(&mut |e| checks |= has_checks(e));
                checks
            }),
        };
        self.prepare(&mut vector, &bound);
        if !self.separate(&mut vector, f) {
            return None;
        }
        Some(vector)
    }

    pub(super) fn dtype(&self, array: Var) -> Option<DType> {
        self.arrays.get(&array).map(|vals| vals.ty.dtype)
    }

    /// Whether an access goes from element to element.
    pub(super) fn is_stream(&self, array: Var, index: &[Expr], target: Var, bound: &Set) -> bool {
        let Some(vals) = self.arrays.get(&array) else {
            return false;
        };
        let Some((last, others)) = index.split_last() else {
            return false;
        };
        if !vals.ty.contiguous || !others.iter().all(|e| same(e, bound)) {
            return false;
        }
        for (axis, e) in index.iter().enumerate() {
            let Some(int) = transfer::as_int(self.a.fact(e)) else {
                return false;
            };
            let checked = !in_bounds(array, axis as u32, &int) && !self.a.guarded.contains(&e.id);
            // Before the loop a check leaves the code where it should; in a group it would not.
            if checked && axis + 1 == index.len() {
                return false;
            }
        }
        let mut terms = Vec::new();
        if !linear(last, false, &mut terms) {
            return false;
        }
        let own = |e: &Expr| matches!(e.kind, ExprKind::Var(v) if v == target);
        let counters = terms
            .iter()
            .filter(|(negative, e)| own(e) && !negative)
            .count();
        counters == 1
            && terms
                .iter()
                .all(|(negative, e)| (own(e) && !negative) || same(e, bound))
    }

    /// Whether an expression is made of streams, of what is the same in all iterations, and of operations that vectors
    /// have.
    pub(super) fn is_elementwise(&self, e: &Expr, target: Var, bound: &Set) -> bool {
        let float = matches!(self.a.fact(e), Fact::Float { .. });
        if same(e, bound) && !has_loads(e) {
            return float || transfer::as_int(self.a.fact(e)).is_some();
        }
        let inside = |e: &Expr| self.is_elementwise(e, target, bound);
        match &e.kind {
            ExprKind::Var(var) => float && bound.contains(*var) && *var != target,
            ExprKind::Load(array, index) => {
                matches!(self.dtype(*array), Some(DType::F64 | DType::F32))
                    && self.is_stream(*array, index, target, bound)
            }
            ExprKind::Unary(Unary::Neg, a) => float && inside(a),
            ExprKind::Binary(Binary::Add | Binary::Sub | Binary::Mul | Binary::Div, a, b) => {
                float && inside(a) && inside(b)
            }
            ExprKind::Call(
                Builtin::Abs | Builtin::Float | Builtin::Math(Math::Sqrt | Math::Fabs),
                args,
            ) => float && inside(&args[0]),
            ExprKind::Call(Builtin::Min | Builtin::Max, args) => {
                let floats = args
                    .iter()
                    .all(|arg| matches!(self.a.fact(arg), Fact::Float { .. }));
                args.len() > 1 && floats && args.iter().all(inside)
            }
            ExprKind::IfElse(test, a, b) => match &test.kind {
                ExprKind::Compare(_, x, y) => {
                    let floats = [x, y]
                        .into_iter()
                        .any(|e| matches!(self.a.fact(e), Fact::Float { .. }));
                    // Both sides are computed: neither may need a check.
                    let sure = |e: &Expr| !has_checks(e);
                    float
                        && floats
                        && inside(x)
                        && inside(y)
                        && inside(a)
                        && inside(b)
                        && sure(a)
                        && sure(b)
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Computes base addresses and what is the same in all iterations.
    pub(super) fn prepare(&mut self, vector: &mut Vector<'_>, bound: &Set) {
        for stmt in vector.body {
            if let StmtKind::Store(array, index, _) = &stmt.kind {
                self.base(&mut vector.streams, vector.target, *array, index);
            }
            let (StmtKind::Assign(_, value) | StmtKind::Store(_, _, value)) = &stmt.kind else {
                continue;
            };
            self.leaves(vector, value, bound);
        }
    }

    pub(super) fn leaves(&mut self, vector: &mut Vector<'_>, e: &Expr, bound: &Set) {
        if same(e, bound) && !has_loads(e) {
            let value = self.expr(e);
            let fact = self.a.fact(e);
            let float = self.float(&value, fact);
            vector.uniform.insert(e.id, float);
            return;
        }
        match &e.kind {
            ExprKind::Load(array, index) => {
                self.base(&mut vector.streams, vector.target, *array, index)
            }
            ExprKind::Unary(_, a) => self.leaves(vector, a, bound),
            ExprKind::Binary(_, a, b) | ExprKind::Compare(_, a, b) => {
                self.leaves(vector, a, bound);
                self.leaves(vector, b, bound);
            }
            ExprKind::IfElse(test, a, b) => {
                for e in [test, a, b] {
                    self.leaves(vector, e, bound);
                }
            }
            ExprKind::Call(_, args) => args.iter().for_each(|arg| self.leaves(vector, arg, bound)),
            _ => {}
        }
    }

    /// The address of an access for a counter of 0.
    pub(super) fn base(&mut self, streams: &mut Streams, target: Var, array: Var, index: &[Expr]) {
        let Some((last, others)) = index.split_last() else {
            return;
        };
        let mut offset = self.b.ins().iconst(types::I64, 0);
        for (axis, e) in others.iter().enumerate() {
            let at = self.position(array, axis, e);
            let stride = self.arrays[&array].strides[axis];
            let step = self.b.ins().imul(at, stride);
            offset = self.b.ins().iadd(offset, step);
        }
        let mut terms = Vec::new();
        linear(last, false, &mut terms);
        let mut sum = self.b.ins().iconst(types::I64, 0);
        for (negative, term) in terms {
            if matches!(term.kind, ExprKind::Var(v) if v == target) {
                continue;
            }
            let value = self.expr(&term);
            // A sum of such terms is a valid index by the guard; it may wrap on the way.
            let value = self.int_as(&value, &Repr::I64);
            sum = if negative {
                self.b.ins().isub(sum, value)
            } else {
                self.b.ins().iadd(sum, value)
            };
        }
        let vals = &self.arrays[&array];
        let (data, size) = (vals.data, i64::from(vals.ty.dtype.size()));
        let sum = self.b.ins().imul_imm_s(sum, size);
        let offset = self.b.ins().iadd(offset, sum);
        let base = self.b.ins().iadd(data, offset);
        streams.insert(last.id, base);
    }

    /// Makes sure that no iteration loads what another has stored. `false` if that is known not to be so.
    pub(super) fn separate(&mut self, vector: &mut Vector<'_>, f: &For) -> bool {
        let mut loads: Vec<(usize, Var, u32)> = Vec::new();
        let mut stores: Vec<(usize, Var, u32)> = Vec::new();
        for (place, stmt) in vector.body.iter().enumerate() {
            if let StmtKind::Assign(_, value) | StmtKind::Store(_, _, value) = &stmt.kind {
                value.each(&mut |e| {
                    if let ExprKind::Load(array, index) = &e.kind
                        && let Some(last) = index.last()
                    {
                        loads.push((place, *array, last.id));
                    }
                });
            }
            if let StmtKind::Store(array, index, _) = &stmt.kind
                && let Some(last) = index.last()
            {
                stores.push((place, *array, last.id));
            }
        }
        let (now, end) = (self.hidden(f.hidden[0]), self.hidden(f.hidden[1]));
        let mut apart: Option<ir::Value> = None;
        let size = |this: &Self, array: Var| i64::from(this.arrays[&array].ty.dtype.size());
        for (number, store) in stores.iter().enumerate() {
            let others = loads
                .iter()
                .map(|load| (load, false))
                .chain(stores[..number].iter().map(|s| (s, true)));
            for (other, both_store) in others {
                let (Some(a), Some(b)) = (
                    vector.streams.get(&store.2).copied(),
                    vector.streams.get(&other.2).copied(),
                ) else {
                    return false;
                };
                let (size_a, size_b) = (size(self, store.1), size(self, other.1));
                let range = |this: &mut Self, base: ir::Value, size: i64| {
                    let (first, last) = (
                        this.b.ins().imul_imm_s(now, size),
                        this.b.ins().imul_imm_s(end, size),
                    );
                    (
                        this.b.ins().iadd(base, first),
                        this.b.ins().iadd(base, last),
                    )
                };
                let (a_first, a_last) = range(self, a, size_a);
                let (b_first, b_last) = range(self, b, size_b);
                let before = self.is(IntCC::UnsignedLessThanOrEqual, a_last, b_first);
                let after = self.is(IntCC::UnsignedLessThanOrEqual, b_last, a_first);
                let mut fine = self.b.ins().bor(before, after);
                // The very element that is then replaced may be loaded; later elements, too, since a group loads
                // before it stores. But not by a statement after the one that stores.
                if size_a == size_b && !both_store && other.0 <= store.0 {
                    let ahead = self.is(IntCC::UnsignedGreaterThanOrEqual, b_first, a_first);
                    fine = self.b.ins().bor(fine, ahead);
                }
                apart = Some(match apart {
                    Some(all) => self.b.ins().band(all, fine),
                    None => fine,
                });
            }
        }
        vector.apart = apart;
        true
    }

    /// The position along an axis, checked, and counted from the front.
    pub(super) fn position(&mut self, array: Var, axis: usize, e: &Expr) -> ir::Value {
        let value = self.expr(e);
        let Some(int) = transfer::as_int(self.a.fact(e)) else {
            return self.b.ins().iconst(types::I64, 0);
        };
        let mut at = self.narrow(&value, int.interval, Reason::Python);
        if in_bounds(array, axis as u32, &int) || self.a.guarded.contains(&e.id) {
            return at;
        }
        let length = self.arrays[&array].shape[axis];
        if !int.interval.nonnegative() {
            let negative = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, at, 0);
            let from_end = self.b.ins().iadd(at, length);
            at = self.b.ins().select(negative, from_end, at);
        }
        // What is still negative is a large unsigned number.
        let bad = self.is(IntCC::UnsignedGreaterThanOrEqual, at, length);
        self.check(bad, Reason::Python);
        at
    }
}

/// Whether an expression is the same in all iterations.
fn same(e: &Expr, bound: &Set) -> bool {
    let mut same = true;
    e.reads(&mut |v| same &= !bound.contains(v));
    same
}

/// Whether it reads memory, which the loop may change.
fn has_loads(e: &Expr) -> bool {
    let mut loads = false;
    e.each(&mut |e| loads |= matches!(e.kind, ExprKind::Load(..)));
    loads
}

fn has_checks(e: &Expr) -> bool {
    let mut checks = false;
    e.each(&mut |e| {
        checks |= matches!(
            e.kind,
            ExprKind::Binary(Binary::Div, ..) | ExprKind::Call(Builtin::Math(_), _)
        );
    });
    checks
}
