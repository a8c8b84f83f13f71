"""Monte Carlo, convolution, search; for all kernels: Ctrl-C, threads, memory."""

import gc
import math
import os
import signal as signals
import subprocess
import sys
import tempfile
import threading
import time
import tracemalloc
import unittest
import warnings
from array import array
from math import exp, sqrt
from pathlib import Path

import interrupts
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
from ready_support import numpy, plain


class MonteCarlo(unittest.TestCase):
    def test_known_integrals(self):
        cases = (
            ("ball", [(-1, 1)] * 2, math.pi),
            ("gaussian", [(-6, 6)], math.sqrt(math.pi)),
            (lambda x: x * x, [(0, 3)], 9.0),
            (lambda x, y: x * y, [(0, 1), (0, 2)], 1.0),
        )
        for integrand, bounds, expected in cases:
            got = montecarlo.integrate(integrand, bounds, 200_000, seed=3)
            self.assertLess(abs(got.value - expected), 5 * got.error)
            self.assertEqual(got, montecarlo.integrate(integrand, bounds, 200_000, seed=3))
            self.assertNotEqual(got, montecarlo.integrate(integrand, bounds, 200_000, seed=4))

    def test_batches_are_the_same_points(self):
        one_by_one = montecarlo.integrate(lambda x, y: x + y, [(0, 1)] * 2, 20_000)

        def batch(points):
            rows = plain(points)
            self.assertTrue(all(len(row) == 2 for row in rows))
            return array("d", [x + y for x, y in rows])

        self.assertEqual(montecarlo.integrate(batch, [(0, 1)] * 2, 20_000, batch=True), one_by_one)

    def test_errors_come_through(self):
        def fails(x):
            raise KeyError(x)

        with self.assertRaises(KeyError):
            montecarlo.integrate(fails, [(0, 1)], 10)
        with self.assertRaisesRegex(
            ValueError, r"expected \(10,\), one for each point, got \(1,\)"
        ):
            montecarlo.integrate(lambda points: array("d", [1]), [(0, 1)], 10, batch=True)
        with self.assertRaisesRegex(ValueError, "integrand must be a function, or"):
            montecarlo.integrate("cube", [(0, 1)], 10)
        with self.assertRaisesRegex(TypeError, "integrand: expected a function or a name, got int"):
            montecarlo.integrate(3, [(0, 1)], 10)
        with self.assertRaisesRegex(ValueError, "samples must be at least 2"):
            montecarlo.integrate("ball", [(0, 1)], 1)
        with self.assertRaisesRegex(ValueError, "bounds"):
            montecarlo.integrate("ball", [], 10)


@kernel
def saddle(x: float, y: float) -> float:
    return exp(-x * x) * y - sqrt(abs(x))


@kernel
def wide(x: float) -> int:
    n = int(x * 1e18)
    return n * n * n // (n * n + 1)


@kernel
def huge(x: float) -> int:
    n = int(x * 1e18) + 10**18
    return n**9


@kernel
def edge(x: float) -> float:
    return 1.0 / (0.0 if x > 0.999 else x + 1.0)


@kernel
def outside(x: float) -> float:
    return sqrt(0.9999 - x)


@kernel
def small(x: float) -> bool:
    return x < 0.25


@kernel
def nothing(x: float) -> None:
    return None


@kernel
def whole(n: int) -> int:
    return n


@kernel
def scaled(x: float, by: float = 3.0) -> float:
    return x * by


class Integrand(unittest.TestCase):
    """A kernel is integrated as the function that it was made of is."""

    box = ((0.0, 1.0),)

    def test_the_same_as_python_on_any_number_of_threads(self):
        for function, box, count in (
            (saddle, [(-1, 1), (0, 3)], 50_000),
            (wide, self.box, 20_000),
            (small, self.box, 50_000),
            (scaled, self.box, 20_000),
            (scaled, [(0, 1), (2, 4)], 20_000),
        ):
            plain = montecarlo.integrate(function.__wrapped__, box, count, seed=5)
            for threads in (1, 2, 5):
                with watch(threads=threads):
                    got = montecarlo.integrate(function, box, count, seed=5)
                self.assertEqual(got, plain, function)

    def test_errors_are_those_of_the_first_sample_that_has_one(self):
        for function in (edge, outside, nothing):
            with self.assertRaises(Exception) as expected:
                montecarlo.integrate(function.__wrapped__, self.box, 100_000)
            for threads in (1, 5):
                with watch(threads=threads), self.assertRaises(Exception) as got:
                    montecarlo.integrate(function, self.box, 100_000)
                self.assertIs(type(got.exception), type(expected.exception))
                self.assertEqual(str(got.exception), str(expected.exception))
        self.assertIsInstance(expected.exception, TypeError)

    def test_what_is_longer_than_all_machine_ints(self):
        plain = montecarlo.integrate(huge.__wrapped__, self.box, 300)
        self.assertEqual(montecarlo.integrate(huge, self.box, 300), plain)

    def test_what_cannot_be_called_so(self):
        with self.assertRaisesRegex(TypeError, "missing 1 required argument: 'y'"):
            montecarlo.integrate(saddle, self.box, 10)
        with self.assertRaisesRegex(TypeError, r"whole\(\) takes int for 'n', not float"):
            montecarlo.integrate(whole, self.box, 10)
        with self.assertRaisesRegex(ValueError, "bounds"):
            montecarlo.integrate(saddle, [], 10)

    def test_one_that_only_python_can_run(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")

            @kernel(fallback="python")
            def text(x: float) -> float:
                return float(str(x))

        got = montecarlo.integrate(text, self.box, 2000)
        self.assertEqual(got, montecarlo.integrate(lambda x: x, self.box, 2000))

    def test_it_needs_no_interpreter(self):
        count = 400_000
        montecarlo.integrate(saddle, [(0, 1)] * 2, 10)
        started = time.perf_counter()
        montecarlo.integrate(saddle, [(0, 1)] * 2, count)
        compiled = time.perf_counter() - started
        started = time.perf_counter()
        montecarlo.integrate(saddle.__wrapped__, [(0, 1)] * 2, count)
        self.assertLess(5 * compiled, time.perf_counter() - started)


def naive(a, b):
    full = [[0] * (len(a[0]) + len(b[0]) - 1) for _ in range(len(a) + len(b) - 1)]
    for i, row in enumerate(a):
        for j, x in enumerate(row):
            for k, other in enumerate(b):
                for m, y in enumerate(other):
                    full[i + k][j + m] += x * y
    return full


class Signal(unittest.TestCase):
    def test_modes_and_methods(self):
        a = [[(i * 7 + j * 3) % 11 - 5 for j in range(37)] for i in range(6)]
        b = [[(i * 5 + j) % 7 - 3 for j in range(4)] for i in range(3)]
        full = naive(a, b)
        parts = {
            "full": full,
            "same": [row[1:38] for row in full[1:7]],
            "valid": [row[3:37] for row in full[2:6]],
        }
        for mode, expected in parts.items():
            self.assertEqual(plain(signal.convolve2d(a, b, mode=mode, method="direct")), expected)
            for method in ("fft", "auto"):
                for got, row in zip(
                    plain(signal.convolve2d(a, b, mode=mode, method=method)), expected, strict=True
                ):
                    for x, y in zip(got, row, strict=True):
                        self.assertAlmostEqual(x, y, places=9)

    def test_nonsense_is_refused(self):
        with self.assertRaisesRegex(
            ValueError, r"a: expected two dimensions, \(rows, columns\), got \(2,\)"
        ):
            signal.convolve2d([1, 2], [[1]])
        with self.assertRaisesRegex(ValueError, "one array no smaller"):
            signal.convolve2d([[1, 2]], [[1], [2]], mode="valid")
        with self.assertRaisesRegex(ValueError, "mode must be"):
            signal.convolve2d([[1]], [[1]], mode="wrap")

    @unittest.skipIf(numpy is None, "numpy is not here")
    def test_as_scipy(self):
        try:
            from scipy import signal as scipys
        except ImportError:
            self.skipTest("scipy is not here")
        generator = numpy.random.default_rng(1)
        for shape, other in (
            ((20, 31), (4, 5)),
            ((4, 5), (20, 31)),
            ((64, 64), (64, 64)),
            ((1, 9), (1, 4)),
        ):
            for mode in ("full", "same", "valid"):
                a, b = generator.standard_normal(shape), generator.standard_normal(other)
                expected = scipys.convolve2d(a, b, mode)
                for method in ("auto", "direct", "fft"):
                    numpy.testing.assert_allclose(
                        signal.convolve2d(a[::-1, ::-1], b.astype("f8"), mode=mode, method=method),
                        scipys.convolve2d(a[::-1, ::-1], b, mode),
                        atol=1e-12,
                    )
                    self.assertEqual(
                        signal.convolve2d(a, b, mode=mode, method=method).shape, expected.shape
                    )


class Search(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        (self.root / "a.py").write_text("x = 1\ny = 'über x'\n")
        (self.root / "b.txt").write_bytes(b"\xff x\r\nX")
        (self.root / "skip.log").write_text("x")
        (self.root / ".gitignore").write_text("*.log")
        (self.root / "binary").write_bytes(b"x\0")

    def found(self, pattern, **options):
        matches = search.search(pattern, self.root, **options).matches
        return [
            (Path(match.path).name, match.line, match.text[match.start : match.end])
            for match in matches
        ]

    def test_lines_with_numbers_and_places(self):
        self.assertEqual(self.found("x"), [("a.py", 1, "x"), ("a.py", 2, "x"), ("b.txt", 1, "x")])
        self.assertEqual(self.found("X", ignore_case=True)[-1], ("b.txt", 2, "X"))
        self.assertEqual(self.found("ü.er"), [("a.py", 2, "über")])
        self.assertEqual(self.found("x", gitignore=False)[-1], ("skip.log", 1, "x"))
        self.assertEqual(
            self.found("'", literal=True, globs=["*.py"], max_per_file=1), [("a.py", 2, "'")]
        )
        self.assertEqual(search.search("x", [self.root / "b.txt"]).matches[0].text, "\ufffd x")

    def test_what_cannot_be(self):
        with self.assertRaises(FileNotFoundError):
            search.search("x", self.root / "none")
        with self.assertRaisesRegex(ValueError, "literal=True"):
            search.search("(", self.root)
        self.assertEqual(search.search("x", []).files, 0)


class AllOfThem(unittest.TestCase):
    def calls(self):
        values = array("d", [place * 7919 % 1009 / 7 for place in range(40_000)])
        words = [f"{place * 7919 % 1009:x}" for place in range(200)]
        points = memoryview(values).cast("B").cast("d", (20_000, 2))
        ring = [[[0.0, 0.0], [50.0, 0.0], [50.0, 50.0]]]
        grid = memoryview(values).cast("B").cast("d", (200, 200))
        return {
            "sort": lambda: sorting.sort(values),
            "argsort": lambda: sorting.argsort(values),
            "unique_all": lambda: sorting.unique_all(values).inverse,
            "group_by": lambda: sorting.group_by(values, values).values,
            "summary": lambda: statistics.summary(values),
            "histogram": lambda: statistics.histogram(values, 50).counts,
            "quantile": lambda: statistics.quantile(values, [0.1, 0.9]),
            "blake3": lambda: hashing.blake3(values),
            "matrix": lambda: strings.similarity_matrix(words),
            "matches": lambda: strings.best_matches(words, words, limit=3),
            "groups": lambda: strings.groups(words),
            "nearest": lambda: geometry.nearest(points, points, 2).indices,
            "polygons": lambda: geometry.points_in_polygons(points, ring).first,
            "smallest": lambda: geometry.smallest_close_polygon(points, ring, 30),
            "integrate": lambda: montecarlo.integrate("ball", [(-1, 1)] * 2, 50_000),
            "convolve": lambda: signal.convolve2d(grid, grid, method="fft"),
        }

    def test_the_same_on_any_number_of_threads(self):
        program = (
            f"import sys, hashlib; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
            "import test_ready_rest as t\n"
            "for name, call in t.AllOfThem().calls().items():\n"
            "    got = call()\n"
            "    try: got = memoryview(got).tobytes()\n"
            "    except TypeError: got = repr(got).encode()\n"
            "    print(name, hashlib.sha256(got).hexdigest())\n"
        )
        python = [sys.executable, *(["python"] if Path(sys.executable).name == "pyxidium" else [])]
        printed = set()
        for threads in ("1", "2", "5"):
            environment = {**os.environ, "PYXIDIUM_THREADS": threads}
            done = subprocess.run(
                [*python, "-c", program], capture_output=True, text=True, env=environment
            )
            self.assertEqual(done.returncode, 0, done.stderr)
            printed.add(done.stdout)
        self.assertEqual(len(printed), 1)
        self.assertEqual(next(iter(printed)).count("\n"), len(self.calls()))

    def test_many_threads_of_python_at_once(self):
        calls = self.calls()
        expected = {name: self.answer(call) for name, call in calls.items()}
        wrong = []

        def work():
            for name, call in calls.items():
                if self.answer(call) != expected[name]:
                    wrong.append(name)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])

    @staticmethod
    def answer(call):
        got = call()
        try:
            return memoryview(got).tobytes()
        except TypeError:
            return repr(got)

    def test_nothing_is_leaked(self):
        calls = self.calls()
        for name, call in calls.items():
            with self.subTest(name=name):
                for _ in range(3):
                    call()
                gc.collect()
                tracemalloc.start()
                before, resident = tracemalloc.get_traced_memory()[0], self.resident()
                for _ in range(30):
                    call()
                gc.collect()
                traced = tracemalloc.get_traced_memory()[0] - before
                tracemalloc.stop()
                self.assertLess(traced, 30_000)
                # One answer is 300 kB or so; thirty of them would be 9 MB.
                self.assertLess(self.resident() - resident, 6_000_000)

    @staticmethod
    def resident():
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def test_buffers_are_let_go(self):
        values = array("d", range(100))
        sorting.sort(values)
        with self.assertRaises(TypeError):
            sorting.sort(memoryview(b"ab").cast("c"))
        values.append(1.0)  # a BufferError, if somebody still held it

    def test_ctrl_c_ends_a_long_one(self):
        interrupts.heard(self)
        long = 20_000_000_000
        started = time.perf_counter()
        timer = threading.Timer(0.3, os.kill, (os.getpid(), signals.SIGINT))
        timer.start()
        with self.assertRaises(KeyboardInterrupt):
            montecarlo.integrate("gaussian", [(0, 1)] * 3, long)
        took = time.perf_counter() - started
        timer.join()
        self.assertLess(took, 0.3 + 0.5)

    @unittest.skipUnless(hasattr(os, "fork"), "needs fork")
    def test_a_forked_child_computes(self):
        import warnings

        sorting.sort(array("d", range(200_000)))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            right = False
            try:
                right = plain(sorting.sort(array("d", range(200_000, 0, -1))))[0] == 1.0
            finally:
                os._exit(0 if right else 1)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                self.assertEqual(status, 0)
                return
            time.sleep(0.01)
        os.kill(child, signals.SIGKILL)
        self.fail("the child hangs")


if __name__ == "__main__":
    unittest.main()
