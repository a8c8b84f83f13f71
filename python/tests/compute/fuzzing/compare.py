"""Runs one program with CPython and compiled, and says where they differ.

A program of its own, since a kernel that is wrong may end the process: jobs come in on stdin, a
line of JSON each, and answers go out on stdout. A line `#…` says what is under way.
"""

from __future__ import annotations

import json
import linecache
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from pyxidium.compute import _kernel

from fuzzing import values

SECONDS = 2.0
"""What takes CPython longer than this is left out."""


class Slow(BaseException):
    """The time is over."""


def ring(_signal: int, _frame: FrameType | None) -> None:
    """Ends what CPython does."""
    raise Slow


def outcome(call: Callable[..., Any], arguments: list[Any], file: str) -> dict[str, Any]:
    """What a call does: its value or its error, with the line, and what is in the arrays then."""
    found: dict[str, Any] = {}
    try:
        found["value"] = values.show(call(*arguments))
    except Exception as error:
        found["error"] = f"{type(error).__name__}: {error}"
        lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == file]
        found["line"] = lines[-1] if lines else None
    found["arrays"] = [c for c in map(values.contents, arguments) if c is not None]
    return found


def same(expected: dict[str, Any], found: dict[str, Any], parallel: bool) -> bool:
    """Whether a kernel did what it must."""
    if expected.get("error") == "OverflowError: absolute value too large" and "value" in found:
        # For a complex NaN, CPython 3.13 looks at what an earlier function left in errno.
        return True
    if parallel and "error" in expected:
        # Other iterations may have run already.
        expected, found = ({**side, "arrays": []} for side in (expected, found))
    return expected == found


def load(source: str, file: Path) -> dict[str, Any]:
    """The module, its kernels decorated."""
    file.write_text(source)
    linecache.checkcache(str(file))
    names: dict[str, Any] = {"__name__": "fuzzed", "__file__": str(file)}
    exec(compile(source, str(file), "exec"), names)
    return names


def job(source: str, calls: list[list[values.Spec]], file: Path) -> dict[str, Any]:
    """The calls of one program; the first that differs ends it."""
    try:
        names = load(source, file)
    except TypeError as error:
        if type(error).__name__ != "Unsupported":
            raise
        return {"refused": str(error)}
    main = names["main"]
    # The same without kernels: `main.__wrapped__` would call the compiled ones.
    plain: dict[str, Any] = {"__name__": "fuzzed", "__file__": str(file), "_plain": lambda f: f}
    exec(compile(source.replace("@kernel\n", "@_plain\n"), str(file), "exec"), plain)
    raised, ran = 0, 0
    refused = []
    for index, specs in enumerate(calls):
        arguments = [values.as_plain(values.build(spec)) for spec in specs]
        progress(f"#plain {index}")
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
        try:
            expected = outcome(plain["main"], arguments, str(file))
        except Slow:
            continue
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        raised += "error" in expected
        progress(f"#kernel {index}")
        try:
            found = outcome(main, [values.build(spec) for spec in specs], str(file))
        except BaseException as error:
            found = {"panic": repr(error)}
        if found.get("error", "").startswith("Unsupported: "):
            refused.append(found["error"])
            continue
        ran += 1
        if not same(expected, found, "prange(" in source):
            return {"differs": index, "expected": expected, "found": found}
    return {"ran": ran, "raised": raised, "calls refused": refused}


def progress(text: str) -> None:
    """A line for who waits."""
    print(text, flush=True)


def main() -> None:
    """Serves until stdin ends."""
    signal.signal(signal.SIGALRM, ring)
    sys.setrecursionlimit(2000)
    with tempfile.TemporaryDirectory() as folder:
        for number, line in enumerate(sys.stdin):
            asked = json.loads(line)
            file = Path(folder) / f"program{number}.py"
            try:
                answer = job(asked["source"], asked["calls"], file)
            except Exception:
                answer = {"broken": traceback.format_exc()}
            file.unlink(missing_ok=True)
            # Kept for each file: after hours they would fill the memory, and the collector's time.
            _kernel._trees.pop(str(file), None)
            linecache.cache.pop(str(file), None)
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
