//! Intervals of integers: what can be said of an int before the kernel runs.
//!
//! Ends are exact; one beyond 128 bits is `None`, which stands for "no end".

/// All ints between two ends, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// The lowest, or none.
    pub lo: Option<i128>,
    /// The highest, or none.
    pub hi: Option<i128>,
}

/// What an `i64` holds.
pub const I64: Interval = Interval::new(i64::MIN as i128, i64::MAX as i128);
/// What an `i128` holds.
pub const I128: Interval = Interval::new(i128::MIN, i128::MAX);
/// Arguments are taken to be in here where they are, which proves most of what is computed of them.
pub const SMALL: Interval = Interval::new(-(1 << 31), 1 << 31);
/// Lengths of most arrays.
pub const SHORT: Interval = Interval::new(0, 1 << 31);
/// Lengths: no machine addresses more.
pub const LENGTH: Interval = Interval::new(0, 1 << 47);

impl Interval {
    /// Between `lo` and `hi`.
    #[must_use]
    pub const fn new(lo: i128, hi: i128) -> Self {
        Self {
            lo: Some(lo),
            hi: Some(hi),
        }
    }

    /// One int.
    #[must_use]
    pub const fn of(value: i128) -> Self {
        Self::new(value, value)
    }

    /// The int, if there is only one.
    #[must_use]
    pub fn constant(self) -> Option<i128> {
        if self.lo == self.hi { self.lo } else { None }
    }

    /// Whether all of it lies in another.
    #[must_use]
    pub fn within(self, other: Self) -> bool {
        let low = match (self.lo, other.lo) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(a), Some(b)) => a >= b,
        };
        let high = match (self.hi, other.hi) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(a), Some(b)) => a <= b,
        };
        low && high
    }

    /// Whether no int of it is negative.
    #[must_use]
    pub fn nonnegative(self) -> bool {
        self.lo.is_some_and(|lo| lo >= 0)
    }

    /// Whether an int may be in it.
    #[must_use]
    pub fn contains(self, value: i128) -> bool {
        Self::of(value).within(self)
    }

    /// What is in either.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        Self {
            lo: self.lo.zip(other.lo).map(|(a, b)| a.min(b)),
            hi: self.hi.zip(other.hi).map(|(a, b)| a.max(b)),
        }
    }

    /// What is in both; `self` where that is nothing, since then the code is not reached.
    #[must_use]
    pub fn meet(self, other: Self) -> Self {
        let lo = match (self.lo, other.lo) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        };
        let hi = match (self.hi, other.hi) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        match (lo, hi) {
            (Some(l), Some(h)) if l > h => self,
            _ => Self { lo, hi },
        }
    }

    /// `~a`: of a machine's ints it is always one.
    #[must_use]
    pub fn invert(self) -> Self {
        Self {
            lo: self.hi.map(|end| !end),
            hi: self.lo.map(|end| !end),
        }
    }

    /// `-a`
    #[must_use]
    #[allow(clippy::should_implement_trait)]
    pub fn neg(self) -> Self {
        Self {
            lo: self.hi.and_then(i128::checked_neg),
            hi: self.lo.and_then(i128::checked_neg),
        }
    }

    /// `a + b`
    #[must_use]
    #[allow(clippy::should_implement_trait)]
    pub fn add(self, other: Self) -> Self {
        Self {
            lo: self.lo.zip(other.lo).and_then(|(a, b)| a.checked_add(b)),
            hi: self.hi.zip(other.hi).and_then(|(a, b)| a.checked_add(b)),
        }
    }

    /// `a - b`
    #[must_use]
    #[allow(clippy::should_implement_trait)]
    pub fn sub(self, other: Self) -> Self {
        Self {
            lo: self.lo.zip(other.hi).and_then(|(a, b)| a.checked_sub(b)),
            hi: self.hi.zip(other.lo).and_then(|(a, b)| a.checked_sub(b)),
        }
    }

    /// The four ends, if there are four.
    fn ends(self, other: Self) -> Option<[(i128, i128); 4]> {
        let (a, b, c, d) = (self.lo?, self.hi?, other.lo?, other.hi?);
        Some([(a, c), (a, d), (b, c), (b, d)])
    }

    fn of_all(values: impl IntoIterator<Item = Option<i128>>) -> Option<Self> {
        let mut found: Option<Self> = None;
        for value in values {
            let one = Self::of(value?);
            found = Some(found.map_or(one, |f| f.join(one)));
        }
        found
    }

    const ANY: Self = Self { lo: None, hi: None };

    /// `a * b`
    #[must_use]
    #[allow(clippy::should_implement_trait)]
    pub fn mul(self, other: Self) -> Self {
        let ends = self.ends(other);
        let known = ends.and_then(|e| Self::of_all(e.map(|(a, b)| a.checked_mul(b))));
        if let Some(known) = known {
            return known;
        }
        let lo = (self.nonnegative() && other.nonnegative()).then_some(0);
        Self { lo, hi: None }
    }

    /// `a // b`, where `b` is not 0
    #[must_use]
    pub fn floor_div(self, other: Self) -> Self {
        // The largest quotients are at the divisors next to 0.
        let mut divisors = vec![other.lo, other.hi];
        if other.contains(1) {
            divisors.push(Some(1));
        }
        if other.contains(-1) {
            divisors.push(Some(-1));
        }
        let mut values = Vec::new();
        for a in [self.lo, self.hi] {
            for b in &divisors {
                match (a, *b) {
                    (Some(a), Some(b)) if b != 0 => values.push(floor_div(a, b)),
                    (Some(_), Some(_)) => {}
                    _ => values.push(None),
                }
            }
        }
        if self.contains(0) {
            values.push(Some(0));
        }
        if self.lo.is_some_and(|lo| lo < 0) {
            values.push(Some(-1));
        }
        Self::of_all(values).unwrap_or(Self::ANY)
    }

    /// `a % b`, where `b` is not 0
    #[must_use]
    pub fn modulo(self, other: Self) -> Self {
        if let (Some(a), Some(b)) = (self.constant(), other.constant())
            && b != 0
            && let Some(q) = floor_div(a, b)
        {
            return Self::of(a - q * b);
        }
        let hi = other.hi.map(|b| (b - 1).max(0));
        let lo = other.lo.map(|b| b.saturating_add(1).min(0));
        let found = Self { lo, hi };
        if self.nonnegative() && other.nonnegative() {
            // Of what is below the divisor anyway nothing is taken away.
            let hi = match (self.hi, hi) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
            return Self { lo: Some(0), hi };
        }
        found
    }

    /// `abs(a)`
    #[must_use]
    pub fn abs(self) -> Self {
        if self.nonnegative() {
            return self;
        }
        let negated = self.neg();
        let hi = self.hi.zip(negated.hi).map(|(a, b)| a.max(b));
        let lo = if self.contains(0) {
            Some(0)
        } else {
            negated.lo
        };
        Self { lo, hi }
    }

    /// `min(a, b)`
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        Self {
            lo: self.lo.zip(other.lo).map(|(a, b)| a.min(b)),
            hi: match (self.hi, other.hi) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
        }
    }

    /// `max(a, b)`
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        self.neg().min(other.neg()).neg()
    }

    /// `a ** k`
    #[must_use]
    pub fn pow(self, k: u32) -> Self {
        if k == 0 {
            return Self::of(1);
        }
        let power = |v: Option<i128>| v.and_then(|v| v.checked_pow(k));
        if k % 2 == 1 {
            return Self {
                lo: power(self.lo),
                hi: power(self.hi),
            };
        }
        let size = self.abs();
        let lo = size.lo.map_or(Some(0), |lo| lo.checked_pow(k)).or(Some(0));
        Self {
            lo,
            hi: power(size.hi),
        }
    }

    /// `a << b`, where `b` is not negative
    #[must_use]
    #[allow(clippy::should_implement_trait)]
    pub fn shl(self, other: Self) -> Self {
        let shift = |a: Option<i128>, k: Option<i128>| {
            let (a, k) = (a?, k?.max(0));
            if a == 0 {
                return Some(0);
            }
            let k = u32::try_from(k).ok().filter(|k| *k < 127)?;
            a.checked_mul(1 << k)
        };
        let hi = match self.hi {
            Some(h) if h <= 0 => shift(self.hi, other.lo.or(Some(0))),
            _ => shift(self.hi, other.hi),
        };
        let lo = match self.lo {
            Some(l) if l >= 0 => shift(self.lo, other.lo.or(Some(0))).or(Some(0)),
            _ => shift(self.lo, other.hi),
        };
        Self { lo, hi }
    }

    /// `a >> b`, where `b` is not negative
    #[must_use]
    #[allow(clippy::should_implement_trait)]
    pub fn shr(self, other: Self) -> Self {
        let shift = |a: i128, k: i128| a >> k.clamp(0, 127);
        let (near, far) = (other.lo.unwrap_or(0).max(0), other.hi.unwrap_or(127));
        Self {
            lo: self.lo.map(|l| shift(l, if l < 0 { near } else { far })),
            hi: self.hi.map(|h| shift(h, if h < 0 { far } else { near })),
        }
    }

    /// `a & b`
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self.nonnegative(), other.nonnegative()) {
            (true, true) => Self {
                lo: Some(0),
                hi: self.min(other).hi,
            },
            (true, false) => Self {
                lo: Some(0),
                hi: self.hi,
            },
            (false, true) => Self {
                lo: Some(0),
                hi: other.hi,
            },
            (false, false) => self.bits(other),
        }
    }

    /// `a | b`, `a ^ b`
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.bits(other)
    }

    /// What both need as two's complement, and so all that bits of both can make.
    fn bits(self, other: Self) -> Self {
        let joined = self.join(other);
        let width = |v: Option<i128>| v.map(|v| 128 - if v < 0 { !v } else { v }.leading_zeros());
        let (Some(a), Some(b)) = (width(joined.lo), width(joined.hi)) else {
            let lo = joined.nonnegative().then_some(0);
            return Self { lo, hi: None };
        };
        let bits = a.max(b);
        let hi = if bits >= 127 {
            i128::MAX
        } else {
            (1 << bits) - 1
        };
        let lo = if joined.nonnegative() { 0 } else { !hi };
        Self::new(lo, hi)
    }

    /// Widens `self`, which is not enough for `next`, so that a loop's analysis ends: to the next of a few
    /// ends, none at last.
    #[must_use]
    pub fn widen(self, next: Self) -> Self {
        const STEPS: [i128; 6] = [
            1 << 31,
            1 << 32,
            1 << 48,
            1 << 62,
            i64::MAX as i128,
            1 << 64,
        ];
        let hi = match (self.hi, next.hi) {
            (Some(a), Some(b)) if b <= a => Some(a),
            (Some(_), Some(b)) => STEPS.into_iter().find(|s| *s >= b),
            _ => None,
        };
        let lo = match (self.lo, next.lo) {
            (Some(a), Some(b)) if b >= a => Some(a),
            (Some(_), Some(b)) if b >= 0 => Some(0),
            (Some(_), Some(b)) => STEPS.into_iter().map(|s| -s).find(|s| *s <= b),
            _ => None,
        };
        Self { lo, hi }
    }
}

/// Python's `a // b`; nothing where it does not fit or is not defined.
#[must_use]
pub fn floor_div(a: i128, b: i128) -> Option<i128> {
    let q = a.checked_div(b)?;
    let exact = q * b == a;
    Some(if !exact && ((a < 0) != (b < 0)) {
        q - 1
    } else {
        q
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn interval() -> impl Strategy<Value = (Interval, i128)> {
        let end = prop_oneof![
            -20i128..20,
            any::<i64>().prop_map(i128::from),
            any::<i128>(),
            Just(i128::MIN),
            Just(i128::MAX)
        ];
        (end.clone(), end, any::<u64>()).prop_map(|(a, b, pick)| {
            let (lo, hi) = (a.min(b), a.max(b));
            let span = hi.abs_diff(lo);
            let offset = if span == u128::MAX {
                u128::from(pick)
            } else {
                u128::from(pick) % (span + 1)
            };
            (Interval::new(lo, hi), lo.wrapping_add_unsigned(offset))
        })
    }

    fn holds(found: Interval, value: Option<i128>) -> bool {
        match value {
            Some(value) => found.contains(value),
            // Beyond 128 bits: an end must be open.
            None => found.lo.is_none() || found.hi.is_none(),
        }
    }

    proptest! {
        #[test]
        fn every_result_is_inside((a, x) in interval(), (b, y) in interval()) {
            prop_assert!(holds(a.add(b), x.checked_add(y)));
            prop_assert!(holds(a.sub(b), x.checked_sub(y)));
            prop_assert!(holds(a.mul(b), x.checked_mul(y)), "{a:?} {b:?} {x} {y} {:?}", a.mul(b));
            prop_assert!(holds(a.neg(), x.checked_neg()));
            prop_assert!(holds(a.abs(), x.checked_abs()));
            prop_assert!(a.min(b).contains(x.min(y)));
            prop_assert!(holds(a.max(b), Some(x.max(y))));
            prop_assert!(a.and(b).contains(x & y), "{:?}", a.and(b));
            prop_assert!(a.or(b).contains(x | y));
            prop_assert!(a.or(b).contains(x ^ y));
            prop_assert!(a.join(b).contains(x) && a.join(b).contains(y));
            if y != 0 {
                prop_assert!(holds(a.floor_div(b), floor_div(x, y)), "{:?}", a.floor_div(b));
                if let Some(q) = floor_div(x, y) {
                    prop_assert!(a.modulo(b).contains(x - q * y), "{:?}", a.modulo(b));
                }
            }
            let k = (y.unsigned_abs() % 130) as i128;
            let shifts = Interval::new(k.saturating_sub(3).max(0), k + 2);
            prop_assert!(a.shr(shifts).contains(x >> k.min(127)));
            let shifted = if x == 0 { Some(0) } else if k > 126 { None } else { x.checked_mul(1 << k) };
            prop_assert!(holds(a.shl(shifts), shifted), "{:?}", a.shl(shifts));
            let power = (k % 9) as u32;
            prop_assert!(holds(a.pow(power), x.checked_pow(power)), "{:?}", a.pow(power));
        }
    }
}
