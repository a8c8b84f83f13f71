//! Going on elsewhere: a function that does what is left of another one when it is left at a
//! statement.
//!
//! When compiled code meets what it cannot do (an int beyond its width, an error), the values of its variables are
//! taken and the function made here is run with them: compiled for wider ints, or by CPython itself. Loops
//! keep their shape; a flag says that the first iteration begins in its middle.

use std::sync::Arc;

use super::syntax::{Binary, Expr, ExprKind, For, Function, Span, Stmt, StmtKind, Var};

/// What is left of `function` from the statement `at`, or, with `after`, from the next one. Its parameters are the
/// variables that have a value then. Nothing if there is no such statement.
#[must_use]
pub fn resume(function: &Function, at: u32, after: bool, bound: &[Var]) -> Option<Function> {
    let mut names = (*function.names).clone();
    let body = Rest {
        at,
        after,
        bound,
        names: &mut names,
    }
    .block(&function.body)?;
    let mut rest = Function {
        names: Arc::new(names),
        params: bound.to_vec(),
        body,
        ..function.clone()
    };
    renumber(&mut rest);
    Some(rest)
}

struct Rest<'a> {
    at: u32,
    after: bool,
    bound: &'a [Var],
    names: &'a mut Vec<Arc<str>>,
}

impl Rest<'_> {
    fn block(&mut self, body: &[Stmt]) -> Option<Vec<Stmt>> {
        for (index, stmt) in body.iter().enumerate() {
            if stmt.id == self.at {
                return Some(body[index + usize::from(self.after)..].to_vec());
            }
            if let Some(mut rest) = self.inside(stmt) {
                rest.extend_from_slice(&body[index + 1..]);
                return Some(rest);
            }
        }
        None
    }

    fn inside(&mut self, stmt: &Stmt) -> Option<Vec<Stmt>> {
        match &stmt.kind {
            StmtKind::If(_, a, b) => self.block(a).or_else(|| self.block(b)),
            StmtKind::While(test, body, orelse) => {
                let Some(first) = self.block(body) else {
                    return self.block(orelse);
                };
                let resumed = self.name(".r");
                let test = expr(
                    test.span,
                    ExprKind::Or(
                        Box::new(expr(test.span, ExprKind::Var(resumed))),
                        Box::new(test.clone()),
                    ),
                );
                let body = once(stmt.span, resumed, first, body);
                let kind = StmtKind::While(test, body, orelse.clone());
                Some(vec![set(stmt.span, resumed, true), made(stmt.span, kind)])
            }
            StmtKind::For(f) => {
                let Some(mut first) = self.block(&f.body) else {
                    return self.block(&f.orelse);
                };
                let resumed = self.name(".r");
                let mut before = vec![set(stmt.span, resumed, true)];
                // The loop binds its variable anew, and the body may have changed it by then.
                if self.bound.contains(&f.target) {
                    let saved = self.name(".s");
                    before.push(copy(stmt.span, saved, f.target));
                    first.insert(0, copy(stmt.span, f.target, saved));
                }
                let range = f.hidden.map(|var| expr(stmt.span, ExprKind::Var(var)));
                let kind = StmtKind::For(Box::new(For {
                    range,
                    body: once(stmt.span, resumed, first, &f.body),
                    ..(**f).clone()
                }));
                before.push(made(stmt.span, kind));
                Some(before)
            }
            _ => None,
        }
    }

    fn name(&mut self, prefix: &str) -> Var {
        let var = self.names.len() as Var;
        self.names.push(format!("{prefix}{var}").into());
        var
    }
}

/// `first` when the flag is set, which it then is no more; `body` otherwise.
fn once(span: Span, flag: Var, mut first: Vec<Stmt>, body: &[Stmt]) -> Vec<Stmt> {
    first.insert(0, set(span, flag, false));
    let test = expr(span, ExprKind::Var(flag));
    vec![made(span, StmtKind::If(test, first, body.to_vec()))]
}

fn set(span: Span, var: Var, value: bool) -> Stmt {
    made(
        span,
        StmtKind::Assign(var, expr(span, ExprKind::Bool(value))),
    )
}

fn copy(span: Span, to: Var, from: Var) -> Stmt {
    made(span, StmtKind::Assign(to, expr(span, ExprKind::Var(from))))
}

/// A statement; its number is given by [`renumber`].
pub fn made(span: Span, kind: StmtKind) -> Stmt {
    Stmt { id: 0, span, kind }
}

/// An expression; its number is given by [`renumber`].
#[must_use]
pub fn expr(span: Span, kind: ExprKind) -> Expr {
    Expr { id: 0, span, kind }
}

/// `a op b`; numbers are given by [`renumber`].
#[must_use]
pub fn binary(span: Span, op: Binary, a: Expr, b: Expr) -> Expr {
    expr(span, ExprKind::Binary(op, Box::new(a), Box::new(b)))
}

/// Gives every statement and expression its number.
pub fn renumber(function: &mut Function) {
    let mut count = Count::default();
    count.block(&mut function.body);
    function.exprs = count.exprs;
    function.stmts = count.stmts;
}

/// Gives an expression that is added to a function numbers from `next` on; gives the next one.
pub fn number(expr: &mut Expr, next: u32) -> u32 {
    let mut count = Count {
        exprs: next,
        stmts: 0,
    };
    count.expr(expr);
    count.exprs
}

#[derive(Default)]
struct Count {
    exprs: u32,
    stmts: u32,
}

impl Count {
    fn block(&mut self, body: &mut [Stmt]) {
        for stmt in body {
            stmt.id = self.stmts;
            self.stmts += 1;
            self.stmt(&mut stmt.kind);
        }
    }

    fn stmt(&mut self, kind: &mut StmtKind) {
        match kind {
            StmtKind::Assign(_, e) | StmtKind::Expr(e) | StmtKind::Return(e) => self.expr(e),
            StmtKind::Store(_, index, e) => {
                index.iter_mut().for_each(|e| self.expr(e));
                self.expr(e);
            }
            StmtKind::If(test, a, b) | StmtKind::While(test, a, b) => {
                self.expr(test);
                self.block(a);
                self.block(b);
            }
            StmtKind::For(f) => {
                f.range.iter_mut().for_each(|e| self.expr(e));
                self.block(&mut f.body);
                self.block(&mut f.orelse);
            }
            StmtKind::Parallel(p) => p.range.iter_mut().for_each(|e| self.expr(e)),
            StmtKind::Call(_, _, args) | StmtKind::Draw(_, _, _, args) => {
                args.iter_mut().for_each(|e| self.expr(e));
            }
            StmtKind::Stream(_, a, b) => {
                self.expr(a);
                self.expr(b);
            }
            StmtKind::Break | StmtKind::Continue | StmtKind::Pass | StmtKind::Python(..) => {}
        }
    }

    fn expr(&mut self, e: &mut Expr) {
        e.id = self.exprs;
        self.exprs += 1;
        match &mut e.kind {
            ExprKind::Item(a, ..) | ExprKind::Unary(_, a) => self.expr(a),
            ExprKind::Binary(_, a, b)
            | ExprKind::Compare(_, a, b)
            | ExprKind::And(a, b)
            | ExprKind::Or(a, b) => {
                self.expr(a);
                self.expr(b);
            }
            ExprKind::IfElse(a, b, c) => {
                self.expr(a);
                self.expr(b);
                self.expr(c);
            }
            ExprKind::Tuple(items) | ExprKind::Load(_, items) | ExprKind::Call(_, items) => {
                items.iter_mut().for_each(|e| self.expr(e));
            }
            _ => {}
        }
    }
}
