//! From plain form back to Python's syntax tree, for what CPython goes on with.
//!
//! Lines are those of the source, so that tracebacks are, too. Names that begin with a dot cannot be anybody's but
//! ours.

use compute::kernel::syntax::{
    Binary, Builtin, Compare, Draw, Expr, ExprKind, For, Function, Parallel, Span, Stmt, StmtKind,
    Unary, Var,
};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

type Node<'py> = Bound<'py, PyAny>;

/// The module with one function, ready to be compiled.
pub fn module<'py>(
    py: Python<'py>,
    function: &Function,
    python: &[Py<PyAny>],
) -> PyResult<Node<'py>> {
    let writer = Writer {
        py,
        ast: py.import("_ast")?.into_any(),
        f: function,
        python,
    };
    writer.module()
}

struct Writer<'a, 'py> {
    py: Python<'py>,
    ast: Node<'py>,
    f: &'a Function,
    python: &'a [Py<PyAny>],
}

/// Names of functions that the module's globals must have.
pub fn builtin_name(builtin: Builtin) -> String {
    match builtin {
        Builtin::Math(function) => format!(".math.{}", function.name()),
        other => format!(".{}", format!("{other:?}").to_lowercase()),
    }
}

/// Of `x op= by` the operator and `by`. The reader makes `x = x op by` of it, which begins where the statement does; in one
/// that is written so, the value begins later.
fn augmented<'a>(stmt: &Stmt, value: &'a Expr) -> Option<(Binary, &'a Expr)> {
    let ExprKind::Binary(op, old, by) = &value.kind else {
        return None;
    };
    let begins = |span: Span| (span.line, span.column);
    // An element that was kept in a variable meanwhile is not read again.
    let own = match (&stmt.kind, &old.kind) {
        (StmtKind::Assign(target, _), ExprKind::Var(old)) => target == old,
        (StmtKind::Store(target, ..), ExprKind::Load(old, _)) => target == old,
        _ => false,
    };
    (own && begins(value.span) == begins(stmt.span)).then_some((*op, by))
}

impl<'py> Writer<'_, 'py> {
    fn node(
        &self,
        kind: &str,
        at: Option<Span>,
        fields: &[(&str, Node<'py>)],
    ) -> PyResult<Node<'py>> {
        let all = PyDict::new(self.py);
        for (name, value) in fields {
            all.set_item(name, value)?;
        }
        if let Some(at) = at {
            all.set_item("lineno", at.line.max(1))?;
            all.set_item("col_offset", at.column)?;
            all.set_item("end_lineno", at.end_line.max(at.line).max(1))?;
            all.set_item("end_col_offset", at.end_column)?;
        }
        self.ast.getattr(kind)?.call((), Some(&all))
    }

    fn bare(&self, kind: &str) -> PyResult<Node<'py>> {
        self.ast.getattr(kind)?.call0()
    }

    fn list(&self, items: Vec<Node<'py>>) -> PyResult<Node<'py>> {
        Ok(PyList::new(self.py, items)?.into_any())
    }

    fn text(&self, text: &str) -> Node<'py> {
        pyo3::types::PyString::new(self.py, text).into_any()
    }

    fn name(&self, at: Span, name: &str, context: &str) -> PyResult<Node<'py>> {
        self.node(
            "Name",
            Some(at),
            &[("id", self.text(name)), ("ctx", self.bare(context)?)],
        )
    }

    fn var(&self, at: Span, var: Var, context: &str) -> PyResult<Node<'py>> {
        self.name(at, self.f.name_of(var), context)
    }

    fn constant(&self, at: Span, value: Node<'py>) -> PyResult<Node<'py>> {
        self.node("Constant", Some(at), &[("value", value)])
    }

    fn call(&self, at: Span, function: Node<'py>, args: Vec<Node<'py>>) -> PyResult<Node<'py>> {
        let none = self.list(Vec::new())?;
        self.node(
            "Call",
            Some(at),
            &[
                ("func", function),
                ("args", self.list(args)?),
                ("keywords", none),
            ],
        )
    }

    fn module(&self) -> PyResult<Node<'py>> {
        let at = self.f.body.first().map(|s| s.span).unwrap_or_default();
        let mut params = Vec::new();
        for var in &self.f.params {
            params.push(self.node("arg", Some(at), &[("arg", self.text(self.f.name_of(*var)))])?);
        }
        let empty = || self.list(Vec::new());
        let arguments = self.node(
            "arguments",
            None,
            &[
                ("posonlyargs", empty()?),
                ("args", self.list(params)?),
                ("kwonlyargs", empty()?),
                ("kw_defaults", empty()?),
                ("defaults", empty()?),
            ],
        )?;
        let mut body = self.locals(at)?;
        body.extend(self.block(&self.f.body)?);
        let function = self.node(
            "FunctionDef",
            Some(at),
            &[
                ("name", self.text(&self.f.name)),
                ("args", arguments),
                ("body", self.list(body)?),
                ("decorator_list", empty()?),
                ("type_params", empty()?),
            ],
        )?;
        self.node(
            "Module",
            None,
            &[
                ("body", self.list(vec![function])?),
                ("type_ignores", empty()?),
            ],
        )
    }

    /// A name that was local to the whole function is local to what is left of it, bound there or not.
    fn locals(&self, at: Span) -> PyResult<Vec<Node<'py>>> {
        let none = || self.constant(at, self.py.None().into_bound(self.py));
        let mut body = Vec::new();
        for (index, name) in self.f.names.iter().enumerate() {
            if !name.starts_with('.') && !self.f.params.contains(&(index as Var)) {
                let target = self.name(at, name, "Store")?;
                body.push(self.node(
                    "Assign",
                    Some(at),
                    &[("targets", self.list(vec![target])?), ("value", none()?)],
                )?);
            }
        }
        if body.is_empty() {
            return Ok(body);
        }
        let never = self.constant(
            at,
            pyo3::types::PyBool::new(self.py, false)
                .to_owned()
                .into_any(),
        )?;
        let orelse = self.list(Vec::new())?;
        let never = self.node(
            "If",
            Some(at),
            &[
                ("test", never),
                ("body", self.list(body)?),
                ("orelse", orelse),
            ],
        )?;
        Ok(vec![never])
    }

    fn body(&self, at: Span, body: &[Stmt]) -> PyResult<Node<'py>> {
        let mut nodes = self.block(body)?;
        if nodes.is_empty() {
            nodes.push(self.node("Pass", Some(at), &[])?);
        }
        self.list(nodes)
    }

    fn block(&self, body: &[Stmt]) -> PyResult<Vec<Node<'py>>> {
        body.iter().map(|stmt| self.stmt(stmt)).collect()
    }

    fn assign(&self, at: Span, target: Node<'py>, value: Node<'py>) -> PyResult<Node<'py>> {
        self.node(
            "Assign",
            Some(at),
            &[("targets", self.list(vec![target])?), ("value", value)],
        )
    }

    /// `target op= by`: its errors are other ones than those of `target = target op by`.
    fn augment(&self, at: Span, target: Node<'py>, op: Binary, by: &Expr) -> PyResult<Node<'py>> {
        self.node(
            "AugAssign",
            Some(at),
            &[
                ("target", target),
                ("op", self.operator(op)?),
                ("value", self.expr(by)?),
            ],
        )
    }

    fn stmt(&self, stmt: &Stmt) -> PyResult<Node<'py>> {
        let at = stmt.span;
        match &stmt.kind {
            StmtKind::Assign(var, value) => {
                let target = self.var(at, *var, "Store")?;
                match augmented(stmt, value) {
                    Some((op, by)) => self.augment(at, target, op, by),
                    None => self.assign(at, target, self.expr(value)?),
                }
            }
            StmtKind::Store(array, index, value) => {
                let target = self.element(at, *array, index, "Store")?;
                match augmented(stmt, value) {
                    Some((op, by)) => self.augment(at, target, op, by),
                    None => self.assign(at, target, self.expr(value)?),
                }
            }
            StmtKind::Expr(value) => self.node("Expr", Some(at), &[("value", self.expr(value)?)]),
            StmtKind::If(test, a, b) => self.node(
                "If",
                Some(at),
                &[
                    ("test", self.expr(test)?),
                    ("body", self.body(at, a)?),
                    ("orelse", self.list(self.block(b)?)?),
                ],
            ),
            StmtKind::While(test, body, orelse) => self.node(
                "While",
                Some(at),
                &[
                    ("test", self.expr(test)?),
                    ("body", self.body(at, body)?),
                    ("orelse", self.list(self.block(orelse)?)?),
                ],
            ),
            StmtKind::For(f) => self.count(at, f, &f.range),
            StmtKind::Parallel(p) => self.parallel(at, p),
            StmtKind::Return(value) => {
                self.node("Return", Some(at), &[("value", self.expr(value)?)])
            }
            StmtKind::Break => self.node("Break", Some(at), &[]),
            StmtKind::Continue => self.node("Continue", Some(at), &[]),
            StmtKind::Pass => self.node("Pass", Some(at), &[]),
            StmtKind::Python(number, _) => match self.python.get(*number as usize) {
                Some(node) => Ok(node.bind(self.py).clone()),
                None => self.node("Pass", Some(at), &[]),
            },
            StmtKind::Call(target, callee, args) => {
                let function = self.name(at, &format!(".kernel.{callee}"), "Load")?;
                let value = self.call(at, function, self.exprs(args)?)?;
                self.assign(at, self.var(at, *target, "Store")?, value)
            }
            StmtKind::Stream(target, seed, index) => {
                let function = self.name(at, ".stream", "Load")?;
                let value = self.call(at, function, vec![self.expr(seed)?, self.expr(index)?])?;
                self.assign(at, self.var(at, *target, "Store")?, value)
            }
            StmtKind::Draw(target, stream, draw, args) => {
                let method = match draw {
                    Draw::Random => "random",
                    Draw::Uniform => "uniform",
                    Draw::RandRange => "randrange",
                    Draw::Gauss => "gauss",
                };
                let function = self.attribute(at, self.var(at, *stream, "Load")?, method)?;
                let value = self.call(at, function, self.exprs(args)?)?;
                self.assign(at, self.var(at, *target, "Store")?, value)
            }
        }
    }

    fn count(&self, at: Span, f: &For, range: &[Expr; 3]) -> PyResult<Node<'py>> {
        let function = self.name(at, ".range", "Load")?;
        let range = self.call(
            at,
            function,
            range
                .iter()
                .map(|e| self.expr(e))
                .collect::<PyResult<_>>()?,
        )?;
        self.node(
            "For",
            Some(at),
            &[
                ("target", self.var(at, f.target, "Store")?),
                ("iter", range),
                ("body", self.body(at, &f.body)?),
                ("orelse", self.list(self.block(&f.orelse)?)?),
            ],
        )
    }

    /// Python does one iteration after the other. The block has the same variables as the function around it.
    fn parallel(&self, at: Span, p: &Parallel) -> PyResult<Node<'py>> {
        match p.block.function.body.first().map(|s| &s.kind) {
            Some(StmtKind::For(f)) => self.count(at, f, &p.range),
            _ => self.node("Pass", Some(at), &[]),
        }
    }

    fn attribute(&self, at: Span, value: Node<'py>, name: &str) -> PyResult<Node<'py>> {
        let context = self.bare("Load")?;
        self.node(
            "Attribute",
            Some(at),
            &[
                ("value", value),
                ("attr", self.text(name)),
                ("ctx", context),
            ],
        )
    }

    fn element(&self, at: Span, array: Var, index: &[Expr], context: &str) -> PyResult<Node<'py>> {
        let mut indices = self.exprs(index)?;
        let slice = if indices.len() == 1 {
            indices.remove(0)
        } else {
            let load = self.bare("Load")?;
            self.node(
                "Tuple",
                Some(at),
                &[("elts", self.list(indices)?), ("ctx", load)],
            )?
        };
        let context = self.bare(context)?;
        let array = self.var(at, array, "Load")?;
        self.node(
            "Subscript",
            Some(at),
            &[("value", array), ("slice", slice), ("ctx", context)],
        )
    }

    fn exprs(&self, exprs: &[Expr]) -> PyResult<Vec<Node<'py>>> {
        exprs.iter().map(|e| self.expr(e)).collect()
    }

    fn item(&self, at: Span, value: Node<'py>, index: u32) -> PyResult<Node<'py>> {
        let index = self.constant(at, index.into_pyobject(self.py)?.into_any())?;
        let load = self.bare("Load")?;
        self.node(
            "Subscript",
            Some(at),
            &[("value", value), ("slice", index), ("ctx", load)],
        )
    }

    fn operator(&self, op: Binary) -> PyResult<Node<'py>> {
        self.bare(match op {
            Binary::Add => "Add",
            Binary::Sub => "Sub",
            Binary::Mul => "Mult",
            Binary::Div => "Div",
            Binary::FloorDiv => "FloorDiv",
            Binary::Mod => "Mod",
            Binary::Pow => "Pow",
            Binary::LShift => "LShift",
            Binary::RShift => "RShift",
            Binary::And => "BitAnd",
            Binary::Or => "BitOr",
            Binary::Xor => "BitXor",
        })
    }

    fn expr(&self, e: &Expr) -> PyResult<Node<'py>> {
        let (at, py) = (e.span, self.py);
        match &e.kind {
            ExprKind::Int(value) => self.constant(at, value.into_pyobject(py)?.into_any()),
            ExprKind::Float(value) => self.constant(at, value.into_pyobject(py)?.into_any()),
            ExprKind::Bool(value) => self.constant(
                at,
                pyo3::types::PyBool::new(py, *value).to_owned().into_any(),
            ),
            ExprKind::Complex(re, im) => self.constant(
                at,
                pyo3::types::PyComplex::from_doubles(py, *re, *im).into_any(),
            ),
            ExprKind::None => self.constant(at, py.None().into_bound(py)),
            ExprKind::Var(var) => self.var(at, *var, "Load"),
            ExprKind::Tuple(items) => {
                let load = self.bare("Load")?;
                self.node(
                    "Tuple",
                    Some(at),
                    &[("elts", self.list(self.exprs(items)?)?), ("ctx", load)],
                )
            }
            ExprKind::Item(value, index, _) => self.item(at, self.expr(value)?, *index),
            ExprKind::Unary(op, a) => {
                let op = self.bare(match op {
                    Unary::Neg => "USub",
                    Unary::Pos => "UAdd",
                    Unary::Invert => "Invert",
                    Unary::Not => "Not",
                })?;
                self.node(
                    "UnaryOp",
                    Some(at),
                    &[("op", op), ("operand", self.expr(a)?)],
                )
            }
            ExprKind::Binary(op, a, b) => self.node(
                "BinOp",
                Some(at),
                &[
                    ("left", self.expr(a)?),
                    ("op", self.operator(*op)?),
                    ("right", self.expr(b)?),
                ],
            ),
            ExprKind::Compare(op, a, b) => {
                let op = self.bare(match op {
                    Compare::Eq => "Eq",
                    Compare::Ne => "NotEq",
                    Compare::Lt => "Lt",
                    Compare::Le => "LtE",
                    Compare::Gt => "Gt",
                    Compare::Ge => "GtE",
                })?;
                let (ops, others) = (self.list(vec![op])?, self.list(vec![self.expr(b)?])?);
                self.node(
                    "Compare",
                    Some(at),
                    &[
                        ("left", self.expr(a)?),
                        ("ops", ops),
                        ("comparators", others),
                    ],
                )
            }
            ExprKind::And(a, b) | ExprKind::Or(a, b) => {
                let op = self.bare(if matches!(e.kind, ExprKind::And(..)) {
                    "And"
                } else {
                    "Or"
                })?;
                let values = self.list(vec![self.expr(a)?, self.expr(b)?])?;
                self.node("BoolOp", Some(at), &[("op", op), ("values", values)])
            }
            ExprKind::IfElse(test, a, b) => self.node(
                "IfExp",
                Some(at),
                &[
                    ("test", self.expr(test)?),
                    ("body", self.expr(a)?),
                    ("orelse", self.expr(b)?),
                ],
            ),
            ExprKind::Load(array, index) => self.element(at, *array, index, "Load"),
            ExprKind::Shape(array, 0) => {
                let function = self.name(at, ".len", "Load")?;
                self.call(at, function, vec![self.var(at, *array, "Load")?])
            }
            ExprKind::Shape(array, axis) => {
                let shape = self.attribute(at, self.var(at, *array, "Load")?, "shape")?;
                self.item(at, shape, *axis)
            }
            ExprKind::Dims(array) => self.attribute(at, self.var(at, *array, "Load")?, "shape"),
            ExprKind::Call(Builtin::Real, args) => self.attribute(at, self.expr(&args[0])?, "real"),
            ExprKind::Call(Builtin::Imag, args) => self.attribute(at, self.expr(&args[0])?, "imag"),
            ExprKind::Call(Builtin::Conjugate, args) => {
                let function = self.attribute(at, self.expr(&args[0])?, "conjugate")?;
                self.call(at, function, Vec::new())
            }
            ExprKind::Call(builtin, args) => {
                let function = self.name(at, &builtin_name(*builtin), "Load")?;
                self.call(at, function, self.exprs(args)?)
            }
        }
    }
}
