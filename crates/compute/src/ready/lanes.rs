//! One string against many at once: each lane of a vector holds the state of another string.
//!
//! Bit-parallel algorithms: H. Hyyrö, "A bit-vector algorithm for computing Levenshtein and Damerau edit
//! distances" (2003) for Levenshtein and OSA, "Bit-parallel LCS-length computation revisited" (2004) for
//! Indel; the flags of Jaro's definition as bits. `rapidfuzz` does one pair at a time; this is called by
//! [`strings`](super::strings) for matrices, where there are many.

use std::arch::x86_64::*;

use super::many::Score;
use super::strings::Metric;

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

/// A vector.
///
/// # Safety
/// All methods need the processor to have it; `load` and `store` need `BYTES` bytes there.
unsafe trait Vector: Copy {
    const BYTES: usize;
    unsafe fn load(from: *const u8) -> Self;
    unsafe fn store(self, to: *mut u8);
    unsafe fn all(set: bool) -> Self;
    unsafe fn and(self, other: Self) -> Self;
    unsafe fn or(self, other: Self) -> Self;
    unsafe fn xor(self, other: Self) -> Self;
    /// `!self & other`
    unsafe fn without(self, other: Self) -> Self;
    /// In lanes of `W` bits, wrapping.
    unsafe fn add<const W: usize>(self, other: Self) -> Self;
    /// In lanes of `W` bits, wrapping.
    unsafe fn sub<const W: usize>(self, other: Self) -> Self;
    /// All bits of a lane where any is set.
    unsafe fn any<const W: usize>(self) -> Self;
    /// 1 in a lane of 64 where `self` is less, unsigned.
    unsafe fn less(self, other: Self) -> Self;
    /// The highest bit of a lane of 64, as the lowest.
    unsafe fn top(self) -> Self;
}

// SAFETY: the intrinsics do what the trait says.
unsafe impl Vector for __m512i {
    const BYTES: usize = 64;
    #[inline(always)]
    unsafe fn load(from: *const u8) -> Self {
        // SAFETY: for this and all below: what the trait asks for, the caller promises.
        unsafe { _mm512_loadu_si512(from.cast()) }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut u8) {
        // SAFETY: see `load`.
        unsafe { _mm512_storeu_si512(to.cast(), self) }
    }
    #[inline(always)]
    unsafe fn all(set: bool) -> Self {
        // SAFETY: see `load`.
        unsafe {
            if set {
                _mm512_set1_epi64(-1)
            } else {
                _mm512_setzero_si512()
            }
        }
    }
    #[inline(always)]
    unsafe fn and(self, other: Self) -> Self {
        // SAFETY: see `load`.
        unsafe { _mm512_and_si512(self, other) }
    }
    #[inline(always)]
    unsafe fn or(self, other: Self) -> Self {
        // SAFETY: see `load`.
        unsafe { _mm512_or_si512(self, other) }
    }
    #[inline(always)]
    unsafe fn xor(self, other: Self) -> Self {
        // SAFETY: see `load`.
        unsafe { _mm512_xor_si512(self, other) }
    }
    #[inline(always)]
    unsafe fn without(self, other: Self) -> Self {
        // SAFETY: see `load`.
        unsafe { _mm512_andnot_si512(self, other) }
    }
    #[inline(always)]
    unsafe fn add<const W: usize>(self, other: Self) -> Self {
        // SAFETY: see `load`.
        unsafe {
            match W {
                8 => _mm512_add_epi8(self, other),
                16 => _mm512_add_epi16(self, other),
                32 => _mm512_add_epi32(self, other),
                _ => _mm512_add_epi64(self, other),
            }
        }
    }
    #[inline(always)]
    unsafe fn sub<const W: usize>(self, other: Self) -> Self {
        // SAFETY: see `load`.
        unsafe {
            match W {
                8 => _mm512_sub_epi8(self, other),
                16 => _mm512_sub_epi16(self, other),
                32 => _mm512_sub_epi32(self, other),
                _ => _mm512_sub_epi64(self, other),
            }
        }
    }
    #[inline(always)]
    unsafe fn any<const W: usize>(self) -> Self {
        // SAFETY: see `load`.
        unsafe {
            match W {
                8 => _mm512_movm_epi8(_mm512_test_epi8_mask(self, self)),
                16 => _mm512_movm_epi16(_mm512_test_epi16_mask(self, self)),
                32 => _mm512_maskz_set1_epi32(_mm512_test_epi32_mask(self, self), -1),
                _ => _mm512_maskz_set1_epi64(_mm512_test_epi64_mask(self, self), -1),
            }
        }
    }
    #[inline(always)]
    unsafe fn less(self, other: Self) -> Self {
        // SAFETY: see `load`.
        unsafe { _mm512_maskz_set1_epi64(_mm512_cmplt_epu64_mask(self, other), 1) }
    }
    #[inline(always)]
    unsafe fn top(self) -> Self {
        // SAFETY: see `load`.
        unsafe { _mm512_srli_epi64::<63>(self) }
    }
}

// SAFETY: the intrinsics do what the trait says.
unsafe impl Vector for __m256i {
    const BYTES: usize = 32;
    #[inline(always)]
    unsafe fn load(from: *const u8) -> Self {
        // SAFETY: for this and all below: what the trait asks for, the caller promises.
        unsafe { _mm256_loadu_si256(from.cast()) }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut u8) {
        // SAFETY: see `load`.
        unsafe { _mm256_storeu_si256(to.cast(), self) }
    }
    #[inline(always)]
    unsafe fn all(set: bool) -> Self {
        // SAFETY: see `load`.
        unsafe {
            if set {
                _mm256_set1_epi64x(-1)
            } else {
                _mm256_setzero_si256()
            }
        }
    }
    #[inline(always)]
    unsafe fn and(self, other: Self) -> Self {
        // SAFETY: see `load`.
        unsafe { _mm256_and_si256(self, other) }
    }
    #[inline(always)]
    unsafe fn or(self, other: Self) -> Self {
        // SAFETY: see `load`.
        unsafe { _mm256_or_si256(self, other) }
    }
    #[inline(always)]
    unsafe fn xor(self, other: Self) -> Self {
        // SAFETY: see `load`.
        unsafe { _mm256_xor_si256(self, other) }
    }
    #[inline(always)]
    unsafe fn without(self, other: Self) -> Self {
        // SAFETY: see `load`.
        unsafe { _mm256_andnot_si256(self, other) }
    }
    #[inline(always)]
    unsafe fn add<const W: usize>(self, other: Self) -> Self {
        // SAFETY: see `load`.
        unsafe {
            match W {
                8 => _mm256_add_epi8(self, other),
                16 => _mm256_add_epi16(self, other),
                32 => _mm256_add_epi32(self, other),
                _ => _mm256_add_epi64(self, other),
            }
        }
    }
    #[inline(always)]
    unsafe fn sub<const W: usize>(self, other: Self) -> Self {
        // SAFETY: see `load`.
        unsafe {
            match W {
                8 => _mm256_sub_epi8(self, other),
                16 => _mm256_sub_epi16(self, other),
                32 => _mm256_sub_epi32(self, other),
                _ => _mm256_sub_epi64(self, other),
            }
        }
    }
    #[inline(always)]
    unsafe fn any<const W: usize>(self) -> Self {
        // SAFETY: see `load`.
        unsafe {
            let zero = _mm256_setzero_si256();
            let none = match W {
                8 => _mm256_cmpeq_epi8(self, zero),
                16 => _mm256_cmpeq_epi16(self, zero),
                32 => _mm256_cmpeq_epi32(self, zero),
                _ => _mm256_cmpeq_epi64(self, zero),
            };
            none.xor(Self::all(true))
        }
    }
    #[inline(always)]
    unsafe fn less(self, other: Self) -> Self {
        // SAFETY: see `load`.
        unsafe {
            // Signed comparison, both moved to the other half of the range.
            let half = _mm256_set1_epi64x(i64::MIN);
            _mm256_cmpgt_epi64(other.xor(half), self.xor(half)).top()
        }
    }
    #[inline(always)]
    unsafe fn top(self) -> Self {
        // SAFETY: see `load`.
        unsafe { _mm256_srli_epi64::<63>(self) }
    }
}

/// Strings that share vectors, prepared: for each character the places where it is, as bits of a lane.
pub struct Group {
    set: Set,
    /// Bits of a lane: 8, 16, 32 or 64.
    width: usize,
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
    /// How wide lanes must be for a string of this length, and how many vectors it takes; `None` if
    /// that is not done here.
    pub fn shape(metric: Metric, length: usize) -> Option<(usize, usize)> {
        const LONGEST: usize = 2048;
        match (metric, length) {
            (Metric::DamerauLevenshtein, _) => None,
            (_, 0..=8) => Some((8, 1)),
            (_, 9..=16) => Some((16, 1)),
            (_, 17..=32) => Some((32, 1)),
            (_, 33..=64) => Some((64, 1)),
            (Metric::Levenshtein | Metric::Indel, 65..=LONGEST) => {
                Some((64, length.div_ceil(64).next_power_of_two()))
            }
            _ => None,
        }
    }

    /// Of at most as many strings as there are lanes, none longer than the shape allows; characters are below `alphabet`.
    pub fn new(
        set: Set,
        (width, blocks): (usize, usize),
        alphabet: usize,
        strings: &[&[u8]],
    ) -> Self {
        assert!(strings.len() * width <= set.bytes() * 8);
        let mut table = vec![0; alphabet * blocks * set.bytes()];
        for (lane, string) in strings.iter().enumerate() {
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
            width,
            blocks,
            lengths,
            masks,
            table,
            work: vec![],
        }
    }

    /// The scores of all lanes against `query`, whose characters are below the alphabet's size.
    pub fn scores(&mut self, metric: Metric, query: &[u8], scores: &mut Vec<Score>) {
        let size = self.set.bytes();
        let characters = self.table.len() / (self.blocks * size);
        assert!(
            query
                .iter()
                .all(|character| usize::from(*character) < characters)
        );
        // Two vectors for each block, and one for each character (Jaro's flags) and the end.
        self.work
            .resize((2 * self.blocks + query.len() + 2) * size, 0);
        // SAFETY: `Set::best` saw that the processor has the vectors; the table has rows for all characters,
        // and there is as much working memory as said above.
        unsafe {
            match self.set {
                Set::Avx512 => avx512(self, metric, query, scores),
                Set::Avx2 => avx2(self, metric, query, scores),
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
unsafe fn read<T: Word>(group: &Group, metric: Metric, query: usize, scores: &mut Vec<Score>) {
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
    macro_rules! ones {
        ($which:expr, $lane:expr) => {{
            let mut ones = (word($which, $lane) & group.masks[$lane]).count_ones();
            for block in 1..group.blocks {
                let rest = group.lengths[$lane].saturating_sub(block * 64).min(64);
                let mask = if rest == 64 {
                    u64::MAX
                } else {
                    (1 << rest) - 1
                };
                ones += (word(2 * block + $which, $lane) & mask).count_ones();
            }
            ones
        }};
    }
    scores.clear();
    scores.resize(group.lengths.len(), Score::default());
    match metric {
        // The last column of the table, from its top: what is added and taken away on the way down.
        Metric::Levenshtein | Metric::Osa | Metric::DamerauLevenshtein => {
            for (lane, score) in scores.iter_mut().enumerate() {
                score.count = query as u32 + ones!(0, lane) - ones!(1, lane);
            }
        }
        // Zeros are characters of a longest common subsequence.
        Metric::Indel => {
            for (lane, score) in scores.iter_mut().enumerate() {
                score.count = query as u32 + 2 * ones!(0, lane) - group.lengths[lane] as u32;
            }
        }
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
unsafe fn avx512(group: &mut Group, metric: Metric, query: &[u8], scores: &mut Vec<Score>) {
    // SAFETY: as the caller says.
    unsafe { run::<__m512i>(group, metric, query, scores) }
}

#[target_feature(enable = "avx2,popcnt")]
unsafe fn avx2(group: &mut Group, metric: Metric, query: &[u8], scores: &mut Vec<Score>) {
    // SAFETY: as the caller says.
    unsafe { run::<__m256i>(group, metric, query, scores) }
}

#[inline(always)]
unsafe fn run<V: Vector>(group: &mut Group, metric: Metric, query: &[u8], scores: &mut Vec<Score>) {
    let (table, work) = (group.table.as_ptr(), group.work.as_mut_ptr());
    // SAFETY: as the caller says.
    unsafe {
        match (metric, group.width, group.blocks) {
            (Metric::Levenshtein, 8, _) => levenshtein::<V, 8>(table, query, work),
            (Metric::Levenshtein, 16, _) => levenshtein::<V, 16>(table, query, work),
            (Metric::Levenshtein, 32, _) => levenshtein::<V, 32>(table, query, work),
            (Metric::Levenshtein, _, 1) => levenshtein::<V, 64>(table, query, work),
            (Metric::Levenshtein, _, blocks) => long_levenshtein::<V>(table, query, work, blocks),
            (Metric::Osa | Metric::DamerauLevenshtein, 8, _) => osa::<V, 8>(table, query, work),
            (Metric::Osa | Metric::DamerauLevenshtein, 16, _) => osa::<V, 16>(table, query, work),
            (Metric::Osa | Metric::DamerauLevenshtein, 32, _) => osa::<V, 32>(table, query, work),
            (Metric::Osa | Metric::DamerauLevenshtein, ..) => osa::<V, 64>(table, query, work),
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
            8 => read::<u8>(group, metric, query.len(), scores),
            16 => read::<u16>(group, metric, query.len(), scores),
            32 => read::<u32>(group, metric, query.len(), scores),
            _ => read::<u64>(group, metric, query.len(), scores),
        }
    }
}

/// Leaves the vertical differences: ones in the first vector, minus ones in the second.
#[inline(always)]
unsafe fn levenshtein<V: Vector, const W: usize>(table: *const u8, query: &[u8], work: *mut u8) {
    // SAFETY: as the caller of `run` says.
    unsafe {
        let ones = V::all(true);
        let one = V::all(false).sub::<W>(ones);
        let (mut plus, mut minus) = (ones, V::all(false));
        for character in query {
            let equal = V::load(table.add(usize::from(*character) * V::BYTES));
            let x = equal.or(minus);
            let zero = x.and(plus).add::<W>(plus).xor(plus).or(x);
            let across_plus = minus.or(zero.or(plus).xor(ones));
            let across_minus = zero.and(plus);
            let across_plus = across_plus.add::<W>(across_plus).or(one);
            let across_minus = across_minus.add::<W>(across_minus);
            plus = across_minus.or(zero.or(across_plus).xor(ones));
            minus = across_plus.and(zero);
        }
        plus.store(work);
        minus.store(work.add(V::BYTES));
    }
}

/// As `levenshtein`, with transpositions.
#[inline(always)]
unsafe fn osa<V: Vector, const W: usize>(table: *const u8, query: &[u8], work: *mut u8) {
    // SAFETY: as the caller of `run` says.
    unsafe {
        let ones = V::all(true);
        let one = V::all(false).sub::<W>(ones);
        let (mut plus, mut minus) = (ones, V::all(false));
        let (mut zero, mut before) = (V::all(false), V::all(false));
        for character in query {
            let equal = V::load(table.add(usize::from(*character) * V::BYTES));
            let moved = zero.without(equal);
            let moved = moved.add::<W>(moved).and(before);
            zero = equal
                .and(plus)
                .add::<W>(plus)
                .xor(plus)
                .or(equal)
                .or(minus)
                .or(moved);
            let across_plus = minus.or(zero.or(plus).xor(ones));
            let across_minus = zero.and(plus);
            let across_plus = across_plus.add::<W>(across_plus).or(one);
            let across_minus = across_minus.add::<W>(across_minus);
            plus = across_minus.or(zero.or(across_plus).xor(ones));
            minus = across_plus.and(zero);
            before = equal;
        }
        plus.store(work);
        minus.store(work.add(V::BYTES));
    }
}

/// Leaves ones where a longest common subsequence has no character.
#[inline(always)]
unsafe fn indel<V: Vector, const W: usize>(table: *const u8, query: &[u8], work: *mut u8) {
    // SAFETY: as the caller of `run` says.
    unsafe {
        let mut left = V::all(true);
        for character in query {
            let equal = V::load(table.add(usize::from(*character) * V::BYTES));
            let both = left.and(equal);
            left = left.add::<W>(both).or(left.sub::<W>(both));
        }
        left.store(work);
        V::all(false).store(work.add(V::BYTES));
    }
}

/// As `levenshtein`, several vectors one below the other; what crosses their border is carried.
#[inline(always)]
unsafe fn long_levenshtein<V: Vector>(
    table: *const u8,
    query: &[u8],
    work: *mut u8,
    blocks: usize,
) {
    // SAFETY: as the caller of `run` says.
    unsafe {
        let ones = V::all(true);
        let one = V::all(false).sub::<64>(ones);
        for block in 0..blocks {
            ones.store(work.add(2 * block * V::BYTES));
            V::all(false).store(work.add((2 * block + 1) * V::BYTES));
        }
        for character in query {
            let row = table.add(usize::from(*character) * blocks * V::BYTES);
            let (mut carry_plus, mut carry_minus) = (one, V::all(false));
            for block in 0..blocks {
                let state = work.add(2 * block * V::BYTES);
                let (plus, minus) = (V::load(state), V::load(state.add(V::BYTES)));
                let equal = V::load(row.add(block * V::BYTES));
                let x = equal.or(carry_minus);
                let zero = x.and(plus).add::<64>(plus).xor(plus).or(x).or(minus);
                let across_plus = minus.or(zero.or(plus).xor(ones));
                let across_minus = zero.and(plus);
                let (next_plus, next_minus) = (across_plus.top(), across_minus.top());
                let across_plus = across_plus.add::<64>(across_plus).or(carry_plus);
                let across_minus = across_minus.add::<64>(across_minus).or(carry_minus);
                (carry_plus, carry_minus) = (next_plus, next_minus);
                across_minus.or(zero.or(across_plus).xor(ones)).store(state);
                across_plus.and(zero).store(state.add(V::BYTES));
            }
        }
    }
}

/// As `indel`, several vectors one below the other.
#[inline(always)]
unsafe fn long_indel<V: Vector>(table: *const u8, query: &[u8], work: *mut u8, blocks: usize) {
    // SAFETY: as the caller of `run` says.
    unsafe {
        for block in 0..blocks {
            V::all(true).store(work.add(2 * block * V::BYTES));
            V::all(false).store(work.add((2 * block + 1) * V::BYTES));
        }
        for character in query {
            let row = table.add(usize::from(*character) * blocks * V::BYTES);
            let mut carry = V::all(false);
            for block in 0..blocks {
                let state = work.add(2 * block * V::BYTES);
                let left = V::load(state);
                let both = left.and(V::load(row.add(block * V::BYTES)));
                let sum = left.add::<64>(both);
                let carried = sum.add::<64>(carry);
                carry = sum.less(left).or(carried.less(sum));
                carried.or(left.sub::<64>(both)).store(state);
            }
        }
    }
}

/// Leaves the places that are matched in the first vector, how many are moved in the second. `lengths` ascend.
#[inline(always)]
unsafe fn jaro<V: Vector, const W: usize>(
    table: *const u8,
    query: &[u8],
    work: *mut u8,
    lengths: &[usize],
) {
    let bound = |lane: usize| (lengths[lane].max(query.len()) / 2).saturating_sub(1);
    let bytes = W / 8;
    // SAFETY: as the caller of `run` says; lanes are within a vector, the last two of the working memory.
    unsafe {
        let flags = work.add(2 * V::BYTES);
        let grows = work.add((2 + query.len()) * V::BYTES);
        // How far a place may be away: ones from the lowest on, one more for each character until the
        // window begins to leave the start behind.
        let mut starts = [0_u8; 64];
        for lane in 0..lengths.len() {
            let reach = (bound(lane) + 1).min(W);
            let ones = if reach == 64 {
                u64::MAX
            } else {
                (1 << reach) - 1
            };
            starts[lane * bytes..][..bytes].copy_from_slice(&ones.to_le_bytes()[..bytes]);
        }
        let one = V::all(false).sub::<W>(V::all(true));
        one.store(grows);
        let (mut window, mut grow) = (V::load(starts.as_ptr()), one);
        let (mut matched, mut lane) = (V::all(false), 0);
        for (place, character) in query.iter().enumerate() {
            let equal = V::load(table.add(usize::from(*character) * V::BYTES));
            let free = matched.without(equal.and(window));
            let lowest = free.and(V::all(false).sub::<W>(free));
            matched = matched.or(lowest);
            free.any::<W>().store(flags.add(place * V::BYTES));
            if lane < lengths.len() && bound(lane) <= place {
                while lane < lengths.len() && bound(lane) <= place {
                    std::ptr::write_bytes(grows.add(lane * bytes), 0, bytes);
                    lane += 1;
                }
                grow = V::load(grows);
            }
            window = window.add::<W>(window).or(grow);
        }
        matched.store(work);
        let mut moved = V::all(false);
        for (place, character) in query.iter().enumerate() {
            let equal = V::load(table.add(usize::from(*character) * V::BYTES));
            let here = V::load(flags.add(place * V::BYTES));
            let lowest = matched.and(V::all(false).sub::<W>(matched));
            moved = moved.sub::<W>(equal.and(lowest).any::<W>().without(here));
            matched = matched.xor(lowest.and(here));
        }
        moved.store(work.add(V::BYTES));
    }
}

#[cfg(test)]
mod tests {
    use super::super::many::score;
    use super::super::strings::Prepared;
    use super::super::strings::tests::words;
    use super::*;

    #[test]
    fn every_lane_scores_as_one_pair_alone() {
        for set in [Set::Avx512, Set::Avx2] {
            if Set::best() != Some(set) && (set == Set::Avx512 || Set::best().is_none()) {
                continue;
            }
            for metric in [
                Metric::Levenshtein,
                Metric::Osa,
                Metric::Indel,
                Metric::Jaro,
                Metric::JaroWinkler,
            ] {
                for longest in [3, 8, 9, 16, 30, 32, 50, 64, 65, 128, 300] {
                    let Some(shape) = Group::shape(metric, longest) else {
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
                    let mut group = Group::new(set, shape, 5, &borrowed);
                    let mut scores = vec![];
                    for query in words(40, 90).iter().chain(&words(20, 6)) {
                        let query: Vec<u8> = query.bytes().map(|byte| byte - b'a').collect();
                        group.scores(metric, &query, &mut scores);
                        assert_eq!(scores.len(), strings.len());
                        let prepared = Prepared::new(metric, &query);
                        for (string, got) in strings.iter().zip(&scores) {
                            let got = score(metric, *got, &query, string);
                            let expected = prepared.similarity(string, 0.0);
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
