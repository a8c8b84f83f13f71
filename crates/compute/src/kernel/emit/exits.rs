//! Where the code is left: by a check that fails, for the runtime, with a result.

use cranelift_codegen::ir::{
    self, AbiParam, InstBuilder, MemFlagsData, Signature, StackSlotData, StackSlotKind, types,
};
use cranelift_codegen::isa::CallConv;

use super::machine::look_without_loss;
use super::{Emit, Here, Val};
use crate::kernel::runtime::{Context, Dynamic, Exit, Reason, leave, look, status};
use crate::kernel::syntax::{Stmt, Var};
use crate::kernel::types::{Fact, Repr};

impl<'a> Emit<'a> {
    /// Goes on in a new block where `bad` is 0, and leaves the code elsewhere.
    pub(super) fn check(&mut self, bad: ir::Value, reason: Reason) {
        let out = self.exit(reason);
        let next = self.b.create_block();
        self.b.ins().brif(bad, out, &[], next, &[]);
        self.b.switch_to_block(next);
        self.b.seal_block(next);
    }

    /// The block that leaves the code at the current statement.
    pub(super) fn exit(&mut self, reason: Reason) -> ir::Block {
        let key = (self.here.stmt, reason);
        if let Some(block) = self.cache.get(&key) {
            return *block;
        }
        let exit = Exit {
            stmt: self.here.stmt,
            after: false,
            reason,
            vars: self.here.vars.clone(),
            dynamic: Dynamic::None,
        };
        let block = self.leave_in(exit);
        self.cache.insert(key, block);
        block
    }

    /// A block that leaves the code; it is filled when the statement is done.
    pub(super) fn leave_in(&mut self, exit: Exit) -> ir::Block {
        let block = self.b.create_block();
        self.b.set_cold_block(block);
        self.pending
            .push((block, self.exits.len() as u32, exit.vars.clone()));
        self.exits.push(exit);
        block
    }

    /// Fills the blocks that leave the code at the statement that was just done.
    pub(super) fn fill_exits(&mut self) {
        // A kernel inside another is left where it is called.
        if self.inlined.is_some() {
            return;
        }
        let current = self.b.current_block();
        let places = self.places.clone();
        for (block, number, vars) in std::mem::take(&mut self.pending) {
            self.b.switch_to_block(block);
            self.b.seal_block(block);
            let slots = vars
                .iter()
                .map(|(_, repr, flag)| repr.parts() + usize::from(*flag))
                .sum::<usize>();
            let frame = self.frame_of(slots);
            let mut slot = 0;
            for (var, repr, flagged) in vars {
                self.places[var as usize] = Some((repr, flagged));
                let (value, flag) = self.variable(var);
                self.write(&value, frame, &mut slot);
                if let Some(flag) = flag {
                    let flag = Val::new(Repr::Bool, flag);
                    self.write(&flag, frame, &mut slot);
                }
            }
            let spec = self.b.ins().iconst(types::I64, self.spec as i64);
            let number = self.b.ins().iconst(types::I32, i64::from(number));
            let status = self.helper(
                leave as *const u8,
                &[self.context, spec, number, frame, self.args, self.result],
                &[types::I32],
            )[0];
            self.b.ins().return_(&[status]);
        }
        self.cache.clear();
        self.places = places;
        if let Some(current) = current
            && self.reached
        {
            self.b.switch_to_block(current);
        }
    }

    /// The frame that exits share.
    pub(super) fn frame_of(&mut self, slots: usize) -> ir::Value {
        let size = (slots.max(1) * 16) as u32;
        let slot = match self.frame {
            Some(slot) => {
                let data = &mut self.b.func.sized_stack_slots[slot];
                data.size = data.size.max(size);
                slot
            }
            None => {
                let data = StackSlotData::new(StackSlotKind::ExplicitSlot, size, 4);
                let slot = self.b.create_sized_stack_slot(data);
                self.frame = Some(slot);
                slot
            }
        };
        self.b.ins().stack_addr(types::I64, slot, 0)
    }

    /// Says where the code is left from now on.
    pub(super) fn at_statement(&mut self, stmt: &Stmt) {
        if self.inlined.is_some() {
            return;
        }
        let live = self.a.live.before(stmt);
        let vars = self.places.iter().enumerate().filter_map(|(var, place)| {
            let (repr, maybe) = place.clone()?;
            let array = matches!(repr, Repr::Array(_));
            (array || live.contains(var as Var)).then_some((var as Var, repr, maybe))
        });
        self.here = Here {
            stmt: stmt.id,
            line: stmt.span.line,
            vars: vars.collect(),
        };
    }

    /// Looks whether the runtime wants something.
    pub(super) fn poll(&mut self) {
        let flags = MemFlagsData::trusted();
        let offset = std::mem::offset_of!(Context, flag) as i32;
        let address = self.b.ins().load(
            types::I64,
            flags.with_readonly().with_can_move(),
            self.context,
            offset,
        );
        let flag = self.b.ins().load(types::I32, flags, address, 0);
        let (cold, next) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(cold);
        self.b.ins().brif(flag, cold, &[], next, &[]);
        self.b.switch_to_block(cold);
        self.b.seal_block(cold);
        self.look();
        let looked = std::mem::offset_of!(Context, looked) as i32;
        let status = self.b.ins().load(types::I32, flags, self.context, looked);
        let stop = self.b.create_block();
        self.b.set_cold_block(stop);
        self.b.ins().brif(status, stop, &[], next, &[]);
        self.b.switch_to_block(stop);
        self.b.seal_block(stop);
        self.b.ins().return_(&[status]);
        self.b.switch_to_block(next);
        self.b.seal_block(next);
    }

    /// Calls the runtime without losing a register: otherwise, what a loop keeps in vector registers would have to
    /// lie in memory, in each iteration, for the sake of this call.
    pub(super) fn look(&mut self) {
        let Ok(address) = look_without_loss() else {
            self.helper(look as *const u8, &[self.context], &[]);
            return;
        };
        let mut signature = Signature::new(CallConv::PreserveAll);
        signature.params.push(AbiParam::new(types::I64));
        let signature = self.b.import_signature(signature);
        let address = self.b.ins().iconst(types::I64, address as i64);
        self.b
            .ins()
            .call_indirect(signature, address, &[self.context]);
    }

    /// Returns a value.
    pub(super) fn give(&mut self, value: &Val) {
        if let Some(place) = self.inlined.clone() {
            let value = self.convert(value, &place.repr);
            self.jump_with(place.block, &value.parts);
            self.reached = false;
            return;
        }
        let repr = self.a.returned.as_ref().map_or(Repr::None, Fact::repr);
        let value = self.convert(value, &repr);
        self.write(&value, self.result, &mut 0);
        let done = self.b.ins().iconst(types::I32, i64::from(status::DONE));
        self.b.ins().return_(&[done]);
        self.reached = false;
    }
}
