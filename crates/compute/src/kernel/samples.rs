//! A kernel as a function of several floats that gives one, called for many points.
//!
//! Arguments and results stay in slots, so that a call costs little more than what it computes.

use std::sync::Arc;

use super::analyse::Unsupported;
use super::runtime::{Context, Kernel, Spec, Stop, Watch, status};
use super::types::{Repr, Type};
use super::value::{Slot, Value};

/// Called with the coordinates of points, and whatever else it takes.
pub struct Samples<'a> {
    kernel: &'a Kernel,
    /// Arguments of one call: first a float for each coordinate.
    arguments: &'a [Value],
    /// What they are, unless one is only Python's to hold.
    types: Option<Vec<Type>>,
}

impl<'a> Samples<'a> {
    /// Calls with arguments like these; compiled now.
    ///
    /// # Errors
    /// When it cannot be compiled for such arguments.
    pub fn new(kernel: &'a Kernel, arguments: &'a [Value]) -> Result<Self, Unsupported> {
        let types: Option<Vec<Type>> = arguments.iter().map(Value::ty).collect();
        if let Some(types) = &types {
            kernel.choose(types)?;
        }
        Ok(Self {
            kernel,
            arguments,
            types,
        })
    }

    /// The value at each of the points, which lie behind each other; `other` makes floats of results that are
    /// none.
    ///
    /// # Errors
    /// The first point's that has no value, or when stopped.
    pub fn fill(
        &self,
        points: &[f64],
        dimensions: usize,
        values: &mut [f64],
        watch: &Arc<dyn Watch>,
        limit: u32,
        other: &dyn Fn(&Value) -> Result<f64, Stop>,
    ) -> Result<(), Stop> {
        let points = points.chunks_exact(dimensions).zip(values);
        // After some calls that were left, others begin otherwise; so it is asked for now.
        let spec = self
            .types
            .as_ref()
            .and_then(|types| self.kernel.choose(types).ok());
        let Some((spec, mut slots)) = spec.and_then(|spec| self.slots(spec)) else {
            for (point, value) in points {
                watch.look()?;
                let result = self.kernel.by_host(self.with(point))?;
                *value = float(&result, other)?;
            }
            return Ok(());
        };
        let mut results = vec![Slot::default(); spec.result_slots() + 1];
        let plain = matches!(&spec.returned, Some(fact) if fact.repr() == Repr::F64);
        let mut context = Context::new(watch.clone(), limit);
        // The progress of loops inside is none of the whole.
        context.parallel = 1;
        for (point, value) in points {
            for (slot, x) in slots.iter_mut().zip(point) {
                slot.0[0] = x.to_bits();
            }
            let status = spec.enter(&mut context, slots.as_ptr(), results.as_mut_ptr());
            *value = if plain && status == status::DONE {
                f64::from_bits(results[0].0[0])
            } else {
                float(&spec.result(&mut context, status, &results)?, other)?
            };
        }
        Ok(())
    }

    /// Places for the arguments, the first being for the coordinates.
    fn slots(&self, spec: Arc<Spec>) -> Option<(Arc<Spec>, Vec<Slot>)> {
        let mut slots = Vec::new();
        let fits = self
            .arguments
            .iter()
            .zip(&spec.reprs)
            .all(|(argument, repr)| argument.write(repr, &mut slots));
        // One more, since an empty one has no address.
        slots.push(Slot::default());
        fits.then_some((spec, slots))
    }

    fn with(&self, point: &[f64]) -> Vec<Value> {
        let rest = &self.arguments[point.len()..];
        let point = point.iter().map(|x| Value::Float(*x));
        point.chain(rest.iter().cloned()).collect()
    }
}

fn float(value: &Value, other: &dyn Fn(&Value) -> Result<f64, Stop>) -> Result<f64, Stop> {
    match value {
        Value::Float(value) => Ok(*value),
        Value::Bool(value) => Ok(f64::from(*value)),
        // Rounded as Python rounds.
        Value::Int(value) => Ok(*value as f64),
        value => other(value),
    }
}
