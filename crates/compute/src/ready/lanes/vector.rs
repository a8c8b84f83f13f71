//! Vectors of 64 and of 32 bytes, by the same names.

use std::arch::x86_64::*;

/// A vector.
///
/// # Safety
/// All methods need the processor to have it; `load` and `store` need `BYTES` bytes there.
pub unsafe trait Vector: Copy {
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
    /// In lanes of 8 or 16 bits, up to the largest.
    unsafe fn plus<const W: usize>(self, other: Self) -> Self;
    /// In lanes of 8 or 16 bits, unsigned.
    unsafe fn least<const W: usize>(self, other: Self) -> Self;
    /// The number in every lane of 8 or 16 bits.
    unsafe fn splat<const W: usize>(number: usize) -> Self;
    /// All bits of a lane where none is set.
    unsafe fn none<const W: usize>(self) -> Self;
    /// 1 in a lane of 64 where `self` is less, unsigned.
    unsafe fn less(self, other: Self) -> Self;
    /// The highest bit of a lane of 64, as the lowest.
    unsafe fn top(self) -> Self;

    /// All bits of a lane where any is set.
    #[inline(always)]
    unsafe fn any<const W: usize>(self) -> Self {
        // SAFETY: as the caller says.
        unsafe { self.none::<W>().xor(Self::all(true)) }
    }

    /// `a` where bits are set, else `b`.
    #[inline(always)]
    unsafe fn choose(self, a: Self, b: Self) -> Self {
        // SAFETY: as the caller says.
        unsafe { self.and(a).or(self.without(b)) }
    }
}

macro_rules! vector {
    (
        $type:ty, $bytes:literal, $load:ident, $store:ident, $set:ident, $and:ident, $or:ident, $xor:ident,
        $without:ident, $shift:ident, add $add:tt, sub $sub:tt, plus $plus:tt, least $least:tt, splat $splat:tt,
        none $none:tt, less $less:ident
    ) => {
        // SAFETY: the intrinsics do what the trait says.
        unsafe impl Vector for $type {
            const BYTES: usize = $bytes;
            #[inline(always)]
            unsafe fn load(from: *const u8) -> Self {
                // SAFETY: for this and all below: what the trait asks for, the caller promises.
                unsafe { $load(from.cast()) }
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut u8) {
                // SAFETY: see `load`.
                unsafe { $store(to.cast(), self) }
            }
            #[inline(always)]
            unsafe fn all(set: bool) -> Self {
                // SAFETY: see `load`.
                unsafe { $set(-i64::from(set)) }
            }
            vector!(@binary and $and);
            vector!(@binary or $or);
            vector!(@binary xor $xor);
            vector!(@binary without $without);
            vector!(@lanes add $add);
            vector!(@lanes sub $sub);
            vector!(@narrow plus $plus);
            vector!(@narrow least $least);
            #[inline(always)]
            unsafe fn splat<const W: usize>(number: usize) -> Self {
                // SAFETY: see `load`.
                unsafe { vector!(@splat W number $splat) }
            }
            #[inline(always)]
            unsafe fn none<const W: usize>(self) -> Self {
                // SAFETY: see `load`.
                unsafe { vector!(@none W self $none) }
            }
            #[inline(always)]
            unsafe fn less(self, other: Self) -> Self {
                // SAFETY: see `load`.
                unsafe { $less(self, other) }
            }
            #[inline(always)]
            unsafe fn top(self) -> Self {
                // SAFETY: see `load`.
                unsafe { $shift::<63>(self) }
            }
        }
    };
    (@binary $name:ident $intrinsic:ident) => {
        #[inline(always)]
        unsafe fn $name(self, other: Self) -> Self {
            // SAFETY: see `load`.
            unsafe { $intrinsic(self, other) }
        }
    };
    (@lanes $name:ident [$of8:ident, $of16:ident, $of32:ident, $of64:ident]) => {
        #[inline(always)]
        unsafe fn $name<const W: usize>(self, other: Self) -> Self {
            // SAFETY: see `load`.
            unsafe {
                match W {
                    8 => $of8(self, other),
                    16 => $of16(self, other),
                    32 => $of32(self, other),
                    _ => $of64(self, other),
                }
            }
        }
    };
    (@narrow $name:ident [$of8:ident, $of16:ident]) => {
        #[inline(always)]
        unsafe fn $name<const W: usize>(self, other: Self) -> Self {
            // SAFETY: see `load`.
            unsafe {
                match W {
                    8 => $of8(self, other),
                    _ => $of16(self, other),
                }
            }
        }
    };
    (@splat $width:ident $number:ident [$of8:ident, $of16:ident]) => {
        match $width {
            8 => $of8($number as i8),
            _ => $of16($number as i16),
        }
    };
    // Either a comparison with zeros, or one that gives a mask, and what makes a vector of that.
    (@none $width:ident $self:ident [$of8:ident, $of16:ident, $of32:ident, $of64:ident]) => {{
        let zero = Self::all(false);
        match $width {
            8 => $of8($self, zero),
            16 => $of16($self, zero),
            32 => $of32($self, zero),
            _ => $of64($self, zero),
        }
    }};
    (@none $width:ident $self:ident
        [$of8:ident $made8:ident, $of16:ident $made16:ident, $of32:ident $made32:ident, $of64:ident $made64:ident]
    ) => {
        match $width {
            8 => $made8($of8($self, $self)),
            16 => $made16($of16($self, $self)),
            32 => $made32($of32($self, $self), -1),
            _ => $made64($of64($self, $self), -1),
        }
    };
}

vector!(
    __m512i, 64, _mm512_loadu_si512, _mm512_storeu_si512, _mm512_set1_epi64, _mm512_and_si512, _mm512_or_si512,
    _mm512_xor_si512, _mm512_andnot_si512, _mm512_srli_epi64,
    add [_mm512_add_epi8, _mm512_add_epi16, _mm512_add_epi32, _mm512_add_epi64],
    sub [_mm512_sub_epi8, _mm512_sub_epi16, _mm512_sub_epi32, _mm512_sub_epi64],
    plus [_mm512_adds_epu8, _mm512_adds_epu16],
    least [_mm512_min_epu8, _mm512_min_epu16],
    splat [_mm512_set1_epi8, _mm512_set1_epi16],
    none [
        _mm512_testn_epi8_mask _mm512_movm_epi8, _mm512_testn_epi16_mask _mm512_movm_epi16,
        _mm512_testn_epi32_mask _mm512_maskz_set1_epi32, _mm512_testn_epi64_mask _mm512_maskz_set1_epi64
    ],
    less less512
);
vector!(
    __m256i, 32, _mm256_loadu_si256, _mm256_storeu_si256, _mm256_set1_epi64x, _mm256_and_si256, _mm256_or_si256,
    _mm256_xor_si256, _mm256_andnot_si256, _mm256_srli_epi64,
    add [_mm256_add_epi8, _mm256_add_epi16, _mm256_add_epi32, _mm256_add_epi64],
    sub [_mm256_sub_epi8, _mm256_sub_epi16, _mm256_sub_epi32, _mm256_sub_epi64],
    plus [_mm256_adds_epu8, _mm256_adds_epu16],
    least [_mm256_min_epu8, _mm256_min_epu16],
    splat [_mm256_set1_epi8, _mm256_set1_epi16],
    none [_mm256_cmpeq_epi8, _mm256_cmpeq_epi16, _mm256_cmpeq_epi32, _mm256_cmpeq_epi64],
    less less256
);

/// # Safety
/// As [`Vector::less`].
#[inline(always)]
unsafe fn less512(a: __m512i, b: __m512i) -> __m512i {
    // SAFETY: as the caller says.
    unsafe { _mm512_maskz_set1_epi64(_mm512_cmplt_epu64_mask(a, b), 1) }
}

/// # Safety
/// As [`Vector::less`].
#[inline(always)]
unsafe fn less256(a: __m256i, b: __m256i) -> __m256i {
    // SAFETY: as the caller says. It compares signed numbers, so both are moved to the other half of the range.
    unsafe {
        let half = _mm256_set1_epi64x(i64::MIN);
        _mm256_cmpgt_epi64(b.xor(half), a.xor(half)).top()
    }
}
