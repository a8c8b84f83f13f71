"""What a kernel's parameters and result may be said to be: refused before the first call."""

from __future__ import annotations

from typing import Any

from pyxidium.compute._errors import Span, unsupported

_NEVER = {"str", "bytes", "list", "dict", "set", "frozenset", "object", "List", "Dict", "Set"}
_ANNOTATION = (
    "kernels take and give int, float, bool, complex, tuples of them, and take arrays: "
    "annotate it so, or not at all"
)
_DEFAULT = "a default is an int, float, bool, complex, None or a tuple of them"


def check_parameters(function: Any, definition: Any, filename: str) -> None:
    """Refuse annotations and defaults that no kernel can have. Raises Unsupported."""
    arguments = definition.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    problems = []
    for annotation in [*(a.annotation for a in every), definition.returns]:
        name = _name(annotation)
        if name in _NEVER:
            problems.append((_span(annotation), f"kernels know no {name}", _ANNOTATION))
    nodes = [*arguments.defaults, *filter(None, arguments.kw_defaults)]
    values = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    for node, value in zip(nodes, values, strict=False):
        if not _is_value(value):
            problem = f"kernels have no default that is a {type(value).__name__}"
            problems.append((_span(node), problem, _DEFAULT))
    if problems:
        raise unsupported(filename, problems)


def _name(annotation: Any) -> str | None:
    """What an annotation begins with: `list` of `list[int]`."""
    kind = type(annotation).__name__
    if kind == "Subscript":
        return _name(annotation.value)
    if kind == "Constant" and isinstance(annotation.value, str):
        return annotation.value.partition("[")[0].strip()
    return annotation.id if kind == "Name" else None


def _is_value(value: object) -> bool:
    if isinstance(value, tuple):
        return all(map(_is_value, value))
    return value is None or isinstance(value, int | float | complex)


def _span(node: Any) -> Span:
    return (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
