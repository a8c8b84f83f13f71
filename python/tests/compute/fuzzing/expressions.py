"""Random expressions of a wanted type, out of the variables and arrays in scope.

What grows is kept from growing without end: the second operand of a power and of a shift is small
most of the time.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

NUMERIC = ("int", "float", "bool", "complex")

INT_CONSTANTS = [
    *("0", "1", "2", "3", "7", "10", "-1", "-3", "255", "1000"),
    *(
        "2**31",
        "2**31 - 1",
        "2**53",
        "2**53 + 1",
        "2**62",
        "2**63 - 1",
        "-(2**63)",
        "2**63",
        "2**64",
    ),
    *("3037000499", "9223372036854775807", "2**126", "2**127 - 1", "-(2**127)", "10**18"),
]
FLOAT_CONSTANTS = [
    *("0.0", "-0.0", "1.0", "0.5", "-1.5", "2.0", "3.25", "1e-3", "1e308", "5e-324", "1e16"),
    *("math.pi", "math.inf", "-math.inf", "math.nan", "9007199254740993.0"),
]
ANYWHERE = [
    *(
        "sin",
        "cos",
        "tan",
        "atan",
        "tanh",
        "asinh",
        "cbrt",
        "erf",
        "erfc",
        "fabs",
        "degrees",
        "radians",
    ),
]
SOMEWHERE = [
    *("sqrt", "asin", "acos", "acosh", "atanh", "sinh", "cosh", "exp", "exp2", "expm1"),
    *("log", "log2", "log10", "log1p"),
]
TWO = ["atan2", "pow", "fmod", "copysign", "hypot"]
ASKED = ("isnan", "isinf", "isfinite")
COMPARE = ["<", "<=", "==", "!=", ">", ">="]


@dataclass
class Array:
    """An array in scope."""

    kind: str
    ndim: int


@dataclass
class Callee:
    """A kernel that can be called."""

    name: str
    params: list[str]
    result: str


@dataclass
class Scope:
    """What expressions may name."""

    names: dict[str, list[str]] = field(default_factory=lambda: {k: [] for k in NUMERIC})
    fixed: dict[str, list[str]] = field(default_factory=lambda: {k: [] for k in NUMERIC})
    """What is only read: constants of the module, items of tuples."""
    arrays: dict[str, Array] = field(default_factory=dict)
    counters: list[str] = field(default_factory=list)
    """Loop variables, which make good indices."""
    callees: list[Callee] = field(default_factory=list)
    streams: list[str] = field(default_factory=list)


class Expressions:
    """Makes expressions of one program."""

    def __init__(self, r: random.Random) -> None:
        self.r = r
        self.scope = Scope()

    def often(self, chance: float) -> bool:
        """True that often."""
        return self.r.random() < chance

    def any(self, depth: int = 2) -> tuple[str, str]:
        """An expression of any type, and the type."""
        kind = self.r.choices(NUMERIC, (5, 5, 2, 1))[0]
        return self.of(kind, depth), kind

    def of(self, kind: str, depth: int = 2) -> str:
        """An expression of this type."""
        if depth <= 0 or self.often(0.15):
            return self.leaf(kind)
        if self.often(0.06):
            args = (self.of(kind, depth - 1), self.test(depth - 1), self.of(kind, depth - 1))
            return "({} if {} else {})".format(*args)
        called = [c for c in self.scope.callees if c.result == kind]
        if called and self.often(0.12):
            callee = self.r.choice(called)
            return f"{callee.name}({', '.join(self.of(p, depth - 1) for p in callee.params)})"
        if self.scope.streams and self.often(0.2) and kind in ("int", "float"):
            return self.draw(kind)
        made: str = getattr(self, f"{kind}_")(depth - 1)
        return made

    def leaf(self, kind: str) -> str:
        """A variable, an element or a constant."""
        names = self.scope.names[kind] + self.scope.fixed[kind]
        arrays = [n for n, a in self.scope.arrays.items() if a.kind == kind]
        if arrays and self.often(0.3):
            return self.element(self.r.choice(arrays))
        if names and self.often(0.75):
            return self.r.choice(names)
        return self.constant(kind)

    def constant(self, kind: str) -> str:
        """A literal, or what is folded into one."""
        if kind == "int":
            text = (
                str(self.r.randrange(-9, 10)) if self.often(0.6) else self.r.choice(INT_CONSTANTS)
            )
            return f"({text})" if not text.isalnum() else text
        if kind == "float":
            text = (
                f"{self.r.uniform(-9, 9):.2f}"
                if self.often(0.5)
                else self.r.choice(FLOAT_CONSTANTS)
            )
            return f"({text})" if text.startswith("-") else text
        if kind == "bool":
            return self.r.choice(("True", "False"))
        return self.r.choice(("1j", "(0.5 - 2j)", "(-0.0 + 0j)", "complex(1.5, -0.0)", "(3 + 0j)"))

    def index(self, name: str, axis: int) -> str:
        """Mostly within bounds."""
        length = f"len({name})" if axis == 0 and self.often(0.5) else f"{name}.shape[{axis}]"
        counters = self.scope.counters or ["0"]
        choices = [
            lambda: self.r.choice(counters),
            lambda: self.r.choice(counters),
            lambda: f"{self.r.choice(counters)} {self.r.choice('+-')} 1",
            lambda: str(self.r.randrange(-2, 2)),
            lambda: f"{self.leaf('int')} % {length}",
            lambda: f"{length} - 1 - {self.r.choice(counters)}",
            lambda: self.of("int", 1),
        ]
        return self.r.choices(choices, (9, 9, 2, 3, 6, 3, 0.5))[0]()

    def element(self, name: str) -> str:
        """`a[i, j]`."""
        axes = range(self.scope.arrays[name].ndim)
        return f"{name}[{', '.join(self.index(name, axis) for axis in axes)}]"

    def draw(self, kind: str) -> str:
        """Out of a stream of random numbers."""
        stream = self.r.choice(self.scope.streams)
        if kind == "int":
            return f"{stream}.randrange({self.r.choice(('1', '10', '2**40', self.leaf('int')))})"
        return self.r.choice(
            (
                f"{stream}.random()",
                f"{stream}.uniform({self.leaf('float')}, {self.leaf('float')})",
                f"{stream}.gauss({self.leaf('float')}, {self.leaf('float')})",
            )
        )

    def test(self, depth: int = 2) -> str:
        """What `if` and `while` ask."""
        return self.of("bool", depth) if self.often(0.85) else self.leaf(self.r.choice(NUMERIC))

    def not_zero(self, kind: str, depth: int) -> str:
        """What can be divided by, mostly."""
        if self.often(0.2):
            return self.of(kind, depth)
        if kind == "int":
            return self.r.choice(
                ("2", "3", "7", "-3", "10", "2**31", "2**64", f"({self.of(kind, depth)} | 1)")
            )
        constant = self.r.choice(("2.0", "0.5", "-3.0", "1e-3", "7.25"))
        return constant if self.often(0.4) else f"(abs({self.of(kind, depth)}) + 0.5)"

    def called(self, sub: Callable[[], str]) -> str:
        """A function of `math`, mostly where it is defined."""
        if self.often(0.5):
            return f"math.{self.r.choice(ANYWHERE)}({sub()})"
        name = self.r.choice(SOMEWHERE)
        if self.often(0.15):
            return f"math.{name}({sub()})"
        if name in ("asin", "acos", "atanh"):
            return f"math.{name}(math.tanh({sub()}) * 0.99)"
        if name in ("exp", "exp2", "expm1", "sinh", "cosh"):
            return f"math.{name}(math.atan({sub()}) * 10.0)"
        return f"math.{name}(abs({sub()}) + {'1.0' if name == 'acosh' else '0.001'})"

    def int_(self, depth: int) -> str:
        """An int, bools taken for ints among the operands."""

        def sub() -> str:
            return self.of("bool" if self.often(0.05) else "int", depth)

        def whole() -> str:
            return self.of("int", depth)

        choices = [
            (12, lambda: f"({sub()} {self.r.choice('+-*')} {sub()})"),
            (4, lambda: f"({sub()} {self.r.choice(('//', '%'))} {self.not_zero('int', depth)})"),
            (3, lambda: f"({sub()} {self.r.choice('&|^')} {sub()})"),
            (2, lambda: f"({sub()} ** {self.r.randrange(5)})"),
            (0.5, lambda: f"({self.of('int', 0)} ** (abs({self.of('int', 0)}) % 5))"),
            (2, lambda: f"({sub()} << {self.r.choice(('1', '31', '62', '63', '64', '100'))})"),
            (0.7, lambda: f"({self.of('int', 0)} << ({sub()} & 127))"),
            (0.1, lambda: f"({self.of('int', 0)} << ({sub()} % 70 - 3))"),
            (
                2,
                lambda: (
                    f"({sub()} >> {self.r.choice(('1', '31', '63', '64', '130', f'abs({sub()})'))})"
                ),
            ),
            (0.1, lambda: f"({sub()} >> {sub()})"),
            (3, lambda: f"({self.r.choice('-+~')}{sub()})"),
            (2, lambda: f"abs({sub()})"),
            (2, lambda: f"{self.r.choice(('min', 'max'))}({sub()}, {sub()})"),
            (0.7, lambda: f"min({sub()}, {sub()}, {sub()})"),
            (2, lambda: f"int({self.of('float', depth)})"),
            (1, lambda: f"int({self.of('bool', depth)})"),
            (1, lambda: f"round({self.of('float', depth)})"),
            (
                1,
                lambda: (
                    f"math.{self.r.choice(('floor', 'ceil', 'trunc'))}({self.of('float', depth)})"
                ),
            ),
            (0.7, lambda: f"math.gcd({sub()}, {sub()})"),
            (0.7, lambda: f"math.isqrt(abs({sub()}))"),
            (0.7, lambda: f"sum(({sub()}, {sub()}))"),
            (0.3, lambda: f"sum(({sub()}, {sub()}, {sub()}))"),
            (0.3, lambda: f"{self.r.choice(('min', 'max'))}(({whole()}, {whole()}))"),
            (0.7, lambda: f"({sub()} {self.r.choice(('and', 'or'))} {sub()})"),
            (1, self.length),
        ]
        return self.pick(choices)

    def length(self) -> str:
        """Of an array."""
        if not self.scope.arrays:
            return self.leaf("int")
        name = self.r.choice(list(self.scope.arrays))
        axis = self.r.randrange(self.scope.arrays[name].ndim)
        return f"{name}.shape[{axis}]" if self.often(0.5) else f"len({name})"

    def float_(self, depth: int) -> str:
        """A float, ints taken for floats among the operands."""

        def sub() -> str:
            return self.of("int" if self.often(0.15) else "float", depth)

        def real() -> str:
            return self.of("float", depth)

        choices = [
            (10, lambda: f"({real()} {self.r.choice('+-*')} {sub()})"),
            (3, lambda: f"({sub()} {self.r.choice('+-*')} {real()})"),
            (3, lambda: f"({sub()} / {self.not_zero('float', depth)})"),
            (3, lambda: f"({self.of('int', depth)} / {self.not_zero('int', depth)})"),
            (2, lambda: f"({sub()} {self.r.choice(('//', '%'))} {self.not_zero('float', depth)})"),
            (2, lambda: f"({real()} ** {self.r.choice(('2', '3', '2.0', '0'))})"),
            (0.7, lambda: f"({self.not_zero('float', depth)} ** -1)"),
            (0.5, lambda: f"(abs({real()}) ** {self.r.choice(('0.5', '1.5', real()))})"),
            (0.1, lambda: f"({real()} ** {self.r.choice(('0.5', real()))})"),
            (0.5, lambda: f"({self.not_zero('int', depth)} ** -{self.r.randrange(1, 4)})"),
            (3, lambda: f"(-{real()})"),
            (2, lambda: f"abs({real()})"),
            (1, lambda: f"{self.r.choice(('min', 'max'))}({real()}, {real()})"),
            (2, lambda: f"float({self.of('int', depth)})"),
            (0.5, lambda: f"float({self.of('bool', depth)})"),
            (5, lambda: self.called(sub)),
            (1, lambda: f"math.{self.r.choice(TWO)}({sub()}, {sub()})"),
            (0.7, lambda: f"sum(({real()}, {real()}, {real()}))"),
            (0.5, lambda: f"sum(({sub()}, {real()}, {sub()}, {real()}))"),
            (0.3, lambda: f"{self.r.choice(('min', 'max'))}(({real()}, {real()}))"),
            (0.5, lambda: f"math.hypot({sub()}, {real()}, {sub()})"),
            (0.3, lambda: f"math.dist(({sub()}, {real()}), ({real()}, {sub()}))"),
            (0.3, lambda: f"math.fma({sub()}, {real()}, {real()})"),
            (0.7, lambda: f"abs({self.of('complex', depth)})"),
            (0.7, lambda: f"({self.of('complex', depth)}).{self.r.choice(('real', 'imag'))}"),
        ]
        return self.pick(choices)

    def bool_(self, depth: int) -> str:
        """A truth value."""
        both = (
            ("int", "int"),
            ("float", "float"),
            ("int", "float"),
            ("float", "int"),
            ("bool", "int"),
        )

        def compared() -> str:
            left, right = self.r.choice(both)
            op = self.r.choice(COMPARE)
            return f"({self.of(left, depth)} {op} {self.of(right, depth)})"

        def chained() -> str:
            ops = self.r.choice(COMPARE), self.r.choice(COMPARE)
            kind = self.r.choice(("int", "float"))
            a, b, c = (self.of(kind, depth) for _ in "abc")
            return f"({a} {ops[0]} {b} {ops[1]} {c})"

        def truth() -> str:
            return self.of("bool", depth)

        choices = [
            (8, compared),
            (2, chained),
            (3, lambda: f"(not {truth()})"),
            (4, lambda: f"({truth()} {self.r.choice(('and', 'or'))} {truth()})"),
            (1, lambda: f"bool({self.of(self.r.choice(NUMERIC), depth)})"),
            (
                1,
                lambda: f"math.{self.r.choice(ASKED)}({self.of('float', depth)})",
            ),
            (1, lambda: f"({truth()} {self.r.choice('&|^')} {truth()})"),
            (1, lambda: f"({self.of('complex', depth)} == {self.of('complex', depth)})"),
        ]
        return self.pick(choices)

    def complex_(self, depth: int) -> str:
        """A complex number."""

        def sub() -> str:
            return self.of(self.r.choice(("complex", "complex", "float", "int")), depth)

        def whole() -> str:
            return self.of("complex", depth)

        choices = [
            (6, lambda: f"({whole()} {self.r.choice('+-*')} {sub()})"),
            (2, lambda: f"({sub()} {self.r.choice('+-*')} {whole()})"),
            (2, lambda: f"({whole()} / {self.not_zero('float', depth)})"),
            (0.3, lambda: f"({whole()} / {sub()})"),
            (1, lambda: f"({whole()} ** {self.r.choice(('2', '3', '0', '-1', '-2'))})"),
            (0.5, lambda: f"({whole()} ** {self.r.choice(('0.5', '-1.5', '1j', sub()))})"),
            (0.2, lambda: f"({sub()} ** {whole()})"),
            (2, lambda: f"(-{whole()})"),
            (2, lambda: f"complex({self.of('float', depth)}, {self.of('float', depth)})"),
            (1, lambda: f"({whole()}).conjugate()"),
        ]
        return self.pick(choices)

    def pick(self, choices: Sequence[tuple[float, Callable[[], str]]]) -> str:
        """One of them, by weight."""
        weights = [weight for weight, _ in choices]
        return self.r.choices([make for _, make in choices], weights)[0]()
