//! Statements, and those that only Python does.

use compute::kernel::resume::{expr, made};
use compute::kernel::syntax::{ExprKind, Stmt, StmtKind, Var};
use pyo3::prelude::*;

use super::outside::outside;
use super::{Failure, Reader, Result, kind, refuse, span};

impl<'py> Reader<'_, 'py> {
    pub(super) fn block(&mut self, body: &Bound<'py, PyAny>) -> Result<Vec<Stmt>> {
        let mut out = Vec::new();
        for node in body.try_iter()? {
            self.one(&node?, &mut out)?;
        }
        Ok(out)
    }

    /// A statement; one that is refused is noted, and the others are read all the same.
    pub(super) fn one(&mut self, node: &Bound<'py, PyAny>, out: &mut Vec<Stmt>) -> Result<()> {
        match self.stmt(node, out) {
            Err(Failure::Unsupported(mut problems)) => {
                self.problems.append(&mut problems);
                Ok(())
            }
            other => other,
        }
    }

    fn stmt(&mut self, node: &Bound<'py, PyAny>, out: &mut Vec<Stmt>) -> Result<()> {
        let at = span(node);
        match kind(node)?.as_str() {
            "Assign" => {
                let value = node.getattr("value")?;
                let targets: Vec<Bound<'py, PyAny>> = node.getattr("targets")?.extract()?;
                self.assign(&targets, &value, out)?;
            }
            "AnnAssign" => {
                let value = node.getattr("value")?;
                if !value.is_none() {
                    self.assign(&[node.getattr("target")?], &value, out)?;
                }
            }
            "AugAssign" => self.augmented(node, out)?,
            "Expr" => {
                let value = node.getattr("value")?;
                if kind(&value)? == "Constant" {
                    return Ok(());
                }
                let value = self.expr(&value, out)?;
                let done = match value.kind {
                    ExprKind::Var(_) => !self.may_be_unbound(&value),
                    ExprKind::None => true,
                    _ => false,
                };
                if !done {
                    out.push(made(at, StmtKind::Expr(value)));
                }
            }
            "Pass" => {}
            "If" => {
                let test = self.expr(&node.getattr("test")?, out)?;
                let body = self.block(&node.getattr("body")?)?;
                let orelse = self.block(&node.getattr("orelse")?)?;
                out.push(made(at, StmtKind::If(test, body, orelse)));
            }
            "While" => self.repeat(node, out)?,
            "For" => self.count(node, out)?,
            "Break" | "Continue" => {
                let is_break = kind(node)? == "Break";
                if is_break && self.loops.last() == Some(&true) {
                    return refuse(
                        node,
                        "the iterations of prange run at the same time: there is nothing to break off",
                        "use range, or go on with `continue`",
                    );
                }
                out.push(made(
                    at,
                    if is_break {
                        StmtKind::Break
                    } else {
                        StmtKind::Continue
                    },
                ));
            }
            "Return" => {
                if self.loops.contains(&true) {
                    return refuse(
                        node,
                        "a kernel cannot return from inside prange",
                        "keep the result in a variable and return it after the loop",
                    );
                }
                let value = node.getattr("value")?;
                let value = if value.is_none() {
                    expr(at, ExprKind::None)
                } else {
                    self.expr(&value, out)?
                };
                out.push(made(at, StmtKind::Return(value)));
            }
            "Assert" => {
                let py = node.py();
                if !py.import("builtins")?.getattr("__debug__")?.is_truthy()? {
                    return Ok(());
                }
                let test = self.expr(&node.getattr("test")?, out)?;
                // What the test does, draws and calls, is not done again.
                let fields = pyo3::types::PyDict::new(py);
                for name in ["lineno", "col_offset", "end_lineno", "end_col_offset"] {
                    fields.set_item(name, node.getattr(name)?)?;
                }
                let ast = py.import("_ast")?;
                let never = ast.getattr("Constant")?.call((false,), Some(&fields))?;
                let assert = (never, node.getattr("msg")?);
                let fails = self.leave(&ast.getattr("Assert")?.call(assert, Some(&fields))?)?;
                let pass = made(at, StmtKind::Pass);
                out.push(made(at, StmtKind::If(test, vec![pass], vec![fails])));
            }
            "Raise" => {
                let raise = self.leave(node)?;
                out.push(raise);
            }
            other => {
                let (message, hint) = outside(other);
                return refuse(node, message, hint);
            }
        }
        Ok(())
    }

    /// A statement that only Python does.
    pub(super) fn leave(&mut self, node: &Bound<'py, PyAny>) -> Result<Stmt> {
        let mut reads = Vec::new();
        self.names_in(node, &mut reads)?;
        self.python.push(node.clone().unbind());
        let number = (self.python.len() - 1) as u32;
        Ok(made(span(node), StmtKind::Python(number, reads)))
    }

    fn names_in(&self, node: &Bound<'py, PyAny>, reads: &mut Vec<Var>) -> Result<()> {
        if kind(node)? == "Name"
            && let Some(var) = self.locals.get(&node.getattr("id")?.extract::<String>()?)
        {
            reads.push(*var);
        }
        let fields: Vec<String> = match node.getattr("_fields") {
            Ok(fields) => fields.extract()?,
            Err(_) => return Ok(()),
        };
        for field in fields {
            let Ok(value) = node.getattr(field.as_str()) else {
                continue;
            };
            if let Ok(list) = value.cast::<pyo3::types::PyList>() {
                for item in list.iter() {
                    self.names_in(&item, reads)?;
                }
            } else if value.hasattr("_fields")? {
                self.names_in(&value, reads)?;
            }
        }
        Ok(())
    }
}
