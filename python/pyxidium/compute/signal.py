"""2-D convolution, on all cores."""

from __future__ import annotations

from typing import Any, Literal

from pyxidium.compute import _compute
from pyxidium.compute._arrays import Numbers, give, take

__all__ = ["convolve2d"]


def convolve2d(
    a: Numbers,
    b: Numbers,
    *,
    mode: Literal["full", "same", "valid"] = "full",
    method: Literal["auto", "direct", "fft"] = "auto",
) -> Any:
    """The convolution of two arrays: at (r, c), the sum over (i, j) of b[i, j] a[r - i, c - j].

    Outside the arrays there are zeros.

    Modes are those of ``scipy.signal``: "full" is all of it, (m + p - 1, n + q - 1); "same" is as
    large as ``a``, from the middle; "valid" is only where no zero from outside takes part, (m - p +
    1, n - q + 1).

    Args:
        a: (m, n) real numbers.
        b: (p, q) real numbers.
        mode: which part.
        method: "direct" sums products (exact for integers as long as sums stay below 2**53); "fft"
            multiplies spectra (J. Cooley, J. Tukey 1965), with errors of some 1e-16 of the
            largest result; "auto" takes what is expected to be faster.

    Returns:
        float64.

    Raises:
        TypeError: ``a`` or ``b`` is no array of real numbers.
        ValueError: they have not two dimensions or are empty; for "valid", neither is at least as
            large as the other in both dimensions; or ``mode`` or ``method`` is none of these.
    """
    return give(_compute.convolve2d(take(a), take(b), mode, method))
