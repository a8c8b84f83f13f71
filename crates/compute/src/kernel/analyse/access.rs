//! Elements of arrays: loads, stores, and whether an index needs a check.

use super::env::{Env, Slot};
use super::{Pass, Result};
use crate::kernel::syntax::{Expr, Span, Stmt, Var};
use crate::kernel::transfer;
use crate::kernel::types::{DType, Fact, IntFact};

impl Pass<'_> {
    pub(super) fn store(
        &mut self,
        stmt: &Stmt,
        array: Var,
        index: &[Expr],
        value: &Expr,
        env: &Env,
    ) -> Result<()> {
        let fact = self.expr(value, env)?;
        let dtype = self.access(stmt.span, array, index, env)?;
        let fits = match dtype {
            DType::Bool => transfer::truth(&fact).is_some(),
            DType::F32 | DType::F64 => {
                transfer::domain(&fact, &Fact::FLOAT) == Some(transfer::Domain::Float)
            }
            DType::C64 | DType::C128 => transfer::domain(&fact, &Fact::Complex).is_some(),
            _ => transfer::as_int(&fact).is_some(),
        };
        if fits {
            return Ok(());
        }
        Err(self.unsupported(
            value.span,
            format!(
                "{} cannot be stored in an array of {}",
                fact.name(),
                dtype.name()
            ),
            "convert it first, with int() or float()",
        ))
    }

    pub(super) fn access(
        &mut self,
        span: Span,
        array: Var,
        index: &[Expr],
        env: &Env,
    ) -> Result<DType> {
        let Some(Slot { fact, .. }) = env.get(array) else {
            return Err(self.unbound(span, array));
        };
        let Fact::Array(ty, _) = *fact else {
            return Err(self.unsupported(
                span,
                format!("{} has no elements", fact.name()),
                "index arrays; tuples with a constant",
            ));
        };
        if index.len() != usize::from(ty.ndim) {
            return Err(self.unsupported(
                span,
                format!(
                    "a {}-D array is indexed with {} ints, not {}",
                    ty.ndim,
                    ty.ndim,
                    index.len()
                ),
                "give one index for each axis: a[i, j]",
            ));
        }
        for (axis, e) in index.iter().enumerate() {
            let fact = self.expr(e, env)?;
            let Some(int) = transfer::as_int(&fact) else {
                return Err(self.unsupported(
                    e.span,
                    format!("an index is an int, not {}", fact.name()),
                    "loop over the elements",
                ));
            };
            self.guard(array, axis as u32, e, &int, env);
        }
        Ok(ty.dtype)
    }
}

/// Whether an index needs no check: neither that it is not negative nor that it is below the length.
#[must_use]
pub fn in_bounds(array: Var, axis: u32, int: &IntFact) -> bool {
    int.interval.nonnegative()
        && int
            .below
            .iter()
            .any(|(a, x, k)| *a == array && *x == axis && *k < 0)
}
