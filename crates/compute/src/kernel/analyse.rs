//! What can be said of every expression before the kernel runs: its type, and for ints where they lie.
//!
//! The function is run on facts instead of values. Loops are gone through until nothing new is learnt; what a loop
//! keeps enlarging is widened, so that this ends. Only the last pass counts: it has seen everything.

use std::collections::HashMap;

use super::interval::{I64, Interval};
use super::live::{Live, Set};
use super::resume;
use super::runtime::{Kernel, Options, Spec};
use super::syntax::{
    Binary, Compare, Draw, Expr, ExprKind, For, Function, Parallel, Span, Stmt, StmtKind, Unary,
    Var,
};
use super::transfer;
use super::types::{DType, Fact, IntFact, Type};

use std::sync::Arc;

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

/// A variable at some place.
#[derive(Debug, Clone, PartialEq)]
pub struct Slot {
    /// What is known of its value.
    pub fact: Fact,
    /// Whether it may have none.
    pub maybe_unbound: bool,
}

/// All variables at some place, those without a value left out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Env(pub Vec<Option<Slot>>);

impl Env {
    /// A variable.
    #[must_use]
    pub fn get(&self, var: Var) -> Option<&Slot> {
        self.0.get(var as usize)?.as_ref()
    }

    /// Binds a variable.
    pub fn set(&mut self, var: Var, fact: Fact) {
        let index = var as usize;
        if self.0.len() <= index {
            self.0.resize(index + 1, None);
        }
        self.0[index] = Some(Slot {
            fact,
            maybe_unbound: false,
        });
    }

    /// Forgets what is not needed any more.
    pub fn keep(&mut self, live: &Set) {
        for (var, slot) in self.0.iter_mut().enumerate() {
            // Arrays cost nothing, and are named by what is known of ints.
            let array = matches!(
                slot,
                Some(Slot {
                    fact: Fact::Array(..),
                    ..
                })
            );
            if slot.is_some() && !array && !live.contains(var as Var) {
                *slot = None;
            }
        }
    }

    /// Every variable that has, or may have, a value.
    pub fn iter(&self) -> impl Iterator<Item = (Var, &Slot)> {
        let all = self.0.iter().enumerate();
        all.filter_map(|(var, slot)| Some((var as Var, slot.as_ref()?)))
    }

    /// What holds for both. Fails with the variable that has no one type.
    fn join(&self, other: &Self) -> Result<Self, Var> {
        let count = self.0.len().max(other.0.len());
        let mut joined = Vec::with_capacity(count);
        for var in 0..count as Var {
            joined.push(match (self.get(var), other.get(var)) {
                (None, None) => None,
                (Some(one), None) | (None, Some(one)) => Some(Slot {
                    maybe_unbound: true,
                    ..one.clone()
                }),
                (Some(a), Some(b)) => Some(Slot {
                    fact: a.fact.join(&b.fact).ok_or(var)?,
                    maybe_unbound: a.maybe_unbound || b.maybe_unbound,
                }),
            });
        }
        Ok(Self(joined))
    }

    /// Says of no int that it may be longer than ints in registers are.
    fn hold(&mut self) {
        for slot in self.0.iter_mut().flatten() {
            if let Fact::Int(int) = &mut slot.fact {
                int.interval = int.interval.meet(super::interval::I128);
            }
        }
    }

    fn widen(&self, next: &Self) -> Self {
        let mut wide = next.clone();
        for (slot, old) in wide.0.iter_mut().zip(&self.0) {
            if let (Some(slot), Some(old)) = (slot, old) {
                widen(&old.fact, &mut slot.fact);
            }
        }
        wide
    }
}

/// How often a loop is gone through at most. Widening ends before; this ends it whatever is wrong with that.
const ROUNDS: u32 = 64;

fn widen(old: &Fact, next: &mut Fact) {
    match (old, next) {
        (Fact::Int(old), Fact::Int(next)) if old.interval != next.interval => {
            let wide = old.interval.widen(next.interval);
            next.interval = wide.meet(super::interval::I128);
        }
        (Fact::Tuple(old), Fact::Tuple(next)) => {
            old.iter().zip(next).for_each(|(o, n)| widen(o, n));
        }
        _ => {}
    }
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

/// A variable that a loop only adds to, and what: expressions, whether they are taken away, and the loops inside
/// that repeat them.
struct Accumulator {
    var: Var,
    added: Vec<(u32, bool, Vec<u32>)>,
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

    fn block(&mut self, body: &[Stmt], mut env: Option<Env>) -> Result<Option<Env>> {
        for stmt in body {
            let Some(mut now) = env else { return Ok(None) };
            now.keep(self.out.live.before(stmt));
            self.span = stmt.span;
            env = self.stmt(stmt, now)?;
            if let Some(env) = &mut env {
                env.keep(self.out.live.after(stmt));
            }
        }
        Ok(env)
    }

    fn bind(&mut self, env: &mut Env, var: Var, fact: Fact, span: Span) -> Result<()> {
        if let Fact::Array(_, source) = fact
            && source != var
        {
            return Err(self.unsupported(
                span,
                "kernels do not bind arrays to other names",
                "use the parameter's own name",
            ));
        }
        if fact == Fact::Stream {
            return Err(self.unsupported(
                span,
                "a random stream has one name only",
                "make another with random.stream(seed, index)",
            ));
        }
        env.set(var, fact);
        Ok(())
    }

    fn stmt(&mut self, stmt: &Stmt, mut env: Env) -> Result<Option<Env>> {
        match &stmt.kind {
            StmtKind::Assign(var, value) => {
                let fact = self.expr(value, &env)?;
                self.bind(&mut env, *var, fact, value.span)?;
            }
            StmtKind::Store(array, index, value) => {
                self.store(stmt, *array, index, value, &env)?;
            }
            StmtKind::Expr(value) => {
                self.expr(value, &env)?;
            }
            StmtKind::If(test, a, b) => {
                let known = self.condition(test, &env)?;
                let then = (known != Some(false)).then(|| self.assume(test, true, &env));
                let other = (known != Some(true)).then(|| self.assume(test, false, &env));
                let then = self.block(a, then)?;
                let other = self.block(b, other)?;
                let after = self.joined(stmt.span, then, other)?;
                if let Some(mut after) = after {
                    after.keep(self.out.live.after(stmt));
                    self.out.after.insert(stmt.id, after.clone());
                    return Ok(Some(after));
                }
                self.out.after.remove(&stmt.id);
                return Ok(None);
            }
            StmtKind::While(test, body, orelse) => {
                return self.repeat(
                    stmt,
                    env,
                    None,
                    |pass, header| {
                        let known = pass.condition(test, &header)?;
                        let inside =
                            (known != Some(false)).then(|| pass.assume(test, true, &header));
                        let done = (known != Some(true)).then(|| pass.assume(test, false, &header));
                        let end = pass.block(body, inside)?;
                        Ok((end, done))
                    },
                    orelse,
                );
            }
            StmtKind::For(f) => return self.counted(stmt, f, env),
            StmtKind::Parallel(p) => self.parallel(stmt, p, &mut env)?,
            StmtKind::Return(value) => {
                let fact = self.expr(value, &env)?;
                self.returns(fact)?;
                return Ok(None);
            }
            StmtKind::Break | StmtKind::Continue => {
                let is_break = matches!(stmt.kind, StmtKind::Break);
                if let Some(inner) = self.loops.last_mut() {
                    if is_break {
                        inner.breaks.push(env);
                    } else {
                        inner.continues.push(env);
                    }
                }
                return Ok(None);
            }
            StmtKind::Pass => {}
            StmtKind::Python(..) => return Ok(None),
            StmtKind::Call(target, callee, args) => {
                let facts = self.facts(args, &env)?;
                let Some(fact) = self.called(stmt, *callee, &facts)? else {
                    return Ok(None);
                };
                env.set(*target, fact);
            }
            StmtKind::Stream(target, seed, index) => {
                for e in [seed, index] {
                    let fact = self.expr(e, &env)?;
                    if transfer::as_int(&fact).is_none() {
                        return Err(self.unsupported(
                            e.span,
                            format!("random.stream takes ints, not {}", fact.name()),
                            "give a seed and the number of the stream",
                        ));
                    }
                }
                env.set(*target, Fact::Stream);
            }
            StmtKind::Draw(target, _, draw, args) => {
                let facts = self.facts(args, &env)?;
                let fact = match draw {
                    Draw::Random => Fact::Float { nonnegative: true },
                    Draw::Uniform | Draw::Gauss => Fact::FLOAT,
                    Draw::RandRange => match facts.first().and_then(transfer::as_int) {
                        Some(x) => Fact::int(Interval {
                            lo: Some(0),
                            hi: x
                                .interval
                                .hi
                                .map(|h| (h - 1).clamp(0, i128::from(i64::MAX))),
                        }),
                        None => {
                            return Err(self.unsupported(
                                stmt.span,
                                "randrange takes an int",
                                "convert with int() first",
                            ));
                        }
                    },
                };
                env.set(*target, fact);
            }
        }
        Ok(Some(env))
    }

    fn returns(&mut self, fact: Fact) -> Result<()> {
        self.out.returned = Some(match self.out.returned.take() {
            None => fact,
            Some(old) => old.join(&fact).ok_or_else(|| {
                self.unsupported(
                    self.span,
                    format!(
                        "this kernel returns {} here and {} elsewhere",
                        fact.name(),
                        old.name()
                    ),
                    one_type(
                        Some(&fact),
                        Some(&old),
                        "return the same type everywhere (for a float, write 0.0 instead of 0)",
                    ),
                )
            })?,
        });
        Ok(())
    }

    /// Goes through a loop until nothing new is learnt. `once` goes through its body from the start of an
    /// iteration: the end of the body, and where the loop is done.
    fn repeat(
        &mut self,
        stmt: &Stmt,
        env: Env,
        counter: Option<Counter>,
        mut once: impl FnMut(&mut Self, Env) -> Result<(Option<Env>, Option<Env>)>,
        orelse: &[Stmt],
    ) -> Result<Option<Env>> {
        let needed = self.out.live.header(stmt).clone();
        let mut start = env;
        start.keep(&needed);
        // An outer loop goes through this one again and again: what was learnt is not forgotten.
        let mut header = match self.out.header.get(&stmt.id) {
            Some(old) => self.joined(stmt.span, Some(old.clone()), Some(start.clone()))?,
            None => None,
        }
        .unwrap_or_else(|| start.clone());
        let mut bound = Set::default();
        let body = match &stmt.kind {
            StmtKind::While(_, body, _) => body,
            StmtKind::For(f) => &f.body,
            _ => unreachable!("only loops are repeated"),
        };
        super::syntax::each(body, &mut |s| {
            s.binds().iter().for_each(|v| bound.insert(*v))
        });
        let accumulators = match self.trips.get(&stmt.id) {
            Some(_) => accumulators(body, &bound),
            None => Vec::new(),
        };
        for round in 0.. {
            self.out.header.insert(stmt.id, header.clone());
            self.out.guards.remove(&stmt.id);
            self.loops.push(Loop {
                stmt: stmt.id,
                counted: matches!(stmt.kind, StmtKind::For(_)),
                counter: counter.clone(),
                bound: bound.clone(),
                breaks: Vec::new(),
                continues: Vec::new(),
            });
            let passed = once(self, header.clone());
            let inner = self.loops.pop().expect("pushed above");
            let (end, done) = passed?;
            let mut next = Some(start.clone());
            for mut env in inner.continues.into_iter().chain(end) {
                env.keep(&needed);
                next = self.joined(stmt.span, next, Some(env))?;
            }
            // What is only added to grows in each pass: it is bounded by how often that happens.
            let mut before = header.clone();
            for accumulator in accumulators.iter().filter(|_| round < 8) {
                let Some(sum) = self.sum(stmt.id, accumulator, &start) else {
                    continue;
                };
                for env in next.iter_mut().chain([&mut before]) {
                    if let Some(Some(Slot {
                        fact: Fact::Int(int),
                        ..
                    })) = env.0.get_mut(accumulator.var as usize)
                    {
                        *int = IntFact::new(sum);
                    }
                }
            }
            let next = self.joined(stmt.span, next, Some(before.clone()))?;
            let mut next = next.expect("has the start in it");
            next.hold();
            if next != header {
                if round > ROUNDS {
                    return Err(self.unsupported(
                        stmt.span,
                        "what this loop computes cannot be bounded",
                        "make the loop a kernel of its own",
                    ));
                }
                header = if round < 2 { next } else { before.widen(&next) };
                continue;
            }
            self.out.done.remove(&stmt.id);
            if let Some(done) = &done {
                self.out.done.insert(stmt.id, done.clone());
            }
            let mut after = self.block(orelse, done)?;
            for env in inner.breaks {
                after = self.joined(stmt.span, after, Some(env))?;
            }
            self.out.after.remove(&stmt.id);
            if let Some(after) = &mut after {
                after.keep(self.out.live.after(stmt));
                self.out.after.insert(stmt.id, after.clone());
            }
            return Ok(after);
        }
        unreachable!("widening ends")
    }

    /// Where an accumulator lies at the start of each iteration; nothing if that is no better than a check.
    fn sum(&self, stmt: u32, accumulator: &Accumulator, start: &Env) -> Option<Interval> {
        let Slot {
            fact: Fact::Int(first),
            maybe_unbound: false,
        } = start.get(accumulator.var)?
        else {
            return None;
        };
        let zero = Interval::of(0);
        let (mut each, mut long) = (zero, false);
        for (e, negative, inner) in &accumulator.added {
            let fact = self.out.facts.get(*e as usize)?.as_ref()?;
            let int = transfer::as_int(fact)?;
            if int.at_limit() {
                return None;
            }
            long |= !int.narrow();
            let mut one = if *negative {
                int.interval.neg()
            } else {
                int.interval
            };
            // It may also happen less often.
            one = one.join(zero);
            for inner in inner {
                one = one.mul(Interval::of(*self.trips.get(inner)?));
            }
            each = each.add(one);
        }
        let all = each.mul(Interval::of(*self.trips.get(&stmt)?));
        let sum = first.interval.add(all);
        let fits = sum.within(I64) || (long && sum.within(super::interval::I128));
        fits.then_some(sum)
    }

    fn counted(&mut self, stmt: &Stmt, f: &For, mut env: Env) -> Result<Option<Env>> {
        let range = self.range(&f.range, &env)?;
        let [start, stop, step] = &range;
        let [now, end, by] = f.hidden;
        // Before the first iteration; also what is there when the range is empty.
        env.set(now, Fact::Int(start.clone()));
        env.set(end, Fact::Int(stop.clone()));
        env.set(by, Fact::Int(step.clone()));
        let unit = step.interval == Interval::of(1);
        let value = inside(start, stop, step);
        let span = match (step.interval.lo, step.interval.hi) {
            (Some(1..), _) => stop.interval.sub(start.interval).hi,
            (_, Some(..=-1)) => start.interval.sub(stop.interval).hi,
            _ => None,
        };
        match span {
            Some(span) => self.trips.insert(stmt.id, span.max(0)),
            None => self.trips.remove(&stmt.id),
        };
        let counter = unit.then(|| {
            let terms = |e: &Expr| {
                let mut terms = Vec::new();
                linear(e, false, &mut terms).then_some(terms)
            };
            Counter {
                target: f.target,
                now,
                end,
                range: terms(&f.range[0]).zip(terms(&f.range[1])),
            }
        });
        // The counter goes one step beyond the last value.
        let counting = IntFact::new(
            value
                .interval
                .join(start.interval)
                .join(Interval {
                    lo: value
                        .interval
                        .lo
                        .zip(step.interval.lo)
                        .map(|(a, b)| a.saturating_add(b.min(0))),
                    hi: value
                        .interval
                        .hi
                        .zip(step.interval.hi)
                        .map(|(a, b)| a.saturating_add(b.max(0))),
                })
                .meet(I64),
        );
        env.set(now, Fact::Int(counting));
        self.repeat(
            stmt,
            env,
            counter,
            |pass, header| {
                let mut inside = header.clone();
                pass.bind(&mut inside, f.target, Fact::Int(value.clone()), stmt.span)?;
                let end = pass.block(&f.body, Some(inside))?;
                Ok((end, Some(header)))
            },
            &f.orelse,
        )
    }

    fn range(&mut self, range: &[Expr; 3], env: &Env) -> Result<[IntFact; 3]> {
        let mut ints = Vec::new();
        for e in range {
            let fact = self.expr(e, env)?;
            let Some(mut int) = transfer::as_int(&fact) else {
                return Err(self.unsupported(
                    e.span,
                    format!("range takes ints, not {}", fact.name()),
                    "convert with int() first",
                ));
            };
            // Ranges count in 64 bits; beyond that CPython does.
            let kept = int.interval.meet(I64);
            int.interval = if kept.within(I64) { kept } else { I64 };
            ints.push(int);
        }
        let [a, b, c] = ints.try_into().expect("three");
        Ok([a, b, c])
    }

    fn parallel(&mut self, stmt: &Stmt, p: &Parallel, env: &mut Env) -> Result<()> {
        let range = self.range(&p.range, env)?;
        let mut types: Vec<Type> = range
            .iter()
            .map(|int| Fact::Int(int.clone()).ty())
            .collect();
        // A block may begin anywhere in the range.
        let whole = range[0].interval.join(range[1].interval);
        types[0] = Fact::int(whole).ty();
        types[1] = types[0].clone();
        for var in &p.captured {
            let Some(slot) = env.get(*var) else {
                return Err(self.unbound(stmt.span, *var));
            };
            if slot.fact == Fact::Stream {
                return Err(self.unsupported(
                    stmt.span,
                    "iterations of prange cannot share a random stream",
                    "make one inside the loop: random.stream(seed, i)",
                ));
            }
            types.push(slot.fact.ty());
        }
        let mut starts = Vec::new();
        for (var, reduction) in &p.reductions {
            let Some(slot) = env.get(*var) else {
                return Err(self.unbound(stmt.span, *var));
            };
            starts.push(slot.fact.clone());
            types.push(
                super::parallel::identity(*reduction, &slot.fact)
                    .ok_or_else(|| {
                        self.unsupported(
                            stmt.span,
                            format!(
                                "prange cannot combine `{}`, which is {}",
                                self.function.name_of(*var),
                                slot.fact.name()
                            ),
                            "combine ints, floats or bools",
                        )
                    })?
                    .ty(),
            );
        }
        let spec = p.block.specialise(&types, self.options)?;
        let Some(Fact::Tuple(found)) = &spec.returned else {
            // No block ever ends; what comes after is not reached, but an empty range reaches it.
            self.out.callees.insert(stmt.id, spec);
            return Ok(());
        };
        let mut found = found.clone().into_iter();
        for ((var, _), start) in p.reductions.iter().zip(starts) {
            let fact = found.next().expect("one for each reduction");
            let mut joined = start.join(&fact).ok_or_else(|| {
                self.unsupported(
                    stmt.span,
                    format!(
                        "`{}` is {} before the loop and {} after it",
                        self.function.name_of(*var),
                        start.name(),
                        fact.name()
                    ),
                    "start with the type that the loop makes (0.0 for floats)",
                )
            })?;
            if let Fact::Int(int) = &mut joined {
                // An empty range leaves it as it was, however long that is.
                let limit = self.options.width.limit();
                let before = transfer::as_int(&start).map_or(limit, |int| int.interval);
                *int = IntFact::new(limit.join(before));
            }
            env.set(*var, joined);
        }
        for (var, fact) in p.last.iter().zip(found) {
            let old = env.get(*var).cloned();
            let (fact, unbound) = match old {
                Some(old) => {
                    let joined = old.fact.join(&fact).ok_or_else(|| {
                        self.unsupported(
                            stmt.span,
                            format!(
                                "`{}` has another type before the loop",
                                self.function.name_of(*var)
                            ),
                            "use two variables",
                        )
                    })?;
                    (joined, old.maybe_unbound)
                }
                None => (fact, true),
            };
            env.set(*var, fact);
            if let Some(Some(slot)) = env.0.get_mut(*var as usize) {
                slot.maybe_unbound = unbound;
            }
        }
        self.out.callees.insert(stmt.id, spec);
        Ok(())
    }

    fn called(&mut self, stmt: &Stmt, callee: u32, args: &[Fact]) -> Result<Option<Fact>> {
        let types: Vec<Type> = args.iter().map(Fact::ty).collect();
        let kernel = match &self.function.kernels[callee as usize] {
            super::syntax::Callee::Kernel(kernel) => kernel.clone(),
            super::syntax::Callee::Itself => {
                if types == self.out.params {
                    self.recursive = true;
                    return Ok(self.assumed.clone());
                }
                self.kernel.itself()
            }
        };
        if types.len() != kernel.function.params.len() {
            return Err(self.unsupported(
                stmt.span,
                format!(
                    "`{}` takes {} arguments, not {}",
                    kernel.function.name,
                    kernel.function.params.len(),
                    types.len()
                ),
                "give each parameter one argument",
            ));
        }
        let spec = kernel.specialise(&types, self.options)?;
        let returned = spec.returned.clone();
        self.out.callees.insert(stmt.id, spec);
        Ok(returned)
    }

    fn unbound(&self, span: Span, var: Var) -> Unsupported {
        self.unsupported(
            span,
            format!("`{}` has no value here", self.function.name_of(var)),
            "assign to it first",
        )
    }

    fn facts(&mut self, exprs: &[Expr], env: &Env) -> Result<Vec<Fact>> {
        exprs.iter().map(|e| self.expr(e, env)).collect()
    }

    /// A test: whether it is known how it comes out.
    fn condition(&mut self, test: &Expr, env: &Env) -> Result<Option<bool>> {
        let fact = self.expr(test, env)?;
        match transfer::truth(&fact) {
            Some(known) => Ok(known),
            None => Err(self.refused(
                test.span,
                transfer::no_truth::<()>(&fact).expect_err("refuses"),
            )),
        }
    }

    fn expr(&mut self, e: &Expr, env: &Env) -> Result<Fact> {
        let fact = self.find(e, env)?;
        let index = e.id as usize;
        if self.out.facts.len() <= index {
            self.out.facts.resize(index + 1, None);
        }
        self.out.facts[index] = Some(fact.clone());
        Ok(fact)
    }

    fn find(&mut self, e: &Expr, env: &Env) -> Result<Fact> {
        let width = self.options.width;
        Ok(match &e.kind {
            ExprKind::Int(value) => Fact::int(Interval::of(*value)),
            ExprKind::Float(value) => Fact::Float {
                nonnegative: *value >= 0.0,
            },
            ExprKind::Bool(value) => Fact::Bool(Some(*value)),
            ExprKind::Complex(..) => Fact::Complex,
            ExprKind::None => Fact::None,
            ExprKind::Var(var) => match env.get(*var) {
                Some(slot) => slot.fact.clone(),
                None => return Err(self.unbound(e.span, *var)),
            },
            ExprKind::Tuple(items) => Fact::Tuple(self.facts(items, env)?),
            ExprKind::Item(tuple, index, of) => match self.expr(tuple, env)? {
                Fact::Tuple(items) if items.len() == *of as usize => items[*index as usize].clone(),
                other => {
                    return Err(self.unsupported(
                        e.span,
                        format!("{} cannot be unpacked into {of} variables", other.name()),
                        "unpack a tuple of as many items",
                    ));
                }
            },
            ExprKind::Unary(op, a) => {
                let a = self.expr(a, env)?;
                transfer::unary(*op, &a, width).map_err(|r| self.refused(e.span, r))?
            }
            ExprKind::Binary(op, a, b) => {
                let (a, b) = (self.expr(a, env)?, self.expr(b, env)?);
                transfer::binary(*op, &a, &b, width).map_err(|r| self.refused(e.span, r))?
            }
            ExprKind::Compare(op, a, b) => {
                let (a, b) = (self.expr(a, env)?, self.expr(b, env)?);
                self.compare(e, *op, &a, &b)?
            }
            ExprKind::And(a, b) | ExprKind::Or(a, b) => {
                let is_and = matches!(e.kind, ExprKind::And(..));
                let first = self.expr(a, env)?;
                let truth = self.condition(a, env)?;
                if truth == Some(!is_and) {
                    // The other is never looked at, but it has to be understood.
                    self.expr(b, env)?;
                    return Ok(first);
                }
                let narrowed = self.assume(a, is_and, env);
                let second = self.expr(b, &narrowed)?;
                if truth == Some(is_and) {
                    return Ok(second);
                }
                self.either(e, &first, &second)?
            }
            ExprKind::IfElse(test, a, b) => {
                self.condition(test, env)?;
                let (yes, no) = (self.assume(test, true, env), self.assume(test, false, env));
                let (a, b) = (self.expr(a, &yes)?, self.expr(b, &no)?);
                self.either(e, &a, &b)?
            }
            ExprKind::Load(tuple, index)
                if matches!(
                    env.get(*tuple),
                    Some(Slot {
                        fact: Fact::Tuple(_),
                        ..
                    })
                ) =>
            {
                self.item(e, *tuple, index, env)?
            }
            ExprKind::Load(array, index) => {
                let ty = self.access(e.span, *array, index, env)?;
                element(ty)
            }
            ExprKind::Shape(tuple, _)
                if matches!(
                    env.get(*tuple),
                    Some(Slot {
                        fact: Fact::Tuple(_),
                        ..
                    })
                ) =>
            {
                let Some(Slot {
                    fact: Fact::Tuple(items),
                    ..
                }) = env.get(*tuple)
                else {
                    unreachable!("matched above")
                };
                Fact::int(Interval::of(items.len() as i128))
            }
            ExprKind::Dims(array) => {
                let Some(Slot {
                    fact: Fact::Array(ty, _),
                    ..
                }) = env.get(*array)
                else {
                    return Err(self.unsupported(
                        e.span,
                        "only arrays have a shape",
                        "for a tuple use len()",
                    ));
                };
                let axis = |axis| {
                    Fact::Int(IntFact {
                        interval: ty.lengths(),
                        below: vec![(*array, axis, 0)],
                    })
                };
                Fact::Tuple((0..u32::from(ty.ndim)).map(axis).collect())
            }
            ExprKind::Shape(array, axis) => {
                let Some(Slot {
                    fact: Fact::Array(ty, _),
                    ..
                }) = env.get(*array)
                else {
                    return Err(self.unsupported(
                        e.span,
                        "only arrays have a length and a shape here",
                        "for a tuple write the number",
                    ));
                };
                if *axis >= u32::from(ty.ndim) {
                    return Err(self.unsupported(
                        e.span,
                        format!("a {}-D array has no axis {axis}", ty.ndim),
                        "IndexError in Python, too",
                    ));
                }
                Fact::Int(IntFact {
                    interval: ty.lengths(),
                    below: vec![(*array, *axis, 0)],
                })
            }
            ExprKind::Call(builtin, args) => {
                let facts = self.facts(args, env)?;
                transfer::call(*builtin, &facts, width).map_err(|r| self.refused(e.span, r))?
            }
        })
    }

    /// `tuple[constant]`
    fn item(&mut self, e: &Expr, tuple: Var, index: &[Expr], env: &Env) -> Result<Fact> {
        let facts = self.facts(index, env)?;
        let Some(Slot {
            fact: Fact::Tuple(items),
            ..
        }) = env.get(tuple)
        else {
            return Err(self.unbound(e.span, tuple));
        };
        let constant = match facts.as_slice() {
            [one] => transfer::as_int(one).and_then(|int| int.interval.constant()),
            _ => None,
        };
        let Some(index) = constant else {
            return Err(self.unsupported(
                e.span,
                "the items of a tuple may have different types, so that its index must be a constant",
                "write the number, or use an array",
            ));
        };
        item_at(index, items.len())
            .map(|index| items[index].clone())
            .ok_or_else(|| {
                self.unsupported(
                    e.span,
                    format!("a tuple of {} has no item {index}", items.len()),
                    "IndexError in Python, too",
                )
            })
    }

    fn either(&self, e: &Expr, a: &Fact, b: &Fact) -> Result<Fact> {
        a.join(b).ok_or_else(|| {
            self.unsupported(
                e.span,
                format!("this is either {} or {}", a.name(), b.name()),
                one_type(Some(a), Some(b), "make both the same type"),
            )
        })
    }

    fn compare(&self, e: &Expr, op: Compare, a: &Fact, b: &Fact) -> Result<Fact> {
        let domain = transfer::domain(a, b);
        let equality = matches!(op, Compare::Eq | Compare::Ne);
        match domain {
            Some(transfer::Domain::Int) => {
                let (x, y) = (
                    transfer::as_int(a).expect("an int"),
                    transfer::as_int(b).expect("an int"),
                );
                Ok(Fact::Bool(known(op, x.interval, y.interval)))
            }
            Some(transfer::Domain::Float) => Ok(Fact::Bool(None)),
            Some(transfer::Domain::Complex) if equality => Ok(Fact::Bool(None)),
            _ => Err(self.unsupported(
                e.span,
                format!("kernels do not compare {} with {}", a.name(), b.name()),
                "compare numbers",
            )),
        }
    }

    /// What holds where a test came out one way.
    fn assume(&self, test: &Expr, outcome: bool, env: &Env) -> Env {
        let mut env = env.clone();
        self.narrow(test, outcome, &mut env);
        env
    }

    fn narrow(&self, test: &Expr, outcome: bool, env: &mut Env) {
        match &test.kind {
            ExprKind::Unary(Unary::Not, a) => self.narrow(a, !outcome, env),
            ExprKind::And(a, b) if outcome => {
                self.narrow(a, true, env);
                self.narrow(b, true, env);
            }
            ExprKind::Or(a, b) if !outcome => {
                self.narrow(a, false, env);
                self.narrow(b, false, env);
            }
            ExprKind::Compare(op, a, b) => {
                let op = if outcome { *op } else { op.opposite() };
                self.narrow_side(a, op, b, env);
                self.narrow_side(b, op.mirrored(), a, env);
            }
            _ => {}
        }
    }

    fn narrow_side(&self, side: &Expr, op: Compare, other: &Expr, env: &mut Env) {
        let ExprKind::Var(var) = side.kind else {
            return;
        };
        let (
            Some(Slot {
                fact: Fact::Int(int),
                maybe_unbound: false,
            }),
            Fact::Int(bound),
        ) = (env.get(var), self.out.fact(other))
        else {
            return;
        };
        let mut int = int.clone();
        let Interval { lo, hi } = bound.interval;
        let limit = match op {
            Compare::Lt => Interval {
                lo: None,
                hi: hi.and_then(|h| h.checked_sub(1)),
            },
            Compare::Le => Interval { lo: None, hi },
            Compare::Gt => Interval {
                lo: lo.and_then(|l| l.checked_add(1)),
                hi: None,
            },
            Compare::Ge => Interval { lo, hi: None },
            Compare::Eq => bound.interval,
            Compare::Ne => {
                let value = bound.interval.constant();
                match (value, int.interval.lo, int.interval.hi) {
                    (Some(v), Some(l), _) if v == l => Interval {
                        lo: v.checked_add(1),
                        hi: None,
                    },
                    (Some(v), _, Some(h)) if v == h => Interval {
                        lo: None,
                        hi: v.checked_sub(1),
                    },
                    _ => return,
                }
            }
        };
        int.interval = int.interval.meet(limit);
        let by = match op {
            Compare::Lt => Some(-1),
            Compare::Le | Compare::Eq => Some(0),
            _ => None,
        };
        if let Some(by) = by {
            let new = bound
                .below
                .iter()
                .map(|(a, axis, k)| (*a, *axis, k.saturating_add(by)));
            int.below.extend(new);
        }
        env.set(var, Fact::Int(int));
    }

    fn store(
        &mut self,
        stmt: &Stmt,
        array: Var,
        index: &[Expr],
        value: &Expr,
        env: &Env,
    ) -> Result<()> {
        let fact = self.expr(value, env)?;
        let dtype = self.access(stmt.span, array, index, env)?;
        let fits = match dtype {
            DType::Bool => transfer::truth(&fact).is_some(),
            DType::F32 | DType::F64 => {
                transfer::domain(&fact, &Fact::FLOAT) == Some(transfer::Domain::Float)
            }
            DType::C64 | DType::C128 => transfer::domain(&fact, &Fact::Complex).is_some(),
            _ => transfer::as_int(&fact).is_some(),
        };
        if fits {
            return Ok(());
        }
        Err(self.unsupported(
            value.span,
            format!(
                "{} cannot be stored in an array of {}",
                fact.name(),
                dtype.name()
            ),
            "convert it first, with int() or float()",
        ))
    }

    fn access(&mut self, span: Span, array: Var, index: &[Expr], env: &Env) -> Result<DType> {
        let Some(Slot { fact, .. }) = env.get(array) else {
            return Err(self.unbound(span, array));
        };
        let Fact::Array(ty, _) = *fact else {
            return Err(self.unsupported(
                span,
                format!("{} has no elements", fact.name()),
                "index arrays; tuples with a constant",
            ));
        };
        if index.len() != usize::from(ty.ndim) {
            return Err(self.unsupported(
                span,
                format!(
                    "a {}-D array is indexed with {} ints, not {}",
                    ty.ndim,
                    ty.ndim,
                    index.len()
                ),
                "give one index for each axis: a[i, j]",
            ));
        }
        for (axis, e) in index.iter().enumerate() {
            let fact = self.expr(e, env)?;
            let Some(int) = transfer::as_int(&fact) else {
                return Err(self.unsupported(
                    e.span,
                    format!("an index is an int, not {}", fact.name()),
                    "loop over the elements",
                ));
            };
            self.guard(array, axis as u32, e, &int, env);
        }
        Ok(ty.dtype)
    }

    /// Finds a condition before a loop that makes an index need no check inside it.
    fn guard(&mut self, array: Var, axis: u32, index: &Expr, int: &IntFact, env: &Env) {
        self.out.guarded.remove(&index.id);
        if !self.options.guards || in_bounds(array, axis, int) {
            return;
        }
        let mut terms = Vec::new();
        if !linear(index, false, &mut terms) {
            return;
        }
        for guards in self.out.guards.values_mut() {
            guards.retain(|guard| guard.index != index.id);
        }
        let Some((loop_at, condition)) = self.place(array, axis, index, &terms) else {
            return;
        };
        let stmt = self.loops[loop_at].stmt;
        let mut condition = condition;
        self.next_expr = resume::number(&mut condition, self.next_expr);
        let mut before = self.out.header[&stmt].clone();
        before.set(array, env.get(array).expect("looked up above").fact.clone());
        if self.expr(&condition, &before).is_err() {
            return;
        }
        let guards = self.out.guards.entry(stmt).or_default();
        guards.push(Guard {
            index: index.id,
            condition,
        });
        self.out.guarded.insert(index.id);
    }

    /// The loop before which an index can be checked, and the condition: as far out as it can be.
    fn place(
        &self,
        array: Var,
        axis: u32,
        index: &Expr,
        terms: &[(bool, Expr)],
    ) -> Option<(usize, Expr)> {
        let own = |e: &Expr, target: Var| matches!(e.kind, ExprKind::Var(v) if v == target);
        // The loop whose counter the index goes with, if it goes with one.
        let counting = self.loops.iter().rposition(|inner| {
            let counter = inner.counter.as_ref();
            counter.is_some_and(|c| terms.iter().any(|(_, e)| own(e, c.target)))
        });
        let Some(at) = counting else {
            let out = self.outermost(self.loops.len(), &[terms])?;
            let sum = total(index.span, terms);
            let condition = between(index.span, array, axis, sum.clone(), sum, 1);
            return Some((out, self.unless_empty(out, condition)));
        };
        let inner = &self.loops[at];
        let counter = inner.counter.as_ref()?;
        // The body must not bind the loop's own variable.
        if inner.bound.contains(counter.target) {
            return None;
        }
        let mine = terms.iter().filter(|(_, e)| own(e, counter.target));
        if mine.clone().count() != 1 || mine.clone().any(|(negative, _)| *negative) {
            return None;
        }
        let rest: Vec<_> = terms
            .iter()
            .filter(|(_, e)| !own(e, counter.target))
            .cloned()
            .collect();
        if self.outermost(at + 1, &[&rest]).is_none_or(|out| out > at)
            || !self.constant_in(at, &rest)
        {
            return None;
        }
        let with = |first: &[(bool, Expr)]| {
            let all: Vec<_> = first.iter().chain(&rest).cloned().collect();
            total(index.span, &all)
        };
        let var = |v| vec![(false, resume::expr(index.span, ExprKind::Var(v)))];
        // Further out, where the range is known there.
        if let Some((start, stop)) = &counter.range
            && let Some(out) = self.outermost(at, &[start, stop, &rest])
        {
            let condition = between(index.span, array, axis, with(start), with(stop), 0);
            let start = total(index.span, start);
            let stop = total(index.span, stop);
            let empty = compare(index.span, Compare::Ge, start, stop);
            let condition = either(index.span, empty, condition);
            return Some((out, self.unless_empty(out, condition)));
        }
        let (first, end) = (with(&var(counter.now)), with(&var(counter.end)));
        let condition = between(index.span, array, axis, first, end, 0);
        Some((at, self.unless_empty(at, condition)))
    }

    /// The outermost counted loop, of those before `below`, in which sums of terms are the same all the time.
    fn outermost(&self, below: usize, sums: &[&[(bool, Expr)]]) -> Option<usize> {
        let mut found = None;
        for at in (0..below).rev() {
            if !sums.iter().all(|terms| self.constant_in(at, terms)) {
                break;
            }
            if self.loops[at].counted {
                found = Some(at);
            }
        }
        found
    }

    /// Whether terms are the same in all iterations of a loop, and known before it.
    fn constant_in(&self, at: usize, terms: &[(bool, Expr)]) -> bool {
        let inner = &self.loops[at];
        let header = &self.out.header[&inner.stmt];
        let mut constant = true;
        for (_, e) in terms {
            e.reads(&mut |v| {
                // What is needed only inside the loop's condition has been forgotten at its start.
                let known = header.get(v).is_some_and(|slot| !slot.maybe_unbound);
                let target = inner.counter.as_ref().is_some_and(|c| c.target == v);
                constant &= known && !target && !inner.bound.contains(v);
            });
        }
        constant
    }

    /// A loop that does nothing needs no condition.
    fn unless_empty(&self, at: usize, condition: Expr) -> Expr {
        let Some(counter) = &self.loops[at].counter else {
            return condition;
        };
        let span = condition.span;
        let var = |v| resume::expr(span, ExprKind::Var(v));
        let empty = compare(span, Compare::Ge, var(counter.now), var(counter.end));
        either(span, empty, condition)
    }
}

/// The variables that a loop's body only adds to.
fn accumulators(body: &[Stmt], bound: &Set) -> Vec<Accumulator> {
    let mut found = Vec::new();
    for var in bound.iter() {
        let mut added = Vec::new();
        if adds(body, var, &mut Vec::new(), &mut added) && !added.is_empty() {
            found.push(Accumulator { var, added });
        }
    }
    found
}

fn adds(
    body: &[Stmt],
    var: Var,
    inner: &mut Vec<u32>,
    added: &mut Vec<(u32, bool, Vec<u32>)>,
) -> bool {
    body.iter().all(|stmt| match &stmt.kind {
        StmtKind::Assign(to, value) if *to == var => {
            let ExprKind::Binary(op, a, b) = &value.kind else {
                return false;
            };
            let is_it = |e: &Expr| matches!(e.kind, ExprKind::Var(v) if v == var);
            let (e, negative) = match op {
                Binary::Add if is_it(a) => (b, false),
                Binary::Add if is_it(b) => (a, false),
                Binary::Sub if is_it(a) => (b, true),
                _ => return false,
            };
            added.push((e.id, negative, inner.clone()));
            true
        }
        StmtKind::If(_, a, b) => adds(a, var, inner, added) && adds(b, var, inner, added),
        StmtKind::For(f) => {
            inner.push(stmt.id);
            let body = adds(&f.body, var, inner, added);
            inner.pop();
            body && adds(&f.orelse, var, inner, added) && !stmt.binds().contains(&var)
        }
        // How often it repeats is not known.
        StmtKind::While(_, a, b) => {
            let mut binds = false;
            for body in [a, b] {
                super::syntax::each(body, &mut |s| binds |= s.binds().contains(&var));
            }
            !binds
        }
        _ => !stmt.binds().contains(&var),
    })
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

fn element(dtype: DType) -> Fact {
    match dtype {
        DType::Bool => Fact::Bool(None),
        DType::F32 | DType::F64 => Fact::FLOAT,
        DType::C64 | DType::C128 => Fact::Complex,
        other => Fact::int(other.ints().unwrap_or(I64)),
    }
}

/// Where `tuple[index]` is.
#[must_use]
pub fn item_at(index: i128, length: usize) -> Option<usize> {
    let index = if index < 0 {
        index + length as i128
    } else {
        index
    };
    usize::try_from(index).ok().filter(|index| *index < length)
}

/// Whether an index needs no check: neither that it is not negative nor that it is below the length.
#[must_use]
pub fn in_bounds(array: Var, axis: u32, int: &IntFact) -> bool {
    int.interval.nonnegative()
        && int
            .below
            .iter()
            .any(|(a, x, k)| *a == array && *x == axis && *k < 0)
}

/// Takes an index apart into a sum of terms, of which true ones are subtracted.
pub fn linear(e: &Expr, negative: bool, terms: &mut Vec<(bool, Expr)>) -> bool {
    match &e.kind {
        ExprKind::Binary(Binary::Add, a, b) => {
            linear(a, negative, terms) && linear(b, negative, terms)
        }
        ExprKind::Binary(Binary::Sub, a, b) => {
            linear(a, negative, terms) && linear(b, !negative, terms)
        }
        ExprKind::Int(_) | ExprKind::Var(_) | ExprKind::Shape(..) => {
            terms.push((negative, e.clone()));
            true
        }
        ExprKind::Binary(Binary::Mul, a, b) => {
            let simple = |e: &Expr| {
                matches!(
                    e.kind,
                    ExprKind::Int(_) | ExprKind::Var(_) | ExprKind::Shape(..)
                )
            };
            terms.push((negative, e.clone()));
            simple(a) && simple(b)
        }
        _ => false,
    }
}

/// A sum of terms, of which true ones are subtracted.
fn total(span: Span, terms: &[(bool, Expr)]) -> Expr {
    let zero = resume::expr(span, ExprKind::Int(0));
    terms.iter().fold(zero, |sum, (negative, term)| {
        let op = if *negative { Binary::Sub } else { Binary::Add };
        resume::binary(span, op, sum, term.clone())
    })
}

fn compare(span: Span, op: Compare, a: Expr, b: Expr) -> Expr {
    resume::expr(span, ExprKind::Compare(op, Box::new(a), Box::new(b)))
}

fn either(span: Span, a: Expr, b: Expr) -> Expr {
    resume::expr(span, ExprKind::Or(Box::new(a), Box::new(b)))
}

/// `0 <= first and last + more <= length`
fn between(span: Span, array: Var, axis: u32, first: Expr, last: Expr, more: i128) -> Expr {
    let zero = resume::expr(span, ExprKind::Int(0));
    let length = resume::expr(span, ExprKind::Shape(array, axis));
    let more = resume::expr(span, ExprKind::Int(more));
    let last = resume::binary(span, Binary::Add, last, more);
    let low = compare(span, Compare::Le, zero, first);
    let high = compare(span, Compare::Le, last, length);
    resume::expr(span, ExprKind::And(Box::new(low), Box::new(high)))
}

/// What a range's values are.
fn inside(start: &IntFact, stop: &IntFact, step: &IntFact) -> IntFact {
    let (a, b) = (start.interval, stop.interval);
    let one = Interval::of(1);
    if step.interval.lo.is_some_and(|s| s > 0) {
        let found = Interval {
            lo: a.lo,
            hi: b.sub(one).hi,
        };
        let below = stop
            .below
            .iter()
            .map(|(a, axis, k)| (*a, *axis, k - 1))
            .collect();
        return IntFact {
            interval: sound(found, a),
            below,
        };
    }
    if step.interval.hi.is_some_and(|s| s < 0) {
        let found = Interval {
            lo: b.add(one).lo,
            hi: a.hi,
        };
        return IntFact {
            interval: sound(found, a),
            below: start.below.clone(),
        };
    }
    IntFact::new(a.join(b))
}

/// An empty range has no values; any interval will do for them.
fn sound(found: Interval, other: Interval) -> Interval {
    match (found.lo, found.hi) {
        (Some(lo), Some(hi)) if lo > hi => other,
        _ => found,
    }
}

fn known(op: Compare, a: Interval, b: Interval) -> Option<bool> {
    let below = |x: Interval, y: Interval| x.hi.zip(y.lo).is_some_and(|(x, y)| x < y);
    let not_above = |x: Interval, y: Interval| x.hi.zip(y.lo).is_some_and(|(x, y)| x <= y);
    let (yes, no) = match op {
        Compare::Lt => (below(a, b), not_above(b, a)),
        Compare::Le => (not_above(a, b), below(b, a)),
        Compare::Gt => (below(b, a), not_above(a, b)),
        Compare::Ge => (not_above(b, a), below(a, b)),
        Compare::Eq | Compare::Ne => {
            let equal = a.constant().is_some() && a == b;
            let apart = below(a, b) || below(b, a);
            if op == Compare::Eq {
                (equal, apart)
            } else {
                (apart, equal)
            }
        }
    };
    if yes {
        Some(true)
    } else if no {
        Some(false)
    } else {
        None
    }
}
