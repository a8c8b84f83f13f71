"""What a kernel would bring: a function's real calls, as Python and as a kernel, side by side.

``pyxidium profile app.py`` finds the functions that are worth it, and ``--measure NAME`` or
Pyxidium Studio measure them; this is what they use, for programs that want to know it themselves.

Names are loaded when they are first used.
"""

from __future__ import annotations

# Not of `typing`: an app that is watched may never import it.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyxidium.profiling._checking import Verdict, verdict
    from pyxidium.profiling._gain import Call, Gain, NotMeasured, measure_gain
    from pyxidium.profiling._recorder import Recorder

__all__ = ["Call", "Gain", "NotMeasured", "Recorder", "Verdict", "measure_gain", "verdict"]

_HOMES = {
    "Call": "_gain",
    "Gain": "_gain",
    "NotMeasured": "_gain",
    "Recorder": "_recorder",
    "Verdict": "_checking",
    "measure_gain": "_gain",
    "verdict": "_checking",
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
