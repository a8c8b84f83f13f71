//! Arithmetic of ints: in 64 bits where it fits, in 128 where that was proved to, checked otherwise.

use cranelift_codegen::ir::{self, InstBuilder, condcodes::IntCC, types};

use super::{Emit, Val};
use crate::kernel::interval::{I64, I128, Interval};
use crate::kernel::math::{op, wide_op};
use crate::kernel::runtime::Reason;
use crate::kernel::syntax::{Binary, Unary};
use crate::kernel::transfer;
use crate::kernel::types::{IntFact, Repr};

/// An int with what is known of it.
type Int<'a> = (&'a Val, &'a IntFact);

const U32: Interval = Interval::new(0, u32::MAX as i128);

impl Emit<'_> {
    pub(super) fn int_unary(
        &mut self,
        operator: Unary,
        value: &Val,
        fact: &IntFact,
        result: &IntFact,
    ) -> Val {
        match operator {
            Unary::Neg => {
                let zero = Val::new(Repr::I64, self.b.ins().iconst(types::I64, 0));
                let nothing = IntFact::new(Interval::of(0));
                self.int_binary(Binary::Sub, (&zero, &nothing), (value, fact), result)
            }
            Unary::Invert => {
                let repr = if value.repr == Repr::I128 {
                    Repr::I128
                } else {
                    Repr::I64
                };
                let part = self.int_as(value, &repr);
                let part = self.b.ins().bnot(part);
                self.fit(Val::new(repr, part), fact.interval.invert(), result)
            }
            _ => self.fit(value.clone(), fact.interval, result),
        }
    }

    /// `a op b` of ints, but for `/`.
    pub(super) fn int_binary(
        &mut self,
        operator: Binary,
        a: Int<'_>,
        b: Int<'_>,
        result: &IntFact,
    ) -> Val {
        let exact = transfer::exact(operator, a.1, b.1);
        match operator {
            Binary::FloorDiv | Binary::Mod => {
                let value = self.division(operator, a, b, exact);
                return match value.repr {
                    Repr::I128 => self.fit(value, exact, result),
                    _ => value,
                };
            }
            Binary::Pow => return self.int_power(a, b, result),
            Binary::LShift | Binary::RShift => return self.shift(operator, a, b, exact, result),
            _ => {}
        }
        let narrow = a.0.repr != Repr::I128 && b.0.repr != Repr::I128;
        if narrow && (result.narrow() || matches!(operator, Binary::And | Binary::Or | Binary::Xor))
        {
            let (x, y) = (self.int_as(a.0, &Repr::I64), self.int_as(b.0, &Repr::I64));
            return Val::new(Repr::I64, self.narrow_binary(operator, x, y, exact));
        }
        if narrow && operator == Binary::Mul {
            // The product of two words is two words.
            let (x, y) = (self.int_as(a.0, &Repr::I64), self.int_as(b.0, &Repr::I64));
            let low = self.b.ins().imul(x, y);
            let high = self.b.ins().smulhi(x, y);
            return Val::new(Repr::I128, self.b.ins().iconcat(low, high));
        }
        let (x, y) = (self.int_as(a.0, &Repr::I128), self.int_as(b.0, &Repr::I128));
        let fits = exact.within(I128);
        let part = match operator {
            Binary::And => self.b.ins().band(x, y),
            Binary::Or => self.b.ins().bor(x, y),
            Binary::Xor => self.b.ins().bxor(x, y),
            Binary::Add if fits => self.b.ins().iadd(x, y),
            Binary::Sub if fits => self.b.ins().isub(x, y),
            Binary::Mul if fits => self.b.ins().imul(x, y),
            Binary::Add | Binary::Sub => {
                let (sum, over) = if operator == Binary::Add {
                    self.b.ins().sadd_overflow(x, y)
                } else {
                    self.b.ins().ssub_overflow(x, y)
                };
                self.check(over, Reason::Overflow);
                sum
            }
            _ => self.wide(op::MUL, x, y),
        };
        self.fit(Val::new(Repr::I128, part), exact, result)
    }

    /// A result of 128 bits, in 64 where that is what the analysis says.
    pub(super) fn fit(&mut self, value: Val, exact: Interval, result: &IntFact) -> Val {
        if result.narrow() && value.repr == Repr::I128 {
            let part = self.narrow(&value, exact, Reason::Overflow);
            return Val::new(Repr::I64, part);
        }
        value
    }

    fn narrow_binary(
        &mut self,
        operator: Binary,
        x: ir::Value,
        y: ir::Value,
        exact: Interval,
    ) -> ir::Value {
        match operator {
            Binary::And => return self.b.ins().band(x, y),
            Binary::Or => return self.b.ins().bor(x, y),
            Binary::Xor => return self.b.ins().bxor(x, y),
            _ => {}
        }
        if exact.within(I64) {
            return match operator {
                Binary::Add => self.b.ins().iadd(x, y),
                Binary::Sub => self.b.ins().isub(x, y),
                _ => self.b.ins().imul(x, y),
            };
        }
        let (result, over) = match operator {
            Binary::Add => self.b.ins().sadd_overflow(x, y),
            Binary::Sub => self.b.ins().ssub_overflow(x, y),
            _ => self.b.ins().smul_overflow(x, y),
        };
        self.check(over, Reason::Overflow);
        result
    }

    /// An operation on 128 bits that is a function; it leaves the code where there is no result.
    pub(super) fn wide(&mut self, operation: i32, x: ir::Value, y: ir::Value) -> ir::Value {
        let place = self.stack(2);
        let mut slot = 0;
        self.write(
            &Val {
                repr: Repr::I128,
                parts: vec![x, y],
            },
            place,
            &mut slot,
        );
        let operation = self.b.ins().iconst(types::I32, i64::from(operation));
        let ok = self.helper(wide_op as *const u8, &[operation, place], &[types::I32])[0];
        let bad = self.b.ins().icmp_imm_u(IntCC::Equal, ok, 0);
        self.check(bad, Reason::Overflow);
        self.read(&Repr::I128, place, &mut 0).one()
    }

    fn division(&mut self, operator: Binary, a: Int<'_>, b: Int<'_>, exact: Interval) -> Val {
        if b.1.interval.contains(0) {
            let truth = self.truth(b.0);
            let bad = self.b.ins().icmp_imm_u(IntCC::Equal, truth, 0);
            self.check(bad, Reason::Python);
        }
        if a.0.repr == Repr::I128 || b.0.repr == Repr::I128 {
            let (x, y) = (self.int_as(a.0, &Repr::I128), self.int_as(b.0, &Repr::I128));
            let operation = if operator == Binary::Mod {
                op::MOD
            } else {
                op::FLOOR_DIV
            };
            let part = self.wide(operation, x, y);
            return Val::new(Repr::I128, part);
        }
        let (x, y) = (self.int_as(a.0, &Repr::I64), self.int_as(b.0, &Repr::I64));
        let is_mod = operator == Binary::Mod;
        // Rounding down is what shifting does.
        if let Some(divisor) =
            b.1.interval
                .constant()
                .filter(|d| *d > 0 && d & (d - 1) == 0)
        {
            let part = if is_mod {
                self.b.ins().band_imm_s(x, (divisor - 1) as i64)
            } else {
                self.b
                    .ins()
                    .sshr_imm_s(x, i64::from(divisor.trailing_zeros()))
            };
            return Val::new(Repr::I64, part);
        }
        if a.1.interval.nonnegative() && b.1.interval.nonnegative() {
            // A division of half the width takes half the time or less on most machines.
            let half = a.1.interval.within(U32) && b.1.interval.within(U32);
            let (x, y) = if half {
                (
                    self.b.ins().ireduce(types::I32, x),
                    self.b.ins().ireduce(types::I32, y),
                )
            } else {
                (x, y)
            };
            let part = if is_mod {
                self.b.ins().urem(x, y)
            } else {
                self.b.ins().udiv(x, y)
            };
            let part = if half {
                self.b.ins().uextend(types::I64, part)
            } else {
                part
            };
            return Val::new(Repr::I64, part);
        }
        if !exact.within(I64) {
            // The one quotient of 64 bits that does not fit.
            let least = self.b.ins().icmp_imm_s(IntCC::Equal, x, i64::MIN);
            let minus = self.b.ins().icmp_imm_s(IntCC::Equal, y, -1);
            let bad = self.b.ins().band(least, minus);
            self.check(bad, Reason::Overflow);
        }
        let rest = self.b.ins().srem(x, y);
        // The machine rounds towards zero, Python down.
        let signs = self.b.ins().bxor(rest, y);
        let differ = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, signs, 0);
        let some = self.b.ins().icmp_imm_s(IntCC::NotEqual, rest, 0);
        let off = self.b.ins().band(differ, some);
        let part = if is_mod {
            let added = self.b.ins().iadd(rest, y);
            self.b.ins().select(off, added, rest)
        } else {
            let quotient = self.b.ins().sdiv(x, y);
            let less = self.b.ins().iadd_imm_s(quotient, -1);
            self.b.ins().select(off, less, quotient)
        };
        Val::new(Repr::I64, part)
    }

    fn int_power(&mut self, a: Int<'_>, b: Int<'_>, result: &IntFact) -> Val {
        if let Some(k) = b.1.interval.constant().and_then(|k| u32::try_from(k).ok())
            && k <= 64
        {
            return self.constant_power(a, k, result);
        }
        let repr = Repr::I128;
        let (x, y) = (self.int_as(a.0, &repr), self.int_as(b.0, &repr));
        // A negative power is a float: nothing that fits either.
        let part = self.wide(op::POW, x, y);
        self.fit(
            Val::new(repr, part),
            Interval { lo: None, hi: None },
            result,
        )
    }

    fn constant_power(&mut self, a: Int<'_>, k: u32, result: &IntFact) -> Val {
        let one = Val::new(Repr::I64, self.b.ins().iconst(types::I64, 1));
        let mut found: Option<(Val, IntFact)> = None;
        let mut square = (a.0.clone(), IntFact::new(a.1.interval));
        let mut bits = k;
        while bits != 0 {
            if bits & 1 == 1 {
                found = Some(match found {
                    None => square.clone(),
                    Some((value, fact)) => {
                        self.product((&value, &fact), (&square.0, &square.1), result)
                    }
                });
            }
            bits >>= 1;
            if bits != 0 {
                let mut next = self.product((&square.0, &square.1), (&square.0, &square.1), result);
                // A square is not negative, which a product of equals does not say.
                let low = Interval {
                    lo: Some(0),
                    hi: None,
                };
                next.1.interval = next.1.interval.meet(low);
                square = next;
            }
        }
        let Some((value, fact)) = found else {
            return one;
        };
        if result.narrow() && value.repr == Repr::I128 {
            let exact = a.1.interval.pow(k);
            let exact = if exact.within(I64) {
                exact
            } else {
                fact.interval
            };
            let part = self.narrow(&value, exact, Reason::Overflow);
            return Val::new(Repr::I64, part);
        }
        value
    }

    /// A product on the way to a power: no factor is longer than the power itself.
    fn product(&mut self, a: Int<'_>, b: Int<'_>, result: &IntFact) -> (Val, IntFact) {
        let exact = a.1.interval.mul(b.1.interval);
        let limit = if result.narrow() { I64 } else { I128 };
        let interval = if exact.within(I64) {
            exact
        } else {
            exact.meet(limit)
        };
        let interval = if interval.within(limit) {
            interval
        } else {
            limit
        };
        let fact = IntFact::new(interval);
        let value = self.int_binary(Binary::Mul, a, b, &fact);
        (value, fact)
    }

    fn shift(
        &mut self,
        operator: Binary,
        a: Int<'_>,
        b: Int<'_>,
        exact: Interval,
        result: &IntFact,
    ) -> Val {
        if !b.1.interval.nonnegative() {
            let y = self.int_as(b.0, &Repr::I128);
            let (_, high) = self.b.ins().isplit(y);
            let bad = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, high, 0);
            self.check(bad, Reason::Python);
        }
        let short = b.1.interval.within(Interval::new(0, 63));
        let narrow = a.0.repr != Repr::I128 && b.0.repr != Repr::I128;
        if operator == Binary::RShift && narrow {
            let (x, y) = (self.int_as(a.0, &Repr::I64), self.int_as(b.0, &Repr::I64));
            let y = if short {
                y
            } else {
                let most = self.b.ins().iconst(types::I64, 63);
                let over = self.is(IntCC::UnsignedGreaterThan, y, most);
                self.b.ins().select(over, most, y)
            };
            return Val::new(Repr::I64, self.b.ins().sshr(x, y));
        }
        if operator == Binary::LShift && narrow && short && exact.within(I64) {
            let (x, y) = (self.int_as(a.0, &Repr::I64), self.int_as(b.0, &Repr::I64));
            return Val::new(Repr::I64, self.b.ins().ishl(x, y));
        }
        let (x, y) = (self.int_as(a.0, &Repr::I128), self.int_as(b.0, &Repr::I128));
        if b.1.interval.within(Interval::new(0, 126)) && exact.within(I128) {
            let (amount, _) = self.b.ins().isplit(y);
            let part = if operator == Binary::LShift {
                self.b.ins().ishl(x, amount)
            } else {
                self.b.ins().sshr(x, amount)
            };
            return self.fit(Val::new(Repr::I128, part), exact, result);
        }
        let operation = if operator == Binary::LShift {
            op::SHL
        } else {
            op::SHR
        };
        let part = self.wide(operation, x, y);
        self.fit(Val::new(Repr::I128, part), exact, result)
    }
}
