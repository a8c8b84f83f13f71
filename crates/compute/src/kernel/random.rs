//! Streams of random numbers that are the same on any number of threads.
//!
//! A stream is told by a seed and a number, so that each iteration of a parallel loop can have its own. The generator
//! is xoshiro256++ (Blackman and Vigna, 2019), its state is filled by SplitMix64 (Steele, Lea and Flood, 2014).

use super::value::Slot;

/// A stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream(pub [u64; 4]);

impl Stream {
    /// Stream number `index` of a seed.
    #[must_use]
    pub fn new(seed: i128, index: i128) -> Self {
        let mut state = 0_u64;
        for word in [
            seed as u64,
            (seed >> 64) as u64,
            index as u64,
            (index >> 64) as u64,
        ] {
            state = mix(state.wrapping_add(word).wrapping_add(GOLDEN));
        }
        let mut words = [0; 4];
        for word in &mut words {
            state = state.wrapping_add(GOLDEN);
            *word = mix(state);
        }
        // All zeros is the one state that never changes.
        if words == [0; 4] {
            words[0] = GOLDEN;
        }
        Self(words)
    }

    /// The next 64 random bits.
    pub fn next_word(&mut self) -> u64 {
        let [s0, s1, s2, s3] = &mut self.0;
        let result = s0.wrapping_add(*s3).rotate_left(23).wrapping_add(*s0);
        let t = *s1 << 17;
        *s2 ^= *s0;
        *s3 ^= *s1;
        *s1 ^= *s2;
        *s0 ^= *s3;
        *s2 ^= t;
        *s3 = s3.rotate_left(45);
        result
    }

    /// A float in [0, 1), of 53 bits.
    pub fn random(&mut self) -> f64 {
        (self.next_word() >> 11) as f64 * 2.0_f64.powi(-53)
    }

    /// An int in [0, `most`), each as likely (Lemire, 2019).
    pub fn below(&mut self, most: u64) -> u64 {
        loop {
            let product = u128::from(self.next_word()) * u128::from(most);
            // The few words too many would make some ints likelier.
            if product as u64 >= most.wrapping_neg() % most {
                return (product >> 64) as u64;
            }
        }
    }

    /// A normally distributed float, mean 0 and deviation 1 (Box and Muller, 1958).
    pub fn gauss(&mut self) -> f64 {
        // Of (0, 1], since 0 has no logarithm.
        let radius = (-2.0 * (1.0 - self.random()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.random()).cos()
    }
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Reads, lets draw, and writes back.
///
/// # Safety
/// `state` must be readable and writable, four slots.
unsafe fn with<T>(state: *mut Slot, draw: impl FnOnce(&mut Stream) -> T) -> T {
    // SAFETY: the caller's promise.
    let words = unsafe { std::slice::from_raw_parts_mut(state, 4) };
    let mut stream = Stream([words[0].0[0], words[1].0[0], words[2].0[0], words[3].0[0]]);
    let drawn = draw(&mut stream);
    for (slot, word) in words.iter_mut().zip(stream.0) {
        *slot = Slot([word, 0]);
    }
    drawn
}

pub(super) unsafe extern "C" fn seed_slots(
    seed: u64,
    seed_high: i64,
    index: u64,
    index_high: i64,
    out: *mut Slot,
) {
    let join = |low: u64, high: i64| (i128::from(high) << 64) | i128::from(low);
    let stream = Stream::new(join(seed, seed_high), join(index, index_high));
    // SAFETY: compiled code gives room for four.
    unsafe { with(out, |state| *state = stream) }
}

pub(super) unsafe extern "C" fn gauss_slots(state: *mut Slot) -> f64 {
    // SAFETY: compiled code gives four.
    unsafe { with(state, Stream::gauss) }
}

pub(super) unsafe extern "C" fn below_slots(state: *mut Slot, most: u64) -> u64 {
    // SAFETY: compiled code gives four, and checks that `most` is above 0.
    unsafe { with(state, |stream| stream.below(most)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_xoshiro256_plus_plus() {
        // The reference implementation's first words from the state 1, 2, 3, 4.
        let mut stream = Stream([1, 2, 3, 4]);
        let words = [(); 4].map(|()| stream.next_word());
        assert_eq!(
            words,
            [
                41_943_041,
                58_720_359,
                3_588_806_011_781_223,
                3_591_011_842_654_386
            ]
        );
    }

    #[test]
    fn streams_differ_by_seed_and_by_number() {
        let first = |seed, index| Stream::new(seed, index).next_word();
        let all = [
            first(0, 0),
            first(0, 1),
            first(1, 0),
            first(1, 1),
            first(-1, 0),
            first(1 << 64, 0),
        ];
        for (i, a) in all.iter().enumerate() {
            assert!(all[i + 1..].iter().all(|b| a != b), "{all:?}");
        }
    }

    #[test]
    fn draws_are_in_range_and_have_the_right_mean() {
        let mut stream = Stream::new(7, 0);
        let (mut sum, mut normal, mut square) = (0.0, 0.0, 0.0);
        for _ in 0..100_000 {
            let x = stream.random();
            assert!((0.0..1.0).contains(&x));
            sum += x;
            assert!(stream.below(10) < 10);
            let z = stream.gauss();
            normal += z;
            square += z * z;
        }
        assert!((sum / 1e5 - 0.5).abs() < 0.005);
        assert!((normal / 1e5).abs() < 0.02);
        assert!((square / 1e5 - 1.0).abs() < 0.03);
    }
}
