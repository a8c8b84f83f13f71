//! Functions of tuples: `sum`, `min`, `max`, and of points: `math.hypot`, `math.dist`.

use cranelift_codegen::ir::{self, InstBuilder, condcodes::FloatCC, types};

use super::{Emit, Val};
use crate::kernel::interval::{I64, I128, Interval};
use crate::kernel::math;
use crate::kernel::runtime::Reason;
use crate::kernel::syntax::{Binary, Builtin, Expr};
use crate::kernel::transfer;
use crate::kernel::types::{Fact, IntFact, Repr};

impl<'a> Emit<'a> {
    /// The items of a tuple, and what is known of each.
    pub(super) fn items(&mut self, tuple: &Expr) -> Vec<(Val, &'a Fact)> {
        let (value, analysis) = (self.expr(tuple), self.a);
        let Fact::Tuple(facts) = analysis.fact(tuple) else {
            return Vec::new();
        };
        let items = facts.iter().enumerate();
        items
            .map(|(index, fact)| (self.item(&value, index), fact))
            .collect()
    }

    pub(super) fn of_tuple(&mut self, builtin: Builtin, tuple: &Expr, fact: &Fact) -> Val {
        let items = self.items(tuple);
        if builtin == Builtin::Sum {
            return self.sum_of(&items, fact);
        }
        let (values, facts): (Vec<Val>, Vec<&Fact>) = items.into_iter().unzip();
        self.least(builtin, &values, &facts, fact)
    }

    /// Python's sum: ints as they are, and from the first float on floats, with what rounding loses of them added
    /// in the end (Neumaier's way); ints among those are added plainly.
    pub(super) fn sum_of(&mut self, items: &[(Val, &Fact)], fact_of_sum: &Fact) -> Val {
        let zero = self.b.ins().iconst(types::I64, 0);
        let (mut sum, mut known) = (Val::new(Repr::I64, zero), IntFact::new(Interval::of(0)));
        let mut items = items.iter();
        let mut first = None;
        for (value, fact) in items.by_ref() {
            let Some(int) = transfer::as_int(fact) else {
                first = Some((value, *fact));
                break;
            };
            let exact = known.interval.add(int.interval);
            let mut next = IntFact::new(exact.meet(if exact.within(I64) { I64 } else { I128 }));
            sum = self.int_binary(Binary::Add, (&sum, &known), (value, &int), &next);
            if matches!(fact_of_sum, Fact::Float { .. }) {
                // After a sum, or an item, beyond 64 bits CPython adds floats plainly.
                self.narrow(value, int.interval, Reason::Python);
                let part = self.narrow(&sum, next.interval, Reason::Python);
                sum = Val::new(Repr::I64, part);
                next.interval = next.interval.meet(I64);
            }
            known = next;
        }
        let Some((value, fact_of_first)) = first else {
            return match fact_of_sum {
                Fact::Int(int) if int.narrow() => {
                    let part = self.narrow(&sum, known.interval, Reason::Overflow);
                    Val::new(Repr::I64, part)
                }
                _ => sum,
            };
        };
        let before = self.float(&sum, &Fact::Int(known));
        let x = self.float(value, fact_of_first);
        let mut sum = self.b.ins().fadd(before, x);
        let mut lost = self.b.ins().f64const(0.0);
        for (value, fact) in items {
            if let Some(int) = transfer::as_int(fact) {
                // CPython adds a long one otherwise.
                let part = self.narrow(value, int.interval, Reason::Python);
                let x = self.b.ins().fcvt_from_sint(types::F64, part);
                sum = self.b.ins().fadd(sum, x);
                continue;
            }
            let x = self.float(value, fact);
            let next = self.b.ins().fadd(sum, x);
            let sizes = [sum, x].map(|v| self.b.ins().fabs(v));
            let larger = self
                .b
                .ins()
                .fcmp(FloatCC::GreaterThanOrEqual, sizes[0], sizes[1]);
            let big = self.b.ins().select(larger, sum, x);
            let small = self.b.ins().select(larger, x, sum);
            let rest = self.b.ins().fsub(big, next);
            let rest = self.b.ins().fadd(rest, small);
            lost = self.b.ins().fadd(lost, rest);
            sum = next;
        }
        // What is lost of infinities is NaN, and does not count.
        let nothing = self.b.ins().fsub(lost, lost);
        let finite = self.b.ins().fcmp(FloatCC::Equal, nothing, nothing);
        let all = self.b.ins().fadd(sum, lost);
        Val::new(Repr::F64, self.b.ins().select(finite, all, sum))
    }

    /// `math.hypot` of numbers, `math.dist` of two tuples.
    pub(super) fn norm(&mut self, args: &[Expr]) -> Val {
        let parts: Vec<ir::Value> = match args {
            [a, b] if matches!(self.a.fact(a), Fact::Tuple(_)) => {
                let (a, b) = (self.items(a), self.items(b));
                let both = a.iter().zip(&b);
                both.map(|((x, fact_of_x), (y, fact_of_y))| {
                    let (x, y) = (self.float(x, fact_of_x), self.float(y, fact_of_y));
                    self.b.ins().fsub(x, y)
                })
                .collect()
            }
            _ => args
                .iter()
                .map(|arg| {
                    let value = self.expr(arg);
                    self.float(&value, self.a.fact(arg))
                })
                .collect(),
        };
        let place = self.stack(parts.len());
        for (slot, part) in parts.iter().enumerate() {
            self.write(&Val::new(Repr::F64, *part), place, &mut { slot });
        }
        let count = self.b.ins().iconst(types::I64, parts.len() as i64);
        let norm = self.helper(math::norm as *const u8, &[count, place], &[types::F64])[0];
        Val::new(Repr::F64, norm)
    }
}
