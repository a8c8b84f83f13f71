"""What people write into a column's filter, as a condition: `> 12`, `10..20`, `oslo`, `=`.

Alone, `=` finds what is empty, `!=` what is not.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from table import Kind

COMPARED: dict[str, Callable[[pl.Expr, object], pl.Expr]] = {
    "=": pl.Expr.eq,
    "!=": pl.Expr.ne,
    ">": pl.Expr.gt,
    ">=": pl.Expr.ge,
    "<": pl.Expr.lt,
    "<=": pl.Expr.le,
}
OPERATOR = re.compile(r"(!=|>=|<=|=|>|<|!)?\s*(.*)", re.DOTALL)
NOT = "!"


class BadFilter(ValueError):
    """A text that does not fit its column; says what would."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


def condition(name: str, kind: Kind, text: str) -> pl.Expr:
    """Which rows a filter's text lets through. Raises BadFilter."""
    column = pl.col(name)
    operator, rest = OPERATOR.fullmatch(text.strip()).groups()
    if not rest and operator in ("=", "!=", NOT):
        return column.is_null() if operator == "=" else column.is_not_null()
    if kind == "text":
        return _text(column.cast(pl.String), operator, rest)
    if not rest or operator == NOT:
        raise BadFilter(name, f"“{text}” is not whole: {EXAMPLES[kind]}")
    try:
        if operator is None and ".." in rest:
            low, high = (VALUES[kind](part.strip()) for part in rest.split("..", 1))
            return column.is_between(low, high)
        value = VALUES[kind](rest)
    except (ValueError, OverflowError):
        raise BadFilter(name, f"“{rest}” is no {NAMES[kind]}: {EXAMPLES[kind]}") from None
    return COMPARED[operator or "="](column, value)


def _text(column: pl.Expr, operator: str | None, rest: str) -> pl.Expr:
    if operator in COMPARED:
        return COMPARED[operator](column, rest)
    found = column.str.contains(f"(?i){re.escape(rest)}")
    return ~found if operator == NOT else found


def _number(text: str) -> int | float:
    text = text.replace("_", "").replace(" ", "")
    try:
        return int(text)
    except ValueError:
        return float(text)


def _truth(text: str) -> bool:
    if text.lower() not in TRUTHS:
        raise ValueError(text)
    return TRUTHS[text.lower()]


TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
VALUES: dict[Kind, Callable[[str], object]] = {
    "number": _number,
    "date": datetime.date.fromisoformat,
    "time": datetime.datetime.fromisoformat,
    "bool": _truth,
}
NAMES = {"number": "number", "date": "date", "time": "time", "bool": "truth value"}
EXAMPLES = {
    "number": "write 12, > 12 or 10..20",
    "date": "write 2026-01-31, >= 2026-01-31 or 2026-01-01..2026-01-31",
    "time": "write >= 2026-01-31, or 2026-01-31 12:30..2026-02-01",
    "bool": "write true or false",
}
