# Compiles sources for the packager, or looks into them: frames in on stdin, frames out on stdout.
# request:  u8 task, u32 length of name, u32 length of source, name, source
# answer:   u8 0 = done, 1 = rejected; u32 length, what the task asks for or
#           "line\0column\0text\0message"
# Only built-in modules, so that nothing of the standard library has to be there yet.
import marshal
import sys

USES = 1
LEVELS = {0: 0, 2: 1, 3: 2}  # of tasks that compile
ONLY_AST = 0x400


def number(data):
    return int.from_bytes(data, "little")


def rejected(line, column, text, message):
    fields = (str(line or 0), str(column or 0), (text or "").rstrip("\n"), message)
    return "\0".join(f.replace("\0", " ") for f in fields).encode("utf-8", "replace")


def answer(task, name, source):
    try:
        if task == USES:
            return 0, json(uses(compile(source, name, "exec", ONLY_AST, True, 0))).encode()
        return 0, marshal.dumps(compile(source, name, "exec", 0, True, LEVELS[task]))
    except SyntaxError as e:
        message = f"{type(e).__name__}: {e.msg}"
        return 1, rejected(e.lineno, e.offset, e.text, message)
    except Exception as e:  # e.g. RecursionError of a deeply nested literal
        return 1, rejected(0, 0, "", f"{type(e).__name__}: {e}")


def json(value):
    from _json import encode_basestring_ascii as quoted

    if isinstance(value, dict):
        return "{" + ",".join(f"{quoted(k)}:{json(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(json, value)) + "]"
    if isinstance(value, str):
        return quoted(value)
    if value is None:
        return "null"
    return repr(value).lower() if isinstance(value, bool) else repr(value)


def nodes(tree):
    """Every node, and whether it is inside a function."""
    waiting = [(tree, False)]
    while waiting:
        node, inside = waiting.pop()
        yield node, inside
        inside = inside or type(node).__name__ in ("FunctionDef", "AsyncFunctionDef", "Lambda")
        for field in node._fields:
            value = getattr(node, field, None)
            children = value if isinstance(value, list) else [value]
            waiting.extend((child, inside) for child in children if hasattr(child, "_fields"))


def uses(tree):
    """Calls of `px.window`, and the first line of each other name that is taken of the package."""
    modules, functions = set(), {}
    names, calls = {}, []
    for node, _ in nodes(tree):
        kind = type(node).__name__
        if kind == "Import":
            for alias in node.names:
                if alias.name.split(".")[0] == "pyxidium":
                    # `import pyxidium.dialog as d` binds the submodule, not the package.
                    if alias.asname is None or alias.name == "pyxidium":
                        modules.add(alias.asname or "pyxidium")
                    names.setdefault((alias.name + ".").split(".")[1], node.lineno)
        elif kind == "ImportFrom" and not node.level and node.module:
            first, _, rest = node.module.partition(".")
            if first == "pyxidium":
                for alias in node.names:
                    functions[alias.asname or alias.name] = alias.name
                    names.setdefault(rest.partition(".")[0] or alias.name, node.lineno)
        elif kind == "Constant" and type(node.value) is str:
            # import_module("pyxidium.compute"): the one part that an app may not have.
            if node.value.startswith("pyxidium.compute"):
                names.setdefault("compute", node.lineno)

    def taken(node):
        kind = type(node).__name__
        if kind == "Attribute" and type(node.value).__name__ == "Name":
            return node.attr if node.value.id in modules else None
        return functions.get(node.id) if kind == "Name" else None

    for node, inside in nodes(tree):
        if type(node).__name__ == "Attribute" and taken(node):
            names[node.attr] = min(node.lineno, names.get(node.attr, node.lineno))
        if type(node).__name__ == "Call" and taken(node.func) == "window":
            calls.append(call(node, inside))
    names.pop("", None)
    calls.sort(key=lambda c: (c["inside"], c["line"]))
    return {"names": names, "windows": calls}


def call(node, inside):
    arguments = [
        {"key": k.arg, "line": k.value.lineno, "value": literal(k.value)}
        for k in node.keywords
        if k.arg is not None
    ]
    return {"line": node.lineno, "inside": inside, "arguments": arguments}


def literal(node):
    """The value as JSON has it; an empty object for what only running it can tell."""
    kind = type(node).__name__
    if kind == "Constant":
        value = node.value
        if value is None or isinstance(value, (str, bool, int)):
            return value
        # JSON knows no infinity.
        return value if isinstance(value, float) and abs(value) < 1e300 else {}
    if kind in ("Tuple", "List"):
        return [literal(element) for element in node.elts]
    if kind == "UnaryOp" and type(node.op).__name__ == "USub":
        value = literal(node.operand)
        return -value if isinstance(value, (int, float)) else {}
    return {}


def main():
    read = sys.stdin.buffer.read
    out = sys.stdout.buffer
    while len(head := read(9)) == 9:
        name = read(number(head[1:5])).decode()
        status, data = answer(head[0], name, read(number(head[5:])))
        out.write(bytes((status,)) + len(data).to_bytes(4, "little") + data)
        out.flush()


main()
