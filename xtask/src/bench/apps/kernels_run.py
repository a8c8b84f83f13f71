"""Runs the kernels beside hand-written Rust, and Numba where asked: one JSON object a line.

    python kernels_run.py LIBRARY ROUNDS [--numba]     figures
    python kernels_run.py LIBRARY --check              small sizes, against plain Python, too

All run in one process and in turn, each on arrays of its own, so that they share the machine's mood.
"""

import ctypes
import json
import math
import random as chance
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

Args = dict[str, Any]


class Work(NamedTuple):
    """A kernel, what to give it, and how Rust's is called."""

    name: str
    make: Callable[[bool], Args]
    """Its arguments: small ones, or those that are timed."""
    run: Callable[[Any, Args], Any]
    """By a module with the kernels, or one like it; returns the answer."""
    rust: Callable[[Any, Args], Any]


def table(height: int, width: int, low: float = 0.0, high: float = 1.0) -> Any:
    return np.random.default_rng(7).uniform(low, high, (height, width))


def row(length: int, low: float = 0.0, high: float = 1.0, seed: int = 7) -> Any:
    return np.random.default_rng(seed).uniform(low, high, length)


def polygons(small: bool) -> Args:
    """The published sizes: 1,000 polygons of 10 corners, 100 points."""
    count, points = (60, 7) if small else (1000, 100)
    corner = np.random.default_rng(3)
    centres = corner.uniform(0, 100, (count, 2))
    angles = np.sort(corner.uniform(0, 2 * math.pi, (count, 10)))
    sizes = corner.uniform(1, 5, (count, 1))
    return {
        "xs": centres[:, :1] + sizes * np.cos(angles),
        "ys": centres[:, 1:] + sizes * np.sin(angles),
        "points": corner.uniform(0, 100, (points, 2)),
        "best": np.zeros(points, np.int64),
    }


def bodies(small: bool) -> Args:
    return {
        "place": table(5, 3, -10, 10),
        "speed": table(5, 3, -0.5, 0.5).copy(),
        "mass": row(5, 0.01, 5),
        "steps": 20 if small else 300_000,
    }


def options(small: bool) -> Args:
    count = 100 if small else 500_000
    return {
        "price": row(count, 5, 30, 1),
        "strike": row(count, 1, 100, 2),
        "years": row(count, 0.25, 10, 3),
        "calls": np.zeros(count),
        "puts": np.zeros(count),
    }


def words(small: bool) -> Args:
    count = 40 if small else 3000
    letters = np.random.default_rng(5)
    a, b = (letters.integers(97, 105, count + more, np.uint8) for more in (0, 7))
    return {"a": a, "b": b, "row": np.zeros(len(b) + 1, np.int64)}


def sweeps(step: Callable[[Any, Any], None], args: Args) -> Any:
    for _ in range(2 if len(args["a"]) < 100 else 5):
        step(args["a"], args["b"])
        step(args["b"], args["a"])
    return args["a"]


def done(args: Args, *names: str) -> Any:
    return [args[name] for name in names]


def ladder(kernels: Any, args: Args) -> Any:
    return list(kernels.parallel_map(kernels.cpu_intensive, range(args["count"])))


def at(array: Any) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


def size(number: int) -> ctypes.c_size_t:
    return ctypes.c_size_t(number)


def rust_ladder(rust: Any, args: Args) -> Any:
    out = np.zeros(args["count"])
    rust.ladder(10_000_000, at(out), size(args["count"]))
    return out.tolist()


real = ctypes.c_double

LADDER = [
    Work("ladder", lambda small: {"count": 1 if small else 32}, ladder, rust_ladder),
    Work(
        "poly-match",
        polygons,
        lambda k, a: (k.poly_match(a["xs"], a["ys"], a["points"], a["best"], 10.0), a["best"])[1],
        lambda r, a: (
            r.poly_match(
                *(at(a["xs"]), at(a["ys"]), size(len(a["xs"])), size(10)),
                *(at(a["points"]), at(a["best"]), size(len(a["best"])), real(10.0)),
            ),
            a["best"],
        )[1],
    ),
]

CLASSIC = [
    Work(
        "mandelbrot",
        lambda small: {"out": np.zeros((20, 30) if small else (400, 600), np.int32)},
        lambda k, a: (k.mandelbrot(a["out"], 200), a["out"])[1],
        lambda r, a: (r.mandelbrot(at(a["out"]), *map(size, a["out"].shape), 200), a["out"])[1],
    ),
    Work(
        "n-body",
        bodies,
        lambda k, a: (
            k.nbody(a["place"], a["speed"], a["mass"], a["steps"], 0.001),
            done(a, "place", "speed"),
        )[1],
        lambda r, a: (
            r.nbody(
                *(at(a["place"]), at(a["speed"]), at(a["mass"])),
                *(size(5), size(a["steps"]), real(0.001)),
            ),
            done(a, "place", "speed"),
        )[1],
    ),
    Work(
        "Monte Carlo pi",
        lambda small: {"points": 50 if small else 100_000},
        lambda k, a: k.monte_carlo_pi(1234, 64, a["points"]),
        lambda r, a: r.monte_carlo_pi(*map(ctypes.c_uint64, (1234, 64, a["points"]))),
    ),
    Work(
        "Black-Scholes",
        options,
        lambda k, a: (
            k.black_scholes(*done(a, "price", "strike", "years", "calls", "puts"), 0.02, 0.3),
            done(a, "calls", "puts"),
        )[1],
        lambda r, a: (
            r.black_scholes(
                *map(at, done(a, "price", "strike", "years", "calls", "puts")),
                *(size(len(a["price"])), real(0.02), real(0.3)),
            ),
            done(a, "calls", "puts"),
        )[1],
    ),
    Work(
        "saxpy",
        lambda small: {
            "x": row(50 if small else 8_000_000).astype(np.float32),
            "y": row(50 if small else 8_000_000, seed=8).astype(np.float32),
        },
        lambda k, a: (k.saxpy(0.37, a["x"], a["y"]), a["y"])[1],
        lambda r, a: (r.saxpy(real(0.37), at(a["x"]), at(a["y"]), size(len(a["x"]))), a["y"])[1],
    ),
    Work(
        "dot",
        lambda small: {name: row(50 if small else 8_000_000, seed=s) for s, name in ((1, "x"), (2, "y"))},
        lambda k, a: k.dot(a["x"], a["y"]),
        lambda r, a: r.dot(at(a["x"]), at(a["y"]), size(len(a["x"]))),
    ),
    Work(
        "2-D stencil",
        lambda small: {name: table(*((12, 15) if small else (1000, 1000))).copy() for name in "ab"},
        lambda k, a: sweeps(k.jacobi, a),
        lambda r, a: sweeps(lambda x, y: r.jacobi(at(x), at(y), *map(size, x.shape)), a),
    ),
    Work(
        "matrix multiply",
        lambda small: {name: table(*((7, 7) if small else (384, 384))) for name in "abc"},
        lambda k, a: (k.matmul(a["a"], a["b"], a["c"]), a["c"])[1],
        lambda r, a: (r.matmul(at(a["a"]), at(a["b"]), at(a["c"]), size(len(a["a"]))), a["c"])[1],
    ),
    Work(
        "prime sieve",
        lambda small: {"sieve": np.zeros(1000 if small else 5_000_000, np.uint8)},
        lambda k, a: k.primes(a["sieve"]),
        lambda r, a: r.primes(at(a["sieve"]), size(len(a["sieve"]))),
    ),
    Work(
        "Levenshtein",
        words,
        lambda k, a: k.levenshtein(a["a"], a["b"], a["row"]),
        lambda r, a: r.levenshtein(
            at(a["a"]), size(len(a["a"])), at(a["b"]), size(len(a["b"])), at(a["row"])
        ),
    ),
]


def library(path: str) -> Any:
    rust = ctypes.CDLL(path)
    rust.dot.restype = rust.monte_carlo_pi.restype = ctypes.c_double
    rust.primes.restype = rust.levenshtein.restype = ctypes.c_int64
    return rust


def plain(kernels: ModuleType) -> Any:
    """The same module as plain Python, arrays read as a `memoryview` reads them."""

    def wrapped(name: str) -> Any:
        function = getattr(kernels, name).__wrapped__
        view = lambda a: memoryview(a) if isinstance(a, np.ndarray) else a  # noqa: E731
        return lambda *args: function(*map(view, args))

    names = [n for n in dir(kernels) if hasattr(getattr(kernels, n), "__wrapped__")]
    return SimpleNamespace(
        {name: wrapped(name) for name in names}, parallel_map=lambda f, items: list(map(f, items))
    )


def numba_module() -> Any:
    """The kernels as Numba compiles them: the same source, its decorator and `prange` in ours' place."""
    import numba

    source = Path(__file__).with_name("kernels.py").read_text()
    # It has no streams; its generator is one for each thread.
    source = source.replace("        stream = random.stream(seed, chunk)\n", "")
    source = source.replace("stream.random()", "random.random()")
    parts = source.split("@kernel\n")
    names: dict[str, Any] = {"random": chance, "prange": numba.prange}
    head = [line for line in parts[0].splitlines() if not line.startswith("from pyxidium")]
    exec("\n".join(head), names)
    for part in parts[1:]:
        name = part.removeprefix("def ").split("(")[0]
        exec(part, names)
        names[name] = numba.njit(parallel="prange(" in part)(names[name])

    def every(function: Any, items: range) -> Any:
        out = np.zeros(len(items))
        names["every"](out)
        return out.tolist()

    body = "def every(out):\n    for n in prange(len(out)):\n        out[n] = cpu_intensive(n)\n"
    exec(body, names)
    names["every"] = numba.njit(parallel=True)(names["every"])
    return SimpleNamespace(names, parallel_map=every)


def same(a: Any, b: Any) -> bool:
    """To the bit."""
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    return np.asarray(a).tobytes() == np.asarray(b).tobytes()


def agreement(ours: Any, numba: Any) -> str:
    """How near Numba's answer is, in words."""
    pairs = zip(ours, numba, strict=True) if isinstance(ours, list) else [(ours, numba)]
    pairs = [(np.asarray(a, float), np.asarray(b, float)) for a, b in pairs]
    if any(np.isnan(b).any() and not np.isnan(a).any() for a, b in pairs):
        return "nan"
    if all(same(a, b) for a, b in pairs):
        return "same"
    worst = max(float(np.max(np.abs(a - b) / np.maximum(np.abs(a), 1e-300))) for a, b in pairs)
    return f"off by {worst:.0e}"


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    answer = call()
    return time.perf_counter() - started, answer


def first(call: Callable[[], Any]) -> float:
    """What a first call takes beyond the work itself, which the ladder has ten million rounds of at any size."""
    took, _ = timed(call)
    return max(took - min(timed(call)[0] for _ in range(3)), 0.0)


def measure(work: Work, rounds: int, kernels: Any, rust: Any, numba: Any) -> dict[str, Any]:
    small = work.make(True)
    figures: dict[str, Any] = {"name": work.name}
    figures["first_s"] = first(lambda: work.run(kernels, small))
    if numba:
        figures["numba_first_s"] = first(lambda: work.run(numba, work.make(True)))
    ours, peer, third = (work.make(False) for _ in range(3))
    times: list[tuple[float, ...]] = []
    for number in range(rounds + 1):
        peer_s, expected = timed(lambda: work.rust(rust, peer))
        ours_s, answer = timed(lambda: work.run(kernels, ours))
        if not same(answer, expected):
            raise SystemExit(f"{work.name}: {answer}, but Rust says {expected}")
        numba_s = 0.0
        if numba:
            numba_s, answer = timed(lambda: work.run(numba, third))
            figures["numba_answer"] = agreement(expected, answer)
        # The first round warms the caches.
        if number:
            times.append((ours_s, peer_s, numba_s))
    middle = [statistics.median(column) for column in zip(*times, strict=True)]
    figures |= {"ours_s": middle[0], "peer": "Rust + rayon", "peer_s": middle[1]}
    figures["ratio"] = statistics.median(t[0] / t[1] for t in times)
    if numba:
        figures |= {"numba_s": middle[2], "numba_ratio": statistics.median(t[0] / t[2] for t in times)}
    return figures


def check(work: Work, kernels: ModuleType, rust: Any) -> None:
    answers = [work.rust(rust, work.make(True)), work.run(kernels, work.make(True))]
    if work.name != "ladder":
        answers.append(work.run(plain(kernels), work.make(True)))
    elif answers[0] != [1.264911011363067e17]:
        raise SystemExit(f"ladder: {answers[0]}")
    for answer in answers[1:]:
        if not same(answer, answers[0]):
            raise SystemExit(f"{work.name}: {answer}, but Rust says {answers[0]}")


def main() -> None:
    sys.path.insert(0, str(Path(__file__).parent))
    import kernels
    import pyxidium.compute

    kernels.parallel_map = pyxidium.compute.parallel_map
    rust = library(sys.argv[1])
    if sys.argv[2] == "--check":
        for work in LADDER + CLASSIC:
            check(work, kernels, rust)
            print(f"{work.name}: ok", flush=True)
        return
    numba = numba_module() if "--numba" in sys.argv else None
    for work in LADDER + CLASSIC:
        figures = measure(work, int(sys.argv[2]), kernels, rust, numba)
        print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
