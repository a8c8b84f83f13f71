//! Conditions before a loop that make indices inside it need no checks.

use super::access::in_bounds;
use super::env::Env;
use super::{Guard, Pass};
use crate::kernel::resume;
use crate::kernel::syntax::{Binary, Compare, Expr, ExprKind, Span, Var};
use crate::kernel::types::IntFact;

impl Pass<'_> {
    /// Finds a condition before a loop that makes an index need no check inside it.
    pub(super) fn guard(&mut self, array: Var, axis: u32, index: &Expr, int: &IntFact, env: &Env) {
        self.out.guarded.remove(&index.id);
        if !self.options.guards || in_bounds(array, axis, int) {
            return;
        }
        let mut terms = Vec::new();
        if !linear(index, false, &mut terms) {
            return;
        }
        for guards in self.out.guards.values_mut() {
            guards.retain(|guard| guard.index != index.id);
        }
        let Some((loop_at, condition)) = self.place(array, axis, index, &terms) else {
            return;
        };
        let stmt = self.loops[loop_at].stmt;
        let mut condition = condition;
        self.next_expr = resume::number(&mut condition, self.next_expr);
        let mut before = self.out.header[&stmt].clone();
        before.set(array, env.get(array).expect("looked up above").fact.clone());
        if self.expr(&condition, &before).is_err() {
            return;
        }
        let guards = self.out.guards.entry(stmt).or_default();
        guards.push(Guard {
            index: index.id,
            condition,
        });
        self.out.guarded.insert(index.id);
    }

    /// The loop before which an index can be checked, and the condition: as far out as it can be.
    pub(super) fn place(
        &self,
        array: Var,
        axis: u32,
        index: &Expr,
        terms: &[(bool, Expr)],
    ) -> Option<(usize, Expr)> {
        let own = |e: &Expr, target: Var| matches!(e.kind, ExprKind::Var(v) if v == target);
        // The loop whose counter the index goes with, if it goes with one.
        let counting = self.loops.iter().rposition(|inner| {
            let counter = inner.counter.as_ref();
            counter.is_some_and(|c| terms.iter().any(|(_, e)| own(e, c.target)))
        });
        let Some(at) = counting else {
            let out = self.outermost(self.loops.len(), &[terms])?;
            let sum = total(index.span, terms);
            let condition = between(index.span, array, axis, sum.clone(), sum, 1);
            return Some((out, self.unless_empty(out, condition)));
        };
        let inner = &self.loops[at];
        let counter = inner.counter.as_ref()?;
        // The body must not bind the loop's own variable.
        if inner.bound.contains(counter.target) {
            return None;
        }
        let mine = terms.iter().filter(|(_, e)| own(e, counter.target));
        if mine.clone().count() != 1 || mine.clone().any(|(negative, _)| *negative) {
            return None;
        }
        let rest: Vec<_> = terms
            .iter()
            .filter(|(_, e)| !own(e, counter.target))
            .cloned()
            .collect();
        if self.outermost(at + 1, &[&rest]).is_none_or(|out| out > at)
            || !self.constant_in(at, &rest)
        {
            return None;
        }
        let with = |first: &[(bool, Expr)]| {
            let all: Vec<_> = first.iter().chain(&rest).cloned().collect();
            total(index.span, &all)
        };
        let var = |v| vec![(false, resume::expr(index.span, ExprKind::Var(v)))];
        // Further out, where the range is known there.
        if let Some((start, stop)) = &counter.range
            && let Some(out) = self.outermost(at, &[start, stop, &rest])
        {
            let condition = between(index.span, array, axis, with(start), with(stop), 0);
            let start = total(index.span, start);
            let stop = total(index.span, stop);
            let empty = compare(index.span, Compare::Ge, start, stop);
            let condition = either(index.span, empty, condition);
            return Some((out, self.unless_empty(out, condition)));
        }
        let (first, end) = (with(&var(counter.now)), with(&var(counter.end)));
        let condition = between(index.span, array, axis, first, end, 0);
        Some((at, self.unless_empty(at, condition)))
    }

    /// The outermost counted loop, of those before `below`, in which sums of terms are the same all the time.
    fn outermost(&self, below: usize, sums: &[&[(bool, Expr)]]) -> Option<usize> {
        let mut found = None;
        for at in (0..below).rev() {
            if !sums.iter().all(|terms| self.constant_in(at, terms)) {
                break;
            }
            if self.loops[at].counted {
                found = Some(at);
            }
        }
        found
    }

    /// Whether terms are the same in all iterations of a loop, and known before it.
    fn constant_in(&self, at: usize, terms: &[(bool, Expr)]) -> bool {
        let inner = &self.loops[at];
        let header = &self.out.header[&inner.stmt];
        let mut constant = true;
        for (_, e) in terms {
            e.reads(&mut |v| {
                // What is needed only inside the loop's condition has been forgotten at its start.
                let known = header.get(v).is_some_and(|slot| !slot.maybe_unbound);
                let target = inner.counter.as_ref().is_some_and(|c| c.target == v);
                constant &= known && !target && !inner.bound.contains(v);
            });
        }
        constant
    }

    /// A loop that does nothing needs no condition.
    fn unless_empty(&self, at: usize, condition: Expr) -> Expr {
        let Some(counter) = &self.loops[at].counter else {
            return condition;
        };
        let span = condition.span;
        let var = |v| resume::expr(span, ExprKind::Var(v));
        let empty = compare(span, Compare::Ge, var(counter.now), var(counter.end));
        either(span, empty, condition)
    }
}

/// Takes an index apart into a sum of terms, of which true ones are subtracted.
pub fn linear(e: &Expr, negative: bool, terms: &mut Vec<(bool, Expr)>) -> bool {
    match &e.kind {
        ExprKind::Binary(Binary::Add, a, b) => {
            linear(a, negative, terms) && linear(b, negative, terms)
        }
        ExprKind::Binary(Binary::Sub, a, b) => {
            linear(a, negative, terms) && linear(b, !negative, terms)
        }
        ExprKind::Int(_) | ExprKind::Var(_) | ExprKind::Shape(..) => {
            terms.push((negative, e.clone()));
            true
        }
        ExprKind::Binary(Binary::Mul, a, b) => {
            let simple = |e: &Expr| {
                matches!(
                    e.kind,
                    ExprKind::Int(_) | ExprKind::Var(_) | ExprKind::Shape(..)
                )
            };
            terms.push((negative, e.clone()));
            simple(a) && simple(b)
        }
        _ => false,
    }
}

/// A sum of terms, of which true ones are subtracted.
fn total(span: Span, terms: &[(bool, Expr)]) -> Expr {
    let zero = resume::expr(span, ExprKind::Int(0));
    terms.iter().fold(zero, |sum, (negative, term)| {
        let op = if *negative { Binary::Sub } else { Binary::Add };
        resume::binary(span, op, sum, term.clone())
    })
}

pub(super) fn compare(span: Span, op: Compare, a: Expr, b: Expr) -> Expr {
    resume::expr(span, ExprKind::Compare(op, Box::new(a), Box::new(b)))
}

pub(super) fn either(span: Span, a: Expr, b: Expr) -> Expr {
    resume::expr(span, ExprKind::Or(Box::new(a), Box::new(b)))
}

/// `0 <= first and last + more <= length`
fn between(span: Span, array: Var, axis: u32, first: Expr, last: Expr, more: i128) -> Expr {
    let zero = resume::expr(span, ExprKind::Int(0));
    let length = resume::expr(span, ExprKind::Shape(array, axis));
    let more = resume::expr(span, ExprKind::Int(more));
    let last = resume::binary(span, Binary::Add, last, more);
    let low = compare(span, Compare::Le, zero, first);
    let high = compare(span, Compare::Le, last, length);
    resume::expr(span, ExprKind::And(Box::new(low), Box::new(high)))
}
