//! How alike strings are: `rapidfuzz`, over many pairs.
//!
//! Strings are code points. Metrics ask only whether two of them are equal, so where a batch has few
//! distinct ones, each becomes one byte.

use std::collections::HashMap;

use rapidfuzz::HashableChar;
use rapidfuzz::distance::{damerau_levenshtein, indel, jaro, jaro_winkler, levenshtein, osa};
use rayon::prelude::*;

use super::Error;
use crate::work::Watch;

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
        let most = self.most(a, b);
        // Signed ones become floats in one instruction.
        if most == 0 {
            1.0
        } else {
            1.0 - distance.cast_signed() as f64 / most.cast_signed() as f64
        }
    }
}

/// Strings of one batch, in one alphabet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Texts {
    /// At most 256 distinct characters, each a byte.
    Narrow(Vec<Vec<u8>>),
    /// Code points.
    Wide(Vec<Vec<u32>>),
}

/// One string as it came.
#[derive(Debug, Clone, Copy)]
pub enum Text<'a> {
    /// Code points below 256.
    Bytes(&'a [u8]),
    /// Code points below 65536.
    Halves(&'a [u16]),
    /// Code points.
    Points(&'a [u32]),
}

impl Text<'_> {
    fn points(&self) -> Box<dyn Iterator<Item = u32> + '_> {
        match self {
            Self::Bytes(text) => Box::new(text.iter().map(|point| u32::from(*point))),
            Self::Halves(text) => Box::new(text.iter().map(|point| u32::from(*point))),
            Self::Points(text) => Box::new(text.iter().copied()),
        }
    }
}

impl Texts {
    /// All strings of a batch, those of both sides.
    #[must_use]
    pub fn new(texts: &[Text<'_>]) -> Self {
        let mut alphabet = Alphabet::default();
        for text in texts {
            let few = match text {
                Text::Bytes(text) => text.iter().all(|point| alphabet.add(u32::from(*point))),
                Text::Halves(text) => text.iter().all(|point| alphabet.add(u32::from(*point))),
                Text::Points(text) => text.iter().all(|point| alphabet.add(*point)),
            };
            if !few {
                return Self::Wide(texts.iter().map(|text| text.points().collect()).collect());
            }
        }
        let narrow = |text: &Text<'_>| match text {
            Text::Bytes(text) => text
                .iter()
                .map(|point| alphabet.low[usize::from(*point)] as u8)
                .collect(),
            _ => text.points().map(|point| alphabet.byte(point)).collect(),
        };
        Self::Narrow(texts.iter().map(narrow).collect())
    }

    /// How many.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Self::Narrow(texts) => texts.len(),
            Self::Wide(texts) => texts.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The distinct characters of a batch, numbered as they come.
struct Alphabet {
    count: u16,
    /// Numbers of code points below 256; `NONE` where there is none yet.
    low: [u16; 256],
    high: HashMap<u32, u16>,
}

const NONE: u16 = u16::MAX;

impl Default for Alphabet {
    fn default() -> Self {
        Self {
            count: 0,
            low: [NONE; 256],
            high: HashMap::new(),
        }
    }
}

impl Alphabet {
    /// Whether each still has a number of its own below 256.
    fn add(&mut self, point: u32) -> bool {
        let number = match self.low.get_mut(point as usize) {
            Some(number) => number,
            None => self.high.entry(point).or_insert(NONE),
        };
        if *number == NONE {
            *number = self.count;
            self.count += 1;
        }
        self.count <= 256
    }

    fn byte(&self, point: u32) -> u8 {
        self.low
            .get(point as usize)
            .unwrap_or_else(|| &self.high[&point])
            .to_le_bytes()[0]
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
    pub(crate) fn distance(&self, other: &[C]) -> f64 {
        let other = other.iter().copied();
        match self {
            Self::Levenshtein(text) => text.distance(other) as f64,
            Self::Damerau(text) => text.distance(other) as f64,
            Self::Osa(text) => text.distance(other) as f64,
            Self::Indel(text) => text.distance(other) as f64,
            Self::Jaro(text) => 1.0 - text.similarity(other),
            Self::JaroWinkler(text) => 1.0 - text.similarity(other),
        }
    }

    /// From 0 to 1; 0 if it is below `cutoff`.
    pub(crate) fn similarity(&self, other: &[C], cutoff: f64) -> f64 {
        let other = other.iter().copied();
        macro_rules! with_cutoff {
            ($module:ident, $text:ident, $method:ident) => {
                $text
                    .$method(other, &$module::Args::default().score_cutoff(cutoff))
                    .unwrap_or(0.0)
            };
        }
        match self {
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
        }
    }
}

/// Two strings' distance: edits, or 1 - similarity.
#[must_use]
pub fn distance(a: Text<'_>, b: Text<'_>, metric: Metric) -> f64 {
    match Texts::new(&[a, b]) {
        Texts::Narrow(texts) => Prepared::new(metric, &texts[0]).distance(&texts[1]),
        Texts::Wide(texts) => Prepared::new(metric, &texts[0]).distance(&texts[1]),
    }
}

/// Two strings' similarity from 0 to 1.
#[must_use]
pub fn similarity(a: Text<'_>, b: Text<'_>, metric: Metric) -> f64 {
    match Texts::new(&[a, b]) {
        Texts::Narrow(texts) => Prepared::new(metric, &texts[0]).similarity(&texts[1], 0.0),
        Texts::Wide(texts) => Prepared::new(metric, &texts[0]).similarity(&texts[1], 0.0),
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
    watch.expect(rows.len() as u64);
    all.par_chunks_mut(columns.len().max(1))
        .zip(rows)
        .with_max_len(8)
        .try_for_each(|(out, row)| {
            let row = Prepared::new(metric, row);
            for (columns, out) in columns.chunks(1024).zip(out.chunks_mut(1024)) {
                watch.check()?;
                for (column, out) in columns.iter().zip(out) {
                    match measure {
                        Measure::Distance => *out = row.distance(column) as f32,
                        Measure::Similarity(cutoff) => *out = row.similarity(column, cutoff) as f32,
                    }
                }
            }
            watch.advance(1)?;
            Ok::<_, Error>(())
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
        )
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
            distance(Text::Points(&a), Text::Points(&b), metric)
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
