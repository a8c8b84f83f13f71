//! Kernels of numbers alone: the ladder of the speed experiment, and pi by chance.

use rayon::prelude::*;

use crate::lent_mut;

fn cpu_intensive(n: i64, steps: i64) -> f64 {
    let n = i128::from(n);
    let mut result = 0.0;
    for i in 0..i128::from(steps) {
        result += ((i * i * i + i * i + i * n) as f64).sqrt();
    }
    result
}

/// The ladder: `cpu_intensive` of every number below `count`.
///
/// # Safety
/// `out` points at `count` values that only this call uses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ladder(steps: i64, out: *mut f64, count: usize) {
    // SAFETY: as the caller promises.
    let out = unsafe { lent_mut(out, count) };
    out.par_iter_mut()
        .enumerate()
        .for_each(|(n, out)| *out = cpu_intensive(n as i64, steps));
}

/// xoshiro256++ of Blackman and Vigna, seeded as `pyxidium.compute.random.stream` is: the seed and the
/// number, 128 bits each, are taken in word by word.
struct Stream([u64; 4]);

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

impl Stream {
    fn new(seed: u64, number: u64) -> Self {
        let mut state = 0_u64;
        for word in [seed, 0, number, 0] {
            state = mixed(state.wrapping_add(word).wrapping_add(STEP));
        }
        Self([(); 4].map(|()| {
            state = state.wrapping_add(STEP);
            mixed(state)
        }))
    }

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

    fn random(&mut self) -> f64 {
        (self.next() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }
}

/// The last step of SplitMix64.
fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Pi by points thrown at a square, a stream of random numbers for each chunk.
#[unsafe(no_mangle)]
pub extern "C" fn monte_carlo_pi(seed: u64, chunks: u64, points: u64) -> f64 {
    let inside = |chunk| {
        let mut stream = Stream::new(seed, chunk);
        let mut inside = 0_i64;
        for _ in 0..points {
            let (x, y) = (stream.random(), stream.random());
            if x * x + y * y <= 1.0 {
                inside += 1;
            }
        }
        inside
    };
    let inside: i64 = (0..chunks).into_par_iter().map(inside).sum();
    4.0 * inside as f64 / (chunks * points) as f64
}

/// How many primes there are below the length of `sieve`.
///
/// # Safety
/// `sieve` points at `len` bytes that only this call uses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn primes(sieve: *mut u8, len: usize) -> i64 {
    // SAFETY: as the caller promises.
    let sieve = unsafe { lent_mut(sieve, len) };
    sieve.fill(1);
    let mut count = 0;
    for i in 2..len {
        if sieve[i] != 0 {
            count += 1;
            let mut multiple = i * i;
            while multiple < len {
                sieve[multiple] = 0;
                multiple += i;
            }
        }
    }
    count
}
