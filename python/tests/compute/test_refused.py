"""What kernels cannot do is refused when it is decorated, with line, expression and hint."""

import importlib.util
import tempfile
import textwrap
import unittest
import warnings
from pathlib import Path
from types import ModuleType

from pyxidium.compute import Unsupported, check

# The body of a function of `x`, an int, and `a`, an array; `#<-` marks the line that is named.
# After it stands the expression, or how it begins.
BODIES = {
    "yield": "yield x  #<- yield x",
    "yield from": "yield from a  #<- yield from a",
    "lambda": "f = lambda y: y  #<- lambda y: y",
    "try": "try:  #<- try\n    x = 1\nexcept ValueError:\n    x = 2",
    "try with finally": "try:  #<- try\n    x = 1\nfinally:\n    x = 2",
    "with": "with open(x):  #<- with open(x)\n    pass",
    "class": "class C:  #<- class C\n    pass",
    "function": "def inner():  #<- def inner\n    return 1\nreturn inner()",
    "import": "import math  #<- import math",
    "import from": "from math import sqrt  #<- from math import sqrt",
    "del of a variable": "del x  #<- del x",
    "del of an element": "del a[0]  #<- del a[0]",
    "global": "global y  #<- global y\ny = 1",
    "dict": "d = {1: 2}  #<- {1: 2}",
    "set": "s = {1, 2}  #<- {1, 2}",
    "list": "s = [1, 2]  #<- [1, 2]",
    "list comprehension": "s = [i for i in range(3)]  #<- [i for i in range(3)]",
    "set comprehension": "s = {i for i in range(3)}  #<- {i for i in range(3)}",
    "dict comprehension": "s = {i: i for i in range(3)}  #<- {i: i for i in range(3)}",
    "generator": "s = sum(i for i in range(3))  #<- ",
    "f-string": "s = f'{x}'  #<- f'{x}'",
    "string": "s = 'text'  #<- 'text'",
    "bytes": "s = b'text'  #<- b'text'",
    "string method": "return 'a'.upper()  #<- ",
    "starred argument": "return max(*a)  #<- *a",
    "starred in a tuple": "t = (*a, 1)  #<- *a",
    "starred target": "b, *c = (1, 2, 3)  #<- *c",
    "keyword argument": "return round(1.5, ndigits=1)  #<- ",
    "print": "print(x)  #<- print",
    "an unknown function": "return sorted(a)  #<- sorted",
    "a module's unknown function": "return math.nowhere(x)  #<- math.nowhere",
    "a known function of another module": "return os.getpid()  #<- os.getpid",
    "a method of an array": "a.sort()  #<- a.sort",
    "an attribute": "return a.nowhere  #<- a.nowhere",
    "storing an attribute": "a.shape = 1  #<- a.shape",
    "a slice": "b = a[1:2]  #<- 1:2",
    "storing a slice": "a[1:2] = x  #<- 1:2",
    "match": "match x:  #<- match x\n    case 1:\n        pass",
    "Ellipsis": "b = ...  #<- ...",
    "is": "return x is a  #<- x is a",
    "in": "return x in a  #<- x in a",
    "loop over something else": "for i in sorted(a):  #<- sorted(a)\n    pass",
    "matrix product": "return a @ a  #<- a @ a",
    "await": "await x  #<- await x",
    "type alias": "type T = int  #<- type T = int",
    "try with groups": "try:  #<- try\n    x = 1\nexcept* ValueError:\n    x = 2",
    "prange alone": "b = prange(3)  #<- prange(3)",
    "break out of prange": "for i in prange(3):\n    break  #<- break",
    "return out of prange": "for i in prange(3):\n    return i  #<- return i",
}

# Whole functions, with `#<-` as above.
FUNCTIONS = {
    "async function": "@kernel\nasync def f(x):  #<- async\n    return x",
    "async with": "@kernel\nasync def f(x):  #<- async\n    async with x:\n        pass",
    "default that is mutable": "@kernel\ndef f(x, a=[]):  #<- []\n    return x",
    "any arguments": "@kernel\ndef f(*args):  #<- args\n    return 1",
    "any keywords": "@kernel\ndef f(**kwargs):  #<- kwargs\n    return 1",
    "a default that is a string": "@kernel\ndef f(x, *, a='b'):  #<- 'b'\n    return x",
    "an annotation that is no type": "@kernel\ndef f(x: str):  #<- str\n    return x",
    "a list for an annotation": "@kernel\ndef f(x: list[int]):  #<- list[int]\n    return x",
    "a string for a result": "@kernel\ndef f(x) -> str:  #<- str\n    return x",
    "nonlocal": (
        "def outer():\n    y = 1\n    @kernel\n    def f(x):\n"
        "        nonlocal y  #<- nonlocal y\n        y = x\n    return f\nouter()"
    ),
    "a list closed over": "kept = [1, 2]\n@kernel\ndef f(x):\n    return kept[x]  #<- kept",
    "a string closed over": "text = 'a'\n@kernel\ndef f(x):\n    return text  #<- text",
}

# What is only known when types are: the body of `f(flag: bool, x, t)`, which is called with
# (True, 3, (1, 2j)), the line as above, and a part of the hint.
TYPED = {
    "a bool here, an int there": (
        "if flag:  #<- if flag\n    y = True\nelse:\n    y = x\nreturn y",
        "int()",
    ),
    "an int or a bool": ("y = x if flag else flag  #<- x if flag", "`!= 0`"),
    "an int or complex": ("y = x if flag else 1j  #<- x if flag", "complex()"),
    "a bool or a float": ("y = flag if flag else 1.5  #<- flag if", "float()"),
    "returning one or the other": ("if flag:\n    return flag\nreturn x  #<- return x", "int()"),
    "the least of one": ("return min(x)  #<- min(x)", "two numbers or more"),
    "the greatest of nothing": ("return max(())  #<- max(())", "at least one"),
    "the sum of a number": ("return sum(x)  #<- sum(x)", "numbers"),
    "the sum of complex numbers": ("return sum(t)  #<- sum(t)", "with +"),
    "the distance of numbers": ("return math.dist(x, x)  #<- math.dist", "two tuples"),
    "points of other spaces": ("return math.dist((x,), (x, x))  #<- math.dist", "two tuples"),
    "fused complex numbers": ("return math.fma(1j, x, x)  #<- math.fma", "numbers"),
}

CIRCLE = """\
@kernel
def even(n: int) -> bool:
    return n == 0 or odd(n - 1)  #<- odd(n - 1)

@kernel
def odd(n: int) -> bool:
    return n != 0 and even(n - 1)  #<- even(n - 1)

even(4)
"""

DECORATED = "@kernel\n@cached\ndef f(x):\n    return x"

HEAD = textwrap.dedent(
    """\
    import math
    import os
    from functools import cache as cached

    from pyxidium.compute import kernel, prange, random

    """
)


class Refused(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.made = 0

    def load(self, source: str) -> ModuleType:
        """Imports a source from a file of its own."""
        self.made += 1
        self.file = self.folder / f"refused{self.made}.py"
        self.file.write_text(source)
        spec = importlib.util.spec_from_file_location(self.file.stem, self.file)
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def refused(self, marked: str) -> Unsupported:
        lines = (HEAD + marked).split("\n")
        number = next(n for n, line in enumerate(lines) if "#<-" in line)
        lines[number], _, begins = (part.strip("\n") for part in lines[number].partition("  #<- "))
        with self.assertRaises(Unsupported) as raised:
            self.load("\n".join(lines) + "\n")
        error = raised.exception
        self.assertIsInstance(error, TypeError)
        self.assertEqual(error.filename, str(self.file))
        self.assertEqual(error.line, number + 1, error)
        self.assertTrue(error.expression.startswith(begins), error.expression)
        self.assertIn(error.expression.splitlines()[0].rstrip(" :"), lines[number])
        self.assertTrue(error.hint and not error.hint.endswith("."), error.hint)
        for part in (str(self.file), str(number + 1), error.hint):
            self.assertIn(part, str(error))
        return error

    def test_what_types_do_not_fit(self) -> None:
        for name, (body, hint) in TYPED.items():
            with self.subTest(name):
                text = "@kernel\ndef f(flag: bool, x, t):\n" + textwrap.indent(body, "    ")
                error = self.refused(text + "\n\nf(True, 3, (1, 2j))")
                self.assertIn(hint, error.hint)

    def test_kernels_that_call_each_other(self) -> None:
        error = self.refused(CIRCLE.replace("  #<- odd(n - 1)", ""))
        self.assertIn("even -> odd -> even", str(error))
        self.assertIn("one kernel", error.hint)

    def test_every_construct(self) -> None:
        for name, body in BODIES.items():
            with self.subTest(name):
                function = "async def" if name == "await" else "def"
                text = f"@kernel\n{function} f(x, a):\n" + textwrap.indent(body, "    ")
                if function == "async def":
                    text = text.replace("  #<- await x", "").replace("a):", "a):  #<- async")
                self.refused(text)

    def test_every_form_of_function(self) -> None:
        for name, function in FUNCTIONS.items():
            with self.subTest(name):
                self.refused(function)

    def test_what_is_no_function(self) -> None:
        for text in ("kernel(3)", "kernel(len)", "@kernel\nclass C:\n    pass", DECORATED):
            with self.subTest(text), self.assertRaises(TypeError):
                self.load(HEAD + text + "\n")

    def test_fallback_runs_it_as_python_and_says_so(self) -> None:
        source = HEAD + "@kernel(fallback='python')\ndef f(x):\n    return [x]\n"
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            function = self.load(source).f
            self.assertEqual(function(3), [3])
        self.assertEqual(len(caught), 1)
        self.assertIn("lists", str(caught[0].message))
        self.assertEqual((caught[0].filename, caught[0].lineno), (str(self.file), 9))

    def test_check_tells_what_is_wrong_and_raises_nothing(self) -> None:
        source = (
            "def f(x):\n    y = [x]\n    z = 'text'\n    return y\n\ndef g(x):\n    return x + 1\n"
        )
        module = self.load(source)
        report = check(module.f)
        self.assertFalse(report.fits)
        found = [(p.line, p.expression) for p in report.problems]
        self.assertEqual(found, [(2, "[x]"), (3, "'text'")])
        for problem in report.problems:
            self.assertTrue(problem.message and problem.hint and problem.column > 0)
        self.assertEqual((check(module.g).fits, check(module.g).problems), (True, ()))
        self.assertFalse(check(len).fits)


if __name__ == "__main__":
    unittest.main()
