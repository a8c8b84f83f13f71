"""Threads, progress and an end within 50 ms: ``watch`` reaches every ready-made kernel."""

import contextlib
import functools
import mmap
import os
import random
import sys
import tempfile
import threading
import time
import types
import unittest
from array import array
from pathlib import Path
from unittest import mock

from pyxidium import Cancelled
from pyxidium.compute import (
    geometry,
    hashing,
    kernel,
    montecarlo,
    search,
    signal,
    sorting,
    statistics,
    strings,
    watch,
)

# Long enough that a cancellation comes in the middle, on a fast machine too.
BYTES = 128_000_000
SPARSE = 1 << 30


@kernel
def hill(x: float, y: float) -> float:
    return x * x + y


@kernel
def endless(x: float) -> float:
    while x < 2.0:
        x = x * 0.5
    return x


@functools.cache
def noise():
    return memoryview(os.urandom(BYTES))


def numbers(code, *shape):
    """Random bytes as an array of a type."""
    count = 1
    for size in shape:
        count *= size
    flat = noise()[: count * memoryview(b"").cast(code).itemsize]
    return flat.cast(code, shape) if len(shape) > 1 else flat.cast(code)


def words(count, length):
    pick = random.Random(3)
    return ["".join(pick.choices("etaoinshr", k=length)) for _ in range(count)]


class Files:
    """A large file of zeros that takes no room, and text."""

    def __init__(self, root):
        self.zeros, self.text = root / "zeros", root / "text"
        with self.zeros.open("wb") as file:
            file.truncate(SPARSE)
        self.text.mkdir()
        line = " ".join(words(12, 6)) + "\n"
        (self.text / "0").write_text(line * 250_000)
        for number in range(1, 30):
            (self.text / str(number)).hardlink_to(self.text / "0")

    def mapped(self):
        with self.zeros.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def calls(files):
    """A long call of every kernel; made when it is wanted, since inputs are large."""
    few = words(5000, 14)
    box = [(-1.0, 1.0)] * 2
    points = functools.partial(numbers, "i", 1_500_000, 2)
    triangles = functools.partial(numbers, "i", 400_000, 3, 2)
    near = 20_000_000
    return {
        "sort": lambda: sorting.sort(numbers("d", 16_000_000)),
        "sort bytes": lambda: sorting.sort(numbers("H", 64_000_000)),
        "argsort": lambda: sorting.argsort(numbers("d", 16_000_000)),
        "unique": lambda: sorting.unique(numbers("I", 32_000_000)),
        "unique_all": lambda: sorting.unique_all(numbers("q", 10_000_000)),
        "group_by": lambda: sorting.group_by(numbers("h", 10_000_000), numbers("q", 10_000_000)),
        "summary": lambda: statistics.summary(numbers("B", BYTES)),
        "histogram": lambda: statistics.histogram(numbers("H", 64_000_000), 100),
        "quantile": lambda: statistics.quantile(numbers("q", 16_000_000), [0.1, 0.5]),
        "blake3": lambda: hashing.blake3(files.mapped()),
        "xxh3": lambda: hashing.xxh3_64(files.mapped()),
        "hash_file": lambda: hashing.hash_file(files.zeros),
        "hash_files": lambda: hashing.hash_files([files.zeros] * 2),
        "hash_tree": lambda: hashing.hash_tree(files.zeros.parent),
        "distance": lambda: strings.distance("ab" * 10_000, "ba" * 10_000, "damerau_levenshtein"),
        "matrix": lambda: strings.similarity_matrix(few, few, "jaro"),
        "matrix damerau": lambda: strings.distance_matrix(few, few, "damerau_levenshtein"),
        "matrix long": lambda: strings.distance_matrix(words(1200, 400)),
        "best_matches": lambda: strings.best_matches(few, few, cutoff=0.8),
        "groups": lambda: strings.groups(few, cutoff=0.9),
        "nearest": lambda: geometry.nearest(points(), points()[:300_000]),
        "within": lambda: geometry.within(points(), points()[:300_000], near / 5),
        "points_in_polygons": lambda: geometry.points_in_polygons(
            points()[:20_000], numbers("i", 800_000, 3, 2)[:2_000]
        ),
        "r-tree": lambda: geometry.points_in_polygons(points()[:2], small_triangles()),
        "close_polygons": lambda: geometry.close_polygons(points()[:100_000], triangles(), near),
        "smallest": lambda: geometry.smallest_close_polygon(points()[:100_000], triangles(), near),
        "polygon_areas": lambda: geometry.polygon_areas(numbers("i", 5_000_000, 3, 2)),
        "integrate": lambda: montecarlo.integrate("gaussian", box, 30_000_000),
        "integrate kernel": lambda: montecarlo.integrate(hill, box, 40_000_000),
        "integrate function": lambda: montecarlo.integrate(lambda x, y: x, box, 3_000_000),
        "convolve2d direct": lambda: signal.convolve2d(
            numbers("h", 1500, 1500), numbers("h", 50, 50), method="direct"
        ),
        "convolve2d fft": lambda: signal.convolve2d(
            numbers("h", 1500, 1500), numbers("h", 1500, 1500), method="fft"
        ),
        "search": lambda: search.search("[xyz]+[0-9]", files.text),
    }


@functools.cache
def small_triangles():
    """Polygons that overlap little, so that their tree is what takes time."""
    pick = random.Random(4)
    flat = array("d")
    for _ in range(400_000):
        x, y = pick.uniform(0, 1e9), pick.uniform(0, 1e9)
        flat.extend((x, y, x + 1, y, x, y + 1))
    return memoryview(flat).cast("B").cast("d", (400_000, 3, 2))


# One thread does all of it.
ALONE = {"xxh3", "distance", "r-tree"}
# A library does it in one go, and says nothing meanwhile.
SILENT = {"distance"}


class Token:
    """What the bridge has for a call of a page."""

    def __init__(self):
        self.cancelled = False

    def is_cancelled(self):
        return self.cancelled


def cancel_after(token, seconds):
    """Cancels later; says when it was, by the clock and in processor time."""
    at = []

    def cancel():
        time.sleep(seconds)
        at.extend((time.monotonic(), time.process_time()))
        token.cancelled = True

    thread = threading.Thread(target=cancel)
    thread.start()
    return thread, at


def working():
    """The processor time of every thread that computes, in ticks."""
    times = {}
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):
            head, _, tail = (task / "stat").read_text().rpartition(")")
            if "(compute-" in head:
                times[task.name] = sum(map(int, tail.split()[11:13]))
    return times


class Watched(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.files = Files(Path(folder.name))

    def setUp(self):
        self.token = Token()
        bridge = types.ModuleType("_pyxidium_bridge")
        vars(bridge)["token"] = lambda: self.token
        patch = mock.patch.dict(sys.modules, {"_pyxidium_bridge": bridge})
        patch.start()
        self.addCleanup(patch.stop)

    def latency(self, call, after):
        """From the cancellation to the end, in seconds; nothing if the call had ended by then.

        On a machine that is busy otherwise the processor time counts, which is what the call
        itself needed.
        """
        thread, at = cancel_after(self.token, after)
        try:
            call()
        except Cancelled:
            return min(time.monotonic() - at[0], time.process_time() - at[1])
        finally:
            thread.join()
            self.token.cancelled = False
        return None

    def busy(self, call):
        """How many threads computed, of those that a call kept busy at all."""
        before = working()
        call()
        return [now - before.get(task, 0) for task, now in working().items()]

    def test_all_of_them(self):
        for name, call in calls(self.files).items():
            with self.subTest(name=name, what="one thread"), watch(threads=1):
                spent = self.busy(call)
                self.assertLessEqual(sum(ticks >= 2 for ticks in spent), 1, spent)
            heard = []
            with self.subTest(name=name, what="three threads"):
                started = time.monotonic()
                with watch(threads=3, progress=heard.append):
                    spent = self.busy(call)
                took = time.monotonic() - started
                busy = sum(ticks >= 2 for ticks in spent)
                self.assertLessEqual(busy, 3, spent)
                if name not in ALONE and sum(spent) > 20:
                    self.assertGreater(busy, 1, spent)
            with self.subTest(name=name, what="progress"):
                self.assertEqual(heard[-1], 1.0)
                self.assertEqual(heard, sorted(set(heard)))
                self.assertTrue(all(0 < part <= 1 for part in heard))
                if took > 0.2 and name not in SILENT:
                    # Who listens may have slept all the time, on a busy machine.
                    said = max((len(heard), *(self.told(call) for _ in range(3 - len(heard)))))
                    self.assertGreater(said, 1, took)
                if took > 0.5 and name not in SILENT:
                    self.assertGreater(max(heard[:-1], default=1), 0.1, heard)
            with self.subTest(name=name, what="cancellation"):
                ended = [self.best(call, took * share) for share in (0.15, 0.5, 0.8)]
                found = [best for best in ended if best is not None]
                self.assertTrue(found, f"it takes {took} s only")
                self.assertLess(max(found), 0.05, f"{ended} of {took}")

    def told(self, call):
        """How often it says how far it is."""
        heard = []
        with watch(progress=heard.append):
            call()
        return len(heard)

    def best(self, call, after):
        """The shortest latency of some: a machine may be busy, what counts is the kernel."""
        best = None
        for _ in range(6):
            one = self.latency(call, after)
            if one is not None and (best is None or one < best):
                best = one
            if best is not None and best < 0.05:
                break
        return best

    def test_work_inside_of_work_ends_too(self):
        def inner(x):
            return hashing.blake3(self.files.mapped())[0] + x

        call = functools.partial(montecarlo.integrate, inner, [(0, 1)], 1000)
        self.assertLess(min(self.latency(call, 0.1) for _ in range(5)), 0.05)

    def test_a_kernel_without_end_ends(self):
        call = functools.partial(montecarlo.integrate, endless, [(0, 1)], 1000)
        self.assertLess(min(self.latency(call, 0.1) for _ in range(5)), 0.05)

    def test_a_progress_that_cancels(self):
        def progress(fraction):
            raise Cancelled

        with watch(progress=progress), self.assertRaises(Cancelled):
            montecarlo.integrate("gaussian", [(0, 1)] * 3, 20_000_000_000)

    def test_other_errors_of_a_progress_are_only_told(self):
        def progress(fraction):
            raise KeyError(fraction)

        with mock.patch("sys.unraisablehook") as hook, watch(progress=progress):
            montecarlo.integrate("gaussian", [(0, 1)], 10_000)
        self.assertIs(hook.call_args.args[0].exc_type, KeyError)


if __name__ == "__main__":
    unittest.main()
