//! Expressions. What has effects goes into statements before the one that it stands in.

use compute::kernel::resume::{expr, made};
use compute::kernel::syntax::{Binary, Builtin, Expr, ExprKind, Stmt, StmtKind, Unary, Var};
use pyo3::prelude::*;

use super::names::literal;
use super::outside::outside;
use super::{Reader, Result, kind, refuse, span};
use crate::kernel::scope::{self, Meaning};

impl<'py> Reader<'_, 'py> {
    /// Several expressions, in order: what comes before one with effects is evaluated before them.
    pub(super) fn exprs(
        &mut self,
        nodes: &[Bound<'py, PyAny>],
        out: &mut Vec<Stmt>,
    ) -> Result<Vec<Expr>> {
        let mut found: Vec<Expr> = Vec::new();
        for node in nodes {
            let mark = out.len();
            let next = self.expr(node, out)?;
            if out.len() > mark {
                let mut place = mark;
                for earlier in &mut found {
                    let at = earlier.span;
                    if !stable(earlier) {
                        let temp = self.temp();
                        let value = std::mem::replace(earlier, expr(at, ExprKind::Var(temp)));
                        out.insert(place, made(at, StmtKind::Assign(temp, value)));
                        place += 1;
                    } else if self.may_be_unbound(earlier) {
                        out.insert(place, made(at, StmtKind::Expr(earlier.clone())));
                        place += 1;
                    }
                }
            }
            found.push(next);
        }
        Ok(found)
    }

    pub(super) fn expr(&mut self, node: &Bound<'py, PyAny>, out: &mut Vec<Stmt>) -> Result<Expr> {
        let at = span(node);
        let kind_of = kind(node)?;
        Ok(match kind_of.as_str() {
            "Constant" => {
                let value = node.getattr("value")?;
                match scope::constant(&value) {
                    Some(constant) => literal(at, &constant),
                    None if value.is_instance_of::<pyo3::types::PyInt>() => {
                        return refuse(
                            node,
                            "an int of more than 127 bits",
                            "kernels compute with at most 128 bits; use Python for this",
                        );
                    }
                    None => {
                        let what = value.get_type().name()?.to_string();
                        return refuse(
                            node,
                            format!("kernels know no {what}"),
                            "use numbers; pass texts to Python code",
                        );
                    }
                }
            }
            "Name" => self.name(node)?,
            "Tuple" => {
                let items: Vec<Bound<'py, PyAny>> = node.getattr("elts")?.extract()?;
                expr(at, ExprKind::Tuple(self.exprs(&items, out)?))
            }
            "BinOp" => {
                let op = self.operator(&node.getattr("op")?, node)?;
                let both = [node.getattr("left")?, node.getattr("right")?];
                let mut both = self.exprs(&both, out)?.into_iter();
                let (a, b) = (both.next().expect("two"), both.next().expect("two"));
                expr(at, ExprKind::Binary(op, Box::new(a), Box::new(b)))
            }
            "UnaryOp" => {
                let op = match kind(&node.getattr("op")?)?.as_str() {
                    "USub" => Unary::Neg,
                    "UAdd" => Unary::Pos,
                    "Invert" => Unary::Invert,
                    _ => Unary::Not,
                };
                let a = self.expr(&node.getattr("operand")?, out)?;
                // A negative number is a constant.
                match (op, &a.kind) {
                    (Unary::Neg, ExprKind::Int(value)) if *value != i128::MIN => {
                        expr(at, ExprKind::Int(-value))
                    }
                    (Unary::Neg, ExprKind::Float(value)) => expr(at, ExprKind::Float(-value)),
                    _ => expr(at, ExprKind::Unary(op, Box::new(a))),
                }
            }
            "Compare" => self.comparison(node, out)?,
            "BoolOp" => {
                let is_and = kind(&node.getattr("op")?)? == "And";
                let values: Vec<Bound<'py, PyAny>> = node.getattr("values")?.extract()?;
                self.short_circuit(at, is_and, &values, out)?
            }
            "IfExp" => {
                let test = self.expr(&node.getattr("test")?, out)?;
                let (mut yes, mut no) = (Vec::new(), Vec::new());
                let a = self.expr(&node.getattr("body")?, &mut yes)?;
                let b = self.expr(&node.getattr("orelse")?, &mut no)?;
                if yes.is_empty() && no.is_empty() {
                    return Ok(expr(
                        at,
                        ExprKind::IfElse(Box::new(test), Box::new(a), Box::new(b)),
                    ));
                }
                let temp = self.temp();
                yes.push(made(at, StmtKind::Assign(temp, a)));
                no.push(made(at, StmtKind::Assign(temp, b)));
                out.push(made(at, StmtKind::If(test, yes, no)));
                expr(at, ExprKind::Var(temp))
            }
            "Subscript" => {
                // `a.shape[0]`
                let value = node.getattr("value")?;
                if kind(&value)? == "Attribute"
                    && value.getattr("attr")?.extract::<String>()? == "shape"
                    && let Some(array) = self.local(&value.getattr("value")?)?
                {
                    let axis = self.expr(&node.getattr("slice")?, out)?;
                    return match axis.kind {
                        ExprKind::Int(axis @ 0..=2) => {
                            Ok(expr(at, ExprKind::Shape(array, axis as u32)))
                        }
                        _ => refuse(
                            node,
                            "the axis of a shape is a constant, 0 to 2",
                            "write a.shape[0]",
                        ),
                    };
                }
                let (array, index) = self.subscript(node, out)?;
                expr(at, ExprKind::Load(array, index))
            }
            "Attribute" => self.attribute(node, out)?,
            "Call" => self.call(node, out)?,
            other => {
                let (message, hint) = outside(other);
                return refuse(node, message, hint);
            }
        })
    }

    pub(super) fn operator(
        &self,
        op: &Bound<'py, PyAny>,
        node: &Bound<'py, PyAny>,
    ) -> Result<Binary> {
        Ok(match kind(op)?.as_str() {
            "Add" => Binary::Add,
            "Sub" => Binary::Sub,
            "Mult" => Binary::Mul,
            "Div" => Binary::Div,
            "FloorDiv" => Binary::FloorDiv,
            "Mod" => Binary::Mod,
            "Pow" => Binary::Pow,
            "LShift" => Binary::LShift,
            "RShift" => Binary::RShift,
            "BitAnd" => Binary::And,
            "BitOr" => Binary::Or,
            "BitXor" => Binary::Xor,
            _ => {
                return refuse(
                    node,
                    "kernels have no matrix product operator",
                    "write the loops, or use numpy for it",
                );
            }
        })
    }

    pub(super) fn subscript(
        &mut self,
        node: &Bound<'py, PyAny>,
        out: &mut Vec<Stmt>,
    ) -> Result<(Var, Vec<Expr>)> {
        let value = node.getattr("value")?;
        let Some(array) = self.local(&value)? else {
            if kind(&value)? == "Subscript" {
                return refuse(
                    node,
                    "kernels take elements out of arrays, not rows",
                    "give all indices at once: a[i, j]",
                );
            }
            return refuse(
                &value,
                "kernels index their parameters and variables only",
                "pass the array as an argument",
            );
        };
        let slice = node.getattr("slice")?;
        let nodes: Vec<Bound<'py, PyAny>> = if kind(&slice)? == "Tuple" {
            slice.getattr("elts")?.extract()?
        } else {
            vec![slice]
        };
        for part in &nodes {
            if kind(part)? == "Slice" {
                return refuse(part, "kernels have no slices", "loop over the elements");
            }
        }
        Ok((array, self.exprs(&nodes, out)?))
    }

    pub(super) fn attribute(
        &mut self,
        node: &Bound<'py, PyAny>,
        out: &mut Vec<Stmt>,
    ) -> Result<Expr> {
        let at = span(node);
        if let Some(Meaning::Constant(constant)) = self.meaning(node)? {
            return Ok(literal(at, &constant));
        }
        let attribute: String = node.getattr("attr")?.extract()?;
        let value = node.getattr("value")?;
        match (attribute.as_str(), self.local(&value)?) {
            ("shape", Some(array)) => Ok(expr(at, ExprKind::Dims(array))),
            ("real" | "imag", _) => {
                let value = self.expr(&value, out)?;
                let part = if attribute == "real" {
                    Builtin::Real
                } else {
                    Builtin::Imag
                };
                Ok(expr(at, ExprKind::Call(part, vec![value])))
            }
            _ => refuse(
                node,
                format!("kernels do not know the attribute `{attribute}`"),
                "of arrays there is `shape`, of complex numbers `real` and `imag`",
            ),
        }
    }
}

/// Whether an expression can be evaluated later without a difference.
pub(super) fn stable(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Bool(_)
        | ExprKind::Complex(..)
        | ExprKind::None
        | ExprKind::Var(_)
        | ExprKind::Shape(..)
        | ExprKind::Dims(_) => true,
        ExprKind::Tuple(items) => items.iter().all(stable),
        _ => false,
    }
}
