//! What is known of the results of functions that kernels know; and which arguments these take.

use super::interval::{Interval, LENGTH};
use super::math::Math;
use super::syntax::{Binary, Builtin};
use super::transfer::{Result, Width, as_int, binary, no_truth, nonnegative, refuse, truth};
use super::types::{Fact, IntFact};

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
