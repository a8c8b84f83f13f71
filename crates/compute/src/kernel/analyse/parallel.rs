//! Parallel loops: what their blocks take and what they leave.

use super::env::Env;
use super::{Pass, Result};
use crate::kernel::syntax::{Parallel, Stmt};
use crate::kernel::transfer;
use crate::kernel::types::{Fact, IntFact, Type};

impl Pass<'_> {
    pub(super) fn parallel(&mut self, stmt: &Stmt, p: &Parallel, env: &mut Env) -> Result<()> {
        let range = self.range(&p.range, env)?;
        let mut types: Vec<Type> = range
            .iter()
            .map(|int| Fact::Int(int.clone()).ty())
            .collect();
        // A block may begin anywhere in the range.
        let whole = range[0].interval.join(range[1].interval);
        types[0] = Fact::int(whole).ty();
        types[1] = types[0].clone();
        for var in &p.captured {
            let Some(slot) = env.get(*var) else {
                return Err(self.unbound(stmt.span, *var));
            };
            if slot.fact == Fact::Stream {
                return Err(self.unsupported(
                    stmt.span,
                    "iterations of prange cannot share a random stream",
                    "make one inside the loop: random.stream(seed, i)",
                ));
            }
            types.push(slot.fact.ty());
        }
        let mut starts = Vec::new();
        for (var, reduction) in &p.reductions {
            let Some(slot) = env.get(*var) else {
                return Err(self.unbound(stmt.span, *var));
            };
            starts.push(slot.fact.clone());
            types.push(
                crate::kernel::parallel::identity(*reduction, &slot.fact)
                    .ok_or_else(|| {
                        self.unsupported(
                            stmt.span,
                            format!(
                                "prange cannot combine `{}`, which is {}",
                                self.function.name_of(*var),
                                slot.fact.name()
                            ),
                            "combine ints, floats or bools",
                        )
                    })?
                    .ty(),
            );
        }
        let spec = p.block.specialise(&types, self.options)?;
        let Some(Fact::Tuple(found)) = &spec.returned else {
            // No block ever ends; what comes after is not reached, but an empty range reaches it.
            self.out.callees.insert(stmt.id, spec);
            return Ok(());
        };
        let mut found = found.clone().into_iter();
        for ((var, _), start) in p.reductions.iter().zip(starts) {
            let fact = found.next().expect("one for each reduction");
            let mut joined = start.join(&fact).ok_or_else(|| {
                self.unsupported(
                    stmt.span,
                    format!(
                        "`{}` is {} before the loop and {} after it",
                        self.function.name_of(*var),
                        start.name(),
                        fact.name()
                    ),
                    "start with the type that the loop makes (0.0 for floats)",
                )
            })?;
            if let Fact::Int(int) = &mut joined {
                // An empty range leaves it as it was, however long that is.
                let limit = self.options.width.limit();
                let before = transfer::as_int(&start).map_or(limit, |int| int.interval);
                *int = IntFact::new(limit.join(before));
            }
            env.set(*var, joined);
        }
        for (var, fact) in p.last.iter().zip(found) {
            let old = env.get(*var).cloned();
            let (fact, unbound) = match old {
                Some(old) => {
                    let joined = old.fact.join(&fact).ok_or_else(|| {
                        self.unsupported(
                            stmt.span,
                            format!(
                                "`{}` has another type before the loop",
                                self.function.name_of(*var)
                            ),
                            "use two variables",
                        )
                    })?;
                    (joined, old.maybe_unbound)
                }
                None => (fact, true),
            };
            env.set(*var, fact);
            if let Some(Some(slot)) = env.0.get_mut(*var as usize) {
                slot.maybe_unbound = unbound;
            }
        }
        self.out.callees.insert(stmt.id, spec);
        Ok(())
    }
}
