//! Assignments: to names, elements, and several at once.

use compute::kernel::resume::{self, expr, made};
use compute::kernel::syntax::{Expr, ExprKind, Stmt, StmtKind};
use pyo3::prelude::*;

use super::expr::stable;
use super::{Reader, Result, kind, refuse, span};

impl<'py> Reader<'_, 'py> {
    pub(super) fn assign(
        &mut self,
        targets: &[Bound<'py, PyAny>],
        value: &Bound<'py, PyAny>,
        out: &mut Vec<Stmt>,
    ) -> Result<()> {
        // `a, b = b, a`: as many variables as values need no tuple.
        if let [target] = targets
            && matches!(kind(target)?.as_str(), "Tuple" | "List")
            && kind(value)? == "Tuple"
        {
            let targets: Vec<Bound<'py, PyAny>> = target.getattr("elts")?.extract()?;
            let values: Vec<Bound<'py, PyAny>> = value.getattr("elts")?.extract()?;
            let starred = |nodes: &[Bound<'py, PyAny>]| -> PyResult<bool> {
                for node in nodes {
                    if kind(node)? == "Starred" {
                        return Ok(true);
                    }
                }
                Ok(false)
            };
            if targets.len() == values.len() && !starred(&targets)? && !starred(&values)? {
                let values = self.exprs(&values, out)?;
                let mut temps = Vec::new();
                for value in values {
                    // What is not bound by these targets can be used as it is.
                    temps.push(self.hold(value, out));
                }
                for (target, temp) in targets.iter().zip(temps) {
                    self.bind(target, temp, out)?;
                }
                return Ok(());
            }
        }
        let found = self.expr(value, out)?;
        match targets {
            [target] => self.bind(target, found, out),
            _ => {
                let held = self.hold(found, out);
                for target in targets {
                    self.bind(target, held.clone(), out)?;
                }
                Ok(())
            }
        }
    }

    /// An expression in a variable of ours.
    pub(super) fn hold(&mut self, value: Expr, out: &mut Vec<Stmt>) -> Expr {
        let at = value.span;
        let temp = self.temp();
        out.push(made(at, StmtKind::Assign(temp, value)));
        expr(at, ExprKind::Var(temp))
    }

    pub(super) fn bind(
        &mut self,
        target: &Bound<'py, PyAny>,
        value: Expr,
        out: &mut Vec<Stmt>,
    ) -> Result<()> {
        let at = span(target);
        match kind(target)?.as_str() {
            "Name" => {
                let name: String = target.getattr("id")?.extract()?;
                let var = self.locals[&name];
                // A call's or draw's result is named at once.
                if let (ExprKind::Var(temp), Some(last)) = (&value.kind, out.last_mut()) {
                    match &mut last.kind {
                        StmtKind::Call(to, ..)
                        | StmtKind::Stream(to, ..)
                        | StmtKind::Draw(to, ..)
                            if to == temp && self.names[*temp as usize].starts_with(".t") =>
                        {
                            *to = var;
                            return Ok(());
                        }
                        _ => {}
                    }
                }
                out.push(made(at, StmtKind::Assign(var, value)));
                Ok(())
            }
            "Tuple" | "List" => {
                let targets: Vec<Bound<'py, PyAny>> = target.getattr("elts")?.extract()?;
                let held = self.hold(value, out);
                let count = targets.len() as u32;
                for (index, target) in targets.iter().enumerate() {
                    if kind(target)? == "Starred" {
                        return refuse(
                            target,
                            "kernels have no starred targets",
                            "name each variable",
                        );
                    }
                    let item = ExprKind::Item(Box::new(held.clone()), index as u32, count);
                    self.bind(target, expr(at, item), out)?;
                }
                Ok(())
            }
            "Subscript" => {
                let mark = out.len();
                let (array, index) = self.subscript(target, out)?;
                // An index with effects comes after the value, as in Python.
                let value = if out.len() > mark && !stable(&value) {
                    let temp = self.temp();
                    out.insert(mark, made(at, StmtKind::Assign(temp, value)));
                    expr(at, ExprKind::Var(temp))
                } else {
                    value
                };
                out.push(made(at, StmtKind::Store(array, index, value)));
                Ok(())
            }
            other => refuse(
                target,
                format!("kernels cannot assign to {}", article(other)),
                "assign to variables and to elements of arrays",
            ),
        }
    }

    pub(super) fn augmented(
        &mut self,
        node: &Bound<'py, PyAny>,
        out: &mut Vec<Stmt>,
    ) -> Result<()> {
        let at = span(node);
        let target = node.getattr("target")?;
        let op = self.operator(&node.getattr("op")?, node)?;
        let value = node.getattr("value")?;
        match kind(&target)?.as_str() {
            "Name" => {
                let old = self.name(&target)?;
                let mark = out.len();
                let new = self.expr(&value, out)?;
                // What a parallel loop only adds to is not read in it.
                let read = !self.loops.contains(&true);
                if out.len() > mark && read && self.may_be_unbound(&old) {
                    out.insert(mark, made(at, StmtKind::Expr(old.clone())));
                }
                let sum = resume::binary(at, op, old, new);
                self.bind(&target, sum, out)
            }
            "Subscript" => {
                let (array, index) = self.subscript(&target, out)?;
                let mark = out.len();
                let mut old = expr(span(&target), ExprKind::Load(array, index.clone()));
                let new = self.expr(&value, out)?;
                if out.len() > mark {
                    // Python reads the element before it does what has effects.
                    let temp = self.temp();
                    out.insert(mark, made(at, StmtKind::Assign(temp, old)));
                    old = expr(at, ExprKind::Var(temp));
                }
                let sum = resume::binary(at, op, old, new);
                out.push(made(at, StmtKind::Store(array, index, sum)));
                Ok(())
            }
            other => refuse(
                &target,
                format!("kernels cannot assign to {}", article(other)),
                "assign to variables and to elements of arrays",
            ),
        }
    }
}

fn article(kind: &str) -> String {
    match kind {
        "Attribute" => "attributes".into(),
        "Starred" => "starred targets".into(),
        other => format!("{other} nodes"),
    }
}
