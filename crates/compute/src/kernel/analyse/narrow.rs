//! What a test says of the variables in it, where it came out one way.

use super::Pass;
use super::env::{Env, Slot};
use crate::kernel::interval::Interval;
use crate::kernel::syntax::{Compare, Expr, ExprKind, Unary};
use crate::kernel::types::Fact;

impl Pass<'_> {
    /// What holds where a test came out one way.
    pub(super) fn assume(&self, test: &Expr, outcome: bool, env: &Env) -> Env {
        let mut env = env.clone();
        self.narrow(test, outcome, &mut env);
        env
    }

    pub(super) fn narrow(&self, test: &Expr, outcome: bool, env: &mut Env) {
        match &test.kind {
            ExprKind::Unary(Unary::Not, a) => self.narrow(a, !outcome, env),
            ExprKind::And(a, b) if outcome => {
                self.narrow(a, true, env);
                self.narrow(b, true, env);
            }
            ExprKind::Or(a, b) if !outcome => {
                self.narrow(a, false, env);
                self.narrow(b, false, env);
            }
            ExprKind::Compare(op, a, b) => {
                let op = if outcome { *op } else { op.opposite() };
                self.narrow_side(a, op, b, env);
                self.narrow_side(b, op.mirrored(), a, env);
            }
            _ => {}
        }
    }

    fn narrow_side(&self, side: &Expr, op: Compare, other: &Expr, env: &mut Env) {
        let ExprKind::Var(var) = side.kind else {
            return;
        };
        let (
            Some(Slot {
                fact: Fact::Int(int),
                maybe_unbound: false,
            }),
            Fact::Int(bound),
        ) = (env.get(var), self.out.fact(other))
        else {
            return;
        };
        let mut int = int.clone();
        let Interval { lo, hi } = bound.interval;
        let limit = match op {
            Compare::Lt => Interval {
                lo: None,
                hi: hi.and_then(|h| h.checked_sub(1)),
            },
            Compare::Le => Interval { lo: None, hi },
            Compare::Gt => Interval {
                lo: lo.and_then(|l| l.checked_add(1)),
                hi: None,
            },
            Compare::Ge => Interval { lo, hi: None },
            Compare::Eq => bound.interval,
            Compare::Ne => {
                let value = bound.interval.constant();
                match (value, int.interval.lo, int.interval.hi) {
                    (Some(v), Some(l), _) if v == l => Interval {
                        lo: v.checked_add(1),
                        hi: None,
                    },
                    (Some(v), _, Some(h)) if v == h => Interval {
                        lo: None,
                        hi: v.checked_sub(1),
                    },
                    _ => return,
                }
            }
        };
        int.interval = int.interval.meet(limit);
        let by = match op {
            Compare::Lt => Some(-1),
            Compare::Le | Compare::Eq => Some(0),
            _ => None,
        };
        if let Some(by) = by {
            let new = bound
                .below
                .iter()
                .map(|(a, axis, k)| (*a, *axis, k.saturating_add(by)));
            int.below.extend(new);
        }
        env.set(var, Fact::Int(int));
    }
}
