//! Where compiled code cannot go on: its variables are taken, and what is left is done elsewhere.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::compile::lock;
use super::{Context, Dynamic, Exit, Kernel, Options, Reason, Spec, Stop, status};
use crate::kernel::syntax::Var;
use crate::kernel::transfer::Width;
use crate::kernel::types::{Repr, Type};
use crate::kernel::value::{Slot, Value};

impl Spec {
    /// Goes on after compiled code was left at an exit.
    fn go_on(
        &self,
        context: &mut Context,
        exit: &Exit,
        frame: &[Slot],
        args: *const Slot,
    ) -> Result<Value, Stop> {
        let Some(kernel) = self.kernel.upgrade() else {
            return Err(Stop::Cancelled);
        };
        let (bound, values) = self.values(context, exit, frame, args);
        self.remember(&kernel, exit.reason);
        let Some(rest) = kernel.rest(exit, bound) else {
            return Err(Stop::Cancelled);
        };
        let options = match exit.reason {
            Reason::Guard => Some(Options {
                guards: false,
                ..self.options
            }),
            Reason::Overflow | Reason::Dynamic if self.options.width == Width::Narrow => {
                Some(Options {
                    width: Width::Wide,
                    guards: false,
                })
            }
            _ => None,
        };
        // Ints of one width have one type here, else each value would make another version.
        let types: Option<Vec<Type>> = values.iter().map(|v| v.ty().map(coarse)).collect();
        if let Some((options, types)) = options.zip(types)
            && let Ok(spec) = rest.specialise(&types, options)
        {
            return spec.run(context, &values);
        }
        kernel.host.python(&rest.function, values)
    }

    /// The variables at an exit, and their values.
    pub(in crate::kernel) fn values(
        &self,
        context: &mut Context,
        exit: &Exit,
        frame: &[Slot],
        args: *const Slot,
    ) -> (Vec<Var>, Vec<Value>) {
        let (mut bound, mut values) = (Vec::new(), Vec::new());
        let mut slots = frame.iter();
        for (var, repr, flagged) in &exit.vars {
            let value = match repr {
                Repr::Array(_) => self.array(*var, args),
                repr => Value::read(repr, &mut slots),
            };
            let there = !flagged || slots.next().is_some_and(|flag| flag.0[0] & 0xff != 0);
            if let (true, Some(value)) = (there, value) {
                bound.push(*var);
                values.push(value);
            }
        }
        match (&exit.dynamic, context.dynamic.take()) {
            (Dynamic::Of(var), Some(value)) => {
                bound.push(*var);
                values.push(value);
            }
            (Dynamic::Each(vars), Some(Value::Tuple(items))) => {
                bound.extend(vars);
                values.extend(items);
            }
            _ => {}
        }
        (bound, values)
    }

    /// An array parameter's value.
    pub(in crate::kernel) fn array(&self, var: Var, args: *const Slot) -> Option<Value> {
        let mut index = 0;
        for (param, repr) in self.function.params.iter().zip(&self.reprs) {
            if *param == var {
                // SAFETY: the slot holds the address of an array that the caller of the kernel keeps in an `Arc`.
                let array = unsafe {
                    let address = (*args.add(index)).0[0] as *const crate::kernel::value::Array;
                    Arc::increment_strong_count(address);
                    Arc::from_raw(address)
                };
                return Some(Value::Array(array));
            }
            index += repr.slots();
        }
        None
    }

    /// After some calls that were left, the next ones begin otherwise.
    fn remember(&self, kernel: &Kernel, reason: Reason) {
        const OFTEN: u32 = 3;
        let times = self.left.fetch_add(1, Ordering::Relaxed) + 1;
        let mut next = self.options;
        match reason {
            Reason::Guard => next.guards = false,
            Reason::Overflow if times >= OFTEN && self.options.width == Width::Narrow => {
                next.width = Width::Wide
            }
            _ => return,
        }
        lock(&kernel.habits).insert(self.params.clone(), next);
        *lock(&kernel.last) = None;
    }
}

fn coarse(ty: Type) -> Type {
    match ty {
        Type::Int(crate::kernel::types::IntClass::Small) => {
            Type::Int(crate::kernel::types::IntClass::I64)
        }
        Type::Tuple(items) => Type::Tuple(items.into_iter().map(coarse).collect()),
        other => other,
    }
}

/// Called by compiled code that cannot go on: does the rest, and gives its result.
pub(in crate::kernel) unsafe extern "C" fn leave(
    context: *mut Context,
    spec: *const Spec,
    exit: u32,
    frame: *const Slot,
    args: *const Slot,
    result: *mut Slot,
) -> i32 {
    // SAFETY: compiled code passes what it was called with, its own specialisation, which is alive while it runs,
    // and a frame as long as the longest of its exits.
    let (context, spec) = unsafe { (&mut *context, &*spec) };
    let Some(exit) = spec.code.exits.get(exit as usize) else {
        return status::STOPPED;
    };
    let slots: usize = exit
        .vars
        .iter()
        .map(|(_, repr, flag)| if matches!(repr, Repr::Array(_)) { 0 } else { repr.slots() } + usize::from(*flag))
        .sum();
    // SAFETY: as above.
    let frame = unsafe { std::slice::from_raw_parts(frame, slots) };
    let value = match spec.go_on(context, exit, frame, args) {
        Ok(value) => value,
        Err(stop) => {
            context.stop = Some(stop);
            return status::STOPPED;
        }
    };
    let mut out = Vec::new();
    if let Some(fact) = &spec.returned
        && value.write(&fact.repr(), &mut out)
    {
        // SAFETY: the result has room for what this specialisation returns.
        unsafe { std::ptr::copy_nonoverlapping(out.as_ptr(), result, out.len()) };
        return status::DONE;
    }
    context.dynamic = Some(value);
    status::DYNAMIC
}

/// Called by compiled code that saw the flag.
pub(in crate::kernel) unsafe extern "C" fn look(context: *mut Context) {
    // SAFETY: compiled code passes what it was called with.
    let context = unsafe { &mut *context };
    context.looked = match context.watch.clone().look() {
        Ok(()) => status::DONE,
        Err(stop) => {
            context.stop = Some(stop);
            status::STOPPED
        }
    };
}

/// Called by compiled code that has called itself too often.
pub(in crate::kernel) unsafe extern "C" fn too_deep(context: *mut Context) -> i32 {
    // SAFETY: compiled code passes what it was called with.
    unsafe { (*context).stop = Some(Stop::Recursion) };
    status::STOPPED
}

/// Called by compiled code when what it called raised.
pub(in crate::kernel) unsafe extern "C" fn note(
    context: *mut Context,
    spec: *const Spec,
    line: u32,
) {
    // SAFETY: compiled code passes what it was called with, and its own specialisation, which is alive while it runs.
    let (context, spec) = unsafe { (&mut *context, &*spec) };
    if let (Some(kernel), Some(stop)) = (spec.kernel.upgrade(), &mut context.stop) {
        kernel.host.note(stop, &spec.function, line);
    }
}
