"""A process that compares, started again whenever a kernel takes it down."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fuzzing import values

PATIENCE = 20.0
"""Longer than any kernel of a random program takes."""


class Runner:
    """Sends jobs to `compare`, and knows what happened when no answer comes."""

    def __init__(self, python: list[str]) -> None:
        self.python = python
        self.process: subprocess.Popen[bytes] | None = None
        self.pending = b""

    def start(self) -> subprocess.Popen[bytes]:
        """The process, a new one if need be."""
        if self.process is None:
            folder = Path(__file__).parent.parent
            path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
            self.process = subprocess.Popen(
                [
                    *self.python,
                    "-c",
                    f"import sys; sys.path.insert(0, {str(folder)!r});"
                    "from fuzzing.compare import main; main()",
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": path},
            )
            self.pending = b""
        return self.process

    def stop(self) -> int | None:
        """Ends the process; its exit code."""
        if self.process is None:
            return None
        self.process.kill()
        for stream in (self.process.stdin, self.process.stdout):
            if stream:
                stream.close()
        code = self.process.wait()
        self.process = None
        return code

    def line(self, process: subprocess.Popen[bytes], deadline: float) -> str | None:
        """The next line of output, or nothing if none came in time."""
        assert process.stdout
        while b"\n" not in self.pending:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
                return None
            part = os.read(process.stdout.fileno(), 1 << 16)
            if not part:
                return None
            self.pending += part
        line, self.pending = self.pending.split(b"\n", 1)
        return line.decode()

    def run(self, source: str, calls: list[list[values.Spec]]) -> dict[str, Any]:
        """The answer to one job."""
        process = self.start()
        assert process.stdin
        under_way = "#load"
        try:
            process.stdin.write(json.dumps({"source": source, "calls": calls}).encode() + b"\n")
            process.stdin.flush()
        except BrokenPipeError:
            self.stop()
            return {"died": under_way, "why": "before it began"}
        deadline = time.monotonic() + PATIENCE
        while True:
            line = self.line(process, deadline)
            if line is None:
                ended = process.poll()
                self.stop()
                if under_way.startswith("#plain"):
                    return {"ran": 0, "raised": 0}
                why = f"no end after {PATIENCE:.0f} s" if ended is None else f"exit code {ended}"
                index = int(under_way.split()[1]) if " " in under_way else 0
                return {"died": under_way, "differs": index, "why": why}
            if not line.startswith("#"):
                answer: dict[str, Any] = json.loads(line)
                return answer
            under_way = line


def here() -> list[str]:
    """The Python that runs us, as a command."""
    sealed = Path(sys.executable).name == "pyxidium"
    return [sys.executable, *(["python"] if sealed else [])]
