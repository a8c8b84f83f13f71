"""Runs a sealed app as if it had been double-clicked, and listens to what it prints."""

from __future__ import annotations

import codecs
import contextlib
import os
import queue
import signal
import subprocess
import termios
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pyxidium as px

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapes import Exited, Output, Started

Stream = Literal["stdout", "stderr"]
Chunks = queue.Queue[tuple[Stream, str | None]]

#: How long an app may take to end after it was asked to.
GRACE = 3.0
#: How often is looked whether the page still listens.
PATIENCE = 0.1
#: How much may wait to be shown. An app that prints faster has to wait, as in any terminal.
PENDING = 256


def run(path: str) -> Iterator[Started | Output | Exited]:
    """Start a sealed file in its own folder and session; whoever closes the iterator ends it."""
    # A program that writes to a pipe keeps its lines back; to a terminal it does not.
    ours, theirs = _terminal()
    try:
        process = subprocess.Popen(
            [path],
            cwd=Path(path).parent,
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=subprocess.PIPE,
            env={**os.environ, "TERM": "dumb", "NO_COLOR": "1"},
            start_new_session=True,
        )
    except OSError as error:
        os.close(ours)
        message = f"{path} cannot be run: {error.strerror}"
        raise px.Error(message) from error
    finally:
        os.close(theirs)
    return _listen(process, ours)


def _listen(process: subprocess.Popen[bytes], terminal: int) -> Iterator[Started | Output | Exited]:
    assert process.stderr is not None
    chunks: Chunks = queue.Queue(PENDING)
    closed = threading.Event()
    for descriptor, stream in ((terminal, "stdout"), (os.dup(process.stderr.fileno()), "stderr")):
        arguments = (descriptor, stream, chunks, closed)
        threading.Thread(target=_pump, args=arguments, daemon=True).start()
    try:
        yield {"kind": "started", "pid": process.pid}
        yield from _output(process, chunks)
        yield {"kind": "exited", "code": process.wait()}
    finally:
        closed.set()
        _end(process)
        process.stderr.close()


def _output(process: subprocess.Popen[bytes], chunks: Chunks) -> Iterator[Output]:
    """Whole lines of both streams, until both have ended."""
    partial: dict[Stream, str] = {"stdout": "", "stderr": ""}
    while partial:
        px.check_cancelled()
        try:
            stream, text = chunks.get(timeout=PATIENCE)
        except queue.Empty:
            # A child of the app may hold its streams open long after it.
            if process.poll() is not None:
                return
            continue
        if text is None:
            rest = partial.pop(stream)
            if rest:
                yield {"kind": "output", "stream": stream, "text": rest}
            continue
        lines = partial[stream] + text
        whole, newline, partial[stream] = lines.rpartition("\n")
        if newline:
            yield {"kind": "output", "stream": stream, "text": whole}


def _pump(descriptor: int, stream: Stream, chunks: Chunks, closed: threading.Event) -> None:
    """Carry bytes from a descriptor to the queue, as text; None at the end."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def put(text: str | None) -> None:
        while not closed.is_set():
            with contextlib.suppress(queue.Full):
                chunks.put((stream, text), timeout=PATIENCE)
                return

    with open(descriptor, "rb", buffering=0) as file:
        while not closed.is_set():
            try:
                data = file.read(65536)
            except OSError:  # A terminal says so when nobody writes to it any more.
                break
            if not data:
                break
            put(decoder.decode(data))
    put(None)


def _terminal() -> tuple[int, int]:
    """Both ends of a terminal that changes nothing of what passes through it."""
    ours, theirs = os.openpty()
    attributes = termios.tcgetattr(theirs)
    attributes[1] &= ~termios.OPOST
    termios.tcsetattr(theirs, termios.TCSANOW, attributes)
    return ours, theirs


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask the app and its children to end; those that do not are ended."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
