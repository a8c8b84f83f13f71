//! The syntax of kernels: what is left of a Python function when everything outside the subset has
//! been refused and the rest has been made plain.
//!
//! Plain means: an expression has no effects, so that a statement which cannot go on (an overflow,
//! an error) may be run again from its beginning, elsewhere. Calls of kernels and draws of random numbers are
//! statements of their own, and a statement stores one thing, last.

use std::sync::Arc;

use super::runtime::Kernel;

/// A variable of one function.
pub type Var = u32;

/// A function in plain form.
#[derive(Clone)]
pub struct Function {
    /// As tracebacks name it.
    pub name: Arc<str>,
    /// Names of variables, by [`Var`]. Ours begin with a dot, which no Python name does.
    pub names: Arc<Vec<Arc<str>>>,
    /// Parameters, in order.
    pub params: Vec<Var>,
    /// What it does.
    pub body: Vec<Stmt>,
    /// Kernels that it calls, by [`StmtKind::Call`]'s number.
    pub kernels: Arc<Vec<Callee>>,
    /// How many expressions there are: one more than the highest [`Expr::id`].
    pub exprs: u32,
    /// How many statements there are: one more than the highest [`Stmt::id`].
    pub stmts: u32,
}

/// Who is called.
#[derive(Clone)]
pub enum Callee {
    /// The kernel whose function this is part of.
    Itself,
    /// Another.
    Kernel(Arc<Kernel>),
}

/// Where something stands in the source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    /// Line in the file, from 1.
    pub line: u32,
    /// Column, from 0, in UTF-8 bytes.
    pub column: u32,
    /// Line of the end.
    pub end_line: u32,
    /// Column after the last byte.
    pub end_column: u32,
}

/// A statement.
#[derive(Clone)]
pub struct Stmt {
    /// Unique in its function; where a run can be left and taken up again.
    pub id: u32,
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: StmtKind,
}

/// Kinds of statements.
#[derive(Clone)]
pub enum StmtKind {
    /// `target = value`
    Assign(Var, Expr),
    /// `array[index] = value`
    Store(Var, Vec<Expr>, Expr),
    /// An expression, for its errors.
    Expr(Expr),
    /// `if test: … else: …`
    If(Expr, Vec<Stmt>, Vec<Stmt>),
    /// `while test: … else: …`
    While(Expr, Vec<Stmt>, Vec<Stmt>),
    /// `for target in range(start, stop, step): … else: …`
    For(Box<For>),
    /// `for target in prange(start, stop, step): …`
    Parallel(Box<Parallel>),
    /// `return value`
    Return(Expr),
    /// `break`
    Break,
    /// `continue`
    Continue,
    /// `pass`
    Pass,
    /// Something that only Python does: `raise`, a failed `assert`. The number is the frontend's, the
    /// variables those that it reads.
    Python(u32, Vec<Var>),
    /// `target = kernel(arguments)`
    Call(Var, u32, Vec<Expr>),
    /// `target = random.stream(seed, index)`
    Stream(Var, Expr, Expr),
    /// `target = stream.method(arguments)`
    Draw(Var, Var, Draw, Vec<Expr>),
}

/// A loop over a range.
#[derive(Clone)]
pub struct For {
    /// The loop's variable.
    pub target: Var,
    /// First value, end (not reached) and step.
    pub range: [Expr; 3],
    /// Variables of ours that hold the current value, the end and the step while the loop runs.
    pub hidden: [Var; 3],
    /// What is repeated.
    pub body: Vec<Stmt>,
    /// What is done unless the loop was broken off.
    pub orelse: Vec<Stmt>,
}

/// A loop whose iterations run on all threads.
#[derive(Clone)]
pub struct Parallel {
    /// First value, end (not reached) and step.
    pub range: [Expr; 3],
    /// The loop over one block of iterations. Its parameters: first value, end, step, the captured, the
    /// start values of reductions. It returns a tuple: reductions, then what is used after the loop.
    pub block: Arc<Kernel>,
    /// Variables that the block reads.
    pub captured: Vec<Var>,
    /// Variables that blocks combine.
    pub reductions: Vec<(Var, Reduction)>,
    /// Variables whose value of the last iteration is used after the loop.
    pub last: Vec<Var>,
}

/// How a reduction combines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reduction {
    /// `x += …` and `x -= …`
    Add,
    /// `x *= …`
    Mul,
    /// `x = min(x, …)`
    Min,
    /// `x = max(x, …)`
    Max,
    /// `x &= …`
    And,
    /// `x |= …`
    Or,
    /// `x ^= …`
    Xor,
}

/// What is drawn from a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Draw {
    /// A float in [0, 1).
    Random,
    /// A float between two.
    Uniform,
    /// An int below another.
    RandRange,
    /// A normally distributed float.
    Gauss,
}

/// An expression.
#[derive(Clone)]
pub struct Expr {
    /// Unique in its function.
    pub id: u32,
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
}

/// Kinds of expressions.
#[derive(Clone)]
pub enum ExprKind {
    /// `12`
    Int(i128),
    /// `1.5`
    Float(f64),
    /// `True`
    Bool(bool),
    /// `1 + 2j`
    Complex(f64, f64),
    /// `None`
    None,
    /// A variable.
    Var(Var),
    /// `(a, b)`
    Tuple(Vec<Expr>),
    /// An item of a tuple of so many items: `a, b = pair`
    Item(Box<Expr>, u32, u32),
    /// `-a`
    Unary(Unary, Box<Expr>),
    /// `a + b`
    Binary(Binary, Box<Expr>, Box<Expr>),
    /// `a < b`
    Compare(Compare, Box<Expr>, Box<Expr>),
    /// `a and b`; chained comparisons, too, whose middle is a constant or a variable
    And(Box<Expr>, Box<Expr>),
    /// `a or b`
    Or(Box<Expr>, Box<Expr>),
    /// `a if test else b`: test, a, b
    IfElse(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `array[index]`
    Load(Var, Vec<Expr>),
    /// `array.shape[axis]`, and `len(array)`
    Shape(Var, u32),
    /// `array.shape`
    Dims(Var),
    /// `abs(a)`, `math.sqrt(a)`
    Call(Builtin, Vec<Expr>),
}

/// Operators of one operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Unary {
    Neg,
    Pos,
    Invert,
    Not,
}

/// Operators of two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    FloorDiv,
    Mod,
    Pow,
    LShift,
    RShift,
    And,
    Or,
    Xor,
}

/// Comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Compare {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Compare {
    /// What holds where this does not, of ints.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Eq => Self::Ne,
            Self::Ne => Self::Eq,
            Self::Lt => Self::Ge,
            Self::Le => Self::Gt,
            Self::Gt => Self::Le,
            Self::Ge => Self::Lt,
        }
    }

    /// The same with its sides exchanged.
    #[must_use]
    pub const fn mirrored(self) -> Self {
        match self {
            Self::Lt => Self::Gt,
            Self::Le => Self::Ge,
            Self::Gt => Self::Lt,
            Self::Ge => Self::Le,
            other => other,
        }
    }
}

/// Functions that kernels know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Builtin {
    Abs,
    Min,
    Max,
    Sum,
    Round,
    Int,
    Float,
    Bool,
    Complex,
    Divmod,
    Real,
    Imag,
    Conjugate,
    Math(super::math::Math),
}

impl Function {
    /// The name of a variable.
    #[must_use]
    pub fn name_of(&self, var: Var) -> &str {
        &self.names[var as usize]
    }
}

/// Calls `see` for each statement, outer ones first.
pub fn each<'a>(body: &'a [Stmt], see: &mut dyn FnMut(&'a Stmt)) {
    for stmt in body {
        see(stmt);
        match &stmt.kind {
            StmtKind::If(_, a, b) | StmtKind::While(_, a, b) => {
                each(a, see);
                each(b, see);
            }
            StmtKind::For(f) => {
                each(&f.body, see);
                each(&f.orelse, see);
            }
            _ => {}
        }
    }
}

impl Stmt {
    /// Calls `see` for each expression of the statement itself, not of those inside it.
    pub fn exprs<'a>(&'a self, see: &mut dyn FnMut(&'a Expr)) {
        match &self.kind {
            StmtKind::Assign(_, e)
            | StmtKind::Expr(e)
            | StmtKind::Return(e)
            | StmtKind::If(e, ..)
            | StmtKind::While(e, ..) => see(e),
            StmtKind::Store(_, index, e) => {
                index.iter().for_each(&mut *see);
                see(e);
            }
            StmtKind::For(f) => f.range.iter().for_each(see),
            StmtKind::Parallel(p) => p.range.iter().for_each(see),
            StmtKind::Call(_, _, args) | StmtKind::Draw(_, _, _, args) => args.iter().for_each(see),
            StmtKind::Stream(_, a, b) => {
                see(a);
                see(b);
            }
            StmtKind::Break | StmtKind::Continue | StmtKind::Pass | StmtKind::Python(..) => {}
        }
    }

    /// The variables that the statement itself binds.
    #[must_use]
    pub fn binds(&self) -> Vec<Var> {
        match &self.kind {
            StmtKind::Assign(v, _) | StmtKind::Call(v, ..) | StmtKind::Stream(v, ..) => vec![*v],
            StmtKind::Draw(v, stream, ..) => vec![*v, *stream],
            StmtKind::For(f) => {
                let [a, b, c] = f.hidden;
                vec![f.target, a, b, c]
            }
            StmtKind::Parallel(p) => {
                let reductions = p.reductions.iter().map(|r| r.0);
                reductions.chain(p.last.iter().copied()).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl Expr {
    /// Calls `see` for this expression and all inside it, outer ones first.
    pub fn each<'a>(&'a self, see: &mut dyn FnMut(&'a Expr)) {
        see(self);
        match &self.kind {
            ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Bool(_)
            | ExprKind::Complex(..)
            | ExprKind::None
            | ExprKind::Var(_)
            | ExprKind::Dims(_)
            | ExprKind::Shape(..) => {}
            ExprKind::Item(a, ..) | ExprKind::Unary(_, a) => a.each(see),
            ExprKind::Binary(_, a, b)
            | ExprKind::Compare(_, a, b)
            | ExprKind::And(a, b)
            | ExprKind::Or(a, b) => {
                a.each(see);
                b.each(see);
            }
            ExprKind::IfElse(a, b, c) => {
                a.each(see);
                b.each(see);
                c.each(see);
            }
            ExprKind::Tuple(items) | ExprKind::Load(_, items) | ExprKind::Call(_, items) => {
                for item in items {
                    item.each(see);
                }
            }
        }
    }

    /// The variables that it reads.
    pub fn reads(&self, see: &mut dyn FnMut(Var)) {
        self.each(&mut |e| match e.kind {
            ExprKind::Var(v) | ExprKind::Load(v, _) | ExprKind::Shape(v, _) | ExprKind::Dims(v) => {
                see(v)
            }
            _ => {}
        });
    }
}
