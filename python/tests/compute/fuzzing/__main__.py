"""Runs random kernels until one differs from CPython, or the time is over.

python -m fuzzing --minutes 60            hours, on demand: failures go to a folder, made small
python -m fuzzing --programs 500 --seed 1 the same programs each time
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import re
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from fuzzing import programs, values
from fuzzing.runner import Runner, here
from fuzzing.shrink import shrink

CALLS = 6
SHRINKING = 120.0
"""Seconds for making one failure small."""


class Session:
    """One run: what is next, what was found."""

    def __init__(self, asked: argparse.Namespace) -> None:
        self.asked = asked
        self.numpy = importlib.util.find_spec("numpy") is not None
        self.seed: int = asked.seed
        self.end = time.monotonic() + asked.minutes * 60 if asked.minutes else None
        self.lock = threading.Lock()
        self.counts: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.failures: list[str] = []

    def next(self) -> int | None:
        """The next seed, if any is left."""
        with self.lock:
            left = self.seed < self.asked.seed + self.asked.programs or self.asked.minutes
            if not left or (self.end and time.monotonic() > self.end):
                return None
            if len(self.failures) >= self.asked.failures:
                return None
            self.seed += 1
            return self.seed - 1

    def work(self) -> None:
        """Seed after seed, in a process of its own."""
        runner = Runner(here())
        try:
            while (seed := self.next()) is not None:
                self.one(runner, seed)
        finally:
            runner.stop()

    def one(self, runner: Runner, seed: int) -> None:
        """One program."""
        program = programs.program(seed, self.numpy)
        r = random.Random(seed)
        calls = [program.arguments(r, self.numpy) for _ in range(CALLS)]
        answer = runner.run(program.source, calls)
        with self.lock:
            self.counts["programs"] += 1
            self.counts["calls"] += answer.get("ran", 0)
            self.counts["raised"] += answer.get("raised", 0)
            for text in answer.get("calls refused", []):
                self.counts["calls refused"] += 1
                self.refused[essence(text)] += 1
            if "refused" in answer:
                self.counts["refused"] += 1
                self.refused[essence(answer["refused"])] += 1
        if "differs" in answer or "broken" in answer:
            self.failed(runner, seed, program.source, calls[answer.get("differs", 0)], answer)

    def failed(
        self,
        runner: Runner,
        seed: int,
        source: str,
        call: list[values.Spec],
        answer: dict[str, Any],
    ) -> None:
        """Makes it small and keeps it."""
        kind = kind_of(answer)
        enough = time.monotonic() + SHRINKING

        def fails(source: str, call: list[values.Spec]) -> bool:
            # A kernel that never ends takes its time again with every try.
            return time.monotonic() < enough and kind_of(runner.run(source, [call])) == kind

        if not self.asked.whole:
            source, call = shrink(source, call, fails)
        answer = runner.run(source, [call])
        text = report(seed, source, call, answer)
        with self.lock:
            self.failures.append(text)
            print(f"\nseed {seed} ({kind})\n{text}\n", flush=True)
            if self.asked.out:
                folder = Path(self.asked.out)
                folder.mkdir(parents=True, exist_ok=True)
                (folder / f"seed{seed}.py").write_text(text)


def essence(message: str) -> str:
    """What a refusal says, without places and names."""
    first = message.splitlines()[0].partition("Unsupported: ")[2] or message.splitlines()[0]
    return re.sub(r"`[^`]*`", "`…`", re.sub(r"^.*, line \d+: ", "", first))


def kind_of(answer: dict[str, Any]) -> str:
    """How it fails: what shrinking must keep."""
    if "died" in answer:
        return f"died {answer['why']}"
    if "broken" in answer:
        last: str = answer["broken"].strip().splitlines()[-1]
        return f"broken {last.partition(':')[0]}"
    if "differs" not in answer:
        return "fine"
    expected, found = answer["expected"], answer["found"]
    if "panic" in found:
        return "panic"
    before, after = (side.get("error", "a value").partition(":")[0] for side in (expected, found))
    if (
        before in ("NameError", "TypeError", "UnboundLocalError", "AttributeError")
        and before != after
    ):
        return f"{before} {after}"
    if before != after:
        return f"{before}, but {after}" if "a value" in (before, after) else "another error"
    if before != "a value":
        return "line" if expected["line"] != found["line"] else f"message or arrays of {before}"
    return "arrays" if expected["arrays"] != found["arrays"] else "value"


def report(seed: int, source: str, call: list[values.Spec], answer: dict[str, Any]) -> str:
    """A failure as a module that shows it again."""
    shown = json.dumps({k: v for k, v in answer.items() if k != "differs"}, indent=1)
    comment = "\n".join("# " + line for line in shown.splitlines())
    return f"# seed {seed}\n{comment}\n{source}\n\nCALL = {call!r}\n"


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="fuzzing", description=__doc__)
    parser.add_argument("--minutes", type=float, default=0)
    parser.add_argument("--programs", type=int, default=300)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--failures", type=int, default=20, help="stop after so many")
    parser.add_argument("--out", help="a folder for failures")
    parser.add_argument("--whole", action="store_true", help="leave failures as they are")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    if asked.seed is None:
        asked.seed = time.time_ns() % 10**12 if asked.minutes else 1
    session = Session(asked)
    print(f"seeds from {asked.seed}, numpy: {session.numpy}", flush=True)
    threads = [threading.Thread(target=session.work) for _ in range(asked.jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(dict(session.counts), f"{len(session.failures)} failures")
    for text, count in session.refused.most_common(12):
        print(f"  refused {count}: {text.splitlines()[0]}")
    return 1 if session.failures else 0


if __name__ == "__main__":
    sys.exit(main())
