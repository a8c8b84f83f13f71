"""Whether a function fits ``kernel``, without making it one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyxidium.compute._errors import Unsupported
from pyxidium.compute._kernel import Kernel, kernel


@dataclass(frozen=True)
class Problem:
    """A part of a function that kernels cannot do."""

    line: int
    """The line in the file, from 1."""
    column: int
    """The column, from 0."""
    expression: str
    """Its text."""
    message: str
    """What is wrong."""
    hint: str
    """What to write instead."""


@dataclass(frozen=True)
class Report:
    """Whether a function fits ``kernel``."""

    problems: tuple[Problem, ...]
    """What keeps it out, from the first line to the last."""

    @property
    def fits(self) -> bool:
        """Whether it can be a kernel, as far as that can be told without its arguments."""
        return not self.problems


def check(function: Callable[..., Any]) -> Report:
    """Say whether a function fits ``kernel``, and if not, which line keeps it out."""
    if isinstance(function, Kernel):
        return Report(())
    try:
        kernel(function)
    except Unsupported as error:
        return Report(tuple(map(_problem, (error, *error.others))))
    except (TypeError, SyntaxError) as error:
        return Report((Problem(0, 0, "", str(error), "give it a function written in Python"),))
    return Report(())


def _problem(error: Unsupported) -> Problem:
    return Problem(error.line, error.column, error.expression, error.problem, error.hint)
