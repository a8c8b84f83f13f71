"""Makes a failing program small: by its syntax tree, as long as it fails in the same way."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator

from fuzzing import values

Fails = Callable[[str, list[values.Spec]], bool]


def shrink(source: str, call: list[values.Spec], fails: Fails) -> tuple[str, list[values.Spec]]:
    """The smallest that was found, one change at a time, until none helps."""
    best = ast.unparse(ast.parse(source))
    if not fails(best, call):
        return source, call
    improved = True
    while improved:
        improved = False
        at = 0
        # A change that helps leaves the ones after it in about their places.
        while True:
            candidate = next(skip(changes(best), at), None)
            if candidate is None:
                break
            if fails(candidate, call):
                best, improved = candidate, True
            else:
                at += 1
        for simpler in simpler_calls(call):
            if fails(best, simpler):
                call, improved = simpler, True
                break
    return best, call


def skip(candidates: Iterator[str], count: int) -> Iterator[str]:
    """Those after the first few."""
    for index, candidate in enumerate(candidates):
        if index >= count:
            yield candidate


def changes(source: str) -> Iterator[str]:
    """The source with one thing less, larger things first."""
    tree = ast.parse(source)
    blocks = [
        (node, field)
        for node in ast.walk(tree)
        for field in ("body", "orelse")
        if isinstance(getattr(node, field, None), list) and getattr(node, field)
    ]
    for number, (node, field) in enumerate(blocks):
        for index in range(len(getattr(node, field))):
            yield from edited(tree, number, index)
    expressions = of_statements(tree)
    for number, expression in enumerate(expressions):
        children = [c for c in ast.iter_child_nodes(expression) if isinstance(c, ast.expr)]
        for replacement in range(len(children) + len(SIMPLE)):
            changed = replaced(tree, number, replacement)
            if changed is not None and changed != source:
                yield changed


def of_statements(tree: ast.Module) -> list[ast.expr]:
    """The expressions, annotations and decorators left out."""
    found: list[ast.expr] = []
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            inside = (n for statement in function.body for n in ast.walk(statement))
            found += [n for n in inside if isinstance(n, ast.expr)]
    return found


def edited(tree: ast.Module, block: int, index: int) -> Iterator[str]:
    """Without a statement; and with what is inside it in its place."""
    for what in ("removed", "opened"):
        made = copy.deepcopy(tree)
        blocks = [
            (node, field)
            for node in ast.walk(made)
            for field in ("body", "orelse")
            if isinstance(getattr(node, field, None), list) and getattr(node, field)
        ]
        node, field = blocks[block]
        statements = getattr(node, field)
        gone = statements[index]
        if isinstance(gone, ast.Pass):
            return
        inside = getattr(gone, "body", []) if what == "opened" else []
        if what == "opened" and (not inside or isinstance(gone, ast.FunctionDef)):
            return
        statements[index : index + 1] = inside
        if not statements and field == "body" and not isinstance(node, ast.Module):
            statements.append(ast.Pass())
        yield ast.unparse(ast.fix_missing_locations(made))


SIMPLE = [ast.Constant(0), ast.Constant(1), ast.Constant(1.5), ast.Constant(True)]


class Replace(ast.NodeTransformer):
    """Puts one expression in another's place."""

    def __init__(self, old: ast.expr, new: ast.expr) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        """Depth first, the one that is meant."""
        return self.new if node is self.old else self.generic_visit(node)


def replaced(tree: ast.Module, number: int, replacement: int) -> str | None:
    """With an expression's part, or a constant, in its place."""
    made = copy.deepcopy(tree)
    old = of_statements(made)[number]
    if not isinstance(getattr(old, "ctx", ast.Load()), ast.Load):
        return None
    children = [c for c in ast.iter_child_nodes(old) if isinstance(c, ast.expr)]
    new: ast.expr = [*children, *SIMPLE][replacement]
    if isinstance(old, ast.Constant) and isinstance(new, ast.Constant):
        smaller = isinstance(old.value, int | float) and type(old.value) is type(new.value)
        if not smaller or old.value in (0, 1, 1.5):
            return None
    try:
        return ast.unparse(ast.fix_missing_locations(Replace(old, copy.deepcopy(new)).visit(made)))
    except (ValueError, TypeError):
        return None


def simpler_calls(call: list[values.Spec]) -> Iterator[list[values.Spec]]:
    """Arguments that are nearer to nothing."""
    for index, spec in enumerate(call):
        for smaller in simpler(spec):
            yield [*call[:index], smaller, *call[index + 1 :]]


def simpler(spec: values.Spec) -> Iterator[values.Spec]:
    """One argument, simpler."""
    if spec["kind"] == "tuple":
        for items in simpler_calls(spec["items"]):
            yield {**spec, "items": items}
        return
    zero = {"int": hex(0), "float": (0.0).hex(), "bool": False, "complex": [(0.0).hex()] * 2}
    one = {"int": hex(1), "float": (1.0).hex()}
    if spec["kind"] != "array":
        for table in (zero, one):
            value = table.get(spec["kind"])
            if value is not None and spec["value"] not in (zero.get(spec["kind"]), value):
                yield {**spec, "value": value}
        return
    plain = "numpy" if spec["dtype"] in "FD" else "view"
    if spec["form"] != plain and (all(spec["shape"]) or len(spec["shape"]) == 1):
        yield {**spec, "form": plain}
    for axis, length in enumerate(spec["shape"]):
        if length > 1:
            shape = [*spec["shape"][:axis], length // 2, *spec["shape"][axis + 1 :]]
            count = 1
            for part in shape:
                count *= part
            yield {**spec, "shape": shape, "values": spec["values"][:count]}
    nothing = zero[values.kind_of(spec["dtype"])]
    for index, value in enumerate(spec["values"]):
        if value != nothing:
            made = list(spec["values"])
            made[index] = nothing
            yield {**spec, "values": made}
