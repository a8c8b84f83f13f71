"""Arguments for random kernels, mostly from the edges: plain data, so that a failure can be kept.

A ``Spec`` is JSON; `build` makes a new argument of it each time, for CPython and for the kernel.
"""

from __future__ import annotations

import array
import random
from typing import Any

Spec = dict[str, Any]

INTS = [
    *(0, 1, -1, 2, -2, 3, 5, 7, 10, 64, 100, -100),
    *(s * 2**p + d for p in (31, 32, 53, 62, 63, 64, 127) for s in (1, -1) for d in (-1, 0, 1)),
    *(3037000499, 3037000500, 10**30, -(10**40), 2**200 + 1, -(2**1023), 2**1024),
]
FLOATS = [
    *("0x0.0p+0", "-0x0.0p+0", "nan", "inf", "-inf"),
    *(
        x.hex()
        for x in (1.0, -1.0, 0.5, 1.5, -2.5, 3.0, 1e-5, 0.1, 1e300, -1e300, 5e-324, 2.0**-1022)
    ),
    *(x.hex() for x in (2.0**53, 2.0**63, -(2.0**63), 2.0**64, 2.0**127, 1.7976931348623157e308)),
]

DTYPES = {
    "int": "bBhHiIlLqQ",
    "float": "fd",
    "bool": "?",
    "complex": "FD",
}
"""Formats of elements that are of a type in Python; the last are numpy's letters."""


def scalar(r: random.Random, kind: str) -> Spec:
    """A number, a bool or a complex."""
    if kind == "int":
        value: Any = r.randrange(-20, 21) if r.random() < 0.5 else r.choice(INTS)
        return {"kind": kind, "value": hex(value)}
    if kind == "float":
        near = r.random() < 0.4
        return {"kind": kind, "value": r.uniform(-10, 10).hex() if near else r.choice(FLOATS)}
    if kind == "bool":
        return {"kind": kind, "value": r.random() < 0.5}
    return {"kind": kind, "value": [scalar(r, "float")["value"] for _ in "ri"]}


def element(r: random.Random, dtype: str) -> Any:
    """What an array of this format may hold."""
    if dtype in "FDfd":
        kind = "complex" if dtype in "FD" else "float"
        return scalar(r, kind)["value"]
    if dtype == "?":
        return r.random() < 0.5
    bits = array.array(dtype).itemsize * 8
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if dtype.islower() else (0, 2**bits - 1)
    if r.random() < 0.4:
        return hex(r.choice((low, high, high // 2, max(low, -1))))
    return hex(max(low, min(high, r.randrange(-9, 30))))


def table(r: random.Random, kind: str, ndim: int, numpy: bool) -> Spec:
    """An array of elements of this kind."""
    dtype = r.choice(DTYPES[kind])
    forms = ["view"] * 5 + ["read-only"]
    if ndim == 1:
        forms += ["strided", "strided", "reversed"] + ["array"] * (dtype != "?") * 3
    if numpy:
        forms += ["numpy"] * 4 + ["numpy strided", "numpy transposed"] * 2 + ["numpy read-only"]
    if dtype in "FD":
        forms = [f for f in forms if f.startswith("numpy")]
    form = r.choice(forms)
    shape = [r.choice((1, 2, 2, 3, 3, 4, 4, 5, 7)) for _ in range(ndim)]
    if r.random() < 0.06 and (ndim == 1 or form.startswith("numpy")):
        shape[r.randrange(ndim)] = 0
    if ndim == 1 and r.random() < 0.3:
        shape[0] = r.randrange(70)
    if r.random() < 0.05:
        shape[0] = max(shape[0], 1) * 40 if all(shape) else shape[0]
    count = 1
    for length in shape:
        count *= length
    values = [element(r, dtype) for _ in range(count)]
    return {"kind": "array", "dtype": dtype, "shape": shape, "values": values, "form": form}


def value(kind: str, data: Any) -> Any:
    """What plain data stands for."""
    if kind == "int":
        return int(data, 16)
    if kind == "float":
        return float.fromhex(data)
    if kind == "complex":
        return complex(*map(float.fromhex, data))
    return bool(data)


def kind_of(dtype: str) -> str:
    """The type in Python of elements of this format."""
    return next(kind for kind, letters in DTYPES.items() if dtype in letters)


def build(spec: Spec) -> Any:
    """The argument."""
    if spec["kind"] == "tuple":
        return tuple(map(build, spec["items"]))
    if spec["kind"] != "array":
        return value(spec["kind"], spec["value"])
    dtype, shape, form = spec["dtype"], tuple(spec["shape"]), spec["form"]
    values = [value(kind_of(dtype), v) for v in spec["values"]]
    if form.startswith("numpy"):
        return numpy_array(dtype, shape, values, form)
    data = bytearray(values if dtype == "?" else array.array(dtype, values).tobytes())
    if form == "array":
        return array.array(dtype, values)
    if form in ("strided", "reversed"):
        step = 2 if form == "strided" else -1
        wide = array.array("B" if dtype == "?" else dtype, [0] * (len(values) * abs(step)))
        view = (
            memoryview(wide).cast("B").cast(dtype)[::step] if wide else memoryview(data).cast(dtype)
        )
        for at, v in enumerate(values):
            view[at] = v
        return view
    flat = memoryview(bytes(data) if form == "read-only" else data)
    return flat.cast(dtype, shape) if all(shape) else flat.cast(dtype)


def numpy_array(dtype: str, shape: tuple[int, ...], values: list[Any], form: str) -> Any:
    """One of numpy's, laid out in one of its ways."""
    import numpy as np

    made = np.array(values, dtype).reshape(shape)
    if form == "numpy strided":
        wide = np.zeros(tuple(2 * length + 1 for length in shape), dtype)
        place = wide[tuple(slice(1, 1 + 2 * length, 2) for length in shape)]
        place[...] = made
        made = place
    elif form == "numpy transposed":
        made = np.ascontiguousarray(made.transpose()).transpose()
    elif form == "numpy read-only":
        made.flags.writeable = False
    return made


class View:
    """A numpy array of complex numbers as plain Python is to see it; `memoryview` has none."""

    def __init__(self, made: Any) -> None:
        self.made = made
        self.shape: tuple[int, ...] = made.shape

    def __len__(self) -> int:
        return len(self.made)

    def _place(self, key: Any) -> tuple[int, ...]:
        # numpy takes True for a mask, and not for 1.
        place = tuple(+at for at in key) if isinstance(key, tuple) else (+key,)
        for axis, (at, length) in enumerate(zip(place, self.shape, strict=True), 1):
            if not -length <= at < length:
                message = f"index out of bounds on dimension {axis}"
                raise IndexError(message)
        return place

    def __getitem__(self, key: Any) -> complex:
        item: complex = self.made[self._place(key)].item()
        return item

    def __setitem__(self, key: Any, item: Any) -> None:
        place = self._place(key)
        if not self.made.flags.writeable:
            message = "cannot modify read-only memory"
            raise TypeError(message)
        self.made[place] = complex(item)


def as_plain(argument: Any) -> Any:
    """The argument as plain Python is to see it: elements are what `memoryview` gives."""
    if hasattr(argument, "__array_interface__"):
        return View(argument) if argument.dtype.kind == "c" else memoryview(argument)
    return memoryview(argument) if isinstance(argument, array.array) else argument


def contents(argument: Any) -> list[str] | None:
    """The elements of an array, row by row; nothing for what is no array."""
    if isinstance(argument, View):
        argument = argument.made
    if hasattr(argument, "__array_interface__"):
        return [show(v) for v in argument.ravel().tolist()]
    if isinstance(argument, array.array | memoryview):
        flat = memoryview(argument)
        return [show(v) for v in array_values(flat.tolist())]
    return None


def array_values(nested: Any) -> list[Any]:
    """Out of lists in lists."""
    if isinstance(nested, list):
        return [v for part in nested for v in array_values(part)]
    return [nested]


def show(item: Any) -> str:
    """A value with its type, so that two are the same text when they are the same value."""
    if isinstance(item, tuple):
        return f"({', '.join(map(show, item))})"
    if type(item) is float:
        return "nan" if item != item else item.hex()
    if type(item) is complex:
        return f"complex({show(item.real)}, {show(item.imag)})"
    if type(item) is int:
        return str(item) if abs(item) < 10**40 else hex(item)
    return repr(item) if item is None or type(item) is bool else f"{type(item).__name__} {item!r}"
