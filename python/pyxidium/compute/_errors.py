"""Errors of kernels."""

from __future__ import annotations

import linecache
import warnings


class Unsupported(TypeError):
    """A function, or a part of it, that kernels cannot do.

    Raised where a function is made a kernel, or at its first call with arguments of other types.
    """

    filename: str
    """The file."""
    line: int
    """The line, from 1."""
    column: int
    """The column, from 0."""
    expression: str
    """The text of the part."""
    problem: str
    """What is wrong with it."""
    hint: str
    """What to write instead."""
    others: tuple[Unsupported, ...] = ()
    """Other parts of the function that are no better."""


type Span = tuple[int, int, int, int]


def unsupported(filename: str, problems: list[tuple[Span, str, str]]) -> Unsupported:
    """Make the error for parts of a file: lines and columns, what is wrong, what to write."""
    first, *others = [_one(filename, *problem) for problem in problems]
    first.others = tuple(others)
    return first


def _one(filename: str, span: Span, problem: str, hint: str) -> Unsupported:
    line, column, end_line, end_column = span
    text = linecache.getline(filename, line).rstrip("\n")
    # Columns count bytes, as Python's parser does.
    data = text.encode()
    end = end_column if end_line == line else len(data)
    expression = data[column:end].decode(errors="replace").strip()
    shown = ""
    if text.strip():
        indent = len(text) - len(text.lstrip())
        before = len(data[:column].decode(errors="replace")) - indent
        shown = f"\n    {text.strip()}\n    {' ' * max(before, 0)}{'^' * max(len(expression), 1)}"
    message = f"{filename}, line {line}: {problem}{shown}\nhint: {hint}"
    error = Unsupported(message)
    error.filename, error.line, error.column = filename, line, column
    error.expression, error.problem, error.hint = expression, problem, hint
    return error


def warn_of_fallback(error: Unsupported) -> None:
    """Say that a function runs as Python, since it cannot be compiled."""
    message = f"{error.problem}; the function runs as Python ({error.hint})"
    warnings.warn_explicit(message, RuntimeWarning, error.filename, error.line)
