//! Statements.

use cranelift_codegen::ir::{self, InstBuilder, MemFlagsData, condcodes::IntCC, types};

use super::{Emit, LoopBlocks, Val};
use crate::kernel::analyse::Env;
use crate::kernel::interval::{I64, Interval};
use crate::kernel::parallel::{Description, parallel};
use crate::kernel::runtime::{Context, Dynamic, Exit, Reason, note, status, too_deep};
use crate::kernel::syntax::{
    Binary, Callee, Expr, ExprKind, For, Parallel, Stmt, StmtKind, Unary, Var, each,
};
use crate::kernel::types::{Fact, Repr};

/// Iterations of an innermost loop between two looks at the flag: few enough to stop at once, enough not to
/// be noticed.
const STRIP: i64 = 4096;

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

    fn stmt(&mut self, stmt: &Stmt) {
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
    fn start(&mut self, block: ir::Block, env: Option<&Env>) {
        match env {
            Some(env) => {
                self.b.switch_to_block(block);
                self.at(env);
                self.reached = true;
            }
            None => self.reached = false,
        }
    }

    fn decide(&mut self, stmt: &Stmt, test: &Expr, a: &[Stmt], b: &[Stmt]) {
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
    fn add_if(&mut self, test: &Expr, body: &[Stmt]) -> bool {
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
    fn known_branch(&mut self, test: &Expr, outcome: bool) {
        if let Some(Some(known)) = crate::kernel::transfer::truth(self.a.fact(test))
            && known != outcome
        {
            self.unreachable();
        }
    }

    fn unreachable(&mut self) {
        self.b.ins().trap(ir::TrapCode::unwrap_user(1));
        self.reached = false;
    }

    fn repeat(&mut self, stmt: &Stmt, test: &Expr, body: &[Stmt], orelse: &[Stmt]) {
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
    fn finish_loop(
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
    fn bound(&mut self, e: &Expr) -> ir::Value {
        let value = self.expr(e);
        let interval = self.interval(e);
        self.narrow(&value, interval, Reason::Python)
    }

    fn interval(&self, e: &Expr) -> Interval {
        match self.a.fact(e) {
            Fact::Int(int) => int.interval,
            _ => Interval::new(0, 1),
        }
    }

    fn count(&mut self, stmt: &Stmt, f: &For) {
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
        self.block(&f.body);
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
    fn more(&mut self, now: ir::Value, end: ir::Value, by: Var, step: Interval) -> ir::Value {
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
    fn check_range(&mut self, range: &[Expr; 3], stop: ir::Value, step: ir::Value) {
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

    fn parallel(&mut self, stmt: &Stmt, p: &Parallel) {
        let spec = self.a.callees[&stmt.id].clone();
        let [start, stop, step] = [0, 1, 2].map(|i| self.bound(&p.range[i]));
        self.check_range(&p.range, stop, step);
        let by = self.interval(&p.range[2]);
        let slots: usize = spec.reprs.iter().map(Repr::slots).sum();
        let frame = self.stack(slots + 8 * p.reductions.len());
        let mut slot = 0;
        for part in [start, stop, step] {
            self.write(&Val::new(Repr::I64, part), frame, &mut slot);
        }
        for (var, repr) in p.captured.iter().zip(&spec.reprs[3..]) {
            self.pass(*var, repr, frame, &mut slot);
        }
        let mut before = Vec::new();
        for (var, _) in &p.reductions {
            let (value, flag) = self.variable(*var);
            self.check_bound(flag);
            before.push(value.repr.clone());
            self.write(&value, frame, &mut slot);
        }
        // How the results are wanted: as the analysis has it after the loop.
        let Some(Fact::Tuple(found)) = &spec.returned else {
            let block = self.exit(Reason::Python);
            self.jump(block);
            self.reached = false;
            self.fill_exits();
            return;
        };
        let targets: Vec<Var> = p
            .reductions
            .iter()
            .map(|r| r.0)
            .chain(p.last.iter().copied())
            .collect();
        let after: Vec<Repr> = targets
            .iter()
            .zip(found)
            .enumerate()
            .map(|(i, (var, fact))| {
                let old = self.places[*var as usize].clone();
                match (i < p.reductions.len(), fact, old) {
                    (true, Fact::Int(_), Some((old, _))) => {
                        joined(&old, &limit_repr(spec.options.width))
                    }
                    (_, fact, Some((old, _))) => joined(&old, &fact.repr()),
                    (_, fact, None) => fact.repr(),
                }
            })
            .collect();
        let description = Box::new(Description {
            block: spec.clone(),
            reductions: p.reductions.iter().map(|r| r.1).collect(),
            before,
            after: after.clone(),
        });
        let address = std::ptr::from_ref(&*description) as i64;
        self.descriptions.push(description);
        let place = self.stack(after.iter().map(Repr::slots).sum());

        // An empty range changes nothing.
        let [run, done] = [(); 2].map(|()| self.b.create_block());
        let by_positive = self.b.ins().icmp_imm_s(IntCC::SignedGreaterThan, step, 0);
        let below = self.is(IntCC::SignedLessThan, start, stop);
        let above = self.is(IntCC::SignedGreaterThan, start, stop);
        let more = if by.lo.is_some_and(|s| s > 0) {
            below
        } else {
            self.b.ins().select(by_positive, below, above)
        };
        let olds: Vec<(Val, Option<ir::Value>)> = targets
            .iter()
            .zip(&after)
            .map(|(var, repr)| match self.places[*var as usize] {
                Some(_) => {
                    let (value, flag) = self.variable(*var);
                    (self.convert(&value, repr), flag)
                }
                None => (self.zero(repr), Some(self.b.ins().iconst(types::I8, 0))),
            })
            .collect();
        let mut params = Vec::new();
        for (old, flag) in &olds {
            for part in &old.parts {
                let ty = self.b.func.dfg.value_type(*part);
                params.push((self.b.append_block_param(done, ty), *part));
            }
            if let Some(flag) = flag {
                params.push((self.b.append_block_param(done, types::I8), *flag));
            }
        }
        let args: Vec<ir::BlockArg> = params
            .iter()
            .map(|(_, old)| ir::BlockArg::Value(*old))
            .collect();
        self.b.ins().brif(more, run, &[], done, &args);
        self.b.switch_to_block(run);
        self.b.seal_block(run);
        let description = self.b.ins().iconst(types::I64, address);
        let status = self.helper(
            parallel as *const u8,
            &[self.context, description, frame, place],
            &[types::I32],
        )[0];
        self.after_call(stmt, status, Dynamic::Each(targets.clone()));
        let mut slot = 0;
        let mut news = Vec::new();
        for (repr, (_, flag)) in after.iter().zip(&olds) {
            news.extend(self.read(repr, place, &mut slot).parts);
            if flag.is_some() {
                news.push(self.b.ins().iconst(types::I8, 1));
            }
        }
        self.jump_with(done, &news);
        self.b.switch_to_block(done);
        self.b.seal_block(done);
        let mut values = params.into_iter().map(|(param, _)| param);
        for ((var, repr), (_, flag)) in targets.iter().zip(&after).zip(&olds) {
            let parts = values.by_ref().take(repr.parts()).collect();
            self.assign(
                *var,
                &Val {
                    repr: repr.clone(),
                    parts,
                },
            );
            if flag.is_some() {
                let there = values.next().expect("one for each flag");
                let flag = self.flag(*var);
                self.b.def_var(flag, there);
                self.places[*var as usize] = Some((repr.clone(), true));
            }
        }
    }

    /// Writes a variable into a frame as a callee wants it.
    fn pass(&mut self, var: Var, repr: &Repr, frame: ir::Value, slot: &mut usize) {
        if let Repr::Array(_) = repr {
            let address = self.arrays[&var].address;
            self.b
                .ins()
                .store(MemFlagsData::trusted(), address, frame, (*slot * 16) as i32);
            *slot += 1;
            return;
        }
        let (value, flag) = self.variable(var);
        self.check_bound(flag);
        let value = self.convert(&value, repr);
        self.write(&value, frame, slot);
    }

    /// Leaves the code where a variable has no value.
    pub(super) fn check_bound(&mut self, flag: Option<ir::Value>) {
        if let Some(flag) = flag {
            let bad = self.b.ins().icmp_imm_u(IntCC::Equal, flag, 0);
            self.check(bad, Reason::Python);
        }
    }

    fn call(&mut self, stmt: &Stmt, target: Var, callee: u32, args: &[Expr]) {
        let analysis = self.a;
        if let Some(spec) = analysis.callees.get(&stmt.id)
            && let Some(value) = self.inline(spec, args)
        {
            self.assign(target, &value);
            return;
        }
        let other = analysis.callees.get(&stmt.id).cloned();
        let reprs = match &other {
            Some(spec) => spec.reprs.clone(),
            None => {
                let params = self.a.params.iter().zip(&self.f.params);
                params.map(|(ty, var)| Fact::of(ty, *var).repr()).collect()
            }
        };
        let frame = self.stack(reprs.iter().map(Repr::slots).sum());
        let mut slot = 0;
        for (arg, repr) in args.iter().zip(&reprs) {
            if let (ExprKind::Var(var), Repr::Array(_)) = (&arg.kind, repr) {
                self.pass(*var, repr, frame, &mut slot);
                continue;
            }
            let value = self.expr(arg);
            let value = self.convert(&value, repr);
            self.write(&value, frame, &mut slot);
        }
        let returned = match &other {
            Some(spec) => spec.returned.clone(),
            None => self.a.returned.clone(),
        };
        let repr = returned.as_ref().map_or(Repr::None, Fact::repr);
        let place = self.stack(repr.slots());
        self.enter_call();
        let status = match &other {
            Some(spec) => {
                let address = spec.code.entry;
                self.helper(address, &[self.context, frame, place], &[types::I32])[0]
            }
            None => {
                debug_assert!(matches!(self.f.kernels[callee as usize], Callee::Itself));
                let call = self
                    .b
                    .ins()
                    .call(self.itself, &[self.context, frame, place]);
                self.b.inst_results(call)[0]
            }
        };
        self.depth(-1);
        self.after_call(stmt, status, Dynamic::Of(target));
        if returned.is_none() {
            self.unreachable();
            return;
        }
        let value = self.read(&repr, place, &mut 0);
        self.assign(target, &value);
    }

    /// Counts calls inside each other, as Python does, and keeps them on the stack.
    fn enter_call(&mut self) {
        let depth = self.depth(1);
        let limit_at = std::mem::offset_of!(Context, limit) as i32;
        let stack_at = std::mem::offset_of!(Context, stack) as i32;
        let flags = MemFlagsData::trusted().with_readonly();
        let limit = self.b.ins().load(types::I32, flags, self.context, limit_at);
        let lowest = self.b.ins().load(types::I64, flags, self.context, stack_at);
        let here = self.b.ins().get_stack_pointer(types::I64);
        let deep = self.is(IntCC::UnsignedGreaterThan, depth, limit);
        let low = self.is(IntCC::UnsignedLessThan, here, lowest);
        let bad = self.b.ins().bor(deep, low);
        let [cold, next] = [(); 2].map(|()| self.b.create_block());
        self.b.set_cold_block(cold);
        self.b.ins().brif(bad, cold, &[], next, &[]);
        self.b.switch_to_block(cold);
        self.b.seal_block(cold);
        let status = self.helper(too_deep as *const u8, &[self.context], &[types::I32])[0];
        self.b.ins().return_(&[status]);
        self.b.switch_to_block(next);
        self.b.seal_block(next);
    }

    fn depth(&mut self, by: i64) -> ir::Value {
        let at = std::mem::offset_of!(Context, depth) as i32;
        let depth = self
            .b
            .ins()
            .load(types::I32, MemFlagsData::trusted(), self.context, at);
        let depth = self.b.ins().iadd_imm_s(depth, by);
        self.b
            .ins()
            .store(MemFlagsData::trusted(), depth, self.context, at);
        depth
    }

    /// What becomes of a call that did not simply give its result.
    fn after_call(&mut self, stmt: &Stmt, status: ir::Value, dynamic: Dynamic) {
        let [cold, next, stopped] = [(); 3].map(|()| self.b.create_block());
        self.b.set_cold_block(cold);
        self.b.set_cold_block(stopped);
        self.b.ins().brif(status, cold, &[], next, &[]);
        self.b.switch_to_block(cold);
        self.b.seal_block(cold);
        let targets = match &dynamic {
            Dynamic::None => &[][..],
            Dynamic::Of(var) => std::slice::from_ref(var),
            Dynamic::Each(vars) => vars,
        };
        let live = self.a.live.after(stmt);
        let vars = self.here.vars.iter().filter(|(var, repr, _)| {
            let array = matches!(repr, Repr::Array(_));
            (array || live.contains(*var)) && !targets.contains(var)
        });
        let exit = Exit {
            stmt: stmt.id,
            after: true,
            reason: Reason::Dynamic,
            vars: vars.cloned().collect(),
            dynamic,
        };
        let left = self.leave_in(exit);
        let is_stop = self
            .b
            .ins()
            .icmp_imm_u(IntCC::Equal, status, i64::from(status::STOPPED));
        self.b.ins().brif(is_stop, stopped, &[], left, &[]);
        self.b.switch_to_block(stopped);
        self.b.seal_block(stopped);
        let spec = self.b.ins().iconst(types::I64, self.spec as i64);
        let line = self.b.ins().iconst(types::I32, i64::from(self.here.line));
        self.helper(note as *const u8, &[self.context, spec, line], &[]);
        self.b.ins().return_(&[status]);
        self.b.switch_to_block(next);
        self.b.seal_block(next);
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

/// Whether a statement does not take long.
fn simple(stmt: &Stmt) -> bool {
    !matches!(
        stmt.kind,
        StmtKind::While(..) | StmtKind::For(_) | StmtKind::Parallel(_) | StmtKind::Call(..)
    )
}

fn limit_repr(width: crate::kernel::transfer::Width) -> Repr {
    Fact::int(width.limit()).repr()
}

fn joined(a: &Repr, b: &Repr) -> Repr {
    match (a, b) {
        (a, b) if a == b => a.clone(),
        (Repr::I64, Repr::I128) | (Repr::I128, Repr::I64) => Repr::I128,
        (Repr::Tuple(a), Repr::Tuple(b)) => {
            Repr::Tuple(a.iter().zip(b).map(|(a, b)| joined(a, b)).collect())
        }
        _ => Repr::Number,
    }
}
