"""Tables: opens a CSV or Parquet file of millions of rows, filters, groups, plots and exports.

These are the commands that the page calls. What they do to rows is in ``table``, ``filters`` and
``plots``; rows and figures go to the page as JSON that orjson made.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import filters
import orjson
import plots
import polars as pl
import pyxidium as px
import settings
import table
from plots import Plot
from settings import Theme
from table import How, Kind, Measure, Query, View  # noqa: F401 - annotations name them

FILES = {"Tables": ["csv", "tsv", "txt", "parquet", "pq"]}
EXPORTS = {"CSV": ["csv"], "Parquet": ["parquet"]}
FIRST = 200
"""Rows that are shown before all are there."""


@dataclass
class Column:
    """One column: its name, what its values are to a person, and to Polars."""

    name: str
    kind: Kind
    type: str


@dataclass
class Shown:
    """What the page needs to know of a view."""

    number: int
    rows: int
    columns: list[Column]
    milliseconds: float


@dataclass
class Start:
    """What the page begins with."""

    path: str | None
    theme: Theme
    bins: int
    recent: list[str]


class State:
    """The open table and what is shown of it; commands run on several threads."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.path = Path()
        self.table = pl.DataFrame()
        self.view = View(self.table)

    def show(self, view: View, since: float) -> Shown:
        """Has the page see these rows, unless it has asked for others since."""
        with self.lock:
            px.check_cancelled()
            if view.number > self.view.number:
                self.view = view
        took = (time.perf_counter() - since) * 1000
        return Shown(view.number, view.rows, _columns(view.frame.schema), took)


state = State()


@px.command
def start() -> Start:
    """The file named on the command line, and what is remembered."""
    kept = settings.load()
    named = str(Path(sys.argv[1]).absolute()) if len(sys.argv) > 1 else None
    recent = [str(path) for path in kept.recent if path.is_file()]
    return Start(named, kept.theme, kept.bins, recent)


@px.command
def prefer(theme: Theme, bins: int) -> None:
    """Keeps what was chosen."""
    settings.change(theme=theme, bins=bins)


@px.command
def choose() -> str | None:
    """Asks for a file."""
    path = px.dialog.open_file("Open a table", filters=FILES)
    return None if path is None else str(path)


@px.command
def peek(path: Path) -> bytes:
    """The first rows and the columns, at once: an object of both, as JSON."""
    with _told():
        head = table.scan(path).head(FIRST).collect()
    return orjson.dumps({"columns": _columns(head.schema), "rows": _values(head)}, default=str)


@px.command
def load(path: Path, progress: px.Progress) -> Shown:
    """Reads all of the file, and shows it as it is."""
    since = time.perf_counter()
    with _told():
        frame = table.load(path, progress)
    shown = state.show(View(frame), since)
    state.path, state.table = path, frame
    settings.remember(path)
    px.window().set_title(f"{path.name} - Tables")
    return shown


@px.command
def view(query: Query, progress: px.Progress) -> Shown:
    """Filters, groups and sorts."""
    since = time.perf_counter()
    with _told():
        return state.show(table.view(state.table, query, progress), since)


@px.command
def rows(number: int, start: int, count: int) -> bytes:
    """Some rows of the view: a list of columns, as JSON."""
    return orjson.dumps(_values(_view(number).part(start, count)), default=str)


@px.command
def plot(number: int, what: Plot, x: str, y: str | None, bins: int) -> bytes:
    """The figures of a plot of the view, as JSON."""
    with _told():
        return orjson.dumps(plots.plot(_view(number), what, x, y, bins))


@px.command
def export(number: int, progress: px.Progress) -> str | None:
    """Asks where to, and writes the view; a file of that name is replaced once all is written."""
    shown = _view(number)
    stem = f"{state.path.stem}-selection.csv"
    path = px.dialog.save_file("Export these rows", default_name=stem, filters=EXPORTS)
    if path is None:
        return None
    _write(shown, path, progress)
    return str(path)


def _write(shown: View, path: Path, progress: px.Progress) -> None:
    # A folder, so that the file itself is made with the permissions that the user's files have.
    with _told(), tempfile.TemporaryDirectory(prefix=".tables-", dir=path.parent) as beside:
        whole = Path(beside) / path.name
        shown.write(whole, progress)
        whole.replace(path)


def _view(number: int) -> View:
    view = state.view
    if view.number != number:
        msg = "other rows are shown by now"
        raise px.Error(msg, code="gone")
    return view


@contextmanager
def _told() -> Iterator[None]:
    """What may go wrong with anybody's files, in a person's words."""
    try:
        yield
    except filters.BadFilter as error:
        raise px.Error(str(error), code="filter", data=error.column) from error
    except plots.NoPlot as error:
        raise px.Error(str(error), code="plot") from error
    except pl.exceptions.NoDataError as error:
        msg = "this file is empty"
        raise px.Error(msg, code="file") from error
    except (pl.exceptions.PolarsError, OSError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise px.Error(why.partition("\n")[0], code="file") from error


def _columns(schema: pl.Schema) -> list[Column]:
    return [Column(name, table.kind(dtype), str(dtype)) for name, dtype in schema.items()]


def _values(frame: pl.DataFrame) -> list[list[object]]:
    """Columns of plain values; whole numbers that a page cannot hold exactly are text."""
    wide = [
        name
        for name, dtype in frame.schema.items()
        if dtype.is_integer() and frame.height and (frame[name].abs().max() or 0) > 2**53
    ]
    frame = frame.with_columns(pl.col(wide).cast(pl.String)) if wide else frame
    return [column.to_list() for column in frame.get_columns()]


if __name__ == "__main__":
    px.window(title="Tables", ui="ui")
