//! Statements: what is known after each. `None` where nothing comes after.

use super::env::Env;
use super::{Pass, Result, one_type};
use crate::kernel::interval::Interval;
use crate::kernel::syntax::{Draw, Span, Stmt, StmtKind, Var};
use crate::kernel::transfer;
use crate::kernel::types::{Fact, Type};

impl Pass<'_> {
    pub(super) fn block(&mut self, body: &[Stmt], mut env: Option<Env>) -> Result<Option<Env>> {
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

    pub(super) fn bind(&mut self, env: &mut Env, var: Var, fact: Fact, span: Span) -> Result<()> {
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

    pub(super) fn stmt(&mut self, stmt: &Stmt, mut env: Env) -> Result<Option<Env>> {
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

    pub(super) fn returns(&mut self, fact: Fact) -> Result<()> {
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

    pub(super) fn called(
        &mut self,
        stmt: &Stmt,
        callee: u32,
        args: &[Fact],
    ) -> Result<Option<Fact>> {
        let types: Vec<Type> = args.iter().map(Fact::ty).collect();
        let kernel = match &self.function.kernels[callee as usize] {
            crate::kernel::syntax::Callee::Kernel(kernel) => kernel.clone(),
            crate::kernel::syntax::Callee::Itself => {
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
}
