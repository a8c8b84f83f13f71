"""What is recorded of a function's calls, and what is said of them side by side."""

import array
import math
import unittest
from typing import Any

from pyxidium.profiling import Call, NotMeasured, Recorder, measure_gain
from pyxidium.profiling._checking import find, key, verdicts
from pyxidium.profiling._gain import copied, described, same, size


def total(n: int, scale: float = 1.0) -> float:
    return scale * sum(range(n))


def grow(values: "array.array[float]", by: float) -> None:
    for i in range(len(values)):
        values[i] += by


def fibonacci(n: int) -> int:
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def picky(n: int) -> int:
    if n < 0:
        message = "below zero"
        raise ValueError(message)
    return n


def target(function: Any) -> Any:
    file, line, name = key(function.__code__)
    return {"file": file, "line": line, "name": name}


def record(function: Any, most: int, run: Any) -> Recorder:
    done: list[Recorder] = []
    recorder = Recorder(target(function), most, done.append)
    recorder.start()
    try:
        run()
    finally:
        recorder.stop()
    return recorder


class RecorderTest(unittest.TestCase):
    def test_arguments_and_answers_are_kept(self) -> None:
        def run() -> None:
            total(10)
            total(20, scale=2.0)
            total(30)

        recorder = record(total, 2, run)
        self.assertIs(recorder.function, total)
        calls = [(call.args, call.answer) for call in recorder.calls]
        self.assertEqual(calls, [((10, 1.0), (45.0,)), ((20, 2.0), (380.0,))])
        self.assertFalse(recorder.running)
        for call in recorder.calls:
            self.assertGreater(call.seconds or 0.0, 0.0)

    def test_what_a_function_changes_was_copied_before(self) -> None:
        values = array.array("d", [1.0, 2.0])
        recorder = record(grow, 1, lambda: grow(values, 3.0))
        self.assertEqual(values.tolist(), [4.0, 5.0])
        self.assertEqual(recorder.calls[0].args[0].tolist(), [1.0, 2.0])

    def test_a_recursive_call_is_one_call(self) -> None:
        recorder = record(fibonacci, 3, lambda: (fibonacci(5), fibonacci(6)))
        self.assertEqual([call.args for call in recorder.calls], [(5,), (6,)])

    def test_calls_that_raise_are_left_out(self) -> None:
        def run() -> None:
            for n in (-1, 5, -2, 6):
                try:
                    picky(n)
                except ValueError:
                    pass

        self.assertEqual([call.args for call in record(picky, 9, run).calls], [(5,), (6,)])

    def test_why_nothing_was_kept(self) -> None:
        def odd(lock: object) -> object:
            return lock

        recorder = record(odd, 1, lambda: odd(__import__("threading").Lock()))
        self.assertEqual(recorder.calls, [])
        self.assertRegex(recorder.refused or "", "cannot be copied: cannot pickle")

    def test_a_name_alone_is_enough(self) -> None:
        recorder = Recorder({"file": "", "line": 0, "name": "total"}, 1, lambda _: None)
        recorder.start()
        total(3)
        self.assertEqual([call.args for call in recorder.calls], [(3, 1.0)])


class GainTest(unittest.TestCase):
    def test_both_are_timed_and_compared(self) -> None:
        gain = measure_gain(total, [(1000,), Call((2000,), {"scale": 2.0})], compiler=lambda f: f)
        self.assertEqual(gain.name, "total")
        self.assertEqual(gain.calls, ["total(1000)", "total(2000, scale=2.0)"])
        self.assertTrue(gain.equal)
        self.assertGreater(gain.python, 0.0)
        self.assertAlmostEqual(gain.factor, gain.python / gain.kernel)

    def test_a_recursive_function_calls_its_kernel(self) -> None:
        def compiler(function: Any) -> Any:
            self.assertNotIn("fibonacci", function.__globals__)
            return lambda n: function(n) + 0

        gain = measure_gain(fibonacci, [(9,)], compiler=compiler)
        self.assertTrue(gain.equal)
        self.assertIs(fibonacci.__globals__["fibonacci"], fibonacci)

    def test_another_answer_is_told(self) -> None:
        gain = measure_gain(total, [(3,)], compiler=lambda f: lambda n: int(f(n)))
        self.assertFalse(gain.equal)
        self.assertEqual(gain.difference, "call 1: Python answers 3.0, the kernel 3")

    def test_arrays_that_are_changed_otherwise_are_told(self) -> None:
        values = array.array("d", [1.0])
        gain = measure_gain(grow, [(values, 1.0)], compiler=lambda f: lambda v, by: f(v, by + 1))
        self.assertEqual(gain.difference, "call 1: the arguments are changed in different ways")
        self.assertEqual(values.tolist(), [1.0])

    def test_what_took_long_is_not_done_again(self) -> None:
        def never(n: int) -> int:
            raise AssertionError

        call = Call((1,), seconds=100.0, answer=(7,))
        gain = measure_gain(never, [call], compiler=lambda _: lambda n: 7)
        self.assertEqual((gain.python, gain.equal), (100.0, True))

    def test_why_it_is_not_measured(self) -> None:
        def refuse(_: object) -> Any:
            message = "line 3: no lists"
            raise TypeError(message)

        for calls, compiler, message in [
            ([], None, "there is no call"),
            ([(1,)], refuse, "line 3: no lists"),
            ([(1,)], lambda _: lambda n: 1 // 0, "ZeroDivisionError"),
        ]:
            with self.subTest(message), self.assertRaisesRegex(NotMeasured, message):
                measure_gain(total, calls, compiler=compiler)


class ValuesTest(unittest.TestCase):
    def test_same(self) -> None:
        for one, other, expected in [
            (1, 1, True),
            (1, 1.0, False),
            (0.0, -0.0, False),
            (math.nan, math.nan, True),
            ((1, [2.0]), (1, [2.0]), True),
            (array.array("d", [1]), array.array("d", [1]), True),
            (array.array("d", [1]), array.array("d", [2]), False),
            (complex(0, -0.0), complex(0, 0.0), False),
        ]:
            with self.subTest(one=one, other=other):
                self.assertEqual(same(one, other), expected)

    def test_views_are_copied(self) -> None:
        view = memoryview(array.array("d", [1.0, 2.0]))
        other = copied(view)
        other[0] = 5.0
        self.assertEqual(view.tolist(), [1.0, 2.0])
        self.assertTrue(copied(view.toreadonly()).readonly)

    def test_words(self) -> None:
        self.assertEqual(described(array.array("d", [1.0] * 3)), "array d[3]")
        self.assertEqual(described(memoryview(b"abc")), "B[3]")
        self.assertEqual(described(list(range(9))), "list of 9")
        self.assertEqual(described("x" * 50)[-1], "…")
        self.assertEqual(size(array.array("d", [1.0] * 3)), 24)


class CheckingTest(unittest.TestCase):
    def test_functions_are_found_where_they_live(self) -> None:
        gone: Any = {"file": __file__, "line": 1, "name": "nobody"}
        self.assertEqual(find([target(total), gone]), [total, None])

    def test_nobody_knows_about_a_function_that_is_gone(self) -> None:
        gone: Any = {"file": __file__, "line": 1, "name": "nobody"}
        self.assertEqual(verdicts([gone]), [None])


if __name__ == "__main__":
    unittest.main()
