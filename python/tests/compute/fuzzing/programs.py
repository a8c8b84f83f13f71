"""Random kernels: statements around the expressions, and the module that they stand in.

A program always ends, and all but its errors is typed: a variable has one type from its first line.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from fuzzing import values
from fuzzing.expressions import NUMERIC, Array, Callee, Expressions

HEAD = "import math\n\nfrom pyxidium.compute import kernel, prange, random\n"
LIMITS = ("1000", "2**31", "2**63", "2**64", "-(2**62)", "2**127")
ANNOTATIONS = {"int": "int", "float": "float", "bool": "bool", "complex": "complex"}


@dataclass
class Program:
    """A module whose `main` is the kernel."""

    source: str
    params: list[str]
    """`float`; `float any` without an annotation; `float 2`, an array; `tuple int bool`."""

    def arguments(self, r: random.Random, numpy: bool) -> list[values.Spec]:
        """New arguments for `main`."""

        def one(param: str) -> values.Spec:
            kind, _, rest = param.partition(" ")
            if kind == "tuple":
                return {"kind": "tuple", "items": [one(item) for item in rest.split()]}
            if rest.isdecimal():
                return values.table(r, kind, int(rest), numpy)
            # Where nothing is said of the type, another one may come.
            other = {"float": "int", "int": "bool"}.get(kind)
            if rest == "any" and other and r.random() < 0.1:
                return values.scalar(r, other)
            return values.scalar(r, kind)

        return [one(param) for param in self.params]


class Statements(Expressions):
    """Makes the bodies of one program's functions."""

    def __init__(self, r: random.Random, numpy: bool) -> None:
        super().__init__(r)
        self.numpy = numpy
        self.loops = 0
        self.parallel = False
        self.made = 0
        self.returns = "float"
        self.constants: dict[str, list[str]] = {kind: [] for kind in NUMERIC}

    def new(self, stem: str) -> str:
        """A name that is not taken."""
        self.made += 1
        return f"{stem}{self.made}"

    def block(self, depth: int, most: int = 4) -> list[str]:
        """Some statements, indented by nothing."""
        lines: list[str] = []
        for _ in range(self.r.randrange(1, most + 1)):
            lines += self.statement(depth)
        return lines

    def statement(self, depth: int) -> list[str]:
        """One statement, as its lines."""
        choices = [
            (10, self.assign),
            (5, self.augment),
            (4 if self.scope.arrays else 0, self.store),
            (1, self.unpack),
            (0.6, self.fail),
            (0.4 if self.loops and not self.parallel else 0, self.leave),
            (0.5 if not self.parallel else 0, self.give),
        ]
        if depth > 0:
            choices += [
                (4, lambda: self.branch(depth)),
                (3, lambda: self.loop(depth)),
                (1.5, lambda: self.repeat(depth)),
                (3 if self.rows() and not self.parallel else 0, self.row_by_row),
                (1 if not self.parallel and not self.loops else 0, lambda: self.at_once(depth)),
            ]
        weights = [weight for weight, _ in choices]
        return self.r.choices([make for _, make in choices], weights)[0]()

    def target(self) -> tuple[str, str]:
        """A variable to store to, and its type."""
        names = {kind: self.names_of(kind) for kind in NUMERIC}
        kinds = [kind for kind in NUMERIC if names[kind]]
        if not kinds:
            names = self.scope.names
            kinds = [kind for kind in NUMERIC if names[kind]]
        weights = {"int": 5, "float": 5, "bool": 2, "complex": 1}
        kind = self.r.choices(kinds, [weights[kind] for kind in kinds])[0]
        return self.r.choice(names[kind]), kind

    def names_of(self, kind: str) -> list[str]:
        """Variables that may be stored to."""

        def may(name: str) -> bool:
            # In a parallel loop, the counter says which elements are an iteration's own.
            counts = name in self.scope.counters
            return not counts or (self.often(0.05) and not self.parallel)

        return [n for n in self.scope.names[kind] if may(n)]

    def bounded(self, text: str, kind: str) -> str:
        """Keeps what is computed again and again from growing without end."""
        grows = any(op in text for op in ("*", "<<"))
        if kind == "int" and self.loops and grows and self.often(0.9):
            return f"{text} % {self.r.choice(LIMITS)}"
        return text

    def assign(self) -> list[str]:
        """`x = …`."""
        name, kind = self.target()
        return [f"{name} = {self.bounded(self.of(kind, 3), kind)}"]

    def augment(self) -> list[str]:
        """`x += …`."""
        name, kind = self.target()
        if kind == "bool":
            return [f"{name} {self.r.choice('&|^')}= {self.of('bool', 2)}"]
        ops = {
            "int": ["+=", "-=", "+=", "&=", "|=", "^=", "//=", "%=", ">>="]
            + ["*="] * (not self.loops),
            "float": ["+=", "-=", "*=", "/=", "+=", "//=", "%="],
            "complex": ["+=", "-=", "*="],
        }
        op = self.r.choice(ops[kind])
        operand = str(self.r.randrange(70)) if op == ">>=" else self.of(kind, 2)
        if op in ("/=", "//=", "%="):
            operand = self.not_zero(kind, 1)
        return [f"{name} {op} {operand}"]

    def store(self) -> list[str]:
        """`a[i, j] = …`."""
        name = self.r.choice(list(self.scope.arrays))
        kind = self.scope.arrays[name].kind
        value = self.of(kind, 2)
        if kind == "int" and self.often(0.7):
            value = f"{value} % 100"
        if kind in ("float", "complex") and self.often(0.2):
            value = self.of("int", 1)
        op = self.r.choice(("=", "=", "=", "+=", "-=")) if kind != "bool" else "="
        return [f"{self.element(name)} {op} {value}"]

    def unpack(self) -> list[str]:
        """Several at once."""
        (a, kind), (b, other) = self.target(), self.target()
        if kind == other and kind in ("int", "float") and a != b and self.often(0.5):
            return [f"{a}, {b} = divmod({self.of(kind)}, {self.not_zero(kind, 1)})"]
        if kind == other and a != b:
            return [f"{a}, {b} = {b}, {a}"]
        name = self.new("t")
        if kind == other and kind in ("int", "float") and self.often(0.4):
            items = f"{name} = ({self.of(kind, 2)}, {self.of(kind, 1)}, {self.of(kind, 1)})"
            return [items, f"{a} = {self.r.choice(('sum', 'min', 'max'))}({name})"]
        return [f"{name} = ({self.of(kind, 2)}, {self.of(other, 1)})", f"{a} = {name}[0]"]

    def fail(self) -> list[str]:
        """`assert`, `raise`."""
        test = self.test(2)
        text = self.r.choice(("nothing", "too large", ""))
        if self.often(0.5):
            return [f"assert {test}" + (f", {text!r}" if text else "")]
        error = self.r.choice(("ValueError", "ZeroDivisionError", "OverflowError", "IndexError"))
        return [f"if {test} and {self.test(1)}:", f"    raise {error}({text!r})"]

    def leave(self) -> list[str]:
        """`break`, `continue`."""
        return [f"if {self.test(2)}:", f"    {self.r.choice(('break', 'continue'))}"]

    def give(self) -> list[str]:
        """`return` before the end."""
        return [f"if {self.test(2)} and {self.test(1)}:", f"    return {self.result()}"]

    def result(self) -> str:
        """What the function returns."""
        if self.returns == "tuple":
            return f"({self.of('int', 1)}, {self.of('float', 1)}, {self.of('bool', 1)})"
        return self.of(self.returns, 2) if self.returns != "None" else "None"

    def branch(self, depth: int) -> list[str]:
        """`if`."""
        lines = [f"if {self.test()}:", *indented(self.block(depth - 1, 3))]
        if self.often(0.2):
            lines += [f"elif {self.test()}:", *indented(self.block(depth - 1, 2))]
        if self.often(0.5):
            lines += ["else:", *indented(self.block(depth - 1, 3))]
        return lines

    def bounds(self) -> tuple[str, bool]:
        """A range, and whether it is short."""
        lengths = [f"{n}.shape[{self.r.randrange(a.ndim)}]" for n, a in self.scope.arrays.items()]
        lengths += [f"len({n})" for n in self.scope.arrays]
        small = self.leaf("int") + " % 7"
        short = [
            str(self.r.randrange(7)),
            f"{self.r.randrange(3)}, {self.r.randrange(9)}",
            f"{self.r.randrange(9)}, {self.r.randrange(-2, 3)}, {self.r.choice((-1, -2, -3, 1))}",
            small,
            f"min({self.leaf('int')}, 5)",
            *self.r.sample(lengths, min(3, len(lengths))),
            *([f"1, {lengths[0]} - 1"] if lengths else []),
            f"0, 12, {self.leaf('int')} % 3 + {self.r.choice((0, 1, 1, 1))}",
        ]
        start = self.leaf("int")
        long = [
            start,
            f"{start}, {self.leaf('int')}",
            f"{start}, {self.leaf('int')}, {self.leaf('int')}",
        ]
        long.append(f"{start}, {start} + 4")
        return (self.r.choice(short), True) if self.often(0.85) else (self.r.choice(long), False)

    def loop(self, depth: int) -> list[str]:
        """`for i in range(…)`."""
        counter = self.new("i")
        bounds, short = self.bounds()
        self.scope.counters.append(counter)
        self.scope.names["int"].append(counter)
        self.loops += 1
        parallel, body = self.parallel, []
        if not short:
            body = [f"if {counter} & 7 == {self.r.randrange(8)} or {self.often(0.5)}:", "    break"]
            # In a parallel loop, too, this one is its own.
        self.parallel = parallel
        body += self.block(depth - 1, 3)
        self.loops -= 1
        self.scope.counters.remove(counter)
        if not self.often(0.1):
            self.scope.names["int"].remove(counter)
        lines = [f"for {counter} in range({bounds}):", *indented(body)]
        if self.often(0.12):
            lines += ["else:", *indented(self.block(0, 2))]
        return lines

    def repeat(self, depth: int) -> list[str]:
        """`while`, with a counter of its own."""
        counter = self.new("w")
        test = f"{counter} < {self.r.randrange(1, 8)}"
        if self.often(0.6):
            test = f"{test} and {self.test(1)}" if self.often(0.7) else f"{self.test(1)} and {test}"
        self.loops += 1
        body = [f"{counter} += 1", *self.block(depth - 1, 3)]
        self.loops -= 1
        lines = [f"{counter} = 0", f"while {test}:", *indented(body)]
        if self.often(0.12):
            lines += ["else:", *indented(self.block(0, 2))]
        return lines

    def rows(self) -> list[str]:
        """Arrays of one axis, of numbers."""
        arrays = self.scope.arrays.items()
        return [n for n, a in arrays if a.ndim == 1 and a.kind in ("int", "float")]

    def row_by_row(self) -> list[str]:
        """What is made to run in vector registers: a loop over elements with plain arithmetic."""
        counter, rows = self.new("i"), self.rows()
        target = self.r.choice(rows)
        names = self.scope.names["float"] + self.scope.names["int"]

        def operand(depth: int) -> str:
            if depth > 0 and self.often(0.7):
                if self.often(0.1):
                    return f"math.sqrt(abs({operand(depth - 1)}))"
                if self.often(0.1):
                    return f"(-{operand(depth - 1)})"
                op = self.r.choices("+-*/", (4, 4, 4, 1))[0]
                right = (
                    self.not_zero("float", 0)
                    if op == "/" and self.often(0.8)
                    else operand(depth - 1)
                )
                return f"({operand(depth - 1)} {op} {right})"
            if self.often(0.6):
                offset = self.r.choices(("", " - 1", " + 1"), (8, 1, 1))[0]
                return f"{self.r.choice(rows)}[{counter}{offset}]"
            return self.r.choice(names) if names and self.often(0.5) else self.constant("float")

        body = []
        for _ in range(self.r.choice((1, 1, 2))):
            kind = self.scope.arrays[target].kind
            value = (
                operand(2) if kind == "float" else f"{self.r.choice(rows)}[{counter}] // 3 % 100"
            )
            body.append(f"{target}[{counter}] {self.r.choice(('=', '=', '+='))} {value}")
        sums = self.scope.names["float"]
        if sums and self.often(0.4):
            body.append(f"{self.r.choice(sums)} += {operand(1)}")
        length = f"len({self.r.choice((target, target, self.r.choice(rows)))})"
        bounds = self.r.choice((length, length, length, f"1, {length} - 1", f"0, {length}, 2"))
        return [f"for {counter} in range({bounds}):", *indented(body)]

    def at_once(self, depth: int) -> list[str]:
        """`for i in prange(…)`: over its own elements, with its own variables, and sums."""
        counter, scope = self.new("i"), self.scope
        kinds = {k: list(names) for k, names in scope.names.items()}
        sums = [n for n in scope.names["int"] if self.often(0.4)]
        for name in sums:
            kinds["int"].remove(name)
        own = [n for n in scope.arrays if self.often(0.5)]
        arrays = dict(scope.arrays)
        self.scope = type(scope)(callees=scope.callees)
        self.scope.arrays = {n: a for n, a in arrays.items() if n not in own}
        # What it reads it does not store: copies of its own stand for what is outside.
        lines = []
        for kind in NUMERIC:
            for name in self.r.sample(kinds[kind], min(1, len(kinds[kind]))):
                inside = self.new("v")
                lines.append(f"{inside} = {name}")
                self.scope.names[kind].append(inside)
        self.scope.counters = [counter]
        self.scope.names["int"].append(counter)
        self.loops, self.parallel = self.loops + 1, True
        body = [
            line for _ in range(self.r.randrange(1, 4)) for line in self.own_statement(depth - 1)
        ]
        for name in own:
            axes = [counter] + [str(self.r.randrange(-1, 2)) for _ in range(arrays[name].ndim - 1)]
            kind = arrays[name].kind
            value = self.of(kind, 2) + (" % 100" if kind == "int" else "")
            body.append(f"{name}[{', '.join(axes)}] = {value}")
        body += [
            f"{name} {self.r.choice(('+=', '+=', '-=', '|=', '^='))} {self.of('int', 2)}"
            for name in sums
        ]
        self.loops, self.parallel = self.loops - 1, False
        bounds = [f"len({n})" for n in arrays] + [str(self.r.choice((0, 1, 5, 40, 300)))]
        self.scope = scope
        head = f"for {counter} in prange({self.r.choice(bounds)}):"
        return [head, *indented(lines + body)]

    def own_statement(self, depth: int) -> list[str]:
        """A statement in a parallel loop that stores to no array."""
        arrays, self.scope.arrays = self.scope.arrays, dict(self.scope.arrays)
        readable = self.scope.arrays
        try:
            for _ in range(20):
                lines = self.statement(depth)
                stores = any(
                    line.strip().startswith(tuple(f"{n}[" for n in readable)) for line in lines
                )
                if not stores or not readable:
                    return lines
            return ["pass"]
        finally:
            self.scope.arrays = arrays

    def function(self, name: str, params: list[str], returns: str, size: int) -> list[str]:
        """A kernel."""
        scope = type(self.scope)(callees=list(self.scope.callees))
        scope.fixed = {kind: list(names) for kind, names in self.constants.items()}
        self.scope, self.returns, self.loops = scope, returns, 0
        declared = [self.declared(param) for param in params]
        body = []
        for kind in NUMERIC:
            for _ in range(self.r.randrange({"int": 3, "float": 3, "bool": 2, "complex": 2}[kind])):
                local = self.new("x")
                number = kind == "float" and self.often(0.15)
                body.append(
                    f"{local} = {self.of(kind, 1) if not number else self.r.randrange(-3, 9)}"
                )
                scope.names[kind].append(local)
        if not any(scope.names.values()):
            scope.names["float"].append("x0")
            body.append("x0 = 1.5")
        if self.often(0.1):
            stream = self.new("s")
            body.append(
                f"{stream} = random.stream({self.of('int', 0)} & 0xFFFF, {self.r.randrange(5)})"
            )
            scope.streams.append(stream)
        body += self.block(size, 5)
        if returns != "None" or self.often(0.5):
            body.append(f"return {self.result()}")
        arrow = f" -> {ANNOTATIONS[returns]}" if returns in ANNOTATIONS and self.often(0.5) else ""
        return ["@kernel", f"def {name}({', '.join(declared)}){arrow}:", *indented(body)]

    def declared(self, param: str) -> str:
        """A parameter, known from here on."""
        kind, _, rest = param.partition(" ")
        if kind == "tuple":
            given = self.new("t")
            for index, item in enumerate(rest.split()):
                self.scope.fixed[item].append(f"{given}[{index}]")
            return given
        given = self.new("a" if rest.isdecimal() else kind[0])
        if rest.isdecimal():
            self.scope.arrays[given] = Array(kind, int(rest))
            return given
        self.scope.names[kind].append(given)
        return given if rest else f"{given}: {ANNOTATIONS[kind]}"

    def program(self) -> Program:
        """A whole one."""
        parts: list[list[str]] = [[]]
        for _ in range(self.r.choice((0, 0, 1, 3))):
            kind, name = self.r.choice(("int", "float", "bool")), self.new("K")
            parts[0].append(f"{name} = {self.constant(kind)}")
            self.constants[kind].append(name)
        for _ in range(self.r.choice((0, 0, 1, 2))):
            name, params = self.new("k"), self.r.choices(("int", "float"), k=self.r.randrange(1, 3))
            returns = self.r.choice(("int", "float", "bool"))
            if self.often(0.3):
                parts.append(self.recursive(name))
                params, returns = ["int", "float"], "float"
            else:
                parts.append(self.function(name, params, returns, 1))
            self.scope.callees.append(Callee(name, params, returns))
        scalars = self.r.choices(NUMERIC, (6, 6, 2, 1), k=self.r.randrange(0, 4))
        scalars = [kind + " any" * self.often(0.5) for kind in scalars]
        if self.often(0.1):
            scalars.append("tuple " + " ".join(self.r.choices(NUMERIC, (4, 4, 2, 1), k=2)))
        arrays = []
        for _ in range(self.r.choice((0, 1, 1, 2))):
            kinds = ("int", "float", "bool", "complex") if self.numpy else ("int", "float", "bool")
            kind = self.r.choices(kinds, (4, 5, 1, 1)[: len(kinds)])[0]
            arrays.append(f"{kind} {self.r.choices((1, 2, 3), (5, 3, 1))[0]}")
        params = scalars + arrays
        returns = self.r.choice(("int", "float", "float", "bool", "complex", "tuple", "None"))
        if self.often(0.08):
            parts.append(self.closure(params, returns))
        else:
            parts.append(self.function("main", params, returns, self.r.randrange(1, 4)))
        return Program(HEAD + "".join("\n\n" + "\n".join(part) + "\n" for part in parts), params)

    def closure(self, params: list[str], returns: str) -> list[str]:
        """A kernel that closes over a constant."""
        kind, name = self.r.choice(("int", "float", "bool")), self.new("c")
        value = self.constant(kind)
        self.constants[kind].append(name)
        inside = indented(self.function("main", params, returns, 2))
        return [f"def made({name}):", *inside, "    return main", "", "", f"main = made({value})"]

    def recursive(self, name: str) -> list[str]:
        """A kernel that calls itself, not too deep."""
        self.scope = type(self.scope)(
            names={"int": ["n"], "float": ["x"], "bool": [], "complex": []}
        )
        step = self.r.choice(("n - 1", "n // 2", "n - 3"))
        combined = f"{name}({step} if n < 30 else 3, {self.of('float', 2)})"
        tail = self.r.choice((combined, f"{combined} + {self.of('float', 1)}", f"-{combined}"))
        return [
            "@kernel",
            f"def {name}(n: int, x: float) -> float:",
            "    if n <= 0:",
            f"        return {self.of('float', 1)}",
            f"    return {tail}",
        ]


def indented(lines: list[str]) -> list[str]:
    """One step to the right."""
    return ["    " + line for line in lines]


def program(seed: int, numpy: bool) -> Program:
    """The program of a seed."""
    return Statements(random.Random(seed), numpy).program()
