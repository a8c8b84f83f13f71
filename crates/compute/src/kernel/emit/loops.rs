//! Loops: `while`, and `for` over ranges, in strips between which the flag is looked at.

use cranelift_codegen::ir::{self, InstBuilder, condcodes::IntCC, types};

use super::{Emit, LoopBlocks, Val};
use crate::kernel::analyse::Env;
use crate::kernel::interval::{I64, Interval};
use crate::kernel::runtime::Reason;
use crate::kernel::syntax::{Expr, For, Stmt, StmtKind, Var, each};
use crate::kernel::types::{Fact, Repr};

/// Iterations of an innermost loop between two looks at the flag: few enough to stop at once, enough not to
/// be noticed.
pub(super) const STRIP: i64 = 4096;

impl<'a> Emit<'a> {
    pub(super) fn repeat(&mut self, stmt: &Stmt, test: &Expr, body: &[Stmt], orelse: &[Stmt]) {
        let [header, inside, done, after] = [(); 4].map(|()| self.b.create_block());
        let env = self.a.header[&stmt.id].clone();
        self.move_to(&env);
        self.jump(header);
        self.b.switch_to_block(header);
        self.at_statement(stmt);
        self.poll();
        self.branch(test, inside, done);
        self.fill_exits();
        self.loops.push(LoopBlocks {
            after,
            after_env: self.a.after.get(&stmt.id).cloned(),
            next: header,
            next_env: env.clone(),
        });
        self.b.seal_block(inside);
        self.b.switch_to_block(inside);
        self.reached = true;
        self.known_branch(test, true);
        self.block(body);
        if self.reached {
            self.move_to(&env);
            self.jump(header);
        }
        self.b.seal_block(header);
        self.loops.pop();
        self.finish_loop(stmt, done, after, orelse, &env);
    }

    /// What comes when a loop is done: its `else`, then where a `break` goes, too.
    pub(super) fn finish_loop(
        &mut self,
        stmt: &Stmt,
        done: ir::Block,
        after: ir::Block,
        orelse: &[Stmt],
        env: &Env,
    ) {
        self.b.seal_block(done);
        self.b.switch_to_block(done);
        self.at(env);
        self.reached = true;
        if self.a.done.contains_key(&stmt.id) {
            self.block(orelse);
        } else {
            self.unreachable();
        }
        let after_env = self.a.after.get(&stmt.id);
        if self.reached {
            match after_env {
                Some(env) => {
                    self.move_to(env);
                    self.jump(after);
                }
                None => self.unreachable(),
            }
        }
        self.b.seal_block(after);
        self.start(after, after_env);
    }

    /// A loop's counter, end or step: 64 bits, or the code is left.
    pub(super) fn bound(&mut self, e: &Expr) -> ir::Value {
        let value = self.expr(e);
        let interval = self.interval(e);
        self.narrow(&value, interval, Reason::Python)
    }

    pub(super) fn interval(&self, e: &Expr) -> Interval {
        match self.a.fact(e) {
            Fact::Int(int) => int.interval,
            _ => Interval::new(0, 1),
        }
    }

    pub(super) fn count(&mut self, stmt: &Stmt, f: &For) {
        let [now_var, end_var, by_var] = f.hidden;
        let [start, stop, step] = [0, 1, 2].map(|i| self.bound(&f.range[i]));
        let by = self.interval(&f.range[2]);
        self.check_range(&f.range, stop, step);
        let int = |part| Val::new(Repr::I64, part);
        for (var, part) in f.hidden.into_iter().zip([start, stop, step]) {
            self.assign(var, &int(part));
        }
        for guard in self.a.guards.get(&stmt.id).into_iter().flatten() {
            let value = self.expr(&guard.condition);
            let bad = self.b.ins().icmp_imm_u(IntCC::Equal, value.one(), 0);
            self.check(bad, Reason::Guard);
        }
        let unit = by.constant() == Some(1);
        let vector = if unit { self.vector(stmt, f) } else { None };
        let folded = if unit { self.folded(stmt, f) } else { None };
        let env = self.a.header[&stmt.id].clone();
        self.move_to(&env);
        let now = self.hidden(now_var);
        let end = self.hidden(end_var);
        let more = self.more(now, end, by_var, by);
        let innermost = {
            let mut inner = false;
            each(&f.body, &mut |s| inner |= !simple(s));
            !inner
        };
        let [body, next, done, after] = [(); 4].map(|()| self.b.create_block());
        // In an innermost loop the flag is looked at between strips.
        let steady = unit || by.within(Interval::new(1, 1 << 40));
        let strip = (innermost && steady).then(|| self.b.declare_var(types::I64));
        let outer = self.b.create_block();
        self.b.ins().brif(more, outer, &[], done, &[]);
        self.b.switch_to_block(outer);
        if strip.is_none() {
            self.b.seal_block(outer);
        }
        if let Some(strip) = strip {
            let now = self.hidden(now_var);
            let end = self.hidden(end_var);
            let left = self.b.ins().isub(end, now);
            let length = match by.constant() {
                Some(by) => self.b.ins().iconst(types::I64, STRIP * by as i64),
                None => {
                    let by = self.hidden(by_var);
                    self.b.ins().imul_imm_s(by, STRIP)
                }
            };
            let short = self.is(IntCC::UnsignedLessThan, left, length);
            let least = self.b.ins().select(short, left, length);
            let end = self.b.ins().iadd(now, least);
            self.b.def_var(strip, end);
        }
        let between = self.b.create_block();
        if let (Some(strip), true) = (strip, vector.is_some() || folded.is_some()) {
            let strip = self.b.use_var(strip);
            if let Some(vector) = &vector {
                self.groups(vector, f, strip);
            }
            if let Some(folded) = &folded {
                self.fold_groups(folded, f, strip);
            }
            let now = self.hidden(now_var);
            let more = self.is(IntCC::SignedLessThan, now, strip);
            self.b.ins().brif(more, body, &[], between, &[]);
        } else {
            self.jump(body);
        }
        self.b.switch_to_block(body);
        self.fill_exits();
        self.loops.push(LoopBlocks {
            after,
            after_env: self.a.after.get(&stmt.id).cloned(),
            next,
            next_env: env.clone(),
        });
        let now = self.hidden(now_var);
        self.assign(f.target, &int(now));
        // Single elements are found as groups are: other addresses would need registers of their own.
        let vector = vector.map(|vector| vector.streams);
        let streams = vector.or(folded.map(|folded| folded.streams));
        self.streams = streams.map(|streams| (streams, now_var));
        self.block(&f.body);
        self.streams = None;
        if self.reached {
            self.move_to(&env);
            self.jump(next);
        }
        self.b.seal_block(next);
        self.b.switch_to_block(next);
        self.at(&env);
        let now = self.hidden(now_var);
        let by_value = match by.constant() {
            Some(by) => self.b.ins().iconst(types::I64, by as i64),
            None => self.hidden(by_var),
        };
        let now = self.b.ins().iadd(now, by_value);
        self.assign(now_var, &int(now));
        self.places[now_var as usize] = Some((Repr::I64, false));
        if let Some(strip) = strip {
            let strip = self.b.use_var(strip);
            let more = self.is(IntCC::SignedLessThan, now, strip);
            self.b.ins().brif(more, body, &[], between, &[]);
            self.b.seal_block(body);
            self.b.seal_block(between);
            self.b.switch_to_block(between);
            self.poll();
            let (now, end) = (self.hidden(now_var), self.hidden(end_var));
            let more = self.is(IntCC::SignedLessThan, now, end);
            self.b.ins().brif(more, outer, &[], done, &[]);
            self.b.seal_block(outer);
        } else {
            self.poll();
            let (now, end) = (self.hidden(now_var), self.hidden(end_var));
            let more = self.more(now, end, by_var, by);
            self.b.ins().brif(more, body, &[], done, &[]);
            self.b.seal_block(body);
        }
        self.loops.pop();
        self.finish_loop(stmt, done, after, &f.orelse, &env);
    }

    pub(super) fn hidden(&mut self, var: Var) -> ir::Value {
        let (value, _) = self.variable(var);
        self.int_as(&value, &Repr::I64)
    }

    /// Whether a loop goes on.
    pub(super) fn more(
        &mut self,
        now: ir::Value,
        end: ir::Value,
        by: Var,
        step: Interval,
    ) -> ir::Value {
        if step.lo.is_some_and(|s| s > 0) {
            return self.is(IntCC::SignedLessThan, now, end);
        }
        if step.hi.is_some_and(|s| s < 0) {
            return self.is(IntCC::SignedGreaterThan, now, end);
        }
        let by = self.hidden(by);
        let up = self.b.ins().icmp_imm_s(IntCC::SignedGreaterThan, by, 0);
        let below = self.is(IntCC::SignedLessThan, now, end);
        let above = self.is(IntCC::SignedGreaterThan, now, end);
        self.b.ins().select(up, below, above)
    }

    /// What Python would refuse, or what would count beyond 64 bits.
    pub(super) fn check_range(&mut self, range: &[Expr; 3], stop: ir::Value, step: ir::Value) {
        let by = self.interval(&range[2]);
        if by.contains(0) {
            let bad = self.b.ins().icmp_imm_s(IntCC::Equal, step, 0);
            self.check(bad, Reason::Python);
        }
        let unit = matches!(by.constant(), Some(1 | -1));
        let beyond = self.interval(&range[1]).meet(I64).add(by);
        if !unit && !beyond.within(I64) {
            let (_, over) = self.b.ins().sadd_overflow(stop, step);
            self.check(over, Reason::Python);
        }
    }
}

/// Whether a statement does not take long.
pub(super) fn simple(stmt: &Stmt) -> bool {
    !matches!(
        stmt.kind,
        StmtKind::While(..) | StmtKind::For(_) | StmtKind::Parallel(_) | StmtKind::Call(..)
    )
}
