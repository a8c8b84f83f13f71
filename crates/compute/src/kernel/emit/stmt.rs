//! Statements.

use cranelift_codegen::ir::{self, InstBuilder, types};

use super::{Emit, Val};
use crate::kernel::analyse::Env;
use crate::kernel::runtime::Reason;
use crate::kernel::syntax::{Binary, Expr, ExprKind, Stmt, StmtKind, Unary};
use crate::kernel::types::{Fact, Repr};

impl<'a> Emit<'a> {
    pub(super) fn block(&mut self, body: &[Stmt]) {
        for stmt in body {
            if !self.reached {
                return;
            }
            self.at_statement(stmt);
            self.stmt(stmt);
            self.fill_exits();
        }
    }

    pub(super) fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Assign(var, value) => {
                let value = self.expr(value);
                self.assign(*var, &value);
            }
            StmtKind::Store(array, index, value) => self.store(*array, index, value),
            StmtKind::Expr(value) => {
                self.expr(value);
            }
            StmtKind::If(test, a, b) => self.decide(stmt, test, a, b),
            StmtKind::While(test, body, orelse) => self.repeat(stmt, test, body, orelse),
            StmtKind::For(f) => self.count(stmt, f),
            StmtKind::Parallel(p) => self.parallel(stmt, p),
            StmtKind::Return(value) => {
                let value = self.expr(value);
                self.fill_exits();
                self.give(&value);
            }
            StmtKind::Break => {
                let Some(inner) = self.loops.last() else {
                    return;
                };
                let (block, env) = (inner.after, inner.after_env.clone());
                if let Some(env) = env {
                    self.move_to(&env);
                    self.jump(block);
                }
                self.reached = false;
            }
            StmtKind::Continue => {
                let Some(inner) = self.loops.last() else {
                    return;
                };
                let (block, env) = (inner.next, inner.next_env.clone());
                self.move_to(&env);
                self.jump(block);
                self.reached = false;
            }
            StmtKind::Pass => {}
            StmtKind::Python(..) => {
                let block = self.exit(Reason::Python);
                self.jump(block);
                self.reached = false;
                self.fill_exits();
            }
            StmtKind::Call(target, callee, args) => self.call(stmt, *target, *callee, args),
            StmtKind::Stream(target, seed, index) => self.stream(*target, seed, index),
            StmtKind::Draw(target, stream, draw, args) => self.draw(*target, *stream, *draw, args),
        }
    }

    /// Starts a block that all ways to it have been made for.
    pub(super) fn start(&mut self, block: ir::Block, env: Option<&Env>) {
        match env {
            Some(env) => {
                self.b.switch_to_block(block);
                self.at(env);
                self.reached = true;
            }
            None => self.reached = false,
        }
    }

    pub(super) fn decide(&mut self, stmt: &Stmt, test: &Expr, a: &[Stmt], b: &[Stmt]) {
        if b.is_empty() && self.add_if(test, a) {
            return;
        }
        let [then, other, after] = [(); 3].map(|()| self.b.create_block());
        self.branch(test, then, other);
        self.fill_exits();
        let env = self.a.after.get(&stmt.id);
        let places = self.places.clone();
        for (block, body) in [(then, a), (other, b)] {
            self.b.seal_block(block);
            self.b.switch_to_block(block);
            self.places.clone_from(&places);
            self.reached = true;
            self.known_branch(test, block == then);
            self.block(body);
            if self.reached {
                if let Some(env) = env {
                    self.move_to(env);
                    self.jump(after);
                } else {
                    self.unreachable();
                }
            }
        }
        self.b.seal_block(after);
        self.start(after, env);
    }

    /// `if test: n += 1`, without a jump: nobody can predict which way those go that count something.
    pub(super) fn add_if(&mut self, test: &Expr, body: &[Stmt]) -> bool {
        let [only] = body else { return false };
        let StmtKind::Assign(var, value) = &only.kind else {
            return false;
        };
        let ExprKind::Binary(op @ (Binary::Add | Binary::Sub), x, added) = &value.kind else {
            return false;
        };
        let same = matches!(x.kind, ExprKind::Var(v) if v == *var);
        let plain = matches!(added.kind, ExprKind::Int(_));
        let known = crate::kernel::transfer::truth(self.a.fact(test));
        let certain = matches!(self.places[*var as usize], Some((Repr::I64, false)));
        let Fact::Int(result) = self.a.fact(value) else {
            return false;
        };
        if !same || !plain || !certain || !result.narrow() || known != Some(None) {
            return false;
        }
        let test = self.expr(test);
        let truth = self.truth(&test);
        let (old, by) = (self.expr(x), self.expr(added));
        let zero = self.b.ins().iconst(types::I64, 0);
        let by = Val::new(Repr::I64, self.b.ins().select(truth, by.one(), zero));
        let facts = [x, added].map(|e| crate::kernel::types::IntFact::new(self.interval(e)));
        let sum = self.int_binary(*op, (&old, &facts[0]), (&by, &facts[1]), result);
        self.assign(*var, &sum);
        true
    }

    /// A branch that the analysis knows is never taken has no facts; it must not be compiled.
    pub(super) fn known_branch(&mut self, test: &Expr, outcome: bool) {
        if let Some(Some(known)) = crate::kernel::transfer::truth(self.a.fact(test))
            && known != outcome
        {
            self.unreachable();
        }
    }

    pub(super) fn unreachable(&mut self) {
        self.b.ins().trap(ir::TrapCode::unwrap_user(1));
        self.reached = false;
    }

    /// Goes to one of two blocks.
    pub(super) fn branch(&mut self, test: &Expr, yes: ir::Block, no: ir::Block) {
        match &test.kind {
            ExprKind::Unary(Unary::Not, a) => self.branch(a, no, yes),
            ExprKind::And(a, b) => {
                let second = self.b.create_block();
                self.branch(a, second, no);
                self.b.switch_to_block(second);
                self.b.seal_block(second);
                self.branch(b, yes, no);
            }
            ExprKind::Or(a, b) => {
                let second = self.b.create_block();
                self.branch(a, yes, second);
                self.b.switch_to_block(second);
                self.b.seal_block(second);
                self.branch(b, yes, no);
            }
            _ => {
                let value = self.expr(test);
                let truth = self.truth(&value);
                self.b.ins().brif(truth, yes, &[], no, &[]);
            }
        }
    }
}
