//! From Python's syntax tree to the plain form that is compiled; and the refusal of everything else.
//!
//! What has effects (calls of kernels, draws of random numbers) is taken out of expressions into statements
//! of its own, in the order in which Python would do it.

mod assign;
mod call;
mod compare;
mod expr;
mod loops;
mod names;
mod outside;
mod stmt;

use std::collections::HashMap;
use std::sync::Arc;

use compute::kernel::analyse::Unsupported;
use compute::kernel::resume::renumber;
use compute::kernel::syntax::{Callee, Function, Span, Var};
use pyo3::prelude::*;

use crate::kernel::outline;
use crate::kernel::scope::Scope;

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
}
