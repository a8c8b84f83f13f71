//! Numbers as unsigned integers that compare alike, so that one sort serves every dtype.
//!
//! Order is numpy's: NaN comes last. `-0.0` comes before `0.0`, which numpy leaves open.

use super::integers::Integer;

/// An unsigned integer that stands for a number.
pub trait Bits: Integer + Default + std::fmt::Debug {
    /// How many bits.
    const WIDTH: u32;
    /// As the widest.
    fn wide(self) -> u64;
    /// From the widest; what does not fit is cut off.
    fn narrow(wide: u64) -> Self;
}

macro_rules! bits {
    ($($type:ty),*) => {$(
        impl Bits for $type {
            const WIDTH: u32 = <$type>::BITS;
            fn wide(self) -> u64 {
                u64::from(self)
            }
            fn narrow(wide: u64) -> Self {
                wide as Self
            }
        }
    )*};
}
bits!(u8, u16, u32, u64);

/// A number that can be sorted.
///
/// # Safety
/// `Self` is as large as `Bits` and aligned alike, and every bit pattern is one.
pub unsafe trait Key: Copy + Send + Sync + 'static {
    /// What stands for it.
    type Bits: Bits;
    /// The unsigned integer that compares as this number does.
    fn key(self) -> Self::Bits;
    /// The number (all NaN become positive ones).
    fn from_key(key: Self::Bits) -> Self;
    /// The same key for all numbers that are equal (`-0.0` and `0.0`, every NaN).
    fn equality_key(self) -> Self::Bits {
        self.key()
    }
    /// Nearest float of 64 bits.
    fn float(self) -> f64;
}

macro_rules! unsigned {
    ($($type:ty),*) => {$(
        // SAFETY: plain numbers of one size.
        unsafe impl Key for $type {
            type Bits = $type;
            #[inline]
            fn key(self) -> $type {
                self
            }
            #[inline]
            fn from_key(key: $type) -> Self {
                key
            }
            #[inline]
            fn float(self) -> f64 {
                self as f64
            }
        }
    )*};
}
unsigned!(u8, u16, u32, u64);

macro_rules! signed {
    ($($type:ty => $bits:ty),*) => {$(
        // SAFETY: plain numbers of one size.
        unsafe impl Key for $type {
            type Bits = $bits;
            #[inline]
            fn key(self) -> $bits {
                self.cast_unsigned() ^ (1 << (<$bits>::BITS - 1))
            }
            #[inline]
            fn from_key(key: $bits) -> Self {
                (key ^ (1 << (<$bits>::BITS - 1))).cast_signed()
            }
            #[inline]
            fn float(self) -> f64 {
                self as f64
            }
        }
    )*};
}
signed!(i8 => u8, i16 => u16, i32 => u32, i64 => u64);

// Floats compare as their bits do if the sign bit is turned over and, for negative ones, all others
// too. A NaN loses its sign first, so that it is larger than everything else.
macro_rules! float_key {
    ($bits:ident, $type:ty, $infinity:expr) => {{
        const SIGN: $type = 1 << (<$type>::BITS - 1);
        let bits = if $bits & !SIGN > $infinity {
            $bits & !SIGN
        } else {
            $bits
        };
        let negative = (bits.cast_signed() >> (<$type>::BITS - 1)).cast_unsigned();
        bits ^ (negative | SIGN)
    }};
}
macro_rules! float_from_key {
    ($key:ident, $type:ty) => {{
        const SIGN: $type = 1 << (<$type>::BITS - 1);
        let positive = ($key.cast_signed() >> (<$type>::BITS - 1)).cast_unsigned();
        $key ^ (!positive | SIGN)
    }};
}

/// A float of 16 bits, as its bits.
#[derive(Debug, Clone, Copy)]
#[repr(transparent)]
pub struct Half(pub u16);

// SAFETY: transparent.
unsafe impl Key for Half {
    type Bits = u16;
    #[inline]
    fn key(self) -> u16 {
        let bits = self.0;
        float_key!(bits, u16, 0x7c00)
    }
    #[inline]
    fn from_key(key: u16) -> Self {
        Self(float_from_key!(key, u16))
    }
    fn equality_key(self) -> u16 {
        match self.0 & 0x7fff {
            0 => Self(0).key(),
            magnitude if magnitude > 0x7c00 => u16::MAX,
            _ => self.key(),
        }
    }
    fn float(self) -> f64 {
        let (exponent, fraction) = (i32::from(self.0 >> 10 & 0x1f), f64::from(self.0 & 0x3ff));
        let magnitude = match exponent {
            0 => fraction * 2_f64.powi(-24),
            31 if fraction == 0.0 => f64::INFINITY,
            31 => f64::NAN,
            _ => (1024.0 + fraction) * 2_f64.powi(exponent - 25),
        };
        if self.0 >> 15 == 0 {
            magnitude
        } else {
            -magnitude
        }
    }
}

macro_rules! float {
    ($($type:ty => $bits:ty),*) => {$(
        // SAFETY: plain numbers of one size.
        unsafe impl Key for $type {
            type Bits = $bits;
            #[inline]
            fn key(self) -> $bits {
                let bits = self.to_bits();
                float_key!(bits, $bits, <$type>::INFINITY.to_bits())
            }
            #[inline]
            fn from_key(key: $bits) -> Self {
                <$type>::from_bits(float_from_key!(key, $bits))
            }
            #[inline]
            fn equality_key(self) -> $bits {
                if self.is_nan() {
                    <$bits>::MAX
                } else {
                    // Turns -0.0 into 0.0, and nothing else into anything else.
                    (self + 0.0).key()
                }
            }
            #[inline]
            fn float(self) -> f64 {
                self as f64
            }
        }
    )*};
}
float!(f32 => u32, f64 => u64);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn keys_compare_as_floats_and_come_back(a in any::<f64>(), b in any::<f64>()) {
            prop_assert_eq!(f64::from_key(a.key()).to_bits(), a.to_bits());
            if a < b {
                prop_assert!(a.key() < b.key());
            }
            prop_assert_eq!(a == b, a.equality_key() == b.equality_key());
            let (a, b) = (a as f32, b as f32);
            if a < b {
                prop_assert!(a.key() < b.key());
            }
        }

        #[test]
        fn keys_compare_as_integers(a in any::<i64>(), b in any::<i64>()) {
            prop_assert_eq!(a.cmp(&b), a.key().cmp(&b.key()));
            prop_assert_eq!(i64::from_key(a.key()), a);
        }
    }

    #[test]
    fn nan_is_last_whatever_its_sign() {
        for nan in [f64::NAN, -f64::NAN] {
            assert!(nan.key() > f64::INFINITY.key());
            assert_eq!(nan.equality_key(), f64::NAN.equality_key());
        }
        assert_eq!((-0.0_f64).equality_key(), 0.0_f64.equality_key());
        assert!((-0.0_f64).key() < 0.0_f64.key());
    }

    #[test]
    fn halves_compare_as_their_numbers() {
        let mut all: Vec<Half> = (0..=u16::MAX).map(Half).collect();
        all.sort_by_key(|half| half.key());
        let numbers: Vec<f64> = all.iter().map(|half| half.float()).collect();
        let (numbers, nans) = numbers.split_at(numbers.partition_point(|number| !number.is_nan()));
        assert!(numbers.is_sorted() && nans.iter().all(|number| number.is_nan()));
        assert_eq!((numbers.len(), nans.len()), (63490, 2046));
        assert_eq!(Half(0x3c00).float(), 1.0);
        assert_eq!(Half(0xc001).float(), -2.001_953_125);
        assert_eq!(Half(1).float(), 2_f64.powi(-24));
        assert_eq!(Half(0x8000).equality_key(), Half(0).equality_key());
        assert_eq!(Half::from_key(Half(0x8123).key()).0, 0x8123);
    }
}
