"""Runs a PyInstaller spec file with stand-ins for PyInstaller's names and says, as JSON, what it asked for.

Argument: the spec file. The answer is the last line of standard output; what the spec itself prints goes to
standard error. A spec is a program, and PyInstaller runs it, too; nothing else of it is executed.
Last of the three parts of one program.
"""

import builtins
import contextlib
import importlib.metadata
import json
import os
import sys
import tomllib
import traceback


def folder_of(scripts):
    """The folder of the recipe: the spec's, or one above it that has the scripts, too."""
    inside = [HERE, *(os.path.dirname(s) for s in scripts if s and os.path.isfile(s))]
    return os.path.commonpath(inside)


def written(path, root):
    """A path as the recipe writes it."""
    return os.path.relpath(path, root).replace(os.sep, "/")


def files_of(analysis, tables, root):
    """What goes in beside the code: source, folder in the app, patterns that stay out."""
    found = []

    def add(source, target, exclude=()):
        place, why = resolved(source)
        if place is None:
            if why == "is not on this machine":
                why += ": copy it into the project, and name it in `exe.add_files(...)`"
            note(os.fspath(source).removeprefix(PACKAGES + "/"), why)
            if (package := package_in(os.fspath(source))) is not None:
                collected_modules.append(package)
            return
        place = written(place, root)
        target = (target or ".").replace("\\", "/").strip("/") or "."
        exclude = [f"{place}/**/{e}" for e in exclude]
        one = {"source": place, "directory": target, "exclude": exclude}
        if one not in found:
            found.append(one)

    for source, target in analysis.given:
        add(source, target)
    for table in [analysis.datas, analysis.binaries, *tables]:
        for entry in table:
            if len(entry) != 3 or entry[2] not in ("DATA", "BINARY", "EXTENSION"):
                continue
            name, source, kind = entry
            if isinstance(kind, Folder):
                add(source, name, kind.excludes)
                continue
            folder, base = os.path.split(name.replace("\\", "/"))
            if base != os.path.basename(os.fspath(source).replace("\\", "/")):
                note(name, "keeps the name of its file: a recipe cannot give it another")
            add(source, folder)
    return found


def options_of(tables):
    """Interpreter options: ('W ignore', None, 'OPTION')."""
    return [e[0] for t in tables for e in t if len(e) == 3 and e[2] == "OPTION"]


def answer():
    scripts = [resolved(s)[0] for p in programs for s in p.analysis.scripts_given]
    root = folder_of(scripts)
    described = [describe(program, root) for program in programs]
    return {"programs": described, "notes": notes, "folder": root}


def describe(program, root):
    analysis = program.analysis
    scripts = [resolved(s)[0] for s in analysis.scripts_given]
    paths = []
    for path in analysis.pathex:
        place = os.path.normpath(os.path.join(HERE, path.replace("\\", "/")))
        if os.path.isdir(place):
            paths.append(place)
        else:
            note(f"pathex {path}", "is not on this machine; beside the script modules are found anyway")
    own = os.path.dirname(scripts[-1]) if scripts and scripts[-1] else HERE
    roots = [*dict.fromkeys([own, *paths, HERE])]
    files = files_of(analysis, program.tables, root)
    local = [h for h in analysis.hiddenimports if is_local(h, roots)]
    for name in collected_modules:
        folder = next((f for r in roots if os.path.isdir(f := os.path.join(r, *name.split(".")))), None)
        local += parts_of(name, folder)[0] if folder else []
    others = [n for n in collected_modules if not is_local(n, roots)]
    hidden = [h for h in analysis.hiddenimports if h not in local] + others
    packages, used = imported([s for s in scripts if s], roots, hidden)
    packages.update(n for n in collected_distributions if not is_local(n.replace("-", "_"), roots))
    used.update(next(r for r in roots if is_local(h, [r])) for h in local if is_local(h, roots))
    # The script's own folder is searched anyway; others count if the spec names them, or something was found there.
    inner = os.path.join(root, "")
    places = [*paths, HERE]
    keep = [p for p in dict.fromkeys(places) if p != own and (p in used or p in paths and p.startswith(inner))]
    seen = {}
    for name in packages:
        seen.setdefault(name.lower().replace("_", "-"), name)
    return {
        "name": program.name,
        "scripts": [s and written(s, root) for s in scripts],
        "paths": [written(p, root) for p in keep],
        "modules": list(dict.fromkeys(local)),
        "excludes": analysis.excludes,
        "hooks": [h and written(h, root) for h in (resolved(h)[0] for h in analysis.runtime_hooks)],
        "files": files,
        "options": options_of(program.tables),
        "optimize": analysis.optimize if isinstance(analysis.optimize, int) else -1,
        "console": bool(program.console),
        "icon": icon(program.icon, root),
        "strip": program.strip,
        "packages": sorted(seen.values(), key=str.lower),
    }


def icon(value, root):
    if isinstance(value, (list, tuple)):
        value = value[0] if value else None
    if not isinstance(value, (str, os.PathLike)) or str(value) == "NONE":
        return None
    place = resolved(value)[0]
    return written(place, root) if place else None


def version_of(real):
    """`importlib.metadata.version`, for the project itself, which is not installed here."""

    def version(name):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            return real(name)
        for folder in (HERE, os.path.dirname(HERE)):
            with contextlib.suppress(OSError, ValueError), open(os.path.join(folder, "pyproject.toml"), "rb") as file:
                project = tomllib.load(file).get("project", {})
                if project.get("name", "").lower().replace("_", "-") == name.lower().replace("_", "-"):
                    return project.get("version", "0")
        note(name, "is not installed here: its version is taken as 0")
        return "0"

    return version


def listed(real):
    """`os.listdir`, for folders of packages that are not here."""

    def listdir(path="."):
        inner = isinstance(path, (str, os.PathLike)) and os.fspath(path).startswith(PACKAGES)
        return [] if inner else real(path)

    return listdir


def main():
    out = os.dup(1)
    os.dup2(2, 1)
    dist, work = os.path.join(HERE, "dist"), os.path.join(HERE, "build")
    names = NAMES | {
        "__file__": SPEC, "__name__": "__main__", "__builtins__": builtins,
        "SPEC": SPEC, "SPECPATH": HERE, "specnm": os.path.splitext(os.path.basename(SPEC))[0],
        "DISTPATH": dist, "WORKPATH": work, "distpath": dist, "workpath": work, "HOMEPATH": f"{PACKAGES}/PyInstaller",
        "WARNFILE": os.path.join(work, "warn.txt"), "DEFAULT_DISTPATH": dist, "DEFAULT_WORKPATH": work,
    }
    sys.argv[:] = [SPEC]
    os.chdir(HERE)
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        os.environ.setdefault(variable, PACKAGES)
    importlib.metadata.version = version_of(importlib.metadata.version)
    os.listdir = listed(os.listdir)
    # Sources of the project come before stand-ins: specs import the version of their package.
    sys.path.insert(0, HERE)
    sys.meta_path.insert(sys.meta_path.index(importlib.machinery.PathFinder), Sources())
    sys.meta_path.append(StandIns())
    result = None
    try:
        with open(SPEC, "rb") as file:
            exec(compile(file.read(), SPEC, "exec"), names)
        result = answer()
    except SystemExit as stop:
        result = {"error": f"the file ends itself: SystemExit({stop.code!r})", "line": line_of(stop)}
    except BaseException as error:
        line = error.lineno if isinstance(error, SyntaxError) else line_of(error)
        result = {"error": said(error), "line": line or 1}
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    os.write(out, b"\n" + json.dumps(result).encode() + b"\n")


def said(error):
    """What is wrong, and what to do where that is not plain."""
    frames = traceback.extract_tb(error.__traceback__)
    if isinstance(error, KeyError) and frames and frames[-1].name == "__getitem__" and error.args:
        return f"the environment variable {error.args[0]} is not set: set it where `pyxidium import` runs"
    if isinstance(error, OSError) and str(error.filename or "").startswith(PACKAGES):
        inner = str(error.filename).removeprefix(PACKAGES + "/")
        return f"it reads {inner}, which lies in a package: packages go in whole, so the spec needs no such lines here"
    return "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]


def line_of(error):
    """The line of the spec in which an error came up."""
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == SPEC]
    return lines[-1] if lines else 1


main()
