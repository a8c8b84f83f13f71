//! What is known of a result from what is known of the operands; and which operations a kernel has.
//!
//! The rules of types are Python's. An int's interval is exact where it can be proved; where it cannot, the
//! operation is compiled with a check, and the result lies within the width that the check lets through.

use super::interval::{I64, I128, Interval, LENGTH};
use super::math::Math;
use super::syntax::{Binary, Builtin, Unary};
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

type Result<T> = std::result::Result<T, Refused>;

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

fn nonnegative(fact: &Fact) -> bool {
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

/// A call of a function that kernels know.
pub fn call(builtin: Builtin, args: &[Fact], width: Width) -> Result<Fact> {
    let only_numbers = || {
        let names: Vec<_> = args.iter().map(Fact::name).collect();
        refuse(
            format!("kernels cannot call this with {}", names.join(", ")),
            "give it numbers",
        )
    };
    let number = |f: &Fact| as_int(f).is_some() || matches!(f, Fact::Float { .. } | Fact::Number);
    match builtin {
        Builtin::Abs => match &args[0] {
            Fact::Complex => Ok(Fact::Float { nonnegative: false }),
            f => match as_int(f) {
                Some(x) => Ok(Fact::int(width.keep(x.interval.abs(), &[&x]))),
                None if number(f) => Ok(Fact::FLOAT),
                None => only_numbers(),
            },
        },
        Builtin::Min | Builtin::Max => match args {
            [Fact::Tuple(items)] if items.is_empty() => refuse(
                "of no items there is no least: a ValueError in Python, too",
                "give it at least one",
            ),
            [Fact::Tuple(items)] => least(builtin, items).map_or_else(only_numbers, Ok),
            [one] if !matches!(one, Fact::Array(..)) => refuse(
                format!("{} alone has no least and no greatest", one.name()),
                "give it two numbers or more, a tuple or an array",
            ),
            _ => least(builtin, args).map_or_else(only_numbers, Ok),
        },
        Builtin::Sum => match &args[0] {
            Fact::Array(array, _) => Ok(match array.dtype.ints() {
                Some(_) => Fact::int(width.limit()),
                None if array.dtype == super::types::DType::Bool => Fact::int(LENGTH),
                None => Fact::Number,
            }),
            Fact::Tuple(items) => sum_of(items, width),
            _ => only_numbers(),
        },
        Builtin::Round => match &args[0] {
            Fact::Int(x) => Ok(Fact::int(x.interval)),
            Fact::Bool(_) => Ok(Fact::int(Interval::new(0, 1))),
            Fact::Float { .. } => Ok(Fact::int(width.limit())),
            _ => only_numbers(),
        },
        Builtin::Int => match &args[0] {
            Fact::Float { nonnegative } => {
                let Interval { lo, hi } = width.limit();
                let lo = if *nonnegative { Some(0) } else { lo };
                Ok(Fact::int(Interval { lo, hi }))
            }
            f => as_int(f).map_or_else(only_numbers, |x| Ok(Fact::Int(x))),
        },
        Builtin::Float => {
            if number(&args[0]) {
                Ok(Fact::Float {
                    nonnegative: nonnegative(&args[0]),
                })
            } else {
                only_numbers()
            }
        }
        Builtin::Bool => match truth(&args[0]) {
            Some(known) => Ok(Fact::Bool(known)),
            None => no_truth(&args[0]),
        },
        Builtin::Complex => {
            if args.iter().all(number) || (args.len() == 1 && args[0] == Fact::Complex) {
                Ok(Fact::Complex)
            } else {
                only_numbers()
            }
        }
        Builtin::Divmod => Ok(Fact::Tuple(vec![
            binary(Binary::FloorDiv, &args[0], &args[1], width)?,
            binary(Binary::Mod, &args[0], &args[1], width)?,
        ])),
        Builtin::Real | Builtin::Imag | Builtin::Conjugate => match &args[0] {
            Fact::Complex if builtin == Builtin::Conjugate => Ok(Fact::Complex),
            Fact::Complex => Ok(Fact::FLOAT),
            _ => refuse(
                format!("{} has no such attribute here", args[0].name()),
                "it is there for complex numbers; make one with complex()",
            ),
        },
        Builtin::Math(Math::Dist) => match args {
            [Fact::Tuple(a), Fact::Tuple(b)] if a.len() == b.len() => {
                if a.iter().chain(b).all(number) {
                    Ok(Fact::FLOAT)
                } else {
                    only_numbers()
                }
            }
            _ => refuse(
                "math.dist takes two points of as many coordinates",
                "give it two tuples: math.dist((x0, y0), (x1, y1))",
            ),
        },
        Builtin::Math(function) => {
            if !args.iter().all(number) {
                return only_numbers();
            }
            math(function, args, width)
        }
    }
}

/// `sum` of a tuple: ints are added as they are; from the first float on, floats.
fn sum_of(items: &[Fact], width: Width) -> Result<Fact> {
    let (mut exact, mut float) = (Interval::of(0), false);
    let mut ints = Vec::new();
    for item in items {
        match (as_int(item), item) {
            (Some(_), _) if float => {}
            (Some(int), _) => {
                exact = exact.add(int.interval);
                ints.push(int);
            }
            (None, Fact::Float { .. }) => float = true,
            _ => {
                return refuse(
                    format!(
                        "kernels have no sum of a {}",
                        Fact::Tuple(items.into()).name()
                    ),
                    "add its items with +",
                );
            }
        }
    }
    if float {
        return Ok(Fact::FLOAT);
    }
    Ok(Fact::int(
        width.keep(exact, &ints.iter().collect::<Vec<_>>()),
    ))
}

/// `min` and `max` of numbers of one type.
fn least(builtin: Builtin, args: &[Fact]) -> Option<Fact> {
    if let [Fact::Array(array, _)] = args {
        return Some(match array.dtype.ints() {
            Some(ints) => Fact::int(ints),
            None => match array.dtype {
                super::types::DType::Bool => Fact::Bool(None),
                super::types::DType::F32 | super::types::DType::F64 => Fact::FLOAT,
                _ => return None,
            },
        });
    }
    if args.iter().all(|f| matches!(f, Fact::Bool(_))) {
        return Some(Fact::Bool(None));
    }
    let mut found: Option<Fact> = None;
    for fact in args {
        let next = match (&found, fact) {
            (None, f) => f.clone(),
            (Some(Fact::Int(a)), Fact::Int(b)) => Fact::Int(if builtin == Builtin::Min {
                let mut below = a.below.clone();
                below.extend(b.below.iter().copied());
                IntFact {
                    interval: a.interval.min(b.interval),
                    below,
                }
            } else {
                IntFact::new(a.interval.max(b.interval))
            }),
            (Some(a), b) => a.join(b)?,
        };
        found = Some(next);
    }
    found
}

fn math(function: Math, args: &[Fact], width: Width) -> Result<Fact> {
    Ok(match function {
        Math::Floor | Math::Ceil | Math::Trunc => match as_int(&args[0]) {
            Some(x) => Fact::Int(x),
            None => Fact::int(width.limit()),
        },
        Math::IsNan | Math::IsInf | Math::IsFinite => Fact::Bool(None),
        Math::Gcd | Math::Isqrt => {
            let ints: Option<Vec<_>> = args.iter().map(as_int).collect();
            let Some(ints) = ints else {
                return refuse(
                    format!("math.{} takes ints", function.name()),
                    "convert with int() first",
                );
            };
            let highest = ints.iter().map(|x| x.interval.abs());
            let highest = highest.reduce(Interval::join).expect("an argument");
            let exact = Interval {
                lo: Some(0),
                hi: highest.hi,
            };
            let refs: Vec<_> = ints.iter().collect();
            Fact::int(width.keep(exact, &refs))
        }
        _ => Fact::FLOAT,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
