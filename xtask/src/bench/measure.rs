//! Times two commands in turn and compares them pair by pair.
//!
//! The machine's speed drifts; two runs that follow each other share its mood, so the ratio of
//! each pair says more than any two medians.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::process;

/// A command that is started many times.
pub type Make<'a> = &'a dyn Fn() -> Command;

/// Medians of both, in seconds, and the median of the pairs' ratios.
#[derive(Clone, Copy, serde::Serialize)]
pub struct Comparison {
    pub ours: f64,
    pub peer: f64,
    pub ratio: f64,
}

impl Comparison {
    /// Of figures of both, pair by pair.
    pub fn of(pairs: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let pairs: Vec<(f64, f64)> = pairs.into_iter().collect();
        Comparison {
            ours: median(pairs.iter().map(|pair| pair.0)),
            peer: median(pairs.iter().map(|pair| pair.1)),
            ratio: median(pairs.iter().map(|pair| pair.0 / pair.1)),
        }
    }
}

/// Runs `ours` and `peer` in turn, `runs` times each after one warm-up.
pub fn compare(runs: usize, ours: Make, peer: Make) -> Result<Comparison> {
    let timed = |make: Make| Ok(once(&mut make())?.as_secs_f64());
    compare_by(runs, &|| timed(ours), &|| timed(peer))
}

/// Like [`compare`], with figures that the runs give themselves.
pub fn compare_by(
    runs: usize,
    ours: &dyn Fn() -> Result<f64>,
    peer: &dyn Fn() -> Result<f64>,
) -> Result<Comparison> {
    ours()?;
    peer()?;
    let mut pairs = Vec::with_capacity(runs);
    for _ in 0..runs {
        pairs.push((ours()?, peer()?));
    }
    Ok(Comparison::of(pairs))
}

/// Median seconds of one command.
pub fn alone(runs: usize, make: Make) -> Result<f64> {
    let times = (0..runs).map(|_| Ok(once(&mut make())?.as_secs_f64()));
    Ok(median(times.collect::<Result<Vec<_>>>()?))
}

fn once(command: &mut Command) -> Result<Duration> {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let started = Instant::now();
    process::inherit(command)?;
    Ok(started.elapsed())
}

/// The middle one, or between the middle two.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        len if len % 2 == 1 => values[len / 2],
        len => f64::midpoint(values[len / 2 - 1], values[len / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_is_between_the_middle_two() {
        assert_eq!(median([4.0, 1.0, 3.0, 100.0]), 3.5);
        assert_eq!(median([2.0]), 2.0);
        assert!(median([]).is_nan());
    }

    #[test]
    fn a_ratio_is_that_of_pairs() {
        // The machine is twice as slow for the second pair; the ratio does not care.
        let ours = std::cell::Cell::new(0.0);
        let peer = std::cell::Cell::new(0.0);
        let step = |cell: &std::cell::Cell<f64>, unit: f64| {
            cell.set(cell.get() + 1.0);
            Ok(unit * cell.get())
        };
        let found = compare_by(5, &|| step(&ours, 1.0), &|| step(&peer, 2.0)).unwrap();
        assert_eq!(found.ratio, 0.5);
    }
}
