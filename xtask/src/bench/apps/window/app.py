"""The peer of tests/bare-window: the same page, with Python behind it."""

import sys

import pyxidium as px


@px.command
def job() -> str:
    return sys.argv[1] if len(sys.argv) > 1 else ""


@px.command
def report(line: str) -> None:
    print(line, flush=True)


@px.command
def ping(value: int) -> int:
    return value


@px.command
def blob_out(size: int) -> bytes:
    return b"\x07" * size


@px.command
def blob_in(data: bytes) -> int:
    return len(data)


px.window(title="Window", ui="ui")
