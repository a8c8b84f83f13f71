//! From Python's syntax tree to the plain form that is compiled; and the refusal of everything else.
//!
//! What has effects (calls of kernels, draws of random numbers) is taken out of expressions into statements
//! of its own, in the order in which Python would do it.

use std::collections::HashMap;
use std::sync::Arc;

use compute::kernel::analyse::Unsupported;
use compute::kernel::resume::{self, expr, made, renumber};
use compute::kernel::syntax::{
    Binary, Builtin, Callee, Compare, Draw, Expr, ExprKind, For, Function, Span, Stmt, StmtKind,
    Unary, Var,
};
use pyo3::prelude::*;

use super::class::Kernel;
use super::outline;
use super::scope::{self, Constant, Meaning, Module, Scope, Special};

/// A function in plain form, and what goes with it.
pub struct Read {
    /// The function; parallel loops are still plain.
    pub function: Function,
    /// Kernels that it calls, as Python objects.
    pub kernels: Vec<Py<PyAny>>,
    /// Statements that are left to Python.
    pub python: Vec<Py<PyAny>>,
    /// Global and closed-over names that were used, with what they were.
    pub uses: Vec<(String, Py<PyAny>)>,
    /// First hidden variables of the loops that are parallel.
    pub parallel: Vec<Var>,
}

/// Why a function was not read.
pub enum Failure {
    /// It is outside the subset: the parts, at least one.
    Unsupported(Vec<Unsupported>),
    /// Python itself failed.
    Python(PyErr),
}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Self {
        Self::Python(error)
    }
}

impl From<Unsupported> for Failure {
    fn from(problem: Unsupported) -> Self {
        Self::Unsupported(vec![problem])
    }
}

type Result<T> = std::result::Result<T, Failure>;

/// Reads a function definition. `strict`: names that are not defined yet are refused. `itself` is the kernel's own
/// object.
pub fn read(
    definition: &Bound<'_, PyAny>,
    scope: &Scope,
    strict: bool,
    itself: Option<&Bound<'_, PyAny>>,
) -> Result<Read> {
    let name: String = definition.getattr("name")?.extract()?;
    let mut reader = Reader {
        scope,
        strict,
        itself,
        own_name: name.clone(),
        names: Vec::new(),
        locals: HashMap::new(),
        callees: Vec::new(),
        kernels: Vec::new(),
        python: Vec::new(),
        uses: Vec::new(),
        parallel: Vec::new(),
        loops: Vec::new(),
        count_of_params: 0,
        problems: Vec::new(),
    };
    let params = reader.params(definition)?;
    reader.count_of_params = params.len() as Var;
    let body = definition.getattr("body")?;
    reader.collect(&body)?;
    let mut out = Vec::new();
    let statements: Vec<Bound<'_, PyAny>> = body.extract()?;
    for (index, node) in statements.iter().enumerate() {
        if index == 0 && is_docstring(node)? {
            continue;
        }
        reader.one(node, &mut out)?;
    }
    if !reader.problems.is_empty() {
        return Err(Failure::Unsupported(reader.problems));
    }
    let mut function = Function {
        name: name.into(),
        names: Arc::new(reader.names),
        params,
        body: out,
        kernels: Arc::new(reader.callees),
        exprs: 0,
        stmts: 0,
    };
    renumber(&mut function);
    outline::check(&function, &reader.parallel)?;
    Ok(Read {
        function,
        kernels: reader.kernels,
        python: reader.python,
        uses: reader.uses,
        parallel: reader.parallel,
    })
}

fn kind(node: &Bound<'_, PyAny>) -> PyResult<String> {
    Ok(node.get_type().name()?.to_string())
}

fn is_docstring(node: &Bound<'_, PyAny>) -> PyResult<bool> {
    if kind(node)? != "Expr" {
        return Ok(false);
    }
    let value = node.getattr("value")?;
    Ok(kind(&value)? == "Constant"
        && value
            .getattr("value")?
            .is_instance_of::<pyo3::types::PyString>())
}

/// Where a node stands.
pub fn span(node: &Bound<'_, PyAny>) -> Span {
    let field = |name: &str| node.getattr(name).and_then(|v| v.extract()).unwrap_or(0);
    Span {
        line: field("lineno"),
        column: field("col_offset"),
        end_line: field("end_lineno"),
        end_column: field("end_col_offset"),
    }
}

fn refuse<T>(
    node: &Bound<'_, PyAny>,
    message: impl Into<String>,
    hint: impl Into<String>,
) -> Result<T> {
    Err(Unsupported {
        span: span(node),
        message: message.into(),
        hint: hint.into(),
    }
    .into())
}

struct Reader<'a, 'py> {
    scope: &'a Scope,
    strict: bool,
    itself: Option<&'a Bound<'py, PyAny>>,
    own_name: String,
    names: Vec<Arc<str>>,
    locals: HashMap<String, Var>,
    callees: Vec<Callee>,
    kernels: Vec<Py<PyAny>>,
    python: Vec<Py<PyAny>>,
    uses: Vec<(String, Py<PyAny>)>,
    parallel: Vec<Var>,
    /// For each loop around: whether it is parallel.
    loops: Vec<bool>,
    /// The first variables: those that are always bound.
    count_of_params: Var,
    /// What was refused so far: all of it is told at once.
    problems: Vec<Unsupported>,
}

impl<'py> Reader<'_, 'py> {
    fn var(&mut self, name: &str) -> Var {
        let var = self.names.len() as Var;
        self.names.push(name.into());
        var
    }

    fn temp(&mut self) -> Var {
        let name = format!(".t{}", self.names.len());
        self.var(&name)
    }

    fn params(&mut self, definition: &Bound<'py, PyAny>) -> Result<Vec<Var>> {
        let args = definition.getattr("args")?;
        for (field, what) in [("vararg", "*args"), ("kwarg", "**kwargs")] {
            let arg = args.getattr(field)?;
            if !arg.is_none() {
                return refuse(
                    &arg,
                    format!("kernels have no {what}"),
                    "name each parameter",
                );
            }
        }
        let mut params = Vec::new();
        for field in ["posonlyargs", "args", "kwonlyargs"] {
            for arg in args.getattr(field)?.try_iter()? {
                let name: String = arg?.getattr("arg")?.extract()?;
                let var = self.var(&name);
                self.locals.insert(name, var);
                params.push(var);
            }
        }
        Ok(params)
    }

    /// Every name that is bound in the function is local to it, wherever that is.
    fn collect(&mut self, body: &Bound<'py, PyAny>) -> Result<()> {
        for node in body.try_iter()? {
            let node = node?;
            match kind(&node)?.as_str() {
                "Assign" => {
                    for target in node.getattr("targets")?.try_iter()? {
                        self.collect_target(&target?)?;
                    }
                }
                "AugAssign" | "AnnAssign" => self.collect_target(&node.getattr("target")?)?,
                "For" | "While" | "If" => {
                    if kind(&node)? == "For" {
                        self.collect_target(&node.getattr("target")?)?;
                    }
                    self.collect(&node.getattr("body")?)?;
                    self.collect(&node.getattr("orelse")?)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn collect_target(&mut self, target: &Bound<'py, PyAny>) -> Result<()> {
        match kind(target)?.as_str() {
            "Name" => {
                let name: String = target.getattr("id")?.extract()?;
                if !self.locals.contains_key(&name) {
                    let var = self.var(&name);
                    self.locals.insert(name, var);
                }
            }
            "Tuple" | "List" => {
                for item in target.getattr("elts")?.try_iter()? {
                    self.collect_target(&item?)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn block(&mut self, body: &Bound<'py, PyAny>) -> Result<Vec<Stmt>> {
        let mut out = Vec::new();
        for node in body.try_iter()? {
            self.one(&node?, &mut out)?;
        }
        Ok(out)
    }

    /// A statement; one that is refused is noted, and the others are read all the same.
    fn one(&mut self, node: &Bound<'py, PyAny>, out: &mut Vec<Stmt>) -> Result<()> {
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
    fn leave(&mut self, node: &Bound<'py, PyAny>) -> Result<Stmt> {
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

    fn assign(
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
    fn hold(&mut self, value: Expr, out: &mut Vec<Stmt>) -> Expr {
        let at = value.span;
        let temp = self.temp();
        out.push(made(at, StmtKind::Assign(temp, value)));
        expr(at, ExprKind::Var(temp))
    }

    fn bind(&mut self, target: &Bound<'py, PyAny>, value: Expr, out: &mut Vec<Stmt>) -> Result<()> {
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

    fn augmented(&mut self, node: &Bound<'py, PyAny>, out: &mut Vec<Stmt>) -> Result<()> {
        let at = span(node);
        let target = node.getattr("target")?;
        let op = self.operator(&node.getattr("op")?, node)?;
        let value = node.getattr("value")?;
        match kind(&target)?.as_str() {
            "Name" => {
                let old = self.name(&target)?;
                let mark = out.len();
                let new = self.expr(&value, out)?;
                if out.len() > mark && self.may_be_unbound(&old) {
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

    fn repeat(&mut self, node: &Bound<'py, PyAny>, out: &mut Vec<Stmt>) -> Result<()> {
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

    fn count(&mut self, node: &Bound<'py, PyAny>, out: &mut Vec<Stmt>) -> Result<()> {
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

    fn no_keywords(&self, call: &Bound<'py, PyAny>) -> Result<()> {
        match call.getattr("keywords")?.try_iter()?.next() {
            Some(keyword) => refuse(
                &keyword?,
                "kernels call by position only",
                "leave the parameter's name out",
            ),
            None => Ok(()),
        }
    }

    /// A local variable's name.
    fn local(&self, node: &Bound<'py, PyAny>) -> Result<Option<Var>> {
        if kind(node)? != "Name" {
            return Ok(None);
        }
        let name: String = node.getattr("id")?.extract()?;
        Ok(self.locals.get(&name).copied())
    }

    /// What a name or attribute that is not local means.
    fn meaning(&mut self, node: &Bound<'py, PyAny>) -> Result<Option<Meaning>> {
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

    fn name(&mut self, node: &Bound<'py, PyAny>) -> Result<Expr> {
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
    fn may_be_unbound(&self, e: &Expr) -> bool {
        let mut found = false;
        e.reads(&mut |var| {
            let own = self.names[var as usize].starts_with('.');
            found |= var >= self.count_of_params && !own;
        });
        found
    }

    /// Several expressions, in order: what comes before one with effects is evaluated before them.
    fn exprs(&mut self, nodes: &[Bound<'py, PyAny>], out: &mut Vec<Stmt>) -> Result<Vec<Expr>> {
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

    fn expr(&mut self, node: &Bound<'py, PyAny>, out: &mut Vec<Stmt>) -> Result<Expr> {
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

    fn operator(&self, op: &Bound<'py, PyAny>, node: &Bound<'py, PyAny>) -> Result<Binary> {
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

    fn comparison(&mut self, node: &Bound<'py, PyAny>, out: &mut Vec<Stmt>) -> Result<Expr> {
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

    fn short_circuit(
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

    fn subscript(
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

    fn attribute(&mut self, node: &Bound<'py, PyAny>, out: &mut Vec<Stmt>) -> Result<Expr> {
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

    fn call(&mut self, node: &Bound<'py, PyAny>, out: &mut Vec<Stmt>) -> Result<Expr> {
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
                    if let Some(circle) = super::class::circle(kernel) {
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

    fn called(
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

    fn special(
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

/// Whether an expression can be evaluated later without a difference.
fn stable(e: &Expr) -> bool {
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

fn literal(at: Span, constant: &Constant) -> Expr {
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

fn article(kind: &str) -> String {
    match kind {
        "Attribute" => "attributes".into(),
        "Starred" => "starred targets".into(),
        other => format!("{other} nodes"),
    }
}

/// What is said of a construct that kernels do not have.
fn outside(kind: &str) -> (String, &'static str) {
    let (what, hint) = match kind {
        "FunctionDef" | "AsyncFunctionDef" => (
            "functions inside",
            "define it outside, as a kernel of its own",
        ),
        "ClassDef" => ("classes", "pass numbers, tuples and arrays"),
        "Lambda" => ("lambdas", "define a kernel and call it by its name"),
        "Try" | "TryStar" => (
            "`try`",
            "let the error out, and catch it where the kernel is called",
        ),
        "With" | "AsyncWith" => ("`with`", "open and close outside the kernel"),
        "Import" | "ImportFrom" => ("imports", "import at the top of the file"),
        "Global" | "Nonlocal" => (
            "`global` and `nonlocal`",
            "pass what is needed, and return what changes",
        ),
        "Delete" => ("`del`", "just do not use it any more"),
        "Yield" | "YieldFrom" => ("`yield`", "write results into an array that is passed in"),
        "Await" | "AsyncFor" => ("`await`", "await outside, and pass the result"),
        "List" | "ListComp" => ("lists", "use an array that is passed in, or a tuple"),
        "Dict" | "DictComp" => ("dictionaries", "use arrays; map keys to indices outside"),
        "Set" | "SetComp" => ("sets", "use an array of flags"),
        "GeneratorExp" => ("generators", "write the loop"),
        "JoinedStr" | "FormattedValue" => ("strings", "format outside the kernel"),
        "NamedExpr" => ("`:=`", "assign on a line of its own"),
        "Match" => ("`match`", "use if and elif"),
        "Slice" => ("slices", "loop over the elements"),
        "Starred" => ("starred expressions", "give each value by itself"),
        "TypeAlias" => ("type aliases", "write it outside"),
        _ => ("this", "see what kernels can do"),
    };
    (format!("kernels have no {what}"), hint)
}

fn instead_of_math(name: &str) -> &'static str {
    match name {
        "fsum" => "use sum(a), or a loop",
        "factorial" | "comb" | "perm" | "prod" => "write the loop",
        "isclose" => "compare abs(a - b) with a tolerance",
        _ => "call it before, and pass the result",
    }
}
