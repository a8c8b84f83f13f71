//! Loops: over ranges, arrays, `enumerate` and `zip`.

use compute::kernel::resume::{expr, made};
use compute::kernel::syntax::{Builtin, Expr, ExprKind, For, Stmt, StmtKind, Var};
use pyo3::prelude::*;

use super::{Reader, Result, kind, refuse, span};
use crate::kernel::scope::{Meaning, Special};

impl<'py> Reader<'_, 'py> {
    pub(super) fn repeat(&mut self, node: &Bound<'py, PyAny>, out: &mut Vec<Stmt>) -> Result<()> {
        let at = span(node);
        let mut first = Vec::new();
        let test = self.expr(&node.getattr("test")?, &mut first)?;
        self.loops.push(false);
        let body = self.block(&node.getattr("body")?);
        self.loops.pop();
        let mut body = body?;
        let orelse = self.block(&node.getattr("orelse")?)?;
        if first.is_empty() {
            out.push(made(at, StmtKind::While(test, body, orelse)));
            return Ok(());
        }
        if !orelse.is_empty() {
            return refuse(
                node,
                "kernels have no `else` of a loop whose test calls a kernel or draws a number",
                "do that before the test, in the loop",
            );
        }
        // while True: <what the test does>; if not test: break; ...
        let stop = made(at, StmtKind::Break);
        let pass = made(at, StmtKind::Pass);
        first.push(made(at, StmtKind::If(test, vec![pass], vec![stop])));
        first.append(&mut body);
        let always = expr(at, ExprKind::Bool(true));
        out.push(made(at, StmtKind::While(always, first, Vec::new())));
        Ok(())
    }

    pub(super) fn count(&mut self, node: &Bound<'py, PyAny>, out: &mut Vec<Stmt>) -> Result<()> {
        let at = span(node);
        let (target, iterated) = (node.getattr("target")?, node.getattr("iter")?);
        let mut prologue = Vec::new();
        let (counter, range, parallel) = self.iterated(&target, &iterated, &mut prologue, out)?;
        let hidden = ["k", "e", "s"].map(|what| {
            let name = format!(".{what}{}", self.names.len());
            self.var(&name)
        });
        self.loops.push(parallel);
        let body = self.block(&node.getattr("body")?);
        self.loops.pop();
        prologue.append(&mut body?);
        let orelse = self.block(&node.getattr("orelse")?)?;
        if parallel {
            if !orelse.is_empty() {
                return refuse(node, "prange has no `else`", "write it after the loop");
            }
            self.parallel.push(hidden[0]);
        }
        let looped = For {
            target: counter,
            range,
            hidden,
            body: prologue,
            orelse,
        };
        out.push(made(at, StmtKind::For(Box::new(looped))));
        Ok(())
    }

    /// What a loop goes over: its counter, the range, whether it is parallel. Assignments that its targets need
    /// go to `prologue`.
    fn iterated(
        &mut self,
        target: &Bound<'py, PyAny>,
        iterated: &Bound<'py, PyAny>,
        prologue: &mut Vec<Stmt>,
        out: &mut Vec<Stmt>,
    ) -> Result<(Var, [Expr; 3], bool)> {
        let at = span(iterated);
        let int = |value| expr(at, ExprKind::Int(value));
        if kind(iterated)? == "Call" {
            let function = iterated.getattr("func")?;
            let meaning = self.meaning(&function)?;
            let args: Vec<Bound<'py, PyAny>> = iterated.getattr("args")?.extract()?;
            if let Some(Meaning::Special(special @ (Special::Range | Special::Prange))) = meaning {
                self.no_keywords(iterated)?;
                let mut args = self.exprs(&args, out)?.into_iter();
                let range = match args.len() {
                    1 => [int(0), args.next().expect("one"), int(1)],
                    2 => [args.next().expect("two"), args.next().expect("two"), int(1)],
                    3 => [
                        args.next().expect("three"),
                        args.next().expect("three"),
                        args.next().expect("three"),
                    ],
                    n => {
                        return refuse(
                            iterated,
                            format!("range takes 1 to 3 arguments, not {n}"),
                            "range(stop), range(start, stop) or range(start, stop, step)",
                        );
                    }
                };
                let counter = self.counter(target, prologue)?;
                return Ok((counter, range, special == Special::Prange));
            }
            if let Some(Meaning::Special(special @ (Special::Enumerate | Special::Zip))) = meaning {
                self.no_keywords(iterated)?;
                return self.together(target, iterated, special, &args, prologue);
            }
        }
        let Some(array) = self.local(iterated)? else {
            return refuse(
                iterated,
                "kernels loop over ranges and arrays",
                "write `for i in range(n)` and index what you need",
            );
        };
        let counter = self.temp();
        let element = expr(
            at,
            ExprKind::Load(array, vec![expr(at, ExprKind::Var(counter))]),
        );
        self.bind(target, element, prologue)?;
        Ok((
            counter,
            [int(0), expr(at, ExprKind::Shape(array, 0)), int(1)],
            false,
        ))
    }

    /// `enumerate(a)` and `zip(a, b)`
    fn together(
        &mut self,
        target: &Bound<'py, PyAny>,
        iterated: &Bound<'py, PyAny>,
        special: Special,
        args: &[Bound<'py, PyAny>],
        prologue: &mut Vec<Stmt>,
    ) -> Result<(Var, [Expr; 3], bool)> {
        let at = span(iterated);
        let targets: Vec<Bound<'py, PyAny>> = if kind(target)? == "Tuple" {
            target.getattr("elts")?.extract()?
        } else {
            Vec::new()
        };
        let counter = self.temp();
        let mut arrays = Vec::new();
        for arg in args {
            let Some(array) = self.local(arg)? else {
                return refuse(
                    arg,
                    "this goes over arrays only",
                    "give it arrays by their names",
                );
            };
            arrays.push(array);
        }
        let mut elements: Vec<Expr> = arrays
            .iter()
            .map(|array| {
                expr(
                    at,
                    ExprKind::Load(*array, vec![expr(at, ExprKind::Var(counter))]),
                )
            })
            .collect();
        if special == Special::Enumerate {
            elements.insert(0, expr(at, ExprKind::Var(counter)));
        }
        let wrong = arrays.is_empty() || (special == Special::Enumerate && arrays.len() != 1);
        if wrong || targets.len() != elements.len() {
            return refuse(
                target,
                "there must be as many variables as there are values",
                "for i, x in enumerate(a): …; for x, y in zip(a, b): …",
            );
        }
        for (target, element) in targets.iter().zip(elements) {
            self.bind(target, element, prologue)?;
        }
        let lengths = arrays
            .iter()
            .map(|array| expr(at, ExprKind::Shape(*array, 0)));
        let lengths: Vec<Expr> = lengths.collect();
        let stop = match <[Expr; 1]>::try_from(lengths) {
            Ok([one]) => one,
            Err(many) => expr(at, ExprKind::Call(Builtin::Min, many)),
        };
        let int = |value| expr(at, ExprKind::Int(value));
        Ok((counter, [int(0), stop, int(1)], false))
    }

    fn counter(&mut self, target: &Bound<'py, PyAny>, prologue: &mut Vec<Stmt>) -> Result<Var> {
        if kind(target)? == "Name" {
            let name: String = target.getattr("id")?.extract()?;
            return Ok(self.locals[&name]);
        }
        let counter = self.temp();
        let value = expr(span(target), ExprKind::Var(counter));
        self.bind(target, value, prologue)?;
        Ok(counter)
    }
}
