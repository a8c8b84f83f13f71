"""Whether functions fit ``@kernel``: finds them in the running program and asks the compiler."""

from __future__ import annotations

import gc
import importlib
import types
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from collections.abc import Iterable


class Problem(TypedDict):
    """What keeps a function from being a kernel."""

    line: int
    expression: str
    message: str
    hint: str


class Verdict(TypedDict):
    """Whether a function fits ``@kernel``, and where not, why."""

    fits: bool
    problems: list[Problem]


class Target(TypedDict):
    """A function, as a profile names it."""

    file: str
    line: int
    name: str


def key(code: types.CodeType) -> tuple[str, int, str]:
    """Tell a function's code from all others of the program."""
    return (code.co_filename, code.co_firstlineno, code.co_qualname)


def find(targets: Iterable[Target]) -> list[types.FunctionType | None]:
    """Find functions among everything that lives."""
    wanted = [(target["file"], target["line"], target["name"]) for target in targets]
    missing = set(wanted)
    found: dict[tuple[str, int, str], types.FunctionType] = {}
    for thing in gc.get_objects():
        if type(thing) is types.FunctionType:
            name = key(thing.__code__)
            if name in missing:
                missing.discard(name)
                found[name] = thing
    return [found.get(name) for name in wanted]


def verdict(function: types.FunctionType) -> Verdict | None:
    """Ask whether a function fits ``@kernel``; None where there is no compiler to ask."""
    try:
        report = importlib.import_module("pyxidium.compute").check(function)
    except (ImportError, AttributeError):
        return None
    return {"fits": report.fits, "problems": [_problem(problem) for problem in report.problems]}


def _problem(problem: Any) -> Problem:
    return {
        "line": int(problem.line or 0),
        "expression": str(problem.expression or ""),
        "message": str(problem.message or ""),
        "hint": str(problem.hint or ""),
    }


def verdicts(targets: list[Target]) -> list[Verdict | None]:
    """Ask for many; one that cannot be asked keeps the others from nothing."""
    answers: list[Verdict | None] = []
    for function in find(targets):
        try:
            answers.append(None if function is None else verdict(function))
        except Exception:  # The profile is worth more than one verdict.
            answers.append(None)
    return answers
