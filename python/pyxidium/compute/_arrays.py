"""What ready-made kernels take and give: numpy arrays where there is numpy, else buffers."""

from __future__ import annotations

from array import array
from collections.abc import Buffer, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import ModuleType

type Numbers = Buffer | Sequence[float] | Sequence[Sequence[float]]
"""Any buffer of real numbers (numpy arrays, ``array.array``, ``memoryview``), or nested
sequences."""

_numpy: ModuleType | None = None
_looked = False


def numpy() -> ModuleType | None:
    """Numpy, if the app carries it."""
    global _numpy, _looked
    if not _looked:
        try:
            import numpy as module
        except ImportError:
            pass
        else:
            _numpy = module
        _looked = True
    return _numpy


def take(values: Numbers) -> Any:
    """An object with the buffer protocol; sequences of numbers become one.

    Raises:
        TypeError, ValueError: the sequence holds something else than numbers, or rows of different
        lengths.
    """
    if not isinstance(values, (list, tuple, range)):
        return values
    module = numpy()
    if module is not None:
        return module.asarray(values)
    rows = [list(row) if isinstance(row, (list, tuple, range)) else None for row in values]
    if rows and rows[0] is not None:
        width = len(rows[0])
        if any(row is None or len(row) != width for row in rows):
            message = "expected rows of one length"
            raise ValueError(message)
        flat = _numbers([number for row in rows if row is not None for number in row])
        if not flat:
            message = "expected at least one number in each row; give empty arrays as buffers"
            raise ValueError(message)
        view: Any = memoryview(flat).cast("B")
        return view.cast(flat.typecode, shape=[len(rows), width])
    return _numbers(values)


def _numbers(values: Sequence[Any]) -> array[Any]:
    whole = bool(values) and all(isinstance(value, int) for value in values)
    return array("q", values) if whole else array("d", values)


def give(result: Any) -> Any:
    """The native array as numpy's, or as a memoryview; not copied."""
    module = numpy()
    return memoryview(result) if module is None else module.asarray(result)
