"""Heavy work on Rust threads: kernels compiled from Python, and kernels ready-made.

Names are loaded when they are first used, so that ``import pyxidium.compute`` costs nearly nothing.
"""

from __future__ import annotations

# As `typing` has it, whose import takes longer than this one.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyxidium.compute._check import Problem, Report, check
    from pyxidium.compute._errors import Unsupported
    from pyxidium.compute._kernel import Kernel, kernel, prange
    from pyxidium.compute._parallel import parallel_for, parallel_map
    from pyxidium.compute._watch import threads, watch

__all__ = [
    "Kernel",
    "Problem",
    "Report",
    "Unsupported",
    "check",
    "kernel",
    "parallel_for",
    "parallel_map",
    "prange",
    "threads",
    "watch",
]

_HOMES = {
    "Kernel": "_kernel",
    "Problem": "_check",
    "Report": "_check",
    "Unsupported": "_errors",
    "check": "_check",
    "kernel": "_kernel",
    "parallel_for": "_parallel",
    "parallel_map": "_parallel",
    "prange": "_kernel",
    "threads": "_watch",
    "watch": "_watch",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    import importlib

    value: object = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
