//! How alike strings are: `rapidfuzz`, over many pairs.
//!
//! Metrics ask only whether two characters are equal, so those of a batch may be [others](super::texts).

use rapidfuzz::HashableChar;
use rapidfuzz::distance::{damerau_levenshtein, indel, jaro, jaro_winkler, levenshtein, osa};

pub use super::texts::{Text, Texts};
use super::{Error, blocks};
use crate::work::{Cancelled, Watch};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Insertions, deletions, substitutions.
    Levenshtein,
    /// Also transpositions of neighbours, with anything between them later (the unrestricted one).
    DamerauLevenshtein,
    /// Also transpositions of neighbours, nothing edited twice (optimal string alignment).
    Osa,
    /// Insertions and deletions only.
    Indel,
    /// Jaro: a similarity from 0 to 1.
    Jaro,
    /// Jaro-Winkler, with 0.1 for each of up to 4 first characters.
    JaroWinkler,
}

impl Metric {
    /// By the name that Python uses.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn named(name: &str) -> Result<Self, Error> {
        Ok(match name {
            "levenshtein" => Self::Levenshtein,
            "damerau_levenshtein" => Self::DamerauLevenshtein,
            "osa" => Self::Osa,
            "indel" => Self::Indel,
            "jaro" => Self::Jaro,
            "jaro_winkler" => Self::JaroWinkler,
            _ => {
                let expected = "'levenshtein', 'damerau_levenshtein', 'osa', 'indel', 'jaro' or 'jaro_winkler'";
                return Err(Error::value("metric", expected, format!("{name:?}")));
            }
        })
    }

    /// Whether it counts edits; otherwise it is a similarity from 0 to 1.
    #[must_use]
    pub const fn counts(self) -> bool {
        !matches!(self, Self::Jaro | Self::JaroWinkler)
    }

    /// The largest distance that strings of these lengths can have.
    pub(crate) fn most(self, a: usize, b: usize) -> usize {
        if self == Self::Indel { a + b } else { a.max(b) }
    }

    /// A distance as a similarity from 0 to 1.
    pub(crate) fn similarity(self, distance: usize, a: usize, b: usize) -> f64 {
        Self::of_most(distance, self.most(a, b))
    }

    /// As `similarity`, where the distance could be so large.
    pub(crate) fn of_most(distance: usize, most: usize) -> f64 {
        // Signed ones become floats in one instruction.
        if most == 0 {
            1.0
        } else {
            1.0 - distance.cast_signed() as f64 / most.cast_signed() as f64
        }
    }
}

/// A character that all metrics take.
pub(crate) trait Character:
    HashableChar + Copy + Eq + std::hash::Hash + Ord + Send + Sync
{
}
impl<C: HashableChar + Copy + Eq + std::hash::Hash + Ord + Send + Sync> Character for C {}

/// One string, prepared to be compared with many.
pub(crate) enum Prepared<C> {
    Levenshtein(levenshtein::BatchComparator<C>),
    Damerau(damerau_levenshtein::BatchComparator<C>),
    Osa(osa::BatchComparator<C>),
    Indel(indel::BatchComparator<C>),
    Jaro(jaro::BatchComparator<C>),
    JaroWinkler(jaro_winkler::BatchComparator<C>),
}

impl<C: Character> Prepared<C> {
    pub(crate) fn new(metric: Metric, text: &[C]) -> Self {
        let text = text.iter().copied();
        match metric {
            Metric::Levenshtein => Self::Levenshtein(levenshtein::BatchComparator::new(text)),
            Metric::DamerauLevenshtein => {
                Self::Damerau(damerau_levenshtein::BatchComparator::new(text))
            }
            Metric::Osa => Self::Osa(osa::BatchComparator::new(text)),
            Metric::Indel => Self::Indel(indel::BatchComparator::new(text)),
            Metric::Jaro => Self::Jaro(jaro::BatchComparator::new(text)),
            Metric::JaroWinkler => Self::JaroWinkler(jaro_winkler::BatchComparator::new(text)),
        }
    }

    /// Edits, or 1 - similarity.
    pub(crate) fn distance(&self, other: &[C], watch: &Watch) -> Result<f64, Cancelled> {
        let other = Watched {
            rest: other.iter(),
            watch,
        };
        watch.leaving(|| match self {
            Self::Levenshtein(text) => text.distance(other) as f64,
            Self::Damerau(text) => text.distance(other) as f64,
            Self::Osa(text) => text.distance(other) as f64,
            Self::Indel(text) => text.distance(other) as f64,
            Self::Jaro(text) => 1.0 - text.similarity(other),
            Self::JaroWinkler(text) => 1.0 - text.similarity(other),
        })
    }

    /// From 0 to 1; 0 if it is below `cutoff`.
    pub(crate) fn similarity(
        &self,
        other: &[C],
        cutoff: f64,
        watch: &Watch,
    ) -> Result<f64, Cancelled> {
        let other = Watched {
            rest: other.iter(),
            watch,
        };
        macro_rules! with_cutoff {
            ($module:ident, $text:ident, $method:ident) => {
                $text
                    .$method(other, &$module::Args::default().score_cutoff(cutoff))
                    .unwrap_or(0.0)
            };
        }
        watch.leaving(|| match self {
            Self::Levenshtein(text) => {
                with_cutoff!(levenshtein, text, normalized_similarity_with_args)
            }
            Self::Damerau(text) => {
                with_cutoff!(damerau_levenshtein, text, normalized_similarity_with_args)
            }
            Self::Osa(text) => with_cutoff!(osa, text, normalized_similarity_with_args),
            Self::Indel(text) => with_cutoff!(indel, text, normalized_similarity_with_args),
            Self::Jaro(text) => with_cutoff!(jaro, text, similarity_with_args),
            Self::JaroWinkler(text) => with_cutoff!(jaro_winkler, text, similarity_with_args),
        })
    }
}

/// Characters for `rapidfuzz`, which takes its time for long strings.
struct Watched<'a, C> {
    rest: std::slice::Iter<'a, C>,
    watch: &'a Watch,
}

impl<C> Clone for Watched<'_, C> {
    fn clone(&self) -> Self {
        Self {
            rest: self.rest.clone(),
            watch: self.watch,
        }
    }
}

impl<C: Copy> Iterator for Watched<'_, C> {
    type Item = C;

    #[inline]
    fn next(&mut self) -> Option<C> {
        self.watch.leave_if_cancelled();
        self.rest.next().copied()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rest.size_hint()
    }

    fn count(self) -> usize {
        self.rest.len()
    }
}

impl<C: Copy> DoubleEndedIterator for Watched<'_, C> {
    #[inline]
    fn next_back(&mut self) -> Option<C> {
        self.rest.next_back().copied()
    }
}

/// Two strings' distance: edits, or 1 - similarity.
///
/// # Errors
/// When cancelled.
pub fn distance(a: Text<'_>, b: Text<'_>, metric: Metric, watch: &Watch) -> Result<f64, Cancelled> {
    match Texts::new(&[a, b], watch)? {
        Texts::Narrow(texts) => Prepared::new(metric, &texts[0]).distance(&texts[1], watch),
        Texts::Wide(texts) => Prepared::new(metric, &texts[0]).distance(&texts[1], watch),
    }
}

/// Two strings' similarity from 0 to 1.
///
/// # Errors
/// When cancelled.
pub fn similarity(
    a: Text<'_>,
    b: Text<'_>,
    metric: Metric,
    watch: &Watch,
) -> Result<f64, Cancelled> {
    match Texts::new(&[a, b], watch)? {
        Texts::Narrow(texts) => Prepared::new(metric, &texts[0]).similarity(&texts[1], 0.0, watch),
        Texts::Wide(texts) => Prepared::new(metric, &texts[0]).similarity(&texts[1], 0.0, watch),
    }
}

/// What a matrix holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Measure {
    /// Edits, or 1 - similarity.
    Distance,
    /// From 0 to 1; 0 below this.
    Similarity(f64),
}

impl Measure {
    /// Of one pair.
    pub(crate) fn between<C: Character>(
        self,
        text: &Prepared<C>,
        other: &[C],
        watch: &Watch,
    ) -> Result<f32, Cancelled> {
        Ok(match self {
            Self::Distance => text.distance(other, watch)? as f32,
            Self::Similarity(cutoff) => text.similarity(other, cutoff, watch)? as f32,
        })
    }
}

/// One row for each of the first `queries` strings, one column for each of the others; with no others, each
/// with each.
///
/// # Errors
/// When cancelled.
pub fn matrix(
    texts: &Texts,
    queries: usize,
    metric: Metric,
    measure: Measure,
    watch: &Watch,
) -> Result<Vec<f32>, Error> {
    match texts {
        #[cfg(target_arch = "x86_64")]
        Texts::Narrow(texts) => {
            let Some(set) = super::lanes::Set::best() else {
                return matrix_of(texts, queries, metric, measure, watch);
            };
            let (rows, columns) = texts.split_at(queries);
            let columns = if columns.is_empty() { rows } else { columns };
            super::many::matrix(set, rows, columns, metric, measure, watch)
        }
        #[cfg(not(target_arch = "x86_64"))]
        Texts::Narrow(texts) => matrix_of(texts, queries, metric, measure, watch),
        Texts::Wide(texts) => matrix_of(texts, queries, metric, measure, watch),
    }
}

fn matrix_of<C: Character>(
    texts: &[Vec<C>],
    queries: usize,
    metric: Metric,
    measure: Measure,
    watch: &Watch,
) -> Result<Vec<f32>, Error> {
    let (rows, columns) = texts.split_at(queries);
    let columns = if columns.is_empty() { rows } else { columns };
    let mut all = vec![0.0_f32; rows.len() * columns.len()];
    let width = columns.len();
    let cells = blocks::Parts::new(&mut all);
    blocks::try_each(rows.len(), watch, &|place| {
        let row = Prepared::new(metric, &rows[place]);
        // SAFETY: rows do not overlap, and each comes once.
        let out = unsafe { cells.of(place * width, width) };
        for (column, out) in columns.iter().zip(out) {
            *out = measure.between(&row, column, watch)?;
        }
        Ok(())
    })?;
    Ok(all)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::pool;

    pub(crate) const METRICS: [&str; 6] = [
        "levenshtein",
        "damerau_levenshtein",
        "osa",
        "indel",
        "jaro",
        "jaro_winkler",
    ];

    pub(crate) fn texts(words: &[&str]) -> Texts {
        let points: Vec<Vec<u32>> = words
            .iter()
            .map(|word| word.chars().map(u32::from).collect())
            .collect();
        Texts::new(
            &points
                .iter()
                .map(|points| Text::Points(points))
                .collect::<Vec<_>>(),
            &Watch::new(),
        )
        .unwrap()
    }

    /// By the recursive definitions.
    fn naive(a: &[char], b: &[char], metric: Metric) -> usize {
        let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                table[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let same = a[i - 1] == b[j - 1];
                    let change = if same {
                        0
                    } else if metric == Metric::Indel {
                        2
                    } else {
                        1
                    };
                    let mut best = (table[i - 1][j] + 1)
                        .min(table[i][j - 1] + 1)
                        .min(table[i - 1][j - 1] + change);
                    if metric == Metric::Osa
                        && i > 1
                        && j > 1
                        && a[i - 1] == b[j - 2]
                        && a[i - 2] == b[j - 1]
                    {
                        best = best.min(table[i - 2][j - 2] + 1);
                    }
                    best
                }
            }
        }
        table[a.len()][b.len()]
    }

    pub(crate) fn words(count: usize, longest: usize) -> Vec<String> {
        let mut state = 7_u64;
        let mut next = move |below: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) as usize % below
        };
        (0..count)
            .map(|_| {
                let length = next(longest + 1);
                (0..length)
                    .map(|_| char::from(b'a' + next(5) as u8))
                    .collect()
            })
            .collect()
    }

    #[test]
    fn distances_are_those_of_the_definitions() {
        for longest in [6, 30, 90, 200] {
            let words = words(24, longest);
            let borrowed: Vec<&str> = words.iter().map(String::as_str).collect();
            for name in ["levenshtein", "osa", "indel"] {
                let metric = Metric::named(name).unwrap();
                let got = matrix(
                    &texts(&borrowed),
                    24,
                    metric,
                    Measure::Distance,
                    &Watch::new(),
                )
                .unwrap();
                let alike = matrix(
                    &texts(&borrowed),
                    24,
                    metric,
                    Measure::Similarity(0.0),
                    &Watch::new(),
                )
                .unwrap();
                for (i, a) in words.iter().enumerate() {
                    for (j, b) in words.iter().enumerate() {
                        let (a, b): (Vec<char>, Vec<char>) =
                            (a.chars().collect(), b.chars().collect());
                        let expected = naive(&a, &b, metric);
                        assert_eq!(got[i * 24 + j], expected as f32, "{name} {a:?} {b:?}");
                        let expected = metric.similarity(expected, a.len(), b.len());
                        assert!((f64::from(alike[i * 24 + j]) - expected).abs() < 1e-6);
                    }
                }
            }
        }
    }

    #[test]
    fn known_values() {
        let of = |a: &str, b: &str, metric| {
            let points = |text: &str| text.chars().map(u32::from).collect::<Vec<_>>();
            let (a, b) = (points(a), points(b));
            distance(Text::Points(&a), Text::Points(&b), metric, &Watch::new()).unwrap()
        };
        assert_eq!(of("kitten", "sitting", Metric::Levenshtein), 3.0);
        assert_eq!(of("CA", "ABC", Metric::Osa), 3.0);
        assert_eq!(of("CA", "ABC", Metric::DamerauLevenshtein), 2.0);
        assert_eq!(of("lewenstein", "levenshtein", Metric::Indel), 3.0);
        assert!((of("MARTHA", "MARHTA", Metric::JaroWinkler) - (1.0 - 0.961_111)).abs() < 1e-5);
        assert!((of("MARTHA", "MARHTA", Metric::Jaro) - (1.0 - 0.944_444)).abs() < 1e-5);
        assert_eq!(of("", "", Metric::Levenshtein), 0.0);
        assert_eq!(of("naïve ☃", "naive ☃☃", Metric::Levenshtein), 2.0);
    }

    #[test]
    fn any_alphabet_gives_the_same() {
        // Moved far up, the same words are wide; with a word of many letters, they stay code points.
        let words = words(20, 40);
        let moved: Vec<String> = words
            .iter()
            .map(|word| {
                word.chars()
                    .map(|c| char::from_u32(c as u32 + 0x4e00).unwrap())
                    .collect()
            })
            .collect();
        let many: String = (0..300)
            .map(|i| char::from_u32(0x5000 + i).unwrap())
            .collect();
        let narrow = texts(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let mapped = texts(&moved.iter().map(String::as_str).collect::<Vec<_>>());
        let wide = texts(
            &moved
                .iter()
                .map(String::as_str)
                .chain([many.as_str()])
                .collect::<Vec<_>>(),
        );
        assert!(matches!(
            (&mapped, &wide),
            (Texts::Narrow(_), Texts::Wide(_))
        ));
        for name in METRICS {
            let metric = Metric::named(name).unwrap();
            for measure in [Measure::Distance, Measure::Similarity(0.4)] {
                let run = |texts: &Texts| {
                    matrix(texts, texts.len(), metric, measure, &Watch::new()).unwrap()
                };
                let expected = run(&narrow);
                assert_eq!(expected, run(&mapped), "{name}");
                let got = run(&wide);
                let rows: Vec<f32> = got
                    .chunks(21)
                    .take(20)
                    .flat_map(|row| row[..20].to_vec())
                    .collect();
                assert_eq!(expected, rows, "{name}");
                assert_eq!(
                    expected,
                    pool::with_threads(3, || run(&narrow)).unwrap(),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn below_the_cutoff_is_nothing() {
        let texts = texts(&["abcd", "abcx", "zzzz", "", ""]);
        let got = matrix(
            &texts,
            2,
            Metric::Levenshtein,
            Measure::Similarity(0.7),
            &Watch::new(),
        )
        .unwrap();
        assert_eq!(got, [0.0; 6]);
        let texts = self::texts(&["abcd", "abcx", "zzzz", "abcd"]);
        let got = matrix(
            &texts,
            1,
            Metric::Levenshtein,
            Measure::Similarity(0.7),
            &Watch::new(),
        )
        .unwrap();
        assert_eq!(got, [0.75, 0.0, 1.0]);
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(
            Metric::named("hamming")
                .unwrap_err()
                .to_string()
                .contains("\"hamming\"")
        );
        let watch = Watch::new();
        watch.cancel();
        let texts = texts(&["a", "b"]);
        assert!(matches!(
            matrix(&texts, 1, Metric::Jaro, Measure::Distance, &watch),
            Err(Error::Cancelled(_))
        ));
    }
}
