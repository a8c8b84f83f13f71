//! What is known of a result from what is known of the operands; and which operations a kernel has.
//!
//! The rules of types are Python's. An int's interval is exact where it can be proved; where it cannot, the
//! operation is compiled with a check, and the result lies within the width that the check lets through.

use super::interval::{I64, I128, Interval};
use super::syntax::{Binary, Unary};
use super::types::{Fact, IntFact};

/// How wide unproved ints are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Width {
    /// 64 bits, the first try.
    Narrow,
    /// 128 bits, after an overflow.
    Wide,
}

impl Width {
    /// What a checked operation lets through.
    #[must_use]
    pub const fn limit(self) -> Interval {
        match self {
            Self::Narrow => I64,
            Self::Wide => I128,
        }
    }

    /// The interval that a result is kept in: the exact one if the operation needs no check.
    #[must_use]
    pub fn keep(self, exact: Interval, operands: &[&IntFact]) -> Interval {
        if exact.within(I64) {
            return exact;
        }
        let concluded = !operands.iter().any(|o| o.at_limit());
        if exact.within(I128) && (concluded || self == Self::Wide) {
            return exact;
        }
        let kept = exact.meet(self.limit());
        // Where nothing fits, the check never lets anything through.
        if kept.within(self.limit()) {
            kept
        } else {
            self.limit()
        }
    }
}

/// Why an operation is refused.
pub struct Refused {
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub hint: String,
}

pub(super) type Result<T> = std::result::Result<T, Refused>;

/// A refusal.
pub fn refuse<T>(message: impl Into<String>, hint: impl Into<String>) -> Result<T> {
    Err(Refused {
        message: message.into(),
        hint: hint.into(),
    })
}

/// A bool in arithmetic is an int.
#[must_use]
pub fn as_int(fact: &Fact) -> Option<IntFact> {
    match fact {
        Fact::Int(int) => Some(int.clone()),
        Fact::Bool(Some(value)) => Some(IntFact::new(Interval::of(i128::from(*value)))),
        Fact::Bool(None) => Some(IntFact::new(Interval::new(0, 1))),
        _ => None,
    }
}

/// How an operation on two numbers is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    /// In ints.
    Int,
    /// In floats.
    Float,
    /// In complex numbers.
    Complex,
}

/// The domain in which two numbers meet.
#[must_use]
pub fn domain(a: &Fact, b: &Fact) -> Option<Domain> {
    let of = |f: &Fact| match f {
        Fact::Int(_) | Fact::Bool(_) => Some(Domain::Int),
        Fact::Float { .. } | Fact::Number => Some(Domain::Float),
        Fact::Complex => Some(Domain::Complex),
        _ => None,
    };
    Some(match (of(a)?, of(b)?) {
        (Domain::Complex, _) | (_, Domain::Complex) => Domain::Complex,
        (Domain::Float, _) | (_, Domain::Float) => Domain::Float,
        _ => Domain::Int,
    })
}

/// Python's sign of an operator.
#[must_use]
pub const fn sign(op: Binary) -> &'static str {
    match op {
        Binary::Add => "+",
        Binary::Sub => "-",
        Binary::Mul => "*",
        Binary::Div => "/",
        Binary::FloorDiv => "//",
        Binary::Mod => "%",
        Binary::Pow => "**",
        Binary::LShift => "<<",
        Binary::RShift => ">>",
        Binary::And => "&",
        Binary::Or => "|",
        Binary::Xor => "^",
    }
}

/// `a op b`
pub fn binary(op: Binary, a: &Fact, b: &Fact, width: Width) -> Result<Fact> {
    let types = || format!("{} {} {}", a.name(), sign(op), b.name());
    let Some(domain) = domain(a, b) else {
        return refuse(
            format!("kernels have no `{}`", types()),
            "compute with the elements, in a loop",
        );
    };
    match domain {
        Domain::Int => {
            let (x, y) = (as_int(a).expect("an int"), as_int(b).expect("an int"));
            if let (Fact::Bool(_), Fact::Bool(_), Binary::And | Binary::Or | Binary::Xor) =
                (a, b, op)
            {
                return Ok(Fact::Bool(None));
            }
            int_binary(op, &x, &y, width)
        }
        Domain::Float => match op {
            Binary::Add | Binary::Mul | Binary::Div => {
                let both = nonnegative(a) && nonnegative(b);
                // inf * 0 and inf / inf are NaN.
                Ok(Fact::Float {
                    nonnegative: both && op == Binary::Add,
                })
            }
            Binary::Sub | Binary::FloorDiv | Binary::Mod | Binary::Pow => Ok(Fact::FLOAT),
            _ => refuse(
                format!("`{}` is a TypeError in Python, too", types()),
                "convert with int() first",
            ),
        },
        Domain::Complex => match op {
            Binary::Add | Binary::Sub | Binary::Mul | Binary::Div | Binary::Pow => {
                Ok(Fact::Complex)
            }
            _ => refuse(
                format!("`{}` is a TypeError in Python, too", types()),
                "use the parts: z.real, z.imag",
            ),
        },
    }
}

pub(super) fn nonnegative(fact: &Fact) -> bool {
    match fact {
        Fact::Float { nonnegative } => *nonnegative,
        Fact::Int(int) => int.interval.nonnegative(),
        Fact::Bool(_) => true,
        _ => false,
    }
}

/// The exact interval of an int operation; nothing for `/`, and for a power that may be a float.
#[must_use]
pub fn exact(op: Binary, x: &IntFact, y: &IntFact) -> Interval {
    let (a, b) = (x.interval, y.interval);
    match op {
        Binary::Add => a.add(b),
        Binary::Sub => a.sub(b),
        Binary::Mul => a.mul(b),
        Binary::FloorDiv => a.floor_div(b),
        Binary::Mod => a.modulo(b),
        Binary::LShift => a.shl(b),
        Binary::RShift => a.shr(b),
        Binary::And => a.and(b),
        Binary::Or | Binary::Xor => a.or(b),
        Binary::Pow => match b.constant().map(u32::try_from) {
            Some(Ok(k)) => a.pow(k),
            _ => Interval { lo: None, hi: None },
        },
        Binary::Div => Interval { lo: None, hi: None },
    }
}

fn int_binary(op: Binary, x: &IntFact, y: &IntFact, width: Width) -> Result<Fact> {
    if op == Binary::Div {
        return Ok(Fact::Float {
            nonnegative: x.interval.nonnegative() && y.interval.nonnegative(),
        });
    }
    if op == Binary::Pow && y.interval.hi.is_some_and(|hi| hi < 0) {
        return Ok(Fact::FLOAT);
    }
    let interval = width.keep(exact(op, x, y), &[x, y]);
    let below = match (op, x.interval.constant(), y.interval.constant()) {
        (Binary::Add, _, Some(k)) => shifted(x, k),
        (Binary::Add, Some(k), _) => shifted(y, k),
        (Binary::Sub, _, Some(k)) => shifted(x, -k),
        // What is not above x has x's upper bounds.
        (Binary::Sub, ..) if y.interval.nonnegative() => x.below.clone(),
        (Binary::FloorDiv, _, Some(k)) if k >= 1 && x.interval.nonnegative() => x.below.clone(),
        (Binary::RShift, ..) if x.interval.nonnegative() => x.below.clone(),
        (Binary::Mod, ..) if y.interval.nonnegative() => shifted(y, -1),
        _ => Vec::new(),
    };
    Ok(Fact::Int(IntFact { interval, below }))
}

fn shifted(x: &IntFact, by: i128) -> Vec<(u32, u32, i64)> {
    let Ok(by) = i64::try_from(by) else {
        return Vec::new();
    };
    let shift = |(a, axis, k): &(u32, u32, i64)| Some((*a, *axis, k.checked_add(by)?));
    x.below.iter().filter_map(shift).collect()
}

/// `op a`
pub fn unary(op: Unary, a: &Fact, width: Width) -> Result<Fact> {
    if op == Unary::Not {
        return match truth(a) {
            Some(known) => Ok(Fact::Bool(known.map(|k| !k))),
            None => no_truth(a),
        };
    }
    if let Some(x) = as_int(a) {
        let exact = match op {
            Unary::Neg => x.interval.neg(),
            Unary::Invert => x.interval.invert(),
            _ => x.interval,
        };
        return Ok(Fact::int(width.keep(exact, &[&x])));
    }
    match (a, op) {
        (Fact::Float { .. } | Fact::Number, Unary::Neg) => Ok(Fact::FLOAT),
        (Fact::Complex, Unary::Neg) => Ok(Fact::Complex),
        (Fact::Float { .. } | Fact::Complex, Unary::Pos) => Ok(a.clone()),
        (Fact::Number, Unary::Pos) => Ok(Fact::FLOAT),
        _ => refuse(
            format!("kernels have no such operator on {}", a.name()),
            "compute with numbers",
        ),
    }
}

/// Whether something counts as true: nothing if it has no such meaning, `Some(None)` if that is not known.
#[must_use]
pub fn truth(fact: &Fact) -> Option<Option<bool>> {
    match fact {
        Fact::Bool(known) => Some(*known),
        Fact::Int(int) => Some(match int.interval.constant() {
            Some(value) => Some(value != 0),
            None if !int.interval.contains(0) => Some(true),
            None => None,
        }),
        Fact::Float { .. } | Fact::Number | Fact::Complex => Some(None),
        Fact::None => Some(Some(false)),
        _ => None,
    }
}

/// Refuses a test of what is neither true nor false.
pub fn no_truth<T>(fact: &Fact) -> Result<T> {
    refuse(
        format!("{} is no condition", fact.name()),
        "compare it with something",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::interval::LENGTH;

    fn int(lo: i128, hi: i128) -> Fact {
        Fact::int(Interval::new(lo, hi))
    }

    #[test]
    fn what_is_concluded_needs_no_check_and_what_is_not_stays_narrow() {
        let i = int(0, 9_999_999);
        let square = binary(Binary::Mul, &i, &i, Width::Narrow).ok().unwrap();
        let cube = binary(Binary::Mul, &square, &i, Width::Narrow)
            .ok()
            .unwrap();
        assert_eq!(cube, int(0, 9_999_999_i128.pow(3)));
        let any = Fact::int(I64);
        let sum = binary(Binary::Add, &any, &any, Width::Narrow).ok().unwrap();
        assert_eq!(sum, Fact::int(I64));
        let sum = binary(Binary::Add, &any, &any, Width::Wide).ok().unwrap();
        assert_eq!(sum, Fact::int(I64.add(I64)));
    }

    #[test]
    fn lengths_stay_known_through_constants() {
        let length = Fact::Int(IntFact {
            interval: LENGTH,
            below: vec![(3, 0, 0)],
        });
        let Ok(Fact::Int(last)) = binary(Binary::Sub, &length, &int(1, 1), Width::Narrow) else {
            panic!();
        };
        assert_eq!(last.below, [(3, 0, -1)]);
    }
}
