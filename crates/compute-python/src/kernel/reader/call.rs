//! Calls: of functions that kernels know, other kernels, random streams.

use compute::kernel::resume::{self, expr, made};
use compute::kernel::syntax::{
    Binary, Builtin, Callee, Draw, Expr, ExprKind, Span, Stmt, StmtKind,
};
use pyo3::prelude::*;

use super::{Reader, Result, kind, refuse, span};
use crate::kernel::class::Kernel;
use crate::kernel::scope::{Meaning, Special};

impl<'py> Reader<'_, 'py> {
    pub(super) fn no_keywords(&self, call: &Bound<'py, PyAny>) -> Result<()> {
        match call.getattr("keywords")?.try_iter()?.next() {
            Some(keyword) => refuse(
                &keyword?,
                "kernels call by position only",
                "leave the parameter's name out",
            ),
            None => Ok(()),
        }
    }

    pub(super) fn call(&mut self, node: &Bound<'py, PyAny>, out: &mut Vec<Stmt>) -> Result<Expr> {
        let at = span(node);
        let function = node.getattr("func")?;
        let nodes: Vec<Bound<'py, PyAny>> = node.getattr("args")?.extract()?;
        for arg in &nodes {
            if kind(arg)? == "Starred" {
                return refuse(
                    arg,
                    "kernels do not unpack arguments",
                    "give each one by itself",
                );
            }
        }
        self.no_keywords(node)?;
        if let Some(found) = self.method(node, &function, &nodes, out)? {
            return Ok(found);
        }
        let name: String = match kind(&function)?.as_str() {
            "Name" => function.getattr("id")?.extract()?,
            "Attribute" => function.getattr("attr")?.extract()?,
            _ => {
                return refuse(
                    node,
                    "kernels call functions by their names",
                    "give the function a name",
                );
            }
        };
        match self.meaning(&function)? {
            Some(Meaning::Builtin(builtin)) => self.builtin(node, builtin, &name, &nodes, out),
            Some(Meaning::Special(special)) => self.special(node, special, &name, &nodes, out),
            Some(Meaning::Kernel(object)) => {
                let args = self.exprs(&nodes, out)?;
                let itself = self.itself.is_some_and(|own| own.is(&object));
                let callee = if itself || !self.strict {
                    Callee::Itself
                } else {
                    let kernel = object
                        .bind(node.py())
                        .cast::<Kernel>()
                        .map_err(PyErr::from)?;
                    if let Some(circle) = crate::kernel::class::circle(kernel) {
                        return refuse(
                            node,
                            format!("kernels cannot call each other in a circle: {circle}"),
                            "make one kernel of them that calls itself, with a parameter that says which of them it is",
                        );
                    }
                    Callee::Kernel(Kernel::runtime(kernel)?)
                };
                Ok(self.called(at, callee, object, args, out))
            }
            Some(Meaning::Constant(_)) => refuse(
                node,
                format!("`{name}` is a number"),
                "numbers cannot be called",
            ),
            Some(Meaning::Module(_)) => refuse(
                node,
                format!("`{name}` is a module"),
                "call one of its functions",
            ),
            Some(Meaning::Other(what)) => refuse(
                node,
                format!("kernels cannot call `{name}`, {what}"),
                "make it a kernel, too (@kernel), or call it before and pass the result",
            ),
            None => {
                let local = self.local(&function)?.is_some() || kind(&function)? == "Attribute";
                if local || (self.strict && name != self.own_name) {
                    return refuse(
                        node,
                        format!("kernels cannot call `{name}`"),
                        "call other kernels, functions of math, and abs, min, max, sum, len, round, divmod, int, float, bool, complex",
                    );
                }
                // Not defined yet: a kernel further down, or this one.
                let args = self.exprs(&nodes, out)?;
                match self.itself {
                    Some(own) if name == self.own_name => {
                        let own = own.clone().unbind();
                        Ok(self.called(at, Callee::Itself, own, args, out))
                    }
                    _ => Ok(expr(at, ExprKind::Int(0))),
                }
            }
        }
    }

    pub(super) fn called(
        &mut self,
        at: Span,
        callee: Callee,
        object: Py<PyAny>,
        args: Vec<Expr>,
        out: &mut Vec<Stmt>,
    ) -> Expr {
        self.callees.push(callee);
        self.kernels.push(object);
        let temp = self.temp();
        let number = (self.callees.len() - 1) as u32;
        out.push(made(at, StmtKind::Call(temp, number, args)));
        expr(at, ExprKind::Var(temp))
    }

    /// `rng.random()` and `z.conjugate()`
    fn method(
        &mut self,
        node: &Bound<'py, PyAny>,
        function: &Bound<'py, PyAny>,
        args: &[Bound<'py, PyAny>],
        out: &mut Vec<Stmt>,
    ) -> Result<Option<Expr>> {
        if kind(function)? != "Attribute" {
            return Ok(None);
        }
        let at = span(node);
        let name: String = function.getattr("attr")?.extract()?;
        let owner = function.getattr("value")?;
        if name == "conjugate" && args.is_empty() {
            let value = self.expr(&owner, out)?;
            return Ok(Some(expr(
                at,
                ExprKind::Call(Builtin::Conjugate, vec![value]),
            )));
        }
        let Some(stream) = self.local(&owner)? else {
            return Ok(None);
        };
        let (draw, arity) = match name.as_str() {
            "random" => (Draw::Random, 0),
            "uniform" => (Draw::Uniform, 2),
            "randrange" => (Draw::RandRange, 1),
            "gauss" => (Draw::Gauss, 2),
            _ => {
                return refuse(
                    node,
                    format!("kernels do not know the method `{name}`"),
                    "random streams have random(), uniform(a, b), randrange(n) and gauss(mu, sigma)",
                );
            }
        };
        if args.len() != arity {
            return refuse(
                node,
                format!("{name} takes {arity} arguments here, not {}", args.len()),
                "random(), uniform(a, b), randrange(n), gauss(mu, sigma)",
            );
        }
        let args = self.exprs(args, out)?;
        let temp = self.temp();
        out.push(made(at, StmtKind::Draw(temp, stream, draw, args)));
        Ok(Some(expr(at, ExprKind::Var(temp))))
    }

    fn builtin(
        &mut self,
        node: &Bound<'py, PyAny>,
        builtin: Builtin,
        name: &str,
        nodes: &[Bound<'py, PyAny>],
        out: &mut Vec<Stmt>,
    ) -> Result<Expr> {
        let at = span(node);
        let (least, most) = match builtin {
            Builtin::Min | Builtin::Max => (1, usize::MAX),
            Builtin::Complex => (1, 2),
            Builtin::Math(function) => function.arity(),
            _ => (1, 1),
        };
        if !(least..=most).contains(&nodes.len()) {
            return refuse(
                node,
                format!(
                    "kernels call {name} with {least} argument{}, not {}",
                    if least == 1 { "" } else { "s" },
                    nodes.len()
                ),
                "see what it takes in kernels",
            );
        }
        let goes_over = matches!(builtin, Builtin::Sum | Builtin::Min | Builtin::Max);
        if goes_over
            && nodes.len() == 1
            && matches!(
                kind(&nodes[0])?.as_str(),
                "Constant" | "BinOp" | "UnaryOp" | "Compare" | "BoolOp"
            )
        {
            return refuse(
                node,
                format!("kernels call {name} with an array, a tuple or several numbers"),
                "give it the numbers in a tuple, or loop over what it should go over",
            );
        }
        let args = self.exprs(nodes, out)?;
        if args.len() == 2 && builtin == Builtin::Math(compute::kernel::math::Math::Log) {
            // As Python does: log(x) / log(base)
            let mut args = args.into_iter();
            let log = |arg| expr(at, ExprKind::Call(builtin, vec![arg]));
            let (x, base) = (args.next().expect("two"), args.next().expect("two"));
            return Ok(resume::binary(at, Binary::Div, log(x), log(base)));
        }
        Ok(expr(at, ExprKind::Call(builtin, args)))
    }

    pub(super) fn special(
        &mut self,
        node: &Bound<'py, PyAny>,
        special: Special,
        name: &str,
        nodes: &[Bound<'py, PyAny>],
        out: &mut Vec<Stmt>,
    ) -> Result<Expr> {
        let at = span(node);
        let arity = match special {
            Special::Len => 1,
            Special::Divmod | Special::Pow | Special::Stream => 2,
            _ => {
                return refuse(
                    node,
                    format!("{name} is for loops: `for i in {name}(n)`"),
                    "write it into the `for`",
                );
            }
        };
        if nodes.len() != arity {
            return refuse(
                node,
                format!(
                    "kernels call {name} with {arity} arguments, not {}",
                    nodes.len()
                ),
                "see what it takes in kernels",
            );
        }
        if special == Special::Len {
            return match self.local(&nodes[0])? {
                Some(array) => Ok(expr(at, ExprKind::Shape(array, 0))),
                None => refuse(
                    node,
                    "kernels take the length of arrays and tuples by their names",
                    "len(a)",
                ),
            };
        }
        let mut args = self.exprs(nodes, out)?.into_iter();
        let (a, b) = (args.next().expect("two"), args.next().expect("two"));
        match special {
            Special::Divmod => Ok(expr(at, ExprKind::Call(Builtin::Divmod, vec![a, b]))),
            Special::Pow => Ok(resume::binary(at, Binary::Pow, a, b)),
            _ => {
                let temp = self.temp();
                out.push(made(at, StmtKind::Stream(temp, a, b)));
                Ok(expr(at, ExprKind::Var(temp)))
            }
        }
    }
}
