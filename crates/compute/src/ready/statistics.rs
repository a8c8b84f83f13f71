//! Moments and extremes of numbers, in one pass over memory.
//!
//! The array is cut into blocks of a fixed size; each block, while it is in the cache, is gone over
//! twice (the mean, then powers of what differs from it), and blocks are put together in a fixed order.
//! So the answer does not depend on the number of threads, and the errors stay those of a block.
//! Formulas: P. Pébay, "Formulas for robust, one-pass parallel computation of covariances and
//! arbitrary-order statistical moments", Sandia report SAND2008-6212, equations 2.1 and following.

use super::Error;
use super::blocks;
use super::key::Key;
use crate::work::Watch;

/// Elements of a block; part of the answer's definition, since sums round.
const BLOCK: usize = 8192;

/// Sums that describe numbers; `power2` to `power4` are of differences from the mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// How many numbers.
    pub count: u64,
    /// Their sum.
    pub sum: f64,
    /// Their mean.
    pub mean: f64,
    /// Sum of squares.
    pub power2: f64,
    /// Sum of cubes.
    pub power3: f64,
    /// Sum of fourth powers.
    pub power4: f64,
    /// The smallest; NaN if one is NaN.
    pub minimum: f64,
    /// The largest; NaN if one is NaN.
    pub maximum: f64,
}

impl Moments {
    const NONE: Self = Self {
        count: 0,
        sum: 0.0,
        mean: f64::NAN,
        power2: 0.0,
        power3: 0.0,
        power4: 0.0,
        minimum: f64::INFINITY,
        maximum: f64::NEG_INFINITY,
    };

    /// Of one block.
    pub(crate) fn of(block: &[f64]) -> Self {
        if block.is_empty() {
            return Self::NONE;
        }
        // Lanes, so that the compiler may use vectors without changing what is added to what.
        const LANES: usize = 8;
        let (parts, rest) = block.as_chunks::<LANES>();
        let (mut sums, mut least, mut most) = (
            [0.0; LANES],
            [f64::INFINITY; LANES],
            [f64::NEG_INFINITY; LANES],
        );
        for part in parts {
            for lane in 0..LANES {
                sums[lane] += part[lane];
                least[lane] = if part[lane] < least[lane] {
                    part[lane]
                } else {
                    least[lane]
                };
                most[lane] = if part[lane] > most[lane] {
                    part[lane]
                } else {
                    most[lane]
                };
            }
        }
        let sum = sums.iter().sum::<f64>() + rest.iter().sum::<f64>();
        let mut minimum = least
            .iter()
            .chain(rest)
            .copied()
            .fold(f64::INFINITY, f64::min);
        let mut maximum = most
            .iter()
            .chain(rest)
            .copied()
            .fold(f64::NEG_INFINITY, f64::max);
        // A NaN anywhere makes the sum NaN; so do infinities of both signs, which are no NaN.
        if sum.is_nan() && block.iter().any(|value| value.is_nan()) {
            (minimum, maximum) = (f64::NAN, f64::NAN);
        }
        let count = block.len() as f64;
        let mean = sum / count;
        let mut powers = [[0.0; LANES]; 4];
        for part in parts {
            for lane in 0..LANES {
                let off = part[lane] - mean;
                let square = off * off;
                powers[0][lane] += off;
                powers[1][lane] += square;
                powers[2][lane] += square * off;
                powers[3][lane] += square * square;
            }
        }
        let [mut off1, mut off2, mut off3, mut off4] =
            powers.map(|lanes| lanes.iter().sum::<f64>());
        for value in rest {
            let off = value - mean;
            off1 += off;
            off2 += off * off;
            off3 += off * off * off;
            off4 += (off * off) * (off * off);
        }
        // `off1` is what the mean was rounded by: taken out of the squares (two-pass with correction).
        let power2 = off2 - off1 * off1 / count;
        Self {
            count: block.len() as u64,
            sum,
            mean,
            power2,
            power3: off3,
            power4: off4,
            minimum,
            maximum,
        }
    }

    /// Of both.
    fn with(self, other: Self) -> Self {
        if self.count == 0 {
            return other;
        }
        if other.count == 0 {
            return self;
        }
        let (a, b) = (self.count as f64, other.count as f64);
        let count = a + b;
        let off = other.mean - self.mean;
        let part = off / count;
        Self {
            count: self.count + other.count,
            sum: self.sum + other.sum,
            mean: self.mean + b * part,
            power2: self.power2 + other.power2 + a * b * off * part,
            power3: self.power3
                + other.power3
                + a * b * (a - b) * off * part * part
                + 3.0 * (a * other.power2 - b * self.power2) * part,
            power4: self.power4
                + other.power4
                + a * b * (a * a - a * b + b * b) * off * part * part * part
                + 6.0 * (a * a * other.power2 + b * b * self.power2) * part * part
                + 4.0 * (a * other.power3 - b * self.power3) * part,
            minimum: worse(self.minimum, other.minimum, f64::min),
            maximum: worse(self.maximum, other.maximum, f64::max),
        }
    }

    /// In halves, so that errors grow with the logarithm of the count.
    pub(crate) fn together(blocks: &[Self]) -> Self {
        match blocks {
            [] => Self::NONE,
            [one] => *one,
            _ => {
                let (left, right) = blocks.split_at(blocks.len() / 2);
                Self::together(left).with(Self::together(right))
            }
        }
    }

    /// Variance, with `ddof` degrees of freedom taken off; NaN if none are left.
    #[must_use]
    pub fn variance(&self, ddof: f64) -> f64 {
        let freedom = self.count as f64 - ddof;
        if freedom > 0.0 {
            self.power2 / freedom
        } else {
            f64::NAN
        }
    }

    /// Skewness: m3 / m2^1.5 (not corrected for the sample's size); NaN if all are equal.
    #[must_use]
    pub fn skewness(&self) -> f64 {
        if self.power2 == 0.0 {
            f64::NAN
        } else {
            (self.count as f64).sqrt() * self.power3 / self.power2.powf(1.5)
        }
    }

    /// Excess kurtosis: m4 / m2² - 3 (not corrected for the sample's size); NaN if all are equal.
    #[must_use]
    pub fn kurtosis(&self) -> f64 {
        if self.power2 == 0.0 {
            f64::NAN
        } else {
            self.count as f64 * self.power4 / (self.power2 * self.power2) - 3.0
        }
    }
}

fn worse(a: f64, b: f64, which: fn(f64, f64) -> f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::NAN
    } else {
        which(a, b)
    }
}

/// The moments of numbers; with `omit_nan`, of those that are not NaN.
///
/// # Errors
/// When cancelled.
pub fn moments<T: Key>(values: &[T], omit_nan: bool, watch: &Watch) -> Result<Moments, Error> {
    watch.part(0.95);
    let of = |block: &[T]| {
        let mut floats = [0.0; BLOCK];
        let mut count = 0;
        for value in block {
            let value = value.float();
            floats[count] = value;
            count += usize::from(!(omit_nan && value.is_nan()));
        }
        Moments::of(&floats[..count])
    };
    let block = |block: usize| of(&values[block * BLOCK..values.len().min((block + 1) * BLOCK)]);
    let blocks = blocks::map(values.len().div_ceil(BLOCK), watch, block)?;
    let mut all = Moments::together(&blocks);
    if all.count == 0 {
        (all.minimum, all.maximum) = (f64::NAN, f64::NAN);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool;

    fn numbers(count: usize) -> Vec<f64> {
        (0..count)
            .map(|i| ((i * 7919) % 10_007) as f64 / 7.0 + 1e6)
            .collect()
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-9 * b.abs().max(1.0)
    }

    #[test]
    fn moments_are_those_of_the_definition_on_any_number_of_threads() {
        for count in [1, 2, 7, BLOCK, BLOCK + 1, 20 * BLOCK + 5] {
            let values = numbers(count);
            let mean = values.iter().sum::<f64>() / count as f64;
            let power = |n| {
                values
                    .iter()
                    .map(|value| (value - mean).powi(n))
                    .sum::<f64>()
            };
            let alone =
                pool::with_threads(1, || moments(&values, false, &Watch::new()).unwrap()).unwrap();
            let many =
                pool::with_threads(5, || moments(&values, false, &Watch::new()).unwrap()).unwrap();
            assert_eq!(alone, many);
            assert!(close(alone.mean, mean) && close(alone.power2, power(2)));
            assert!(
                close(alone.power4, power(4)),
                "{} {}",
                alone.power4,
                power(4)
            );
            assert!((alone.power3 - power(3)).abs() <= 1e-9 * power(4).abs().max(1.0));
            assert_eq!(
                alone.minimum,
                values.iter().copied().fold(f64::INFINITY, f64::min)
            );
            assert_eq!(alone.maximum, values.iter().copied().fold(0.0, f64::max));
        }
    }

    #[test]
    fn nan_spreads_or_is_left_out() {
        let mut values = numbers(3 * BLOCK);
        values[5] = f64::NAN;
        let spread = moments(&values, false, &Watch::new()).unwrap();
        assert!(spread.mean.is_nan() && spread.minimum.is_nan() && spread.maximum.is_nan());
        let kept: Vec<f64> = values
            .iter()
            .copied()
            .filter(|value| !value.is_nan())
            .collect();
        let left_out = moments(&values, true, &Watch::new()).unwrap();
        assert_eq!(left_out.count, kept.len() as u64);
        assert!(close(
            left_out.mean,
            moments(&kept, false, &Watch::new()).unwrap().mean
        ));
        let none = moments(&[f64::NAN], true, &Watch::new()).unwrap();
        assert!(none.count == 0 && none.mean.is_nan() && none.minimum.is_nan());
        assert!(
            moments::<f64>(&[], false, &Watch::new())
                .unwrap()
                .maximum
                .is_nan()
        );
    }

    #[test]
    fn infinities_of_both_signs_are_extremes() {
        let got = moments(
            &[f64::INFINITY, f64::NEG_INFINITY, 1.0],
            false,
            &Watch::new(),
        )
        .unwrap();
        assert_eq!(
            (got.minimum, got.maximum),
            (f64::NEG_INFINITY, f64::INFINITY)
        );
        assert!(got.mean.is_nan());
    }

    #[test]
    fn known_shapes() {
        let got = moments(&[2_u8, 4, 4, 4, 5, 5, 7, 9], false, &Watch::new()).unwrap();
        assert_eq!((got.mean, got.variance(0.0), got.sum), (5.0, 4.0, 40.0));
        assert!(close(got.skewness(), 0.656_25) && close(got.kurtosis(), -0.218_75));
        assert!(got.variance(8.0).is_nan());
        assert!(
            moments(&[3, 3], false, &Watch::new())
                .unwrap()
                .skewness()
                .is_nan()
        );
    }
}
