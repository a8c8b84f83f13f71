"""Keeps the arguments and answers of a function's next calls, while a program runs as always.

Python tells us of them (``sys.monitoring``, PEP 669): only this one function pays for it, at its
start and its end, and its loops run as fast as ever.
"""

from __future__ import annotations

import gc
import sys
import threading
import time
import types
from typing import TYPE_CHECKING, Any

from pyxidium.profiling._gain import Call, copied, size

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyxidium.profiling._checking import Target

#: Arguments that take more bytes than that are not kept.
MOST_BYTES = 256 << 20
#: Seconds after the first call in which more are waited for.
PATIENCE = 10.0

_events = sys.monitoring.events


class Recorder:
    """Records calls of the function that fits ``target``.

    ``done`` is called on the thread that made the last of them, as soon as there are enough.
    """

    def __init__(self, target: Target, most: int, done: Callable[[Recorder], None]) -> None:
        self.target = target
        self.calls: list[Call] = []
        self.function: types.FunctionType | None = None
        #: Why a call was not kept.
        self.refused: str | None = None
        self._most = most
        self._done = done
        self._code: types.CodeType | None = None
        self._pending: tuple[types.FrameType, tuple[Any, ...], dict[str, Any]] | None = None
        self._started = 0.0
        self._first = 0.0
        self._lock = threading.Lock()
        self._tool = -1

    def start(self) -> None:
        """Listen. Raises RuntimeError where six other tools do already."""
        for tool in (3, 4, 2, 1, 0, 5):
            if sys.monitoring.get_tool(tool) is None:
                sys.monitoring.use_tool_id(tool, "pyxidium")
                self._tool = tool
                break
        else:
            message = "too many tools watch this program"
            raise RuntimeError(message)
        for event, callback in (
            (_events.PY_START, self._on_start),
            (_events.PY_RETURN, self._on_return),
            (_events.PY_UNWIND, self._on_unwind),
        ):
            sys.monitoring.register_callback(self._tool, event, callback)
        # Every function tells of its first start; all but ours are not asked again.
        sys.monitoring.set_events(self._tool, _events.PY_START)

    @property
    def running(self) -> bool:
        """Whether more calls are waited for."""
        return self._tool >= 0

    def stop(self) -> None:
        """Listen no more."""
        tool, self._tool = self._tool, -1
        if tool < 0:
            return
        sys.monitoring.set_events(tool, 0)
        if self._code is not None:
            sys.monitoring.set_local_events(tool, self._code, 0)
        for event in (_events.PY_START, _events.PY_RETURN, _events.PY_UNWIND):
            sys.monitoring.register_callback(tool, event, None)
        sys.monitoring.free_tool_id(tool)

    def _fits(self, code: types.CodeType) -> bool:
        target = self.target
        if target["file"]:
            return (code.co_filename, code.co_firstlineno, code.co_qualname) == (
                target["file"],
                target["line"],
                target["name"],
            )
        name = target["name"]
        file = code.co_filename
        library = "/site-packages/" in file or "/lib/python3." in file or file.startswith("<")
        return not library and name in (code.co_qualname, code.co_name)

    def _on_start(self, code: types.CodeType, _offset: int) -> object:
        if code is not self._code:
            if self._code is not None or not self._fits(code):
                return sys.monitoring.DISABLE
            self._found(code)
        with self._lock:
            if self._pending is not None or self._tool < 0:
                return None
            frame = sys._getframe(1)
            try:
                args, kwargs = _arguments(frame)
                too_large = sum(map(size, args)) + sum(map(size, kwargs.values())) > MOST_BYTES
                kept = None if too_large else (tuple(map(copied, args)), _copied(kwargs))
            except Exception as error:
                self.refused = f"its arguments cannot be copied: {error}"
                return None
            if kept is None:
                self.refused = "its arguments are too large to be kept"
                return None
            self._pending = (frame, *kept)
            # Until this call ends, starts do not matter: a recursive function has many.
            sys.monitoring.set_local_events(self._tool, code, _events.PY_RETURN)
            self._started = time.perf_counter()
        return None

    def _found(self, code: types.CodeType) -> None:
        self._code = code
        sys.monitoring.set_events(self._tool, _events.PY_UNWIND)
        sys.monitoring.set_local_events(self._tool, code, _events.PY_START)
        for thing in gc.get_referrers(code):
            if type(thing) is types.FunctionType and thing.__code__ is code:
                self.function = thing

    def _on_return(self, code: types.CodeType, _offset: int, answer: object) -> object:
        now = time.perf_counter()
        pending = self._pending
        if pending is None or code is not self._code or pending[0] is not sys._getframe(1):
            return None
        with self._lock:
            seconds = now - self._started
            try:
                kept: tuple[object] | None = (copied(answer),)
            except Exception:  # It is called again then.
                kept = None
            self.calls.append(Call(pending[1], pending[2], seconds, kept))
            self._first = self._first or now
            self._pending = None
            enough = len(self.calls) >= self._most or now - self._first > PATIENCE
            if not enough:
                sys.monitoring.set_local_events(self._tool, code, _events.PY_START)
        if enough:
            self.stop()
            self._done(self)
        return None

    def _on_unwind(self, code: types.CodeType, _offset: int, _error: BaseException) -> object:
        pending = self._pending
        if pending is not None and code is self._code and pending[0] is sys._getframe(1):
            with self._lock:
                self._pending = None
                self.refused = "every call of it raised an exception"
                sys.monitoring.set_local_events(self._tool, code, _events.PY_START)
        return None


def _arguments(frame: types.FrameType) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Give what a function was called with, at its start."""
    code, values = frame.f_code, frame.f_locals
    names = code.co_varnames
    positional, named = code.co_argcount, code.co_kwonlyargcount
    args = tuple(values[name] for name in names[:positional])
    kwargs = {name: values[name] for name in names[positional : positional + named]}
    more = positional + named
    if code.co_flags & 0x04:
        args += tuple(values[names[more]])
        more += 1
    if code.co_flags & 0x08:
        kwargs.update(values[names[more]])
    return args, kwargs


def _copied(values: dict[str, Any]) -> dict[str, Any]:
    return {name: copied(value) for name, value in values.items()}
