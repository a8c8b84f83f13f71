//! Calls of other kernels, and what follows one that did not simply give its result.

use cranelift_codegen::ir::{self, InstBuilder, MemFlagsData, condcodes::IntCC, types};

use super::Emit;
use crate::kernel::runtime::{Context, Dynamic, Exit, Reason, note, status, too_deep};
use crate::kernel::syntax::{Callee, Expr, ExprKind, Stmt, Var};
use crate::kernel::types::{Fact, Repr};

impl<'a> Emit<'a> {
    /// Leaves the code where a variable has no value.
    pub(super) fn check_bound(&mut self, flag: Option<ir::Value>) {
        if let Some(flag) = flag {
            let bad = self.b.ins().icmp_imm_u(IntCC::Equal, flag, 0);
            self.check(bad, Reason::Python);
        }
    }

    pub(super) fn call(&mut self, stmt: &Stmt, target: Var, callee: u32, args: &[Expr]) {
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
    pub(super) fn enter_call(&mut self) {
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

    pub(super) fn depth(&mut self, by: i64) -> ir::Value {
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
    pub(super) fn after_call(&mut self, stmt: &Stmt, status: ir::Value, dynamic: Dynamic) {
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
}
