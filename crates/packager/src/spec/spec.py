"""Runs a PyInstaller spec file with stand-ins for PyInstaller's names and says, as JSON, what it asked for.

Argument: the spec file. The answer is the last line of standard output; what the spec itself prints goes to
standard error. A spec is a program, and PyInstaller runs it, too; nothing else of it is executed.
"""

import ast
import builtins
import contextlib
import importlib.abc
import importlib.machinery
import json
import os
import sys
import traceback
import types

SPEC = os.path.realpath(sys.argv[1])
HERE = os.path.dirname(SPEC)
# Where stand-ins say that a package lies: it goes in with all that is in it.
PACKAGES = "/packages of the app"

analyses = []
programs = []
notes = []


def note(what, why):
    if [what, why] not in notes:
        notes.append([what, why])


class TOC(list):
    """PyInstaller's table of contents: names, files, kinds."""

    def __add__(self, other):
        return TOC([*self, *other])

    def __radd__(self, other):
        return TOC([*other, *self])

    def __sub__(self, other):
        gone = {entry[0] for entry in other}
        return TOC(entry for entry in self if entry[0] not in gone)


class Scripts(TOC):
    """The scripts of an analysis: they say which program it is of."""

    def __init__(self, analysis):
        super().__init__(
            (os.path.splitext(os.path.basename(s))[0], s, "PYSOURCE") for s in analysis.scripts_given
        )
        self.analysis = analysis


class Analysis:
    def __init__(self, scripts=(), pathex=None, binaries=None, datas=None, hiddenimports=None, **other):
        self.scripts_given = [os.fspath(s) for s in scripts]
        self.pathex = [os.fspath(p) for p in pathex or []]
        # What comes from stand-ins is not a pair of texts.
        self.given = [
            (os.fspath(source), os.fspath(target))
            for source, target in (entry[:2] for entry in [*(datas or []), *(binaries or [])])
        ]
        self.hiddenimports = [h for h in hiddenimports or [] if isinstance(h, str)]
        self.excludes = [e for e in other.pop("excludes", None) or [] if isinstance(e, str)]
        self.runtime_hooks = [os.fspath(h) for h in other.pop("runtime_hooks", None) or []]
        self.optimize = other.pop("optimize", -1)
        if other.pop("hookspath", None):
            note("hookspath", "packages go in whole: hooks that add parts of them are not needed")
        if other.pop("hooksconfig", None):
            note("hooksconfig", "packages go in whole: hooks have nothing to configure")
        for name in ("noarchive", "win_no_prefer_redirects", "win_private_assemblies", "cipher"):
            other.pop(name, None)
        for name in other:
            note(f"Analysis({name} = ...)", "has no meaning here")
        self.scripts = Scripts(self)
        self.datas, self.binaries, self.zipfiles, self.zipped_data = TOC(), TOC(), TOC(), TOC()
        self.pure, self.dependencies = TOC(), TOC()
        analyses.append(self)


class Tree(TOC):
    """All files of a folder."""

    def __init__(self, root, prefix=None, excludes=None, typecode="DATA"):
        self.root, self.prefix, self.excludes = os.fspath(root), prefix or "", list(excludes or [])
        super().__init__()


class Built:
    """What a step gives: more tables for the next one."""

    def __init__(self, *args, **other):
        self.toc = TOC()
        self.dependencies = TOC()
        self.args, self.name = args, other.get("name")


class PYZ(Built):
    pass


class PKG(Built):
    pass


# Attributes of a program that mean nothing in a sealed file, and why that is worth a line.
QUIET = {
    "append_pkg", "debug", "bootloader_ignore_signals", "disable_windowed_traceback", "upx", "upx_exclude",
    "runtime_tmpdir", "argv_emulation", "exclude_binaries", "contents_directory", "embed_manifest", "manifest",
    "hide_console", "target_arch", "pure", "cipher", "uac_admin", "uac_uiaccess", "resources",
}
TOLD = {
    "version": "is for Windows: `exe.version` is what packages say",
    "codesign_identity": "signs for macOS; see `pyxidium sign`",
    "entitlements_file": "is for macOS",
}


class EXE(Built):
    def __init__(self, *args, **other):
        super().__init__(*args, **other)
        self.console = other.pop("console", not other.pop("windowed", False))
        self.icon, self.strip = other.pop("icon", None), bool(other.pop("strip", False))
        name = other.pop("name", None)
        for key, why in TOLD.items():
            if other.pop(key, None):
                note(key, why)
        for key in other.keys() - QUIET:
            note(f"EXE({key} = ...)", "has no meaning here")
        tables = list(flat(args))
        found = [t.analysis for t in tables if isinstance(t, Scripts)]
        self.analysis = found[0] if found else (analyses[-1] if analyses else Analysis())
        first = self.analysis.scripts_given[:1] or ["app.py"]
        self.name = os.path.basename(os.fspath(name)) if name else os.path.splitext(os.path.basename(first[0]))[0]
        self.name = self.name.removesuffix(".exe")
        self.tables = [t for t in tables if not isinstance(t, Scripts)]
        programs.append(self)


class COLLECT(Built):
    def __init__(self, *args, **other):
        super().__init__(*args, **other)
        self.strip = bool(other.get("strip", False))
        own = [a for a in args if isinstance(a, EXE)]
        for program in own:
            program.tables.extend(t for t in flat(args) if not isinstance(t, (Scripts, EXE)))
            program.strip |= self.strip
        if len(own) > 1:
            note("COLLECT", "each program is one file with all that it needs; together they take more than one folder")


class BUNDLE(Built):
    def __init__(self, *args, **other):
        super().__init__(*args, **other)
        note("BUNDLE", "macOS bundles are made on macOS: `MacOsApplicationBundleBuilder` in the recipe")


class Splash(Built):
    def __init__(self, *args, **other):
        super().__init__(*args, **other)
        note("Splash", "nothing is unpacked, so there is nothing to wait for")


def MERGE(*_):
    note("MERGE", "each program is one file with all that it needs")


def flat(args):
    """Tables among arguments, which may be in lists."""
    for value in args:
        if isinstance(value, Analysis):
            yield from (value.datas, value.binaries)
        elif isinstance(value, TOC):
            yield value
        elif isinstance(value, (list, tuple)):
            if value and isinstance(value[0], tuple) and len(value[0]) == 3:
                yield TOC(value)
            else:
                yield from flat(value)


class Stand:
    """Something of a package that is not here: any attribute, any call."""

    def __init__(self, name):
        self._name = name

    def __getattr__(self, name):
        if name.startswith("__") and name != "__version__":
            raise AttributeError(name)
        return Stand(f"{self._name}.{name}")

    def __call__(self, *_, **__):
        note(self._name, "is not called: packages go in whole, with their data and metadata")
        # What PyInstaller's collect_all gives; the others give one list, which this is as well.
        return (Nothing(), Nothing(), Nothing()) if self._name.endswith(".collect_all") else Nothing()

    def __fspath__(self):
        return f"{PACKAGES}/{self._name.replace('.', '/')}"

    def __str__(self):
        return self.__fspath__()

    def __iter__(self):
        return iter(())

    def __bool__(self):
        return False


class Nothing(list):
    """An empty list that can be added to anything, and looks like a path where one is wanted."""

    def __add__(self, other):
        return list(other) if isinstance(other, (list, tuple)) else other

    __radd__ = __add__

    def __fspath__(self):
        return PACKAGES

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Stand(name)


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """PyInstaller, and packages that a spec looks into."""

    def find_spec(self, name, path=None, target=None):
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        name = spec.name
        module = types.ModuleType(name)
        module.__path__ = [f"{PACKAGES}/{name.replace('.', '/')}"]
        module.__file__ = f"{module.__path__[0]}/__init__.py"
        known = {"is_linux": True, "is_unix": True, "is_win": False, "is_darwin": False, "__version__": "0"}
        classes = {c.__name__: c for c in (Analysis, Tree, TOC, PYZ, PKG, EXE, COLLECT, BUNDLE, Splash, MERGE)}

        def attribute(key):
            if key in classes and name.startswith("PyInstaller"):
                return classes[key]
            if key in known:
                return known[key]
            if key.startswith("__"):
                raise AttributeError(key)
            return Stand(f"{name}.{key}")

        module.__getattr__ = attribute
        return module

    def exec_module(self, module):
        pass


def inside(path):
    """A path as a recipe writes it: relative to its folder; or None for a package's."""
    path = os.fspath(path)
    if path.startswith(PACKAGES):
        return None
    path = os.path.normpath(os.path.join(HERE, path))
    relative = os.path.relpath(path, HERE)
    return relative.replace(os.sep, "/")


def files_of(analysis, tables):
    """What goes in beside the code: source, folder in the app, patterns that stay out."""
    found = []

    def add(source, target, exclude=()):
        place = inside(source)
        if place is None:
            note(os.fspath(source).removeprefix(PACKAGES + "/"), "goes in with its package")
            return
        target = (target or ".").replace("\\", "/").strip("/") or "."
        one = {"source": place, "directory": target, "exclude": list(exclude)}
        if one not in found:
            found.append(one)

    for source, target in analysis.given:
        add(source, target)
    for table in [analysis.datas, analysis.binaries, *tables]:
        if isinstance(table, Tree):
            add(table.root, table.prefix, [f"{inside(table.root) or '.'}/**/{e}" for e in table.excludes])
            continue
        for entry in table:
            if len(entry) != 3 or entry[2] not in ("DATA", "BINARY", "EXTENSION"):
                continue
            name, source, _ = entry
            folder, base = os.path.split(name.replace("\\", "/"))
            if base != os.path.basename(os.fspath(source)):
                note(name, "keeps the name of its file: a recipe cannot give it another")
            add(source, folder)
    return found


def options_of(tables):
    """Interpreter options: ('W ignore', None, 'OPTION')."""
    return [e[0] for t in tables if not isinstance(t, Tree) for e in t if len(e) == 3 and e[2] == "OPTION"]


def is_local(name, roots):
    first = name.split(".")[0]
    places = [os.path.join(root, first) for root in roots]
    return any(os.path.isdir(p) or os.path.isfile(p + ".py") for p in places)


# What packages are called where they are installed from, where that is another name.
DISTRIBUTIONS = {
    "attr": "attrs", "bs4": "beautifulsoup4", "cv2": "opencv-python", "Crypto": "pycryptodome", "dateutil":
    "python-dateutil", "docx": "python-docx", "dotenv": "python-dotenv", "fitz": "PyMuPDF", "git": "GitPython",
    "google": None, "jwt": "PyJWT", "OpenSSL": "pyOpenSSL", "PIL": "Pillow", "pptx": "python-pptx", "serial":
    "pyserial", "skimage": "scikit-image", "sklearn": "scikit-learn", "usb": "pyusb", "websocket":
    "websocket-client", "win32api": None, "win32com": None, "wx": "wxPython", "yaml": "PyYAML", "zmq": "pyzmq",
}


def imported(scripts, roots, hidden):
    """Packages that the sources, or the spec for them, name: neither ours nor the standard library's."""
    queue, seen, packages = list(scripts), set(), set()

    def take(name):
        first = name.split(".")[0]
        if first not in sys.stdlib_module_names and first not in ("pyxidium", "pkg_resources"):
            packages.add(DISTRIBUTIONS.get(first, first))

    for name in hidden:
        take(name)
    while queue:
        path = queue.pop()
        if path in seen or not os.path.isfile(path):
            continue
        seen.add(path)
        try:
            with open(path, "rb") as file:
                tree = ast.parse(file.read())
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                names = [node.module]
            for name in names:
                first = name.split(".")[0]
                root = next((r for r in roots if is_local(first, [r])), None)
                if root is not None:
                    queue.append(os.path.join(root, first + ".py"))
                    for folder, _, inner in os.walk(os.path.join(root, first)):
                        queue.extend(os.path.join(folder, f) for f in inner if f.endswith(".py"))
                else:
                    take(name)
    return sorted(packages - {None}, key=str.lower)


def answer():
    described = []
    for program in programs:
        analysis = program.analysis
        scripts = [os.path.normpath(os.path.join(HERE, s)) for s in analysis.scripts_given]
        paths = [os.path.normpath(os.path.join(HERE, p)) for p in analysis.pathex]
        roots = [*dict.fromkeys([*(os.path.dirname(s) for s in scripts[-1:]), *paths, HERE])]
        local = [h for h in analysis.hiddenimports if is_local(h, roots)]
        described.append({
            "name": program.name,
            "scripts": [inside(s) for s in scripts],
            "paths": [p for p in dict.fromkeys(inside(p) for p in paths) if p not in (None, ".")],
            "modules": local,
            "excludes": analysis.excludes,
            "hooks": [inside(h) for h in analysis.runtime_hooks],
            "files": files_of(analysis, program.tables),
            "options": options_of(program.tables),
            "optimize": analysis.optimize if isinstance(analysis.optimize, int) else -1,
            "console": bool(program.console),
            "icon": icon(program.icon),
            "strip": program.strip,
            "packages": imported(scripts, roots, [h for h in analysis.hiddenimports if h not in local]),
        })
    return {"programs": described, "notes": notes}


def icon(value):
    if isinstance(value, (list, tuple)):
        value = value[0] if value else None
    if not isinstance(value, (str, os.PathLike)) or str(value) == "NONE":
        return None
    return inside(value)


def main():
    out = os.dup(1)
    os.dup2(2, 1)
    names = {c.__name__: c for c in (Analysis, Tree, TOC, PYZ, PKG, EXE, COLLECT, BUNDLE, Splash, MERGE)}
    dist, work = os.path.join(HERE, "dist"), os.path.join(HERE, "build")
    names |= {
        "__file__": SPEC, "__name__": "__main__", "__builtins__": builtins,
        "SPEC": SPEC, "SPECPATH": HERE, "specnm": os.path.splitext(os.path.basename(SPEC))[0],
        "DISTPATH": dist, "WORKPATH": work, "distpath": dist, "workpath": work, "HOMEPATH": f"{PACKAGES}/PyInstaller",
        "WARNFILE": os.path.join(work, "warn.txt"), "DEFAULT_DISTPATH": dist, "DEFAULT_WORKPATH": work,
    }
    sys.argv[:] = [SPEC]
    os.chdir(HERE)
    # Sources of the project come before stand-ins: specs import the version of their package.
    sys.path.insert(0, HERE)
    sys.meta_path.append(StandIns())
    result = None
    try:
        with open(SPEC, "rb") as file:
            exec(compile(file.read(), SPEC, "exec"), names)
        result = answer()
    except SystemExit as stop:
        result = {"error": f"the file ends itself: SystemExit({stop.code!r})", "line": line_of(stop)}
    except BaseException as error:
        text = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]
        line = error.lineno if isinstance(error, SyntaxError) else line_of(error)
        result = {"error": text, "line": line or 1}
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    os.write(out, b"\n" + json.dumps(result).encode() + b"\n")


def line_of(error):
    """The line of the spec in which an error came up."""
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == SPEC]
    return lines[-1] if lines else 1


main()
