//! What is known of all variables at one place, and what holds where two ways meet.

use super::Result;
use crate::kernel::live::Set;
use crate::kernel::syntax::Var;
use crate::kernel::types::Fact;

/// A variable at some place.
#[derive(Debug, Clone, PartialEq)]
pub struct Slot {
    /// What is known of its value.
    pub fact: Fact,
    /// Whether it may have none.
    pub maybe_unbound: bool,
}

/// All variables at some place, those without a value left out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Env(pub Vec<Option<Slot>>);

impl Env {
    /// A variable.
    #[must_use]
    pub fn get(&self, var: Var) -> Option<&Slot> {
        self.0.get(var as usize)?.as_ref()
    }

    /// Binds a variable.
    pub fn set(&mut self, var: Var, fact: Fact) {
        let index = var as usize;
        if self.0.len() <= index {
            self.0.resize(index + 1, None);
        }
        self.0[index] = Some(Slot {
            fact,
            maybe_unbound: false,
        });
    }

    /// Forgets what is not needed any more.
    pub fn keep(&mut self, live: &Set) {
        for (var, slot) in self.0.iter_mut().enumerate() {
            // Arrays cost nothing, and are named by what is known of ints.
            let array = matches!(
                slot,
                Some(Slot {
                    fact: Fact::Array(..),
                    ..
                })
            );
            if slot.is_some() && !array && !live.contains(var as Var) {
                *slot = None;
            }
        }
    }

    /// Every variable that has, or may have, a value.
    pub fn iter(&self) -> impl Iterator<Item = (Var, &Slot)> {
        let all = self.0.iter().enumerate();
        all.filter_map(|(var, slot)| Some((var as Var, slot.as_ref()?)))
    }

    /// What holds for both. Fails with the variable that has no one type.
    pub(super) fn join(&self, other: &Self) -> Result<Self, Var> {
        let count = self.0.len().max(other.0.len());
        let mut joined = Vec::with_capacity(count);
        for var in 0..count as Var {
            joined.push(match (self.get(var), other.get(var)) {
                (None, None) => None,
                (Some(one), None) | (None, Some(one)) => Some(Slot {
                    maybe_unbound: true,
                    ..one.clone()
                }),
                (Some(a), Some(b)) => Some(Slot {
                    fact: a.fact.join(&b.fact).ok_or(var)?,
                    maybe_unbound: a.maybe_unbound || b.maybe_unbound,
                }),
            });
        }
        Ok(Self(joined))
    }

    /// Says of no int that it may be longer than ints in registers are.
    pub(super) fn hold(&mut self) {
        for slot in self.0.iter_mut().flatten() {
            if let Fact::Int(int) = &mut slot.fact {
                int.interval = int.interval.meet(crate::kernel::interval::I128);
            }
        }
    }

    pub(super) fn widen(&self, next: &Self) -> Self {
        let mut wide = next.clone();
        for (slot, old) in wide.0.iter_mut().zip(&self.0) {
            if let (Some(slot), Some(old)) = (slot, old) {
                widen(&old.fact, &mut slot.fact);
            }
        }
        wide
    }
}

pub(super) fn widen(old: &Fact, next: &mut Fact) {
    match (old, next) {
        (Fact::Int(old), Fact::Int(next)) if old.interval != next.interval => {
            let wide = old.interval.widen(next.interval);
            next.interval = wide.meet(crate::kernel::interval::I128);
        }
        (Fact::Tuple(old), Fact::Tuple(next)) => {
            old.iter().zip(next).for_each(|(o, n)| widen(o, n));
        }
        _ => {}
    }
}
