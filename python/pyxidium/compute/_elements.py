"""Arrays as Python's own arithmetic is to see them, where ``memoryview`` cannot read them."""

from __future__ import annotations

from typing import Any


class Complex:
    """A numpy array of complex numbers: gives and takes Python's, with ``memoryview``'s errors.

    numpy's numbers calculate otherwise: in single precision, and without errors.
    """

    __slots__ = ("_array", "shape")

    def __init__(self, array: Any) -> None:
        self._array = array
        self.shape: tuple[int, ...] = array.shape

    def __len__(self) -> int:
        return self.shape[0]

    def __buffer__(self, flags: int) -> memoryview:
        """What a kernel takes that is called with this."""
        return memoryview(self._array)

    def _place(self, key: Any) -> tuple[int, ...]:
        # numpy takes True for a mask, and not for 1.
        place = tuple(+at for at in key) if isinstance(key, tuple) else (+key,)
        for axis, (at, length) in enumerate(zip(place, self.shape, strict=True), 1):
            if not -length <= at < length:
                message = f"index out of bounds on dimension {axis}"
                raise IndexError(message)
        return place

    def __getitem__(self, key: Any) -> complex:
        return complex(self._array[self._place(key)])

    def __setitem__(self, key: Any, value: complex) -> None:
        place = self._place(key)
        if not self._array.flags.writeable:
            message = "cannot modify read-only memory"
            raise TypeError(message)
        self._array[place] = complex(value)
