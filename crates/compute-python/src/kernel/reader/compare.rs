//! Comparisons, chained ones too, and what stops in the middle: `and`, `or`.

use compute::kernel::resume::{expr, made};
use compute::kernel::syntax::{Compare, Expr, ExprKind, Span, Stmt, StmtKind};
use pyo3::prelude::*;

use super::expr::stable;
use super::{Reader, Result, kind, refuse, span};

impl<'py> Reader<'_, 'py> {
    pub(super) fn comparison(
        &mut self,
        node: &Bound<'py, PyAny>,
        out: &mut Vec<Stmt>,
    ) -> Result<Expr> {
        let at = span(node);
        let mut ops = Vec::new();
        for op in node.getattr("ops")?.try_iter()? {
            ops.push(match kind(&op?)?.as_str() {
                "Eq" => Compare::Eq,
                "NotEq" => Compare::Ne,
                "Lt" => Compare::Lt,
                "LtE" => Compare::Le,
                "Gt" => Compare::Gt,
                "GtE" => Compare::Ge,
                "Is" | "IsNot" => {
                    return refuse(node, "kernels have no `is`", "compare with == or !=");
                }
                _ => return refuse(node, "kernels have no `in`", "loop and compare"),
            });
        }
        let more: Vec<Bound<'py, PyAny>> = node.getattr("comparators")?.extract()?;
        let compare = |op, a, b| expr(at, ExprKind::Compare(op, Box::new(a), Box::new(b)));
        let mut both = self.exprs(&[node.getattr("left")?, more[0].clone()], out)?;
        let mut last = both.pop().expect("two");
        let mut found = compare(ops[0], both.pop().expect("two"), last.clone());
        for (op, node) in ops.into_iter().zip(&more).skip(1) {
            let mut effects = Vec::new();
            let next = self.expr(node, &mut effects)?;
            if effects.is_empty() {
                let one = compare(op, std::mem::replace(&mut last, next.clone()), next);
                found = expr(at, ExprKind::And(Box::new(found), Box::new(one)));
                continue;
            }
            // t = a < b; if t: c = b; d = …; t = c < d
            let temp = self.temp();
            out.push(made(at, StmtKind::Assign(temp, found)));
            let mut body = Vec::new();
            if !stable(&last) {
                last = self.hold(last, &mut body);
            }
            body.append(&mut effects);
            let next = self.hold(next, &mut body);
            let one = compare(op, std::mem::replace(&mut last, next.clone()), next);
            body.push(made(at, StmtKind::Assign(temp, one)));
            let test = expr(at, ExprKind::Var(temp));
            out.push(made(at, StmtKind::If(test, body, Vec::new())));
            found = expr(at, ExprKind::Var(temp));
        }
        Ok(found)
    }

    pub(super) fn short_circuit(
        &mut self,
        at: Span,
        is_and: bool,
        values: &[Bound<'py, PyAny>],
        out: &mut Vec<Stmt>,
    ) -> Result<Expr> {
        let mut found = self.expr(&values[0], out)?;
        for value in &values[1..] {
            let mut more = Vec::new();
            let next = self.expr(value, &mut more)?;
            if more.is_empty() {
                let (a, b) = (Box::new(found), Box::new(next));
                found = expr(
                    at,
                    if is_and {
                        ExprKind::And(a, b)
                    } else {
                        ExprKind::Or(a, b)
                    },
                );
                continue;
            }
            // t = a; if t: …; t = b
            let temp = self.temp();
            out.push(made(at, StmtKind::Assign(temp, found)));
            more.push(made(at, StmtKind::Assign(temp, next)));
            let test = expr(at, ExprKind::Var(temp));
            let (yes, no) = if is_and {
                (more, Vec::new())
            } else {
                (Vec::new(), more)
            };
            out.push(made(at, StmtKind::If(test, yes, no)));
            found = expr(at, ExprKind::Var(temp));
        }
        Ok(found)
    }
}
