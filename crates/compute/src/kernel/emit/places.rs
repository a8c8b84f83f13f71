//! Where values are: variables in registers, and slots in memory.

use cranelift_codegen::ir::{self, InstBuilder, MemFlagsData, StackSlotData, StackSlotKind, types};
use cranelift_frontend::Variable;

use super::{Emit, Val};
use crate::kernel::analyse::Env;
use crate::kernel::syntax::Var;
use crate::kernel::types::Repr;

impl<'a> Emit<'a> {
    pub(super) fn parts_of(repr: &Repr, out: &mut Vec<ir::Type>) {
        match repr {
            Repr::I64 => out.push(types::I64),
            Repr::I128 => out.push(types::I128),
            Repr::F64 => out.push(types::F64),
            Repr::Bool => out.push(types::I8),
            Repr::Complex => out.extend([types::F64, types::F64]),
            Repr::Number => out.extend([types::F64, types::I8]),
            Repr::None | Repr::Array(_) => {}
            Repr::Tuple(items) => items.iter().for_each(|item| Self::parts_of(item, out)),
            Repr::Stream => out.extend([types::I64; 4]),
        }
    }

    pub(super) fn registers(&mut self, var: Var, repr: &Repr) -> Vec<Variable> {
        if let Some(found) = self.variables.get(&(var, repr.clone())) {
            return found.clone();
        }
        let mut parts = Vec::new();
        Self::parts_of(repr, &mut parts);
        let made: Vec<_> = parts.into_iter().map(|ty| self.b.declare_var(ty)).collect();
        self.variables.insert((var, repr.clone()), made.clone());
        made
    }

    pub(super) fn flag(&mut self, var: Var) -> Variable {
        if let Some(flag) = self.flags.get(&var) {
            return *flag;
        }
        let flag = self.b.declare_var(types::I8);
        self.flags.insert(var, flag);
        flag
    }

    pub(super) fn assign(&mut self, var: Var, value: &Val) {
        let registers = self.registers(var, &value.repr);
        for (register, part) in registers.iter().zip(&value.parts) {
            self.b.def_var(*register, *part);
        }
        self.places[var as usize] = Some((value.repr.clone(), false));
    }

    /// A variable as it lies now. The flag says whether it has a value, if that is not certain.
    pub(super) fn variable(&mut self, var: Var) -> (Val, Option<ir::Value>) {
        let Some((repr, maybe)) = self.places[var as usize].clone() else {
            // The analysis refuses what is never bound; this is code that is never reached.
            return (self.zero(&Repr::I64), None);
        };
        let registers = self.registers(var, &repr);
        let parts = registers.into_iter().map(|r| self.b.use_var(r)).collect();
        let flag = maybe.then(|| {
            let flag = self.flag(var);
            self.b.use_var(flag)
        });
        (Val { repr, parts }, flag)
    }

    pub(super) fn zero(&mut self, repr: &Repr) -> Val {
        let mut kinds = Vec::new();
        Self::parts_of(repr, &mut kinds);
        let parts = kinds
            .into_iter()
            .map(|ty| match ty {
                types::F64 => self.b.ins().f64const(0.0),
                types::I128 => {
                    let zero = self.b.ins().iconst(types::I64, 0);
                    self.b.ins().iconcat(zero, zero)
                }
                ty => self.b.ins().iconst(ty, 0),
            })
            .collect();
        Val {
            repr: repr.clone(),
            parts,
        }
    }

    /// Brings all variables to how they must lie at another place, and makes that the current one.
    pub(super) fn move_to(&mut self, env: &Env) {
        let mut places = vec![None; self.places.len()];
        for (var, slot) in env.iter() {
            let repr = slot.fact.repr();
            if let Repr::Array(_) = repr {
                places[var as usize] = Some((repr, false));
                continue;
            }
            let (value, flag) = match self.places[var as usize].clone() {
                Some(_) => {
                    let (value, flag) = self.variable(var);
                    (self.convert(&value, &repr), flag)
                }
                None => (self.zero(&repr), Some(self.b.ins().iconst(types::I8, 0))),
            };
            let registers = self.registers(var, &repr);
            for (register, part) in registers.iter().zip(&value.parts) {
                self.b.def_var(*register, *part);
            }
            if slot.maybe_unbound {
                let there = match flag {
                    Some(flag) => flag,
                    None => self.b.ins().iconst(types::I8, 1),
                };
                let flag = self.flag(var);
                self.b.def_var(flag, there);
            }
            places[var as usize] = Some((repr, slot.maybe_unbound));
        }
        self.places = places;
    }

    /// Takes up the places of an environment, to which all ways here have moved.
    pub(super) fn at(&mut self, env: &Env) {
        self.places.iter_mut().for_each(|p| *p = None);
        for (var, slot) in env.iter() {
            self.places[var as usize] = Some((slot.fact.repr(), slot.maybe_unbound));
        }
    }

    pub(super) fn stack(&mut self, slots: usize) -> ir::Value {
        let data = StackSlotData::new(StackSlotKind::ExplicitSlot, (slots.max(1) * 16) as u32, 4);
        let slot = self.b.create_sized_stack_slot(data);
        self.b.ins().stack_addr(types::I64, slot, 0)
    }

    /// Writes a value into slots, from `slot` on.
    pub(super) fn write(&mut self, value: &Val, base: ir::Value, slot: &mut usize) {
        let flags = MemFlagsData::trusted();
        for part in &value.parts {
            self.b.ins().store(flags, *part, base, (*slot * 16) as i32);
            *slot += 1;
        }
    }

    /// Reads a value from slots.
    pub(super) fn read(&mut self, repr: &Repr, base: ir::Value, slot: &mut usize) -> Val {
        let mut kinds = Vec::new();
        Self::parts_of(repr, &mut kinds);
        let mut parts = Vec::new();
        for ty in kinds {
            parts.push(
                self.b
                    .ins()
                    .load(ty, MemFlagsData::trusted(), base, (*slot * 16) as i32),
            );
            *slot += 1;
        }
        Val {
            repr: repr.clone(),
            parts,
        }
    }
}
