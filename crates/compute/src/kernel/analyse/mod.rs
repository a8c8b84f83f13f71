//! What can be said of every expression before the kernel runs: its type, and for ints where they lie.
//!
//! The function is run on facts instead of values. Loops are gone through until nothing new is learnt; what a loop
//! keeps enlarging is widened, so that this ends. Only the last pass counts: it has seen everything.

mod access;
mod env;
mod expr;
mod guards;
mod loops;
mod narrow;
mod parallel;
mod stmt;
mod sums;

pub use access::in_bounds;
pub use env::{Env, Slot};
pub use expr::item_at;
pub use guards::linear;

use std::collections::HashMap;
use std::sync::Arc;

use crate::kernel::live::{Live, Set};
use crate::kernel::runtime::{Kernel, Options, Spec};
use crate::kernel::syntax::{Expr, Function, Span, Var};
use crate::kernel::transfer;
use crate::kernel::types::{Fact, Type};

/// A part of a function that kernels cannot do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported {
    /// Where.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub hint: String,
}

/// A condition, checked before a loop, under which its accesses of an array need no checks.
#[derive(Clone)]
pub struct Guard {
    /// The index that it makes safe.
    index: u32,
    /// True where all is well.
    pub condition: Expr,
}

/// What was found out.
#[derive(Default)]
pub struct Analysis {
    facts: Vec<Option<Fact>>,
    /// At the start of each iteration of a loop.
    pub header: HashMap<u32, Env>,
    /// After an `if` or a loop.
    pub after: HashMap<u32, Env>,
    /// Before an `else` of a loop.
    pub done: HashMap<u32, Env>,
    /// Conditions under which a loop is compiled.
    pub guards: HashMap<u32, Vec<Guard>>,
    /// Axes of accesses that need no check because of a guard, by the index's expression.
    pub guarded: std::collections::HashSet<u32>,
    /// Compiled kernels that are called, by statement.
    pub callees: HashMap<u32, Arc<Spec>>,
    /// What is returned; nothing if the function never returns.
    pub returned: Option<Fact>,
    /// Variables needed at each place.
    pub live: Live,
    /// Which arguments it was made for.
    pub params: Vec<Type>,
}

impl Analysis {
    /// What is known of an expression.
    #[must_use]
    pub fn fact(&self, expr: &Expr) -> &Fact {
        const UNREACHED: &Fact = &Fact::None;
        let fact = self.facts.get(expr.id as usize);
        fact.and_then(Option::as_ref).unwrap_or(UNREACHED)
    }
}

/// Analyses a function for arguments of some types.
///
/// # Errors
/// The first part that kernels cannot do.
pub fn analyse(
    kernel: &Kernel,
    function: &Function,
    params: &[Type],
    options: Options,
) -> Result<Analysis, Unsupported> {
    let mut live = Live::of(function);
    // The result of a recursive call is what is returned, which is only known in the end.
    let mut returned: Option<Fact> = None;
    for round in 0.. {
        let mut pass = Pass {
            kernel,
            function,
            options,
            out: Analysis {
                facts: vec![None; function.exprs as usize],
                live: std::mem::take(&mut live),
                params: params.to_vec(),
                ..Analysis::default()
            },
            assumed: returned.clone(),
            recursive: false,
            loops: Vec::new(),
            trips: HashMap::new(),
            next_expr: function.exprs,
            span: Span::default(),
        };
        let mut env = Env::default();
        for (var, ty) in function.params.iter().zip(params) {
            env.set(*var, Fact::of(ty, *var));
        }
        let end = pass.block(&function.body, Some(env))?;
        if end.is_some() {
            pass.returns(Fact::None)?;
        }
        if !pass.recursive || pass.out.returned == returned {
            return Ok(pass.out);
        }
        // What was assumed may say less than what was found.
        if let (Some(assumed), Some(found)) = (&returned, &pass.out.returned)
            && assumed.join(found).as_ref() == Some(assumed)
        {
            pass.out.returned = returned;
            return Ok(pass.out);
        }
        let mut next = pass.out.returned.clone();
        if round >= 2
            && let Some(Fact::Int(int)) = &mut next
        {
            int.interval = options.width.limit();
        }
        if round > 6 {
            return Err(pass.unsupported(
                function.body.first().map(|s| s.span).unwrap_or_default(),
                "what this kernel returns has no one type",
                "return the same type everywhere",
            ));
        }
        returned = next;
        live = std::mem::take(&mut pass.out.live);
    }
    unreachable!("rounds end above")
}

/// Terms of a sum, of which true ones are subtracted.
type Terms = Vec<(bool, Expr)>;

/// What counts a loop.
#[derive(Clone)]
struct Counter {
    /// The loop's variable.
    target: Var,
    /// The current value, and the end.
    now: Var,
    end: Var,
    /// Start and end as they are written, where they are sums.
    range: Option<(Terms, Terms)>,
}

/// A loop that is being gone through.
struct Loop {
    stmt: u32,
    /// Whether it is a `for`.
    counted: bool,
    /// Of a `for` whose step is 1.
    counter: Option<Counter>,
    /// Variables bound inside.
    bound: Set,
    breaks: Vec<Env>,
    continues: Vec<Env>,
}

struct Pass<'a> {
    kernel: &'a Kernel,
    function: &'a Function,
    options: Options,
    out: Analysis,
    assumed: Option<Fact>,
    recursive: bool,
    loops: Vec<Loop>,
    /// How often each counted loop repeats at most.
    trips: HashMap<u32, i128>,
    next_expr: u32,
    span: Span,
}

type Result<T, E = Unsupported> = std::result::Result<T, E>;

impl Pass<'_> {
    fn unsupported(
        &self,
        span: Span,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Unsupported {
        Unsupported {
            span,
            message: message.into(),
            hint: hint.into(),
        }
    }

    fn refused(&self, span: Span, refused: transfer::Refused) -> Unsupported {
        self.unsupported(span, refused.message, refused.hint)
    }

    fn joined(&self, span: Span, a: Option<Env>, b: Option<Env>) -> Result<Option<Env>> {
        let (a, b) = match (a, b) {
            (None, other) | (other, None) => return Ok(other),
            (Some(a), Some(b)) => (a, b),
        };
        a.join(&b).map(Some).map_err(|var| {
            let name = |env: &Env| env.get(var).map(|s| s.fact.name()).unwrap_or_default();
            self.unsupported(
                span,
                format!(
                    "`{}` is {} on one way to here and {} on another",
                    self.function.name_of(var),
                    name(&a),
                    name(&b)
                ),
                one_type(
                    env_fact(&a, var),
                    env_fact(&b, var),
                    "give it the same type everywhere, or use two variables",
                ),
            )
        })
    }

    fn unbound(&self, span: Span, var: Var) -> Unsupported {
        self.unsupported(
            span,
            format!("`{}` has no value here", self.function.name_of(var)),
            "assign to it first",
        )
    }
}

fn env_fact(env: &Env, var: Var) -> Option<&Fact> {
    env.get(var).map(|slot| &slot.fact)
}

/// What to write where two types meet that no variable has at once.
fn one_type(a: Option<&Fact>, b: Option<&Fact>, otherwise: &'static str) -> &'static str {
    match (a, b) {
        (Some(Fact::Bool(_)), Some(Fact::Int(_))) | (Some(Fact::Int(_)), Some(Fact::Bool(_))) => {
            "make the bool an int with int(), or the int a bool with `!= 0`"
        }
        (Some(Fact::Complex), Some(Fact::Int(_) | Fact::Float { .. } | Fact::Number))
        | (Some(Fact::Int(_) | Fact::Float { .. } | Fact::Number), Some(Fact::Complex)) => {
            "make the other one complex, too, with complex()"
        }
        (Some(Fact::Bool(_)), Some(Fact::Float { .. } | Fact::Number))
        | (Some(Fact::Float { .. } | Fact::Number), Some(Fact::Bool(_))) => {
            "make the bool a float with float()"
        }
        _ => otherwise,
    }
}
