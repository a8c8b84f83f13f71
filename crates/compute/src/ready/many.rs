//! Matrices of similarities with [`lanes`](super::lanes): which strings share vectors, and who computes what.

use super::lanes::{Group, LONGEST, Set};
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

/// What becomes of scores.
struct Values {
    metric: Metric,
    measure: Measure,
    /// For metrics that count: what so many edits are, of at most as many as the row's number; a division for
    /// every pair would take longer than all the rest.
    table: Vec<f32>,
    width: usize,
}

impl Values {
    /// For strings that have at most so many edits between them.
    fn new(metric: Metric, measure: Measure, most: usize) -> Self {
        const LARGEST: usize = 256;
        let width = match measure {
            Measure::Similarity(_) if metric.counts() => most.min(LARGEST) + 1,
            _ => 0,
        };
        let mut values = Self {
            metric,
            measure,
            table: vec![],
            width,
        };
        let cell = |place: usize| values.counted(place % width, place / width);
        values.table = (0..width * width).map(cell).collect();
        values
    }

    /// Of so many edits.
    fn counted(&self, count: usize, most: usize) -> f32 {
        match self.measure {
            Measure::Distance => count as f32,
            Measure::Similarity(cutoff) => {
                let alike = Metric::of_most(count, most);
                if alike >= cutoff { alike as f32 } else { 0.0 }
            }
        }
    }

    fn of(&self, found: Score, a: &[u8], b: &[u8]) -> f32 {
        if self.metric.counts() {
            let (count, most) = (found.count as usize, self.metric.most(a.len(), b.len()));
            return match self.table.get(most * self.width + count) {
                Some(value) if most < self.width => *value,
                _ => self.counted(count, most),
            };
        }
        let alike = score(self.metric, found, a, b);
        match self.measure {
            Measure::Distance => (1.0 - alike) as f32,
            Measure::Similarity(cutoff) if alike < cutoff => 0.0,
            Measure::Similarity(_) => alike as f32,
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
    // Those that are longer never meet lanes.
    let longest = rows.iter().chain(columns).map(Vec::len);
    let longest = longest.filter(|length| *length <= LONGEST).max();
    let longest = longest.unwrap_or(0);
    let parts = parts(set, choices, metric, longest);
    let values = Values::new(metric, measure, metric.most(longest, longest));
    // Of nearly one length, as they come one after another.
    let mut order: Vec<usize> = (0..queries.len()).collect();
    order.sort_by_key(|query| queries[*query].len());
    let order: Vec<&[usize]> = order.chunks(ROWS).collect();
    let mut all = vec![0.0_f32; rows.len() * columns.len()];
    let cells = blocks::Parts::new(&mut all);
    let width = columns.len();
    let tasks = parts.len() * order.len();
    blocks::try_each(tasks, watch, &|task| {
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
                    let value = measure.between(&prepared, &queries[*query], watch)?;
                    write(*query, *choice, value);
                }
            }
            Part::Group(shape, members) => {
                let strings: Vec<&[u8]> = members
                    .iter()
                    .map(|member| choices[*member].as_slice())
                    .collect();
                let mut group = Group::new(set, metric, *shape, alphabet, &strings);
                let mut scores = Vec::new();
                for query in queries_here {
                    watch.check()?;
                    let other = &queries[*query];
                    if other.len() > LONGEST {
                        let prepared = Prepared::new(metric, other);
                        for (member, string) in members.iter().zip(&strings) {
                            let value = measure.between(&prepared, string, watch)?;
                            write(*query, *member, value);
                        }
                        continue;
                    }
                    group.scores(other, &mut scores);
                    for ((member, string), score) in members.iter().zip(&strings).zip(&scores) {
                        write(*query, *member, values.of(*score, other, string));
                    }
                }
            }
        }
        Ok(())
    })?;
    Ok(all)
}

/// Strings of one shape together, by length.
fn parts(set: Set, strings: &[Vec<u8>], metric: Metric, longest: usize) -> Vec<Part> {
    let mut order: Vec<usize> = (0..strings.len()).collect();
    order.sort_by_key(|string| strings[*string].len());
    let mut parts: Vec<Part> = Vec::new();
    for string in order {
        let Some(shape) = Group::shape(metric, strings[string].len(), longest) else {
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
