//! Best matches above a cut-off, and groups of strings that are alike.

use super::strings::{Character, Metric, Prepared, Texts};
use super::{Error, blocks};
use crate::work::Watch;

/// A query, a choice, and how alike they are.
pub type Match = (u32, u32, f64);

/// For each of the first `queries` strings, the `limit` others most like it with a similarity of at least
/// `cutoff`, best first (of equals the earlier), as indices into queries and others.
///
/// # Errors
/// When `cutoff` is not from 0 to 1, or when cancelled.
pub fn best_matches(
    texts: &Texts,
    queries: usize,
    metric: Metric,
    cutoff: f64,
    limit: usize,
    watch: &Watch,
) -> Result<Vec<Match>, Error> {
    check(cutoff)?;
    match texts {
        Texts::Narrow(texts) => best_of(texts, queries, metric, cutoff, limit, watch),
        Texts::Wide(texts) => best_of(texts, queries, metric, cutoff, limit, watch),
    }
}

fn check(cutoff: f64) -> Result<(), Error> {
    if (0.0..=1.0).contains(&cutoff) {
        Ok(())
    } else {
        Err(Error::value("cutoff", "from 0 to 1", cutoff))
    }
}

fn best_of<C: Character>(
    texts: &[Vec<C>],
    queries: usize,
    metric: Metric,
    cutoff: f64,
    limit: usize,
    watch: &Watch,
) -> Result<Vec<Match>, Error> {
    let (queries, choices) = texts.split_at(queries);
    let best = blocks::try_map(queries.len(), watch, |place| {
        let mut found = Vec::new();
        if limit > 0 {
            let query = &queries[place];
            above(query, choices, metric, cutoff, watch, |choice, score| {
                found.push((place as u32, choice, score))
            })?;
        }
        watch.leaving(|| {
            found.sort_by(|a, b| {
                watch.leave_if_cancelled();
                b.2.total_cmp(&a.2)
            });
        })?;
        found.truncate(limit);
        Ok::<_, Error>(found)
    })?;
    Ok(blocks::concat(&best, watch)?)
}

/// Every choice that is as alike as `cutoff`.
fn above<C: Character>(
    query: &[C],
    choices: &[Vec<C>],
    metric: Metric,
    cutoff: f64,
    watch: &Watch,
    mut each: impl FnMut(u32, f64),
) -> Result<(), Error> {
    let prepared = Prepared::new(metric, query);
    for (block, choices) in choices.chunks(1024).enumerate() {
        watch.check()?;
        for (place, choice) in choices.iter().enumerate() {
            // With lengths alone the similarity can be bounded.
            if metric.counts() {
                let least = query.len().abs_diff(choice.len());
                if metric.similarity(least, query.len(), choice.len()) < cutoff - 1e-9 {
                    continue;
                }
            }
            let score = prepared.similarity(choice, cutoff, watch)?;
            if score >= cutoff {
                each((block * 1024 + place) as u32, score);
            }
        }
    }
    Ok(())
}

/// Groups of strings of which each is at least `cutoff` like another of its group (so the two ends of a chain
/// may be less alike). Each group ascends, groups are ordered by their first; alone ones are groups too.
///
/// # Errors
/// When `cutoff` is not from 0 to 1, or when cancelled.
pub fn groups(
    texts: &Texts,
    metric: Metric,
    cutoff: f64,
    watch: &Watch,
) -> Result<Vec<Vec<u32>>, Error> {
    check(cutoff)?;
    match texts {
        Texts::Narrow(texts) => groups_of(texts, metric, cutoff, watch),
        Texts::Wide(texts) => groups_of(texts, metric, cutoff, watch),
    }
}

fn groups_of<C: Character>(
    texts: &[Vec<C>],
    metric: Metric,
    cutoff: f64,
    watch: &Watch,
) -> Result<Vec<Vec<u32>>, Error> {
    let pairs = blocks::try_map(texts.len(), watch, |place| {
        let mut found = Vec::new();
        let later = &texts[place + 1..];
        above(&texts[place], later, metric, cutoff, watch, |other, _| {
            found.push((place as u32, place as u32 + 1 + other))
        })?;
        Ok::<_, Error>(found)
    })?;
    let mut sets = Sets((0..texts.len() as u32).collect());
    for pairs in pairs {
        watch.check()?;
        for (a, b) in pairs {
            sets.join(a, b);
        }
    }
    let mut places = vec![u32::MAX; texts.len()];
    let mut groups: Vec<Vec<u32>> = Vec::new();
    for member in 0..texts.len() as u32 {
        let first = sets.first(member) as usize;
        if places[first] == u32::MAX {
            places[first] = groups.len() as u32;
            groups.push(vec![]);
        }
        groups[places[first] as usize].push(member);
    }
    Ok(groups)
}

/// Disjoint sets; each points to a smaller member, the first to itself.
struct Sets(Vec<u32>);

impl Sets {
    fn first(&mut self, mut member: u32) -> u32 {
        while self.0[member as usize] != member {
            let above = self.0[self.0[member as usize] as usize];
            self.0[member as usize] = above;
            member = above;
        }
        member
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.first(a), self.first(b));
        self.0[a.max(b) as usize] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    use super::super::strings::tests::{METRICS, texts, words};
    use super::super::strings::{Measure, matrix};
    use super::*;
    use crate::pool;

    #[test]
    fn the_best_are_those_of_the_matrix() {
        let words = words(70, 7);
        let all = texts(&words.iter().map(String::as_str).collect::<Vec<_>>());
        for name in METRICS {
            let metric = Metric::named(name).unwrap();
            let matrix = matrix(&all, 30, metric, Measure::Similarity(0.5), &Watch::new()).unwrap();
            let run = || best_matches(&all, 30, metric, 0.5, 3, &Watch::new()).unwrap();
            let got = pool::with_threads(1, run).unwrap();
            assert_eq!(got, pool::with_threads(3, run).unwrap());
            let mut expected = vec![];
            for query in 0..30_usize {
                let row = &matrix[query * 40..][..40];
                let mut best: Vec<usize> = (0..40).filter(|choice| row[*choice] > 0.0).collect();
                best.sort_by(|a, b| row[*b].total_cmp(&row[*a]));
                expected.extend(
                    best.iter()
                        .take(3)
                        .map(|choice| (query as u32, *choice as u32, row[*choice])),
                );
            }
            assert!(expected.len() > 20, "{name}");
            // Equal numbers of 32 bits may be different ones of 64, so which choice is up to those.
            let scores = |of: &[(u32, u32, f32)]| of.iter().map(|m| (m.0, m.2)).collect::<Vec<_>>();
            let got: Vec<_> = got.iter().map(|m| (m.0, m.1, m.2 as f32)).collect();
            assert_eq!(scores(&got), scores(&expected), "{name}");
            assert!(
                got.iter()
                    .all(|m| matrix[m.0 as usize * 40 + m.1 as usize] == m.2),
                "{name}"
            );
        }
    }

    #[test]
    fn groups_are_chains_of_alike_strings() {
        let all = texts(&["color", "house", "colour", "mouse", "x", "colours", "", ""]);
        let got = groups(&all, Metric::Levenshtein, 0.79, &Watch::new()).unwrap();
        assert_eq!(got, [vec![0, 2, 5], vec![1, 3], vec![4], vec![6, 7]]);
        let got = groups(&all, Metric::Levenshtein, 1.0, &Watch::new()).unwrap();
        assert_eq!(got.len(), 7);
        assert_eq!(
            groups(&all, Metric::Levenshtein, 0.0, &Watch::new())
                .unwrap()
                .len(),
            1
        );
        assert!(
            groups(&texts(&[]), Metric::Osa, 0.5, &Watch::new())
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn nonsense_is_refused() {
        let all = texts(&["a", "b"]);
        let error = best_matches(&all, 1, Metric::Osa, 80.0, 1, &Watch::new()).unwrap_err();
        assert_eq!(error.to_string(), "cutoff must be from 0 to 1, not 80");
        assert!(groups(&all, Metric::Osa, f64::NAN, &Watch::new()).is_err());
        let watch = Watch::new();
        watch.cancel();
        assert!(matches!(
            groups(&all, Metric::Osa, 0.5, &watch),
            Err(Error::Cancelled(_))
        ));
        assert!(
            best_matches(&all, 1, Metric::Osa, 0.0, 0, &Watch::new())
                .unwrap()
                .is_empty()
        );
    }
}
