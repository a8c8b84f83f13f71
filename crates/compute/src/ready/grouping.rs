//! Group by a key, reduce the values of each group.

use super::Error;
use super::blocks;
use super::key::{Bits, Key};
use super::sorting::{BLOCK, index, order_by, range, starts};
use crate::work::Watch;

/// Groups that one task reduces.
const GROUPS: usize = 256;

/// What becomes of the values of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reduction {
    /// How many there are.
    Count,
    /// Their sum.
    Sum,
    /// Their mean.
    Mean,
    /// The smallest; NaN if there is one.
    Minimum,
    /// The largest; NaN if there is one.
    Maximum,
    /// The first.
    First,
    /// The last.
    Last,
}

impl Reduction {
    /// By the name that Python uses.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn named(name: &str) -> Result<Self, Error> {
        Ok(match name {
            "count" => Self::Count,
            "sum" => Self::Sum,
            "mean" => Self::Mean,
            "min" => Self::Minimum,
            "max" => Self::Maximum,
            "first" => Self::First,
            "last" => Self::Last,
            _ => {
                let expected = "'count', 'sum', 'mean', 'min', 'max', 'first' or 'last'";
                return Err(Error::value("reduce", expected, format!("{name:?}")));
            }
        })
    }

    /// Before any value.
    const fn start(self) -> f64 {
        match self {
            // As `Iterator::sum` begins, so that a sum of -0.0 stays that.
            Self::Sum | Self::Mean => -0.0,
            Self::Minimum => f64::INFINITY,
            Self::Maximum => f64::NEG_INFINITY,
            Self::Count | Self::First | Self::Last => 0.0,
        }
    }

    /// With some more values, in the order in which they were given.
    fn with(self, so_far: f64, mut values: impl ExactSizeIterator<Item = f64>) -> f64 {
        match self {
            Self::Count => so_far + values.len() as f64,
            Self::Sum | Self::Mean => values.fold(so_far, |sum, value| sum + value),
            Self::Minimum => values.fold(so_far, |a, b| if b < a || b.is_nan() { b } else { a }),
            Self::Maximum => values.fold(so_far, |a, b| if b > a || b.is_nan() { b } else { a }),
            // These two are asked for one value only.
            Self::First | Self::Last => values.next().unwrap_or(so_far),
        }
    }
}

/// Distinct keys, ascending, and one reduced number for each.
///
/// # Errors
/// When cancelled, or when there are not as many values as keys.
pub fn group_by<K: Key>(
    keys: &[K],
    values: &[f64],
    reduction: Reduction,
    watch: &Watch,
) -> Result<(Vec<K>, Vec<f64>), Error> {
    if keys.len() != values.len() {
        let (expected, got) = (
            format!("({},) as keys have", keys.len()),
            format!("({},)", values.len()),
        );
        return Err(Error::Shape {
            what: "values",
            expected,
            got,
        });
    }
    let key = |place: usize| keys[place].equality_key().wide();
    let order = order_by(keys.len(), &key, watch)?;
    let starts = starts(&order, &key, watch)?;
    watch.part(0.15);
    let value = |member: &u64| values[index(*member)];
    let one = |group: usize| {
        let members = &order[range(&starts, group, order.len())];
        let members = match reduction {
            Reduction::First => &members[..1],
            Reduction::Last => &members[members.len() - 1..],
            _ => members,
        };
        let mut reduced = reduction.start();
        for members in members.chunks(BLOCK) {
            watch.check()?;
            reduced = reduction.with(reduced, members.iter().map(value));
        }
        Ok(match reduction {
            Reduction::Mean => reduced / members.len() as f64,
            _ => reduced,
        })
    };
    let reduced = blocks::try_map(starts.len().div_ceil(GROUPS), watch, |block| {
        (block * GROUPS..starts.len().min((block + 1) * GROUPS))
            .map(one)
            .collect::<Result<Vec<f64>, Error>>()
    })?;
    Ok((
        blocks::build(starts.len(), BLOCK, watch, |group| {
            keys[index(order[starts[group]])]
        })?,
        blocks::concat(&reduced, watch)?,
    ))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const ALL: [&str; 7] = ["count", "sum", "mean", "min", "max", "first", "last"];

    #[test]
    fn groups_are_reduced_in_the_order_of_their_values() {
        let keys: Vec<i32> = (0..5000).map(|i| (i * 7919) % 13 - 6).collect();
        let values: Vec<f64> = (0..5000).map(|i| f64::from((i * 31) % 101) / 3.0).collect();
        let mut naive = BTreeMap::<i32, Vec<f64>>::new();
        for (key, value) in keys.iter().zip(&values) {
            naive.entry(*key).or_default().push(*value);
        }
        for name in ALL {
            let got = group_by(
                &keys,
                &values,
                Reduction::named(name).unwrap(),
                &Watch::new(),
            )
            .unwrap();
            assert_eq!(got.0, naive.keys().copied().collect::<Vec<_>>());
            let expected: Vec<f64> = naive
                .values()
                .map(|group| match name {
                    "count" => group.len() as f64,
                    "sum" => group.iter().sum(),
                    "mean" => group.iter().sum::<f64>() / group.len() as f64,
                    "min" => group.iter().copied().fold(f64::INFINITY, f64::min),
                    "max" => group.iter().copied().fold(f64::NEG_INFINITY, f64::max),
                    "first" => group[0],
                    _ => group[group.len() - 1],
                })
                .collect();
            assert_eq!(got.1, expected, "{name}");
        }
    }

    #[test]
    fn nan_is_seen() {
        let (_, least) =
            group_by(&[1, 1], &[f64::NAN, 2.0], Reduction::Minimum, &Watch::new()).unwrap();
        assert!(least[0].is_nan());
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let error = group_by(&[1, 2], &[1.0], Reduction::Sum, &Watch::new()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "values: expected (2,) as keys have, got (1,)"
        );
        let error = Reduction::named("median").unwrap_err();
        assert!(error.to_string().ends_with("not \"median\""));
    }
}
