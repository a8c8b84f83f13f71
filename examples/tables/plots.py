"""What a plot shows: a few hundred figures of millions of rows."""

from __future__ import annotations

import math
from typing import Literal

import polars as pl
from table import View, kind

type Plot = Literal["histogram", "line", "bars"]

DAY = 86_400_000
BARS = 24
"""As many as can be read; the others are summed up in one."""


class NoPlot(ValueError):
    """Why there is nothing to draw."""


def plot(view: View, what: Plot, x: str, y: str | None, bins: int) -> dict[str, object]:
    """The figures, with x in milliseconds where it is a time. Raises NoPlot."""
    frame = view.columns(x, *([y] if y else [])).drop_nulls(x)
    x_kind = kind(frame.schema[x])
    if y and kind(frame.schema[y]) != "number":
        msg = f"{y} has no numbers"
        raise NoPlot(msg)
    if what == "bars":
        return {"x": x_kind} | _bars(frame, x, y)
    if x_kind not in ("number", "date", "time"):
        msg = f"{x} has neither numbers nor dates: draw it as bars"
        raise NoPlot(msg)
    if what == "line" and not y:
        msg = "a line needs numbers to go up and down with"
        raise NoPlot(msg)
    # Steps are whole where values are: else some would hold one value more than others.
    unit = DAY if x_kind == "date" else int(frame.schema[x].is_integer())
    at = pl.col(x)
    at = at if x_kind == "number" else at.cast(pl.Datetime("ms")).cast(pl.Int64)
    frame = frame.with_columns(at.cast(pl.Float64)).filter(pl.col(x).is_finite())
    return {"x": x_kind} | _binned(frame, x, y if what == "line" else None, bins, unit)


def _binned(frame: pl.DataFrame, x: str, y: str | None, bins: int, unit: int) -> dict[str, object]:
    """How many rows, or the mean of their y, in each of a few equal steps of x."""
    if frame.is_empty():
        msg = f"{x} is empty in all of these rows"
        raise NoPlot(msg)
    low, high = frame[x].min(), frame[x].max()
    step = (high - low) / bins or 1.0
    if unit:
        step = math.ceil((high - low + unit) / bins / unit) * unit
    in_bin = ((pl.col(x) - low) / step).floor().clip(0, bins - 1).cast(pl.Int32)
    told = pl.col(y).mean() if y else pl.len()
    found = frame.lazy().group_by(in_bin.alias("bin")).agg(told.alias("value")).sort("bin")
    figures = found.collect(engine="streaming")
    starts = [low + step * n for n in figures["bin"]]
    return {"starts": starts, "values": figures["value"].to_list(), "step": step, "unit": unit}


def _bars(frame: pl.DataFrame, x: str, y: str | None) -> dict[str, object]:
    """How many rows of each value, or their mean of y: the largest, and how many more there are."""
    told = pl.col(y).mean() if y else pl.len()
    rows = frame.lazy().group_by(pl.col(x).cast(pl.String).alias("label")).agg(told.alias("value"))
    figures = rows.drop_nulls().sort("value", "label", descending=[True, False]).collect()
    if figures.is_empty():
        msg = f"{x} is empty in all of these rows"
        raise NoPlot(msg)
    shown = figures.head(BARS)
    return {
        "labels": shown["label"].to_list(),
        "values": shown["value"].to_list(),
        "more": figures.height - shown.height,
    }
