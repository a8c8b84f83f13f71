//! What names stand for.

use compute::kernel::resume::expr;
use compute::kernel::syntax::{Expr, ExprKind, Span, Var};
use pyo3::prelude::*;

use super::outside::instead_of_math;
use super::{Reader, Result, kind, refuse, span};
use crate::kernel::scope::{self, Constant, Meaning, Module, Special};

impl<'py> Reader<'_, 'py> {
    /// A local variable's name.
    pub(super) fn local(&self, node: &Bound<'py, PyAny>) -> Result<Option<Var>> {
        if kind(node)? != "Name" {
            return Ok(None);
        }
        let name: String = node.getattr("id")?.extract()?;
        Ok(self.locals.get(&name).copied())
    }

    /// What a name or attribute that is not local means.
    pub(super) fn meaning(&mut self, node: &Bound<'py, PyAny>) -> Result<Option<Meaning>> {
        match kind(node)?.as_str() {
            "Name" => {
                let name: String = node.getattr("id")?.extract()?;
                if self.locals.contains_key(&name) {
                    return Ok(None);
                }
                let Some(object) = self.scope.object(node.py(), &name) else {
                    return Ok(None);
                };
                if !self.uses.iter().any(|(n, _)| *n == name) {
                    self.uses.push((name, object.clone().unbind()));
                }
                Ok(Some(scope::meaning(&object)?))
            }
            "Attribute" => {
                let Some(Meaning::Module(module)) = self.meaning(&node.getattr("value")?)? else {
                    return Ok(None);
                };
                let attribute: String = node.getattr("attr")?.extract()?;
                let value = match module {
                    Module::Math => {
                        if let Some(function) = scope::math(&attribute) {
                            return Ok(Some(Meaning::Builtin(function)));
                        }
                        let math = node.py().import("math")?;
                        match math.getattr(attribute.as_str()) {
                            Ok(value) => value,
                            Err(_) => {
                                return refuse(
                                    node,
                                    format!("math has no {attribute}"),
                                    "see the names in `math`",
                                );
                            }
                        }
                    }
                    Module::Random if attribute == "stream" => {
                        return Ok(Some(Meaning::Special(Special::Stream)));
                    }
                    Module::Random => {
                        return refuse(
                            node,
                            format!("kernels do not know random.{attribute}"),
                            "make a stream: rng = random.stream(seed, i), then rng.random()",
                        );
                    }
                };
                match scope::meaning(&value)? {
                    Meaning::Constant(constant) => Ok(Some(Meaning::Constant(constant))),
                    _ => refuse(
                        node,
                        format!("kernels do not know math.{attribute}"),
                        instead_of_math(&attribute),
                    ),
                }
            }
            _ => Ok(None),
        }
    }

    pub(super) fn name(&mut self, node: &Bound<'py, PyAny>) -> Result<Expr> {
        let at = span(node);
        if let Some(var) = self.local(node)? {
            return Ok(expr(at, ExprKind::Var(var)));
        }
        let name: String = node.getattr("id")?.extract()?;
        match self.meaning(node)? {
            Some(Meaning::Constant(constant)) => Ok(literal(at, &constant)),
            Some(Meaning::Other(what)) => refuse(
                node,
                format!("`{name}` is {what}, which kernels cannot use"),
                "pass what the kernel needs as an argument; constants are numbers and tuples of numbers",
            ),
            Some(_) => refuse(
                node,
                format!("`{name}` can be called here, nothing else"),
                "call it",
            ),
            None if self.strict => refuse(
                node,
                format!("`{name}` is not defined"),
                "define it before the first call",
            ),
            // It may be defined by the time of the first call.
            None => Ok(expr(at, ExprKind::Int(0))),
        }
    }

    /// Whether Python may raise where it reads an expression that is stable. Costs no code where it does not.
    pub(super) fn may_be_unbound(&self, e: &Expr) -> bool {
        let mut found = false;
        e.reads(&mut |var| {
            let own = self.names[var as usize].starts_with('.');
            found |= var >= self.count_of_params && !own;
        });
        found
    }
}

pub(super) fn literal(at: Span, constant: &Constant) -> Expr {
    let kind = match constant {
        Constant::Int(value) => ExprKind::Int(*value),
        Constant::Float(value) => ExprKind::Float(*value),
        Constant::Bool(value) => ExprKind::Bool(*value),
        Constant::Complex(re, im) => ExprKind::Complex(*re, *im),
        Constant::None => ExprKind::None,
        Constant::Tuple(items) => {
            ExprKind::Tuple(items.iter().map(|item| literal(at, item)).collect())
        }
    };
    expr(at, kind)
}
