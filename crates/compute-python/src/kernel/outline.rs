//! Parallel loops: what of a loop's variables is whose, and the block that threads run.
//!
//! A variable that an iteration reads before it binds it comes from the iteration before: that is only
//! possible where it combines values in a way whose order does not matter, as in `total += x`.

use std::collections::HashMap;
use std::sync::Arc;

use compute::kernel::analyse::Unsupported;
use compute::kernel::live::{Live, Set};
use compute::kernel::resume::{expr, made, renumber};
use compute::kernel::runtime::{self, Host};
use compute::kernel::syntax::{
    Binary, Builtin, Expr, ExprKind, For, Function, Parallel, Reduction, Span, Stmt, StmtKind, Var,
    each,
};

/// Whether all parallel loops of a function can be that.
pub fn check(function: &Function, parallel: &[Var]) -> Result<(), Unsupported> {
    let live = Live::of(function);
    let mut problem = None;
    each(&function.body, &mut |stmt| {
        if let StmtKind::For(f) = &stmt.kind
            && parallel.contains(&f.hidden[0])
            && problem.is_none()
        {
            problem = Roles::of(function, stmt.span, f, live.after(stmt)).err();
        }
    });
    problem.map_or(Ok(()), Err)
}

/// Makes the loops that are parallel so.
pub fn outline(
    function: &mut Function,
    parallel: &[Var],
    host: &Arc<dyn Host>,
) -> Result<(), Unsupported> {
    if parallel.is_empty() {
        return Ok(());
    }
    let live = Live::of(function);
    // What is needed after each loop is told by its own counter: numbers of statements change.
    let mut after = HashMap::new();
    each(&function.body, &mut |stmt| {
        if let StmtKind::For(f) = &stmt.kind {
            after.insert(f.hidden[0], live.after(stmt).clone());
        }
    });
    let whole = function.clone();
    let mut outliner = Outliner {
        function: &whole,
        parallel,
        after: &after,
        host,
    };
    outliner.block(&mut function.body)?;
    renumber(function);
    Ok(())
}

struct Outliner<'a> {
    function: &'a Function,
    parallel: &'a [Var],
    after: &'a HashMap<Var, Set>,
    host: &'a Arc<dyn Host>,
}

impl Outliner<'_> {
    fn block(&mut self, body: &mut [Stmt]) -> Result<(), Unsupported> {
        for stmt in body {
            match &mut stmt.kind {
                StmtKind::If(_, a, b) | StmtKind::While(_, a, b) => {
                    self.block(a)?;
                    self.block(b)?;
                }
                StmtKind::For(f) => {
                    let roles = self
                        .parallel
                        .contains(&f.hidden[0])
                        .then(|| Roles::of(self.function, stmt.span, f, &self.after[&f.hidden[0]]))
                        .transpose()?;
                    self.block(&mut f.body)?;
                    self.block(&mut f.orelse)?;
                    if let Some(roles) = roles {
                        stmt.kind =
                            StmtKind::Parallel(Box::new(self.parallel(stmt.span, f, roles)));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn parallel(&self, at: Span, f: &For, roles: Roles) -> Parallel {
        let mut names = (*self.function.names).clone();
        let mut param = |name: &str| {
            names.push(name.into());
            names.len() as Var - 1
        };
        let bounds = [".from", ".to", ".by"].map(&mut param);
        let read = |var: Var| expr(at, ExprKind::Var(var));
        let mut looped = f.clone();
        looped.range = bounds.map(read);
        // A step that is known makes better code.
        if let ExprKind::Int(_) = f.range[2].kind {
            looped.range[2] = f.range[2].clone();
        }
        let results = roles
            .reductions
            .iter()
            .map(|r| r.0)
            .chain(roles.last.iter().copied());
        let results = expr(at, ExprKind::Tuple(results.map(read).collect()));
        let mut params = bounds.to_vec();
        params.extend(&roles.captured);
        params.extend(roles.reductions.iter().map(|r| r.0));
        let mut block = Function {
            name: self.function.name.clone(),
            names: Arc::new(names),
            params,
            body: vec![
                made(at, StmtKind::For(Box::new(looped))),
                made(at, StmtKind::Return(results)),
            ],
            ..self.function.clone()
        };
        renumber(&mut block);
        Parallel {
            range: f.range.clone(),
            block: runtime::Kernel::new(block, self.host.clone()),
            captured: roles.captured,
            reductions: roles.reductions,
            last: roles.last,
        }
    }
}

/// What a parallel loop's variables are.
struct Roles {
    captured: Vec<Var>,
    reductions: Vec<(Var, Reduction)>,
    last: Vec<Var>,
}

impl Roles {
    fn of(function: &Function, at: Span, f: &For, after: &Set) -> Result<Self, Unsupported> {
        // The loop alone, with nothing after it: what an iteration needs from outside itself.
        let mut alone = Function {
            body: vec![made(at, StmtKind::For(Box::new(f.clone())))],
            ..function.clone()
        };
        renumber(&mut alone);
        let live = Live::of(&alone);
        let needed = live.header(&alone.body[0]);
        let mut bound = Set::default();
        bound.insert(f.target);
        each(&f.body, &mut |stmt| {
            stmt.binds().iter().for_each(|v| bound.insert(*v))
        });
        let (mut captured, mut reductions) = (Vec::new(), Vec::new());
        for var in needed.iter().filter(|v| !f.hidden.contains(v)) {
            if bound.contains(var) {
                reductions.push((var, reduction(function, at, f, var)?));
            } else {
                captured.push(var);
            }
        }
        let mut last = Vec::new();
        for var in after.iter().filter(|v| bound.contains(*v)) {
            if reductions.iter().any(|(v, _)| *v == var) {
                continue;
            }
            if var != f.target && !always_bound(&f.body, var) {
                return Err(Unsupported {
                    span: at,
                    message: format!(
                        "which iteration sets `{}` last depends on their order, and prange has none",
                        function.name_of(var)
                    ),
                    hint: "combine values with +=, *=, min or max, or use range".into(),
                });
            }
            last.push(var);
        }
        Ok(Self {
            captured,
            reductions,
            last,
        })
    }
}

/// Whether every iteration binds a variable.
fn always_bound(body: &[Stmt], var: Var) -> bool {
    let mut jumps = false;
    each(body, &mut |stmt| {
        jumps |= matches!(stmt.kind, StmtKind::Continue)
    });
    body.iter().any(|stmt| match &stmt.kind {
        StmtKind::If(_, a, b) => !jumps && always_bound(a, var) && always_bound(b, var),
        StmtKind::While(..) | StmtKind::For(_) | StmtKind::Parallel(_) => false,
        _ => !jumps && stmt.binds().contains(&var),
    })
}

/// How a variable combines what iterations make.
fn reduction(function: &Function, at: Span, f: &For, var: Var) -> Result<Reduction, Unsupported> {
    let mut found: Option<Reduction> = None;
    let mut clean = true;
    each(&f.body, &mut |stmt| {
        let mut reads = 0;
        stmt.exprs(&mut |e| e.reads(&mut |v| reads += usize::from(v == var)));
        let binds = stmt.binds().contains(&var);
        if reads == 0 && !binds {
            return;
        }
        let one = match &stmt.kind {
            StmtKind::Assign(to, value) if *to == var && reads == 1 => combines(value, var),
            _ => None,
        };
        match (one, found) {
            (Some(one), None) => found = Some(one),
            (Some(one), Some(before)) if one == before => {}
            _ => clean = false,
        }
    });
    match found {
        Some(found) if clean => Ok(found),
        _ => Err(Unsupported {
            span: at,
            message: format!(
                "`{}` goes from one iteration to the next, and those of prange run at the same time",
                function.name_of(var)
            ),
            hint: "only combine into it: x += …, x *= …, x = min(x, …), x = max(x, …), x &= …; or use range".into(),
        }),
    }
}

fn combines(value: &Expr, var: Var) -> Option<Reduction> {
    let is_it = |e: &Expr| matches!(e.kind, ExprKind::Var(v) if v == var);
    match &value.kind {
        ExprKind::Binary(op, a, b) => {
            let (first, second) = (is_it(a), is_it(b));
            Some(match op {
                Binary::Add if first || second => Reduction::Add,
                Binary::Sub if first => Reduction::Add,
                Binary::Mul if first || second => Reduction::Mul,
                Binary::And if first || second => Reduction::And,
                Binary::Or if first || second => Reduction::Or,
                Binary::Xor if first || second => Reduction::Xor,
                _ => return None,
            })
        }
        // `min(x, new)`: of equals the first is kept, which is the older.
        ExprKind::Call(builtin, args) if args.len() == 2 && is_it(&args[0]) => match builtin {
            Builtin::Min => Some(Reduction::Min),
            Builtin::Max => Some(Reduction::Max),
            _ => None,
        },
        _ => None,
    }
}
