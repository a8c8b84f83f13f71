//! Matrices of similarities with [`lanes`](super::lanes): which strings share vectors, and who computes what.

use super::lanes::{Group, Set};
use super::strings::{Measure, Metric, Prepared};
use super::{Error, blocks};
use crate::work::Watch;

/// What comes out for one lane, from which distances are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Score {
    /// Edits; for Jaro, characters that are in both.
    pub count: u32,
    /// For Jaro, how many of those are in another order.
    pub moved: u32,
}

/// A similarity, of what lanes give.
pub(crate) fn score(metric: Metric, score: Score, a: &[u8], b: &[u8]) -> f64 {
    if metric.counts() {
        return metric.similarity(score.count as usize, a.len(), b.len());
    }
    if a.is_empty() || b.is_empty() {
        return f64::from(a.is_empty() && b.is_empty());
    }
    if score.count == 0 {
        return 0.0;
    }
    let count = f64::from(score.count);
    let in_order = f64::from(score.count - score.moved / 2);
    let alike = (count / a.len() as f64 + count / b.len() as f64 + in_order / count) / 3.0;
    if metric == Metric::JaroWinkler && alike > 0.7 {
        let first = a.iter().zip(b).take(4).take_while(|(a, b)| a == b).count();
        return alike + first as f64 * 0.1 * (1.0 - alike);
    }
    alike
}

impl Measure {
    pub(crate) fn of(self, metric: Metric, score: Score, a: &[u8], b: &[u8]) -> f32 {
        match self {
            Self::Distance if metric.counts() => score.count as f32,
            Self::Distance => (1.0 - self::score(metric, score, a, b)) as f32,
            Self::Similarity(cutoff) => {
                let alike = self::score(metric, score, a, b);
                if alike >= cutoff { alike as f32 } else { 0.0 }
            }
        }
    }
}

/// Rows that one task compares with a group.
const ROWS: usize = 256;

/// Strings of one group, or a string that no group takes.
enum Part {
    Group((usize, usize), Vec<usize>),
    Alone(usize),
}

/// As `strings::matrix`.
pub(crate) fn matrix(
    set: Set,
    rows: &[Vec<u8>],
    columns: &[Vec<u8>],
    metric: Metric,
    measure: Measure,
    watch: &Watch,
) -> Result<Vec<f32>, Error> {
    // All metrics are symmetric: the larger side fills the lanes better.
    let turned = rows.len() > columns.len();
    let (queries, choices) = if turned {
        (columns, rows)
    } else {
        (rows, columns)
    };
    let alphabet = rows
        .iter()
        .chain(columns)
        .flatten()
        .max()
        .map_or(1, |most| usize::from(*most) + 1);
    let parts = parts(set, choices, metric);
    // Of nearly one length, as they come one after another.
    let mut order: Vec<usize> = (0..queries.len()).collect();
    order.sort_by_key(|query| queries[*query].len());
    let order: Vec<&[usize]> = order.chunks(ROWS).collect();
    let mut all = vec![0.0_f32; rows.len() * columns.len()];
    let cells = blocks::Parts::new(&mut all);
    let width = columns.len();
    let tasks = parts.len() * order.len();
    watch.expect(tasks as u64);
    blocks::try_each(tasks, &|task| {
        let queries_here = order[task % order.len()];
        let write = |query: usize, choice: usize, value: f32| {
            let place = if turned {
                choice * width + query
            } else {
                query * width + choice
            };
            // SAFETY: each pair is of one task, once.
            let cell = unsafe { cells.of(place, 1) };
            cell[0] = value;
        };
        match &parts[task / order.len()] {
            Part::Alone(choice) => {
                let prepared = Prepared::new(metric, &choices[*choice]);
                for query in queries_here {
                    watch.check()?;
                    let other = &queries[*query];
                    let value = match measure {
                        Measure::Distance => prepared.distance(other),
                        Measure::Similarity(cutoff) => prepared.similarity(other, cutoff),
                    };
                    write(*query, *choice, value as f32);
                }
            }
            Part::Group(shape, members) => {
                let strings: Vec<&[u8]> = members
                    .iter()
                    .map(|member| choices[*member].as_slice())
                    .collect();
                let mut group = Group::new(set, *shape, alphabet, &strings);
                let mut scores = Vec::new();
                for query in queries_here {
                    watch.check()?;
                    let other = &queries[*query];
                    group.scores(metric, other, &mut scores);
                    for ((member, string), score) in members.iter().zip(&strings).zip(&scores) {
                        write(*query, *member, measure.of(metric, *score, other, string));
                    }
                }
            }
        }
        Ok(watch.advance(1)?)
    })?;
    Ok(all)
}

/// Strings of one shape together, by length.
fn parts(set: Set, strings: &[Vec<u8>], metric: Metric) -> Vec<Part> {
    let mut order: Vec<usize> = (0..strings.len()).collect();
    order.sort_by_key(|string| strings[*string].len());
    let mut parts: Vec<Part> = Vec::new();
    for string in order {
        let Some(shape) = Group::shape(metric, strings[string].len()) else {
            parts.push(Part::Alone(string));
            continue;
        };
        match parts.last_mut() {
            Some(Part::Group(last, members))
                if *last == shape && members.len() < set.bytes() * 8 / shape.0 =>
            {
                members.push(string);
            }
            _ => parts.push(Part::Group(shape, vec![string])),
        }
    }
    parts
}
