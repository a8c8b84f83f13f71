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


def as_defined(function: types.FunctionType) -> types.FunctionType:
    """Give a function as a decorator gets it: when its own name does not mean it yet.

    A recursive function that is made a kernel calls the kernel, not what it was before.
    """
    names, name = function.__globals__, function.__name__
    if names.get(name) is not function:
        return function
    others = {other: value for other, value in names.items() if other != name}
    code, closure = function.__code__, function.__closure__
    bare = types.FunctionType(code, others, name, function.__defaults__, closure)
    bare.__kwdefaults__ = function.__kwdefaults__
    bare.__annotations__ = function.__annotations__
    bare.__module__, bare.__qualname__ = function.__module__, function.__qualname__
    return bare


def verdict(function: types.FunctionType) -> Verdict | None:
    """Ask whether a function fits ``@kernel``; None where there is no compiler to ask."""
    try:
        report = importlib.import_module("pyxidium.compute").check(as_defined(function))
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
