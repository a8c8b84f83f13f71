"""Stand-ins for PyInstaller's names, and for packages that a spec looks into: what a spec says to them is kept.

First of the three parts of one program (`stand_ins.py`, `sources.py`, `spec.py`). Nothing is looked for here, but
files of a package that is the project's own.
"""

import importlib.abc
import importlib.machinery
import os
import sys
import types

SPEC = os.path.realpath(sys.argv[1])
HERE = os.path.dirname(SPEC)
# Where stand-ins say that a package lies: it goes in with all that is in it.
PACKAGES = "/packages of the app"

analyses = []
programs = []
notes = []
# What a spec collects of: modules, and distributions by the names that they are installed by.
collected_modules, collected_distributions = [], []


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

    def __rsub__(self, other):
        return TOC(other) - self


class Scripts(TOC):
    """The scripts of an analysis: they say which program it is of."""

    def __init__(self, analysis):
        super().__init__(
            (os.path.splitext(os.path.basename(s))[0], s, "PYSOURCE") for s in analysis.scripts_given
        )
        self.analysis = analysis

    def __add__(self, other):
        both = Scripts(self.analysis)
        both.extend(other)
        return both


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
        for name in sorted(other.keys() - QUIET - {"noarchive", "strip"}):
            note(f"Analysis({name} = ...)", "has no meaning here")
        self.scripts = Scripts(self)
        self.datas, self.binaries, self.zipfiles, self.zipped_data = TOC(), TOC(), TOC(), TOC()
        self.pure, self.dependencies = TOC(), TOC()
        analyses.append(self)


class Folder(str):
    """The kind of an entry that stands for all files of a folder."""

    excludes = ()


class Tree(TOC):
    """All files of a folder: one entry, which survives whatever a spec does with tables."""

    def __init__(self, root, prefix=None, excludes=None, typecode="DATA"):
        kind = Folder(typecode)
        kind.excludes = list(excludes or [])
        super().__init__([(os.fspath(prefix or "."), os.fspath(root), kind)])


class Built:
    """What a step gives: more tables for the next one."""

    def __init__(self, *args, **other):
        self.toc, self.dependencies, self.binaries = TOC(), TOC(), TOC()
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
    "win_no_prefer_redirects", "win_private_assemblies", "win_restrict_imports",
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
        for key in sorted(other.keys() - QUIET):
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

    def __call__(self, *args, **_):
        if self._name.startswith("PyInstaller.utils.hooks."):
            return hook(self._name, *args)
        if self._name.startswith("PyInstaller.utils.win32."):
            note("version", TOLD["version"])
        else:
            note(self._name, IN_WHOLE)
        return Nothing()

    def __fspath__(self):
        return f"{PACKAGES}/{self._name.replace('.', '/')}"

    def __str__(self):
        return self.__fspath__()

    def __iter__(self):
        return iter(())

    def __bool__(self):
        return False

    def __add__(self, other):
        return Nothing() + other

    def __radd__(self, other):
        return other + Nothing()

    def __getitem__(self, _):
        return self

    def __setitem__(self, key, value):
        pass

    def __lt__(self, _):
        return False

    __gt__ = __le__ = __ge__ = __lt__


class Nothing(list):
    """An empty list that can be added to anything, and looks like a path where one is wanted."""

    def __add__(self, other):
        if isinstance(other, str):
            return PACKAGES + other
        if isinstance(other, (list, tuple)):
            return list(other)
        return Nothing() if isinstance(other, Stand) else other

    def __radd__(self, other):
        return other if isinstance(other, str) else self + other

    def __fspath__(self):
        return PACKAGES

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Stand(name)


# What `from PyInstaller.utils.hooks import *` brings.
HOOKS = [
    "collect_all", "collect_data_files", "collect_delvewheel_libs_directory", "collect_dynamic_libs",
    "collect_entry_point", "collect_submodules", "collect_system_data_files", "copy_metadata",
    "get_module_file_attribute", "get_package_paths", "is_module_satisfies",
]
IN_WHOLE = "is not called: packages go in whole, with their data and metadata"


def hook(name, first=None, *_):
    """What PyInstaller's helper of a name gives: the files of the project's own packages; of others nothing, but
    that they are wanted is kept."""
    kind = name.rpartition(".")[2]
    package = first if isinstance(first, str) else ""
    folder = own_package(package) if package else None
    if folder is not None:
        modules, data = parts_of(package, folder)
        known = {
            "collect_submodules": modules, "collect_data_files": data, "collect_all": (data, [], modules),
            "collect_dynamic_libs": [], "get_module_file_attribute": os.path.join(folder, "__init__.py"),
            "get_package_paths": (os.path.dirname(folder), folder),
        }
        if kind in known:
            return known[kind]
    elif package and kind not in ("collect_entry_point", "collect_system_data_files", "is_module_satisfies"):
        wanted = collected_distributions if kind == "copy_metadata" else collected_modules
        wanted.append(package)
    note(name, IN_WHOLE)
    inner = f"{PACKAGES}/{package.replace('.', '/')}"
    shapes = {
        "collect_all": (Nothing(), Nothing(), Nothing()), "collect_entry_point": (Nothing(), Nothing()),
        "collect_delvewheel_libs_directory": (Nothing(), Nothing()), "get_package_paths": (PACKAGES, inner),
        "get_module_file_attribute": f"{inner}/__init__.py", "get_homebrew_path": "",
    }
    return shapes.get(kind, Nothing())


def own_package(name):
    """The folder of a package that lies in the project, or where the spec makes Python look for it."""
    for place in sys.path:
        folder = os.path.join(place or HERE, *name.split("."))
        if os.path.isdir(folder) and not os.path.realpath(folder).startswith(os.path.join(sys.prefix, "")):
            return folder
    return None


def parts_of(name, folder):
    """Modules of a package, and its other files with their folders in the app."""
    modules, data = [name], []
    for at, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if f != "__pycache__")
        inner = os.path.relpath(at, folder)
        dotted = name if inner == "." else f"{name}.{inner.replace(os.sep, '.')}"
        for file in sorted(files):
            stem, suffix = os.path.splitext(file)
            if suffix == ".py":
                modules.append(dotted if stem == "__init__" else f"{dotted}.{stem}")
            elif suffix not in (".pyc", ".so", ".pyd"):
                data.append((os.path.join(at, file), dotted.replace(".", "/")))
    return list(dict.fromkeys(modules)), data


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """PyInstaller, and packages that a spec looks into."""

    def find_spec(self, name, path=None, target=None):
        # Python's own library asks by import which system it is on (`subprocess` for `msvcrt`).
        if name.partition(".")[0] in sys.stdlib_module_names:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        name = spec.name
        module = types.ModuleType(name)
        module.__path__ = [f"{PACKAGES}/{name.replace('.', '/')}"]
        module.__file__ = f"{module.__path__[0]}/__init__.py"
        known = {"is_linux": True, "is_unix": True, "is_win": False, "is_darwin": False, "__version__": "0"}

        def attribute(key):
            if key in NAMES and name.startswith("PyInstaller"):
                return NAMES[key]
            if key in known:
                return known[key]
            if key == "__all__" and name == "PyInstaller.utils.hooks":
                return HOOKS
            if key.startswith("__"):
                raise AttributeError(key)
            return Stand(f"{name}.{key}")

        module.__getattr__ = attribute
        return module

    def exec_module(self, module):
        pass


class Sources(importlib.abc.MetaPathFinder):
    """Modules of the project: one that does not run without its packages is not the spec's end."""

    def find_spec(self, name, path=None, target=None):
        found = importlib.machinery.PathFinder.find_spec(name, path, target)
        if not found or not isinstance(found.loader, importlib.machinery.SourceFileLoader):
            return None
        if found.origin.startswith(os.path.dirname(os.__file__) + os.sep):
            return None
        found.loader = Lenient(found.loader.name, found.loader.path)
        return found


class Lenient(importlib.machinery.SourceFileLoader):
    def exec_module(self, module):
        try:
            super().exec_module(module)
        except (Exception, SystemExit) as error:
            name = module.__name__
            note(f"import {name}", f"it does not run without its packages ({type(error).__name__}: {error}), so what "
                 "the spec takes of it is left out")

            def attribute(key):
                if key.startswith("__") and key != "__version__":
                    raise AttributeError(key)
                return Stand(f"{name}.{key}")

            module.__getattr__ = attribute


NAMES = {c.__name__: c for c in (Analysis, Tree, TOC, PYZ, PKG, EXE, COLLECT, BUNDLE, Splash, MERGE)}
