//! Expressions: what is known of each, noted under its number.

use super::env::{Env, Slot};
use super::{Pass, Result, one_type};
use crate::kernel::functions;
use crate::kernel::interval::{I64, Interval};
use crate::kernel::syntax::{Compare, Expr, ExprKind, Var};
use crate::kernel::transfer;
use crate::kernel::types::{DType, Fact, IntFact};

impl Pass<'_> {
    pub(super) fn facts(&mut self, exprs: &[Expr], env: &Env) -> Result<Vec<Fact>> {
        exprs.iter().map(|e| self.expr(e, env)).collect()
    }

    /// A test: whether it is known how it comes out.
    pub(super) fn condition(&mut self, test: &Expr, env: &Env) -> Result<Option<bool>> {
        let fact = self.expr(test, env)?;
        match transfer::truth(&fact) {
            Some(known) => Ok(known),
            None => Err(self.refused(
                test.span,
                transfer::no_truth::<()>(&fact).expect_err("refuses"),
            )),
        }
    }

    pub(super) fn expr(&mut self, e: &Expr, env: &Env) -> Result<Fact> {
        let fact = self.find(e, env)?;
        let index = e.id as usize;
        if self.out.facts.len() <= index {
            self.out.facts.resize(index + 1, None);
        }
        self.out.facts[index] = Some(fact.clone());
        Ok(fact)
    }

    fn find(&mut self, e: &Expr, env: &Env) -> Result<Fact> {
        let width = self.options.width;
        Ok(match &e.kind {
            ExprKind::Int(value) => Fact::int(Interval::of(*value)),
            ExprKind::Float(value) => Fact::Float {
                nonnegative: *value >= 0.0,
            },
            ExprKind::Bool(value) => Fact::Bool(Some(*value)),
            ExprKind::Complex(..) => Fact::Complex,
            ExprKind::None => Fact::None,
            ExprKind::Var(var) => match env.get(*var) {
                Some(slot) => slot.fact.clone(),
                None => return Err(self.unbound(e.span, *var)),
            },
            ExprKind::Tuple(items) => Fact::Tuple(self.facts(items, env)?),
            ExprKind::Item(tuple, index, of) => match self.expr(tuple, env)? {
                Fact::Tuple(items) if items.len() == *of as usize => items[*index as usize].clone(),
                other => {
                    return Err(self.unsupported(
                        e.span,
                        format!("{} cannot be unpacked into {of} variables", other.name()),
                        "unpack a tuple of as many items",
                    ));
                }
            },
            ExprKind::Unary(op, a) => {
                let a = self.expr(a, env)?;
                transfer::unary(*op, &a, width).map_err(|r| self.refused(e.span, r))?
            }
            ExprKind::Binary(op, a, b) => {
                let (a, b) = (self.expr(a, env)?, self.expr(b, env)?);
                transfer::binary(*op, &a, &b, width).map_err(|r| self.refused(e.span, r))?
            }
            ExprKind::Compare(op, a, b) => {
                let (a, b) = (self.expr(a, env)?, self.expr(b, env)?);
                self.compare(e, *op, &a, &b)?
            }
            ExprKind::And(a, b) | ExprKind::Or(a, b) => {
                let is_and = matches!(e.kind, ExprKind::And(..));
                let first = self.expr(a, env)?;
                let truth = self.condition(a, env)?;
                if truth == Some(!is_and) {
                    // The other is never looked at, but it has to be understood.
                    self.expr(b, env)?;
                    return Ok(first);
                }
                let narrowed = self.assume(a, is_and, env);
                let second = self.expr(b, &narrowed)?;
                if truth == Some(is_and) {
                    return Ok(second);
                }
                self.either(e, &first, &second)?
            }
            ExprKind::IfElse(test, a, b) => {
                self.condition(test, env)?;
                let (yes, no) = (self.assume(test, true, env), self.assume(test, false, env));
                let (a, b) = (self.expr(a, &yes)?, self.expr(b, &no)?);
                self.either(e, &a, &b)?
            }
            ExprKind::Load(tuple, index)
                if matches!(
                    env.get(*tuple),
                    Some(Slot {
                        fact: Fact::Tuple(_),
                        ..
                    })
                ) =>
            {
                self.item(e, *tuple, index, env)?
            }
            ExprKind::Load(array, index) => {
                let ty = self.access(e.span, *array, index, env)?;
                element(ty)
            }
            ExprKind::Shape(tuple, _)
                if matches!(
                    env.get(*tuple),
                    Some(Slot {
                        fact: Fact::Tuple(_),
                        ..
                    })
                ) =>
            {
                let Some(Slot {
                    fact: Fact::Tuple(items),
                    ..
                }) = env.get(*tuple)
                else {
                    unreachable!("matched above")
                };
                Fact::int(Interval::of(items.len() as i128))
            }
            ExprKind::Dims(array) => {
                let Some(Slot {
                    fact: Fact::Array(ty, _),
                    ..
                }) = env.get(*array)
                else {
                    return Err(self.unsupported(
                        e.span,
                        "only arrays have a shape",
                        "for a tuple use len()",
                    ));
                };
                let axis = |axis| {
                    Fact::Int(IntFact {
                        interval: ty.lengths(),
                        below: vec![(*array, axis, 0)],
                    })
                };
                Fact::Tuple((0..u32::from(ty.ndim)).map(axis).collect())
            }
            ExprKind::Shape(array, axis) => {
                let Some(Slot {
                    fact: Fact::Array(ty, _),
                    ..
                }) = env.get(*array)
                else {
                    return Err(self.unsupported(
                        e.span,
                        "only arrays have a length and a shape here",
                        "for a tuple write the number",
                    ));
                };
                if *axis >= u32::from(ty.ndim) {
                    return Err(self.unsupported(
                        e.span,
                        format!("a {}-D array has no axis {axis}", ty.ndim),
                        "IndexError in Python, too",
                    ));
                }
                Fact::Int(IntFact {
                    interval: ty.lengths(),
                    below: vec![(*array, *axis, 0)],
                })
            }
            ExprKind::Call(builtin, args) => {
                let facts = self.facts(args, env)?;
                functions::call(*builtin, &facts, width).map_err(|r| self.refused(e.span, r))?
            }
        })
    }

    /// `tuple[constant]`
    fn item(&mut self, e: &Expr, tuple: Var, index: &[Expr], env: &Env) -> Result<Fact> {
        let facts = self.facts(index, env)?;
        let Some(Slot {
            fact: Fact::Tuple(items),
            ..
        }) = env.get(tuple)
        else {
            return Err(self.unbound(e.span, tuple));
        };
        let constant = match facts.as_slice() {
            [one] => transfer::as_int(one).and_then(|int| int.interval.constant()),
            _ => None,
        };
        let Some(index) = constant else {
            return Err(self.unsupported(
                e.span,
                "the items of a tuple may have different types, so that its index must be a constant",
                "write the number, or use an array",
            ));
        };
        item_at(index, items.len())
            .map(|index| items[index].clone())
            .ok_or_else(|| {
                self.unsupported(
                    e.span,
                    format!("a tuple of {} has no item {index}", items.len()),
                    "IndexError in Python, too",
                )
            })
    }

    pub(super) fn either(&self, e: &Expr, a: &Fact, b: &Fact) -> Result<Fact> {
        a.join(b).ok_or_else(|| {
            self.unsupported(
                e.span,
                format!("this is either {} or {}", a.name(), b.name()),
                one_type(Some(a), Some(b), "make both the same type"),
            )
        })
    }

    pub(super) fn compare(&self, e: &Expr, op: Compare, a: &Fact, b: &Fact) -> Result<Fact> {
        let domain = transfer::domain(a, b);
        let equality = matches!(op, Compare::Eq | Compare::Ne);
        match domain {
            Some(transfer::Domain::Int) => {
                let (x, y) = (
                    transfer::as_int(a).expect("an int"),
                    transfer::as_int(b).expect("an int"),
                );
                Ok(Fact::Bool(known(op, x.interval, y.interval)))
            }
            Some(transfer::Domain::Float) => Ok(Fact::Bool(None)),
            Some(transfer::Domain::Complex) if equality => Ok(Fact::Bool(None)),
            _ => Err(self.unsupported(
                e.span,
                format!("kernels do not compare {} with {}", a.name(), b.name()),
                "compare numbers",
            )),
        }
    }
}

fn element(dtype: DType) -> Fact {
    match dtype {
        DType::Bool => Fact::Bool(None),
        DType::F32 | DType::F64 => Fact::FLOAT,
        DType::C64 | DType::C128 => Fact::Complex,
        other => Fact::int(other.ints().unwrap_or(I64)),
    }
}

/// Where `tuple[index]` is.
#[must_use]
pub fn item_at(index: i128, length: usize) -> Option<usize> {
    let index = if index < 0 {
        index + length as i128
    } else {
        index
    };
    usize::try_from(index).ok().filter(|index| *index < length)
}

pub(super) fn known(op: Compare, a: Interval, b: Interval) -> Option<bool> {
    let below = |x: Interval, y: Interval| x.hi.zip(y.lo).is_some_and(|(x, y)| x < y);
    let not_above = |x: Interval, y: Interval| x.hi.zip(y.lo).is_some_and(|(x, y)| x <= y);
    let (yes, no) = match op {
        Compare::Lt => (below(a, b), not_above(b, a)),
        Compare::Le => (not_above(a, b), below(b, a)),
        Compare::Gt => (below(b, a), not_above(a, b)),
        Compare::Ge => (not_above(b, a), below(a, b)),
        Compare::Eq | Compare::Ne => {
            let equal = a.constant().is_some() && a == b;
            let apart = below(a, b) || below(b, a);
            if op == Compare::Eq {
                (equal, apart)
            } else {
                (apart, equal)
            }
        }
    };
    if yes {
        Some(true)
    } else if no {
        Some(false)
    } else {
        None
    }
}
