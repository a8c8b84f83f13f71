//! One string against many at once: each lane of a vector holds the state of another string.
//!
//! Bit-parallel algorithms: H. Hyyrö, "A bit-vector algorithm for computing Levenshtein and Damerau edit
//! distances" (2003) for Levenshtein and OSA, "Bit-parallel LCS-length computation revisited" (2004) for
//! Indel; the flags of Jaro's definition as bits. Damerau-Levenshtein has a number in each lane. `rapidfuzz` does
//! one pair at a time; this is called by [`strings`](super::strings) for matrices, where there are many.

mod metrics;
mod vector;

use std::arch::x86_64::{__m256i, __m512i};

use metrics::{damerau, indel, jaro, levenshtein, long_indel, long_levenshtein, osa};
use vector::Vector;

use super::many::Score;
use super::strings::Metric;

/// Strings that are longer than this are not for lanes, on either side.
pub const LONGEST: usize = 2048;

/// Which vectors the processor has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// Of 64 bytes.
    Avx512,
    /// Of 32 bytes.
    Avx2,
}

impl Set {
    /// The best that there is.
    pub fn best() -> Option<Self> {
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw") {
            return Some(Self::Avx512);
        }
        is_x86_feature_detected!("avx2").then_some(Self::Avx2)
    }

    /// How many bytes a vector has.
    pub const fn bytes(self) -> usize {
        match self {
            Self::Avx512 => 64,
            Self::Avx2 => 32,
        }
    }
}

/// Strings that share vectors, prepared: for each character the places where it is, as bits of a lane; for
/// Damerau-Levenshtein for each place the characters.
pub struct Group {
    set: Set,
    metric: Metric,
    /// Bits of a lane: 8, 16, 32 or 64.
    width: usize,
    /// All characters are below this.
    alphabet: usize,
    /// Vectors for one character: more than one for strings longer than 64.
    blocks: usize,
    lengths: Vec<usize>,
    /// Bits that are of a lane's string, of its first block.
    masks: Vec<u64>,
    table: Vec<u8>,
    /// Working memory: states of the blocks, flags.
    work: Vec<u8>,
}

impl Group {
    /// How wide lanes must be for a string of this length, and how many vectors it takes, where no other is
    /// longer than `longest`; `None` if that is not done here.
    pub fn shape(metric: Metric, length: usize, longest: usize) -> Option<(usize, usize)> {
        match (metric, length) {
            (_, length) if length > LONGEST => None,
            (Metric::DamerauLevenshtein, _) if longest < usize::from(u8::MAX) => Some((8, 1)),
            (Metric::DamerauLevenshtein, _) => Some((16, 1)),
            (_, 0..=8) => Some((8, 1)),
            (_, 9..=16) => Some((16, 1)),
            (_, 17..=32) => Some((32, 1)),
            (_, 33..=64) => Some((64, 1)),
            (Metric::Levenshtein | Metric::Indel, _) => {
                Some((64, length.div_ceil(64).next_power_of_two()))
            }
            _ => None,
        }
    }

    /// Of at most as many strings as there are lanes, none longer than the shape allows; characters are below `alphabet`.
    pub fn new(
        set: Set,
        metric: Metric,
        (width, blocks): (usize, usize),
        alphabet: usize,
        strings: &[&[u8]],
    ) -> Self {
        assert!(strings.len() * width <= set.bytes() * 8);
        let vectors = if metric == Metric::DamerauLevenshtein {
            strings.iter().map(|string| string.len()).max().unwrap_or(0)
        } else {
            alphabet * blocks
        };
        let mut table = vec![0; vectors * set.bytes()];
        for (lane, string) in strings.iter().enumerate() {
            if metric == Metric::DamerauLevenshtein {
                for (place, character) in string.iter().enumerate() {
                    table[place * set.bytes() + lane * width / 8] = *character;
                }
                continue;
            }
            assert!(string.len() <= width * blocks);
            for (place, character) in string.iter().enumerate() {
                let vector = usize::from(*character) * blocks + place / width;
                let byte = vector * set.bytes() + lane * width / 8 + place % width / 8;
                table[byte] |= 1 << (place % 8);
            }
        }
        let mask = |length: usize| {
            if length < 64 {
                (1 << length) - 1
            } else {
                u64::MAX
            }
        };
        let masks = strings.iter().map(|string| mask(string.len())).collect();
        let lengths = strings.iter().map(|string| string.len()).collect();
        Self {
            set,
            metric,
            alphabet,
            width,
            blocks,
            lengths,
            masks,
            table,
            work: vec![],
        }
    }

    /// The scores of all lanes against `query`, whose characters are below the alphabet's size, and which is no
    /// longer than [`LONGEST`] or what the shape was asked for.
    pub fn scores(&mut self, query: &[u8], scores: &mut Vec<Score>) {
        let size = self.set.bytes();
        assert!(
            query
                .iter()
                .all(|character| usize::from(*character) < self.alphabet)
        );
        let vectors = if self.metric == Metric::DamerauLevenshtein {
            assert!(query.len() < 1 << self.width.min(63));
            5 * self.table.len() / size + 10
        } else {
            // Two for each block, and one for each character (Jaro's flags) and the end.
            2 * self.blocks + query.len() + 2
        };
        self.work.resize(vectors * size, 0);
        scores.clear();
        scores.resize(self.lengths.len(), Score::default());
        // SAFETY: `Set::best` saw that the processor has the vectors; the table has rows for all characters (or
        // is one of columns), and there is as much working memory as said above.
        unsafe {
            match self.set {
                Set::Avx512 => avx512(self, query, scores),
                Set::Avx2 => avx2(self, query, scores),
            }
        }
    }
}

/// One word of so many bytes as a number.
trait Word: Copy {
    fn wide(self) -> u64;
}

macro_rules! word {
    ($($type:ty),*) => {$(
        impl Word for $type {
            #[inline(always)]
            fn wide(self) -> u64 {
                u64::from_le(u64::from(self))
            }
        }
    )*};
}
word!(u8, u16, u32, u64);

/// Reads the two vectors (for each block) that an algorithm leaves.
///
/// # Safety
/// The group's working memory holds them, in lanes of `T`.
#[inline(always)]
unsafe fn read<T: Word>(group: &Group, query: usize, scores: &mut [Score]) {
    let size = group.set.bytes();
    let start = group.work.as_ptr().cast::<T>();
    let word = |vector: usize, lane: usize| {
        // SAFETY: within the working memory, says the caller; vectors are whole numbers of lanes.
        unsafe {
            start
                .add(vector * (size / size_of::<T>()) + lane)
                .read_unaligned()
        }
        .wide()
    };
    // Ones among the bits of one lane that are of its string. A loop, not an iterator: what is called
    // would be compiled for any processor.
    let (masks, lengths) = (&group.masks[..scores.len()], &group.lengths[..scores.len()]);
    macro_rules! ones {
        ($which:expr, $lane:expr) => {{
            let mut ones = (word($which, $lane) & masks[$lane]).count_ones();
            // Only lanes of 64 have more blocks.
            if size_of::<T>() == 8 {
                for block in 1..group.blocks {
                    let rest = lengths[$lane].saturating_sub(block * 64).min(64);
                    let mask = if rest == 64 {
                        u64::MAX
                    } else {
                        (1 << rest) - 1
                    };
                    ones += (word(2 * block + $which, $lane) & mask).count_ones();
                }
            }
            ones
        }};
    }
    match group.metric {
        // The last column of the table, from its top: what is added and taken away on the way down.
        Metric::Levenshtein | Metric::Osa => {
            for (lane, score) in scores.iter_mut().enumerate() {
                score.count = query as u32 + ones!(0, lane) - ones!(1, lane);
            }
        }
        // Zeros are characters of a longest common subsequence.
        Metric::Indel => {
            for (lane, score) in scores.iter_mut().enumerate() {
                score.count = query as u32 + 2 * ones!(0, lane) - lengths[lane] as u32;
            }
        }
        // Read by who wrote them.
        Metric::DamerauLevenshtein => {}
        Metric::Jaro | Metric::JaroWinkler => {
            for (lane, score) in scores.iter_mut().enumerate() {
                *score = Score {
                    count: ones!(0, lane),
                    moved: word(1, lane) as u32,
                };
            }
        }
    }
}

#[target_feature(enable = "avx512f,avx512bw,popcnt")]
unsafe fn avx512(group: &mut Group, query: &[u8], scores: &mut [Score]) {
    // SAFETY: as the caller says.
    unsafe { run::<__m512i>(group, query, scores) }
}

#[target_feature(enable = "avx2,popcnt")]
unsafe fn avx2(group: &mut Group, query: &[u8], scores: &mut [Score]) {
    // SAFETY: as the caller says.
    unsafe { run::<__m256i>(group, query, scores) }
}

#[inline(always)]
unsafe fn run<V: Vector>(group: &mut Group, query: &[u8], scores: &mut [Score]) {
    let (table, work) = (group.table.as_ptr(), group.work.as_mut_ptr());
    // SAFETY: as the caller says.
    unsafe {
        match (group.metric, group.width, group.blocks) {
            (Metric::DamerauLevenshtein, 8, _) => {
                let row = damerau::<V, 8>(&group.table, query, work).cast::<u8>();
                for (lane, score) in scores.iter_mut().enumerate() {
                    let place = (group.lengths[lane] + 1) * V::BYTES + lane;
                    score.count = u32::from(row.add(place).read());
                }
                return;
            }
            (Metric::DamerauLevenshtein, ..) => {
                let row = damerau::<V, 16>(&group.table, query, work).cast::<u16>();
                for (lane, score) in scores.iter_mut().enumerate() {
                    let place = (group.lengths[lane] + 1) * V::BYTES / 2 + lane;
                    score.count = u32::from(row.add(place).read_unaligned());
                }
                return;
            }
            (Metric::Levenshtein, 8, _) => levenshtein::<V, 8>(table, query, work),
            (Metric::Levenshtein, 16, _) => levenshtein::<V, 16>(table, query, work),
            (Metric::Levenshtein, 32, _) => levenshtein::<V, 32>(table, query, work),
            (Metric::Levenshtein, _, 1) => levenshtein::<V, 64>(table, query, work),
            (Metric::Levenshtein, _, blocks) => long_levenshtein::<V>(table, query, work, blocks),
            (Metric::Osa, 8, _) => osa::<V, 8>(table, query, work),
            (Metric::Osa, 16, _) => osa::<V, 16>(table, query, work),
            (Metric::Osa, 32, _) => osa::<V, 32>(table, query, work),
            (Metric::Osa, ..) => osa::<V, 64>(table, query, work),
            (Metric::Indel, 8, _) => indel::<V, 8>(table, query, work),
            (Metric::Indel, 16, _) => indel::<V, 16>(table, query, work),
            (Metric::Indel, 32, _) => indel::<V, 32>(table, query, work),
            (Metric::Indel, _, 1) => indel::<V, 64>(table, query, work),
            (Metric::Indel, _, blocks) => long_indel::<V>(table, query, work, blocks),
            (Metric::Jaro | Metric::JaroWinkler, 8, _) => {
                jaro::<V, 8>(table, query, work, &group.lengths)
            }
            (Metric::Jaro | Metric::JaroWinkler, 16, _) => {
                jaro::<V, 16>(table, query, work, &group.lengths)
            }
            (Metric::Jaro | Metric::JaroWinkler, 32, _) => {
                jaro::<V, 32>(table, query, work, &group.lengths)
            }
            (Metric::Jaro | Metric::JaroWinkler, ..) => {
                jaro::<V, 64>(table, query, work, &group.lengths)
            }
        }
        match group.width {
            8 => read::<u8>(group, query.len(), scores),
            16 => read::<u16>(group, query.len(), scores),
            32 => read::<u32>(group, query.len(), scores),
            _ => read::<u64>(group, query.len(), scores),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::many::score;
    use super::super::strings::Prepared;
    use super::super::strings::tests::words;
    use super::*;
    use crate::work::Watch;

    #[test]
    fn every_lane_scores_as_one_pair_alone() {
        for set in [Set::Avx512, Set::Avx2] {
            if Set::best() != Some(set) && (set == Set::Avx512 || Set::best().is_none()) {
                continue;
            }
            for metric in [
                Metric::Levenshtein,
                Metric::Osa,
                Metric::DamerauLevenshtein,
                Metric::Indel,
                Metric::Jaro,
                Metric::JaroWinkler,
            ] {
                for longest in [3, 8, 9, 16, 30, 32, 50, 64, 65, 128, 254, 255, 300] {
                    let Some(shape) = Group::shape(metric, longest, longest.max(90)) else {
                        continue;
                    };
                    let mut strings: Vec<Vec<u8>> = words(set.bytes() * 8 / shape.0, longest)
                        .into_iter()
                        .map(|word| word.bytes().map(|byte| byte - b'a').collect())
                        .collect();
                    strings.push(vec![1; longest]);
                    strings.remove(0);
                    strings.sort_by_key(Vec::len);
                    let borrowed: Vec<&[u8]> = strings.iter().map(Vec::as_slice).collect();
                    let mut group = Group::new(set, metric, shape, 5, &borrowed);
                    let mut scores = vec![];
                    for query in words(40, 90).iter().chain(&words(20, 6)) {
                        let query: Vec<u8> = query.bytes().map(|byte| byte - b'a').collect();
                        group.scores(&query, &mut scores);
                        assert_eq!(scores.len(), strings.len());
                        let prepared = Prepared::new(metric, &query);
                        for (string, got) in strings.iter().zip(&scores) {
                            let got = score(metric, *got, &query, string);
                            let expected = prepared.similarity(string, 0.0, &Watch::new()).unwrap();
                            assert!(
                                (got - expected).abs() < 1e-9,
                                "{set:?} {metric:?} {query:?} {string:?} {got} {expected}"
                            );
                        }
                    }
                }
            }
        }
    }
}
