"""One file's rows, and what is shown of them. Knows neither the page nor the desktop."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import filters
import polars as pl
from polars.io.plugins import register_io_source

type Kind = Literal["number", "date", "time", "bool", "text"]
type How = Literal["count", "sum", "mean", "median", "min", "max", "distinct"]
type Watch = Callable[[float | None, str], object]

ROW = "\0row"
"""The column that counts rows while a view is made: no file has one of this name."""
BATCH = 100_000
"""Rows that are written in one go: after each there is a look at whether to go on."""

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Measure:
    """What is told of each group."""

    how: How
    column: str = ""


@dataclass(frozen=True)
class Query:
    """Everything that the page can ask of a table's rows."""

    filters: dict[str, str] = field(default_factory=dict)
    sort: str | None = None
    descending: bool = False
    group: list[str] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)


@dataclass(frozen=True)
class View:
    """Rows as they are shown: those of a frame, or some of them in an order of their own."""

    frame: pl.DataFrame
    order: pl.Series | None = None
    number: int = field(default_factory=lambda: next(_numbers))

    @property
    def rows(self) -> int:
        """How many there are."""
        return self.frame.height if self.order is None else self.order.len()

    def part(self, start: int, count: int) -> pl.DataFrame:
        """Some rows: in a thousandth of a second, wherever they lie."""
        if self.order is None:
            return self.frame.slice(start, count)
        return self.frame[self.order.slice(start, count)]

    def columns(self, *names: str) -> pl.DataFrame:
        """All rows of a few columns."""
        frame = self.frame.select(list(dict.fromkeys(names)))
        return frame if self.order is None else frame[self.order]

    def write(self, path: Path, watch: Watch) -> None:
        """Writes all rows, a batch at a time: Parquet by its name, or else CSV."""

        def batches(columns: list[str] | None, *_: object) -> Iterator[pl.DataFrame]:
            for start in range(0, self.rows, BATCH):
                watch(start / self.rows, f"{start:,} rows written")
                part = self.part(start, BATCH)
                yield part if columns is None else part.select(columns)

        rows = register_io_source(batches, schema=self.frame.schema)
        if path.suffix.lower() == ".parquet":
            rows.sink_parquet(path)
        else:
            rows.sink_csv(path, separator="\t" if path.suffix.lower() == ".tsv" else ",")


def kind(dtype: pl.DataType) -> Kind:
    """What a column's values are to a person."""
    if dtype.is_numeric():
        return "number"
    if dtype == pl.Date:
        return "date"
    if dtype == pl.Datetime:
        return "time"
    return "bool" if dtype == pl.Boolean else "text"


def scan(path: Path, look: int | None = 10_000) -> pl.LazyFrame:
    """The file's rows, none of which is read yet; a CSV's types are told by its first `look`."""
    if path.suffix.lower() in (".parquet", ".pq"):
        return pl.scan_parquet(path, glob=False)
    with path.open(encoding="utf-8", errors="replace") as file:
        head = file.readline(100_000)
    separator = max(",;\t|", key=head.count)
    return pl.scan_csv(
        path, glob=False, separator=separator, try_parse_dates=True, infer_schema_length=look
    )


def load(path: Path, watch: Watch) -> pl.DataFrame:
    """Reads the file, on all cores."""
    try:
        return _read(scan(path), path, watch)
    except pl.exceptions.ComputeError:
        if path.suffix.lower() in (".parquet", ".pq"):
            raise
        # A column is other than its first rows made it look: this time all rows are asked.
        return _read(scan(path, look=None), path, watch)


def _read(rows: pl.LazyFrame, path: Path, watch: Watch) -> pl.DataFrame:
    if path.suffix.lower() in (".parquet", ".pq"):
        total = rows.select(pl.len()).collect().item()
    else:
        head = rows.head(1000).collect()
        a_row = len(head.write_csv().encode()) / max(head.height, 1)
        total = path.stat().st_size / max(a_row, 1)
    return _watched(rows, int(total), watch, "read").collect(engine="streaming")


def _watched(rows: pl.LazyFrame, total: int, watch: Watch, what: str) -> pl.LazyFrame:
    """The same rows; tells how many have gone by, and `watch` may end it by raising."""
    done = 0

    def seen(batch: pl.DataFrame) -> pl.DataFrame:
        nonlocal done
        done += batch.height
        watch(min(done / max(total, 1), 1.0), f"{done:,} rows {what}")
        return batch

    return rows.map_batches(seen, streamable=True, validate_output_schema=False)


def view(frame: pl.DataFrame, query: Query, watch: Watch) -> View:
    """Filters, groups and sorts. Raises filters.BadFilter."""
    wanted = [
        filters.condition(name, kind(frame.schema[name]), text)
        for name, text in query.filters.items()
        if text.strip()
    ]
    order = {"descending": query.descending, "nulls_last": True, "maintain_order": True}
    if not wanted and not query.group and not query.sort:
        return View(frame)
    rows = _watched(frame.lazy().with_row_index(ROW), frame.height, watch, "looked at")
    if wanted:
        rows = rows.filter(wanted)
    if query.group:
        told = [_measured(measure) for measure in query.measures] or [pl.len().alias("rows")]
        groups = rows.group_by(query.group).agg(told).sort(query.group, nulls_last=True)
        groups = groups.collect(engine="streaming")
        return View(groups.sort(query.sort, **order) if query.sort else groups)
    if query.sort:
        rows = rows.sort(query.sort, **order)
    return View(frame, rows.select(ROW).collect(engine="streaming")[ROW])


def _measured(measure: Measure) -> pl.Expr:
    column = pl.col(measure.column)
    match measure.how:
        case "count":
            return pl.len().alias("rows")
        case "distinct":
            told = column.n_unique()
        case how:
            told = getattr(column, how)()
    return told.alias(f"{measure.how} of {measure.column}")
