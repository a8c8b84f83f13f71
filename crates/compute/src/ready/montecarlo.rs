//! Plain Monte Carlo integration over a box.
//!
//! Samples come in blocks of a fixed size; each block draws from a stream of its own, made of the seed and
//! the block's number, and blocks are put together in a fixed order. So the answer depends on
//! seed and count only, never on the number of threads.

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::Error;
use super::statistics::Moments;
use crate::work::{Cancelled, Watch};

/// Samples of a block; part of the answer's definition.
pub const BLOCK: usize = 8192;

/// Functions that are there ready-made. `x` has as many coordinates as the box has dimensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Builtin {
    /// 1 where x·x <= 1, 0 elsewhere: over [-1, 1]², pi.
    Ball,
    /// exp(-x·x).
    Gaussian,
    /// cos(sum of x): Genz' "oscillatory" with all a = 1, u = 0.
    Oscillatory,
    /// Product of 1 / (1 + x²): Genz' "product peak" with all a = 1, u = 0.
    ProductPeak,
    /// (1 + sum of x)^-(d + 1): Genz' "corner peak" with all a = 1.
    CornerPeak,
}

impl Builtin {
    /// By the name that Python uses.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn named(name: &str) -> Result<Self, Error> {
        Ok(match name {
            "ball" => Self::Ball,
            "gaussian" => Self::Gaussian,
            "oscillatory" => Self::Oscillatory,
            "product_peak" => Self::ProductPeak,
            "corner_peak" => Self::CornerPeak,
            _ => {
                let expected = "a function, or 'ball', 'gaussian', 'oscillatory', 'product_peak' or 'corner_peak'";
                return Err(Error::value("integrand", expected, format!("{name:?}")));
            }
        })
    }

    /// The value at every point.
    pub fn fill(self, points: &[f64], dimensions: usize, values: &mut [f64]) {
        let points = points.chunks_exact(dimensions).zip(values);
        match self {
            Self::Ball => points.for_each(|(x, value)| *value = f64::from(squares(x) <= 1.0)),
            Self::Gaussian => points.for_each(|(x, value)| *value = (-squares(x)).exp()),
            Self::Oscillatory => points.for_each(|(x, value)| *value = x.iter().sum::<f64>().cos()),
            Self::ProductPeak => {
                points.for_each(|(x, value)| {
                    *value = x.iter().map(|x| 1.0 / (1.0 + x * x)).product()
                });
            }
            Self::CornerPeak => {
                let power = -i32::try_from(dimensions).unwrap_or(i32::MAX - 1) - 1;
                points.for_each(|(x, value)| *value = (1.0 + x.iter().sum::<f64>()).powi(power));
            }
        }
    }
}

fn squares(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum()
}

/// What integration found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The integral.
    pub value: f64,
    /// Its standard error: one standard deviation.
    pub error: f64,
    /// How many samples were drawn.
    pub samples: u64,
}

/// Integrate over the box between `low` and `high`.
///
/// `fill` is given points (row by row) and writes the function's value at each of them; it is called
/// from many threads. Of several errors, that of the first sample comes back.
///
/// # Errors
/// When the box has no dimension, ends that are not finite, or less than two samples are asked for; what `fill`
/// says; or when cancelled.
pub fn integrate<E: From<Error> + Send>(
    fill: impl Fn(&[f64], &mut [f64]) -> Result<(), E> + Sync,
    (low, high): (&[f64], &[f64]),
    samples: u64,
    seed: u64,
    watch: &Watch,
) -> Result<Estimate, E> {
    let dimensions = low.len();
    if dimensions == 0 || high.len() != dimensions {
        let got = format!("{} lower and {} upper", low.len(), high.len());
        return Err(Error::Shape {
            what: "bounds",
            expected: "one pair for each dimension".into(),
            got,
        }
        .into());
    }
    if let Some(wrong) = low.iter().chain(high).find(|end| !end.is_finite()) {
        return Err(Error::value("bounds", "finite", wrong).into());
    }
    if samples < 2 {
        return Err(Error::value("samples", "at least 2", samples).into());
    }
    let blocks = samples.div_ceil(BLOCK as u64);
    watch.expect(blocks);
    let failed = AtomicU64::new(u64::MAX);
    let one = |buffers: &mut (Vec<f64>, Vec<f64>), block: u64| -> Result<Moments, E> {
        // What comes after an error would not have been drawn; what comes before it may have one, too.
        if block > failed.load(Ordering::Relaxed) {
            return Ok(Moments::of(&[]));
        }
        let stopped = |error: Cancelled| E::from(error.into());
        watch.advance(1).map_err(stopped)?;
        let count = usize::try_from(samples - block * BLOCK as u64)
            .unwrap_or(BLOCK)
            .min(BLOCK);
        let (points, values) = buffers;
        points.resize(count * dimensions, 0.0);
        values.resize(count, 0.0);
        let mut stream = Stream::new(seed, block);
        for point in points.chunks_exact_mut(dimensions) {
            // Of many dimensions, a block takes long.
            watch.check().map_err(stopped)?;
            for ((x, low), high) in point.iter_mut().zip(low).zip(high) {
                *x = low + (high - low) * stream.unit();
            }
        }
        fill(points, values).inspect_err(|_| {
            failed.fetch_min(block, Ordering::Relaxed);
        })?;
        Ok(Moments::of(values))
    };
    // In rounds, so that what is kept of the blocks stays small.
    const ROUND: u64 = 1 << 16;
    let mut rounds = Vec::new();
    let mut start = 0;
    while start < blocks {
        let end = blocks.min(start + ROUND);
        let moments: Vec<Result<Moments, E>> = (start..end)
            .into_par_iter()
            .map_init(Default::default, one)
            .collect();
        // Of several errors, the first sample's.
        let moments = moments.into_iter().collect::<Result<Vec<_>, E>>()?;
        rounds.push(Moments::together(&moments));
        start = end;
    }
    let all = Moments::together(&rounds);
    let volume: f64 = low.iter().zip(high).map(|(low, high)| high - low).product();
    let error = (all.variance(1.0) / samples as f64).sqrt();
    Ok(Estimate {
        value: volume * all.mean,
        error: volume.abs() * error,
        samples,
    })
}

/// xoshiro256++ (D. Blackman and S. Vigna, "Scrambled linear pseudorandom number generators", 2021),
/// its state filled by splitmix64, as they advise.
struct Stream([u64; 4]);

impl Stream {
    fn new(seed: u64, index: u64) -> Self {
        let mut state =
            mixed(seed) ^ mixed(index.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1));
        Self(std::array::from_fn(|_| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            mixed(state)
        }))
    }

    #[inline]
    fn next(&mut self) -> u64 {
        let s = &mut self.0;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// From 0 (included) to 1 (excluded), 53 bits.
    #[inline]
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 * f64::EPSILON / 2.0
    }
}

/// The finalizer of splitmix64.
const fn mixed(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;
    use crate::pool;

    fn estimate(builtin: Builtin, low: &[f64], high: &[f64], samples: u64, seed: u64) -> Estimate {
        let fill = |points: &[f64], values: &mut [f64]| {
            builtin.fill(points, low.len(), values);
            Ok::<_, Error>(())
        };
        integrate(fill, (low, high), samples, seed, &Watch::new()).unwrap()
    }

    #[test]
    fn finds_known_integrals() {
        let sine = 1_f64.sin();
        let cosine = 1.0 - 1_f64.cos();
        let cases = [
            (Builtin::Ball, vec![-1.0; 2], vec![1.0; 2], PI),
            (Builtin::Ball, vec![-1.0; 3], vec![1.0; 3], 4.0 / 3.0 * PI),
            (Builtin::Gaussian, vec![-6.0], vec![6.0], PI.sqrt()),
            (
                Builtin::Oscillatory,
                vec![0.0; 2],
                vec![1.0; 2],
                sine * sine - cosine * cosine,
            ),
            (
                Builtin::ProductPeak,
                vec![0.0; 2],
                vec![1.0; 2],
                (PI / 4.0).powi(2),
            ),
            (Builtin::CornerPeak, vec![0.0; 1], vec![1.0; 1], 0.5),
            (Builtin::Gaussian, vec![6.0], vec![-6.0], -PI.sqrt()),
        ];
        for (builtin, low, high, expected) in cases {
            let got = estimate(builtin, &low, &high, 400_000, 7);
            assert!(
                (got.value - expected).abs() < 5.0 * got.error,
                "{builtin:?} {got:?} {expected}"
            );
            assert!(got.error > 0.0 && got.error < 0.02, "{builtin:?} {got:?}");
        }
    }

    #[test]
    fn the_same_on_any_number_of_threads_and_another_with_another_seed() {
        let run = |seed| move || estimate(Builtin::Gaussian, &[0.0; 3], &[1.0; 3], 100_001, seed);
        let alone = pool::with_threads(1, run(1)).unwrap();
        assert_eq!(alone, pool::with_threads(5, run(1)).unwrap());
        assert_ne!(alone.value, pool::with_threads(5, run(2)).unwrap().value);
    }

    #[test]
    fn streams_are_uniform_and_apart() {
        let mut sums = [0_u32; 16];
        for index in 0..64 {
            let mut stream = Stream::new(3, index);
            for _ in 0..1000 {
                let unit = stream.unit();
                assert!((0.0..1.0).contains(&unit));
                sums[(unit * 16.0) as usize] += 1;
            }
        }
        assert!(sums.iter().all(|sum| sum.abs_diff(4000) < 300), "{sums:?}");
        assert_ne!(Stream::new(3, 0).next(), Stream::new(3, 1).next());
        assert_ne!(Stream::new(3, 0).next(), Stream::new(4, 0).next());
    }

    #[test]
    fn nonsense_is_refused_and_errors_come_through() {
        let nothing = |_: &[f64], _: &mut [f64]| Ok::<_, Error>(());
        let watch = Watch::new();
        let none: &[f64] = &[];
        assert!(
            integrate(nothing, (none, none), 10, 0, &watch)
                .unwrap_err()
                .to_string()
                .starts_with("bounds")
        );
        assert!(integrate(nothing, (&[0.0], &[f64::NAN]), 10, 0, &watch).is_err());
        let error = integrate(nothing, (&[0.0], &[1.0]), 1, 0, &watch).unwrap_err();
        assert_eq!(error.to_string(), "samples must be at least 2, not 1");
        let fails = |_: &[f64], _: &mut [f64]| Err(Error::value("x", "y", "z"));
        assert!(integrate(fails, (&[0.0], &[1.0]), 10, 0, &watch).is_err());
        watch.cancel();
        assert!(matches!(
            integrate(nothing, (&[0.0], &[1.0]), 10, 0, &watch),
            Err(Error::Cancelled(_))
        ));
        assert!(
            Builtin::named("cube")
                .unwrap_err()
                .to_string()
                .contains("\"cube\"")
        );
    }
}
