"""The Python half of the importer: what must be a Python class because the standard library asks.

Frozen into every payload as ``_pyxidium_boot`` and run once, before any other module that is not
part of CPython's core. It may import nothing that is not loaded already.

The loader *is* a ``SourceFileLoader``: paths below the executable answer to ``open`` and
``stat``, so everything that class does for files on disk works, and ``isinstance`` checks in
other people's code hold. Only the code object comes from elsewhere.
"""

import sys

import _frozen_importlib
import _frozen_importlib_external as external
import _pyxidium


class OxidizedLoader(external.SourceFileLoader):
    """Loads modules whose bytecode is in the payload."""

    def get_code(self, fullname):
        """The code object from the payload; compiled from source if there is none."""
        code = _pyxidium.get_code(self.path)
        return super().get_code(fullname) if code is None else code

    def exec_module(self, module):
        """Run the module. There is no cached file that ``__cached__`` could name."""
        module.__cached__ = None
        code = self.get_code(module.__name__)
        if code is None:
            raise ImportError(f"cannot load module {module.__name__!r}", name=module.__name__)
        _call_with_frames_removed(exec, code, module.__dict__)
        for then in _awaited.pop(self.name, ()):
            then(module)

    def set_data(self, path, data, *, _mode=0o666):
        """The payload is read-only: nothing is cached beside the source."""

    def get_resource_reader(self, name=None):
        """A reader whose paths ``importlib.resources.as_file`` turns into real files."""
        return _resource_reader(self)


_call_with_frames_removed = _frozen_importlib._call_with_frames_removed

# Python hides import machinery from tracebacks by the file name of the frame.
OxidizedLoader.exec_module.__code__ = OxidizedLoader.exec_module.__code__.replace(
    co_filename="<frozen importlib._bootstrap_external>"
)


def _resource_reader(loader):
    # Defined at first use: importlib.resources and pathlib are no part of start-up.
    global _resource_reader

    import contextlib
    import importlib.readers
    import importlib.resources
    import pathlib

    class ResourcePath(pathlib.PosixPath):
        """A path inside the executable: everything a ``Path`` is, but other programs cannot open it."""

        __slots__ = ()

    class ResourceReader(importlib.readers.FileReader):
        def files(self):
            return ResourcePath(self.path)

        def resource_path(self, resource):
            return str(real_file(super().resource_path(resource)))

    def real_file(path):
        try:
            return pathlib.Path(_pyxidium.extract(str(path)))
        except OSError:
            # Nowhere to put it. The path itself still works for everything in this process.
            return path

    @importlib.resources.as_file.register(ResourcePath)
    @contextlib.contextmanager
    def as_file(path):
        if path.is_dir():
            # The cache mirrors the payload: once its files are there, so is the folder.
            files = [real_file(file) for file in path.rglob("*") if file.is_file()]
            mirrored = files and not isinstance(files[-1], ResourcePath)
            yield pathlib.Path(_pyxidium.extracted_folder(str(path))) if mirrored else path
        else:
            yield real_file(path)

    _resource_reader = ResourceReader
    return ResourceReader(loader)


class LeftOutFinder:
    """The last on ``sys.meta_path``: says why a module that was left out is not there."""

    @staticmethod
    def find_spec(fullname, path=None, target=None):
        # Who asks `importlib.util.find_spec` whether there is such a module gets its answer: no.
        importing = sys._getframe(2).f_code is _frozen_importlib._find_and_load_unlocked.__code__
        reason = _pyxidium.left_out(fullname) if importing else None
        if reason is None:
            return None
        # `from package import module` would turn an error of this name into one that says less.
        frame = sys._getframe(2)
        while frame is not None and frame.f_globals is _frozen_importlib.__dict__:
            if frame.f_code is _frozen_importlib._handle_fromlist.__code__:
                name = None
                break
            frame = frame.f_back
        else:
            name = fullname
        raise ModuleNotFoundError(f"No module named {fullname!r}: {reason}", name=name)


LeftOutFinder.find_spec.__code__ = LeftOutFinder.find_spec.__code__.replace(
    co_filename="<frozen importlib._bootstrap_external>"
)


def install():
    """Put the importer first and finish what ``site`` does for scripts."""
    import _sitebuiltins
    import builtins
    import gc

    finder = _pyxidium.OxidizedFinder(
        _frozen_importlib.ModuleSpec, OxidizedLoader, external.ExtensionFileLoader
    )
    sys.meta_path.insert(0, finder)
    sys.path_hooks.insert(0, finder.path_hook)
    sys.path_importer_cache.clear()
    if _pyxidium.has_left_out():
        sys.meta_path.append(LeftOutFinder)
    sys.frozen = True

    builtins.quit = _sitebuiltins.Quitter("quit", "Ctrl-D (i.e. EOF)")
    builtins.exit = _sitebuiltins.Quitter("exit", "Ctrl-D (i.e. EOF)")
    builtins.help = _sitebuiltins._Helper()

    # What start-up made lives until the end: no collection needs to look at it again. This takes
    # a sixth off the run of a small app, nearly all of it at exit.
    gc.freeze()

    # But the app's own globals must be collected at exit: an open file among them is flushed then.
    fresh_main()


def run_startup_line(line, sitedir):
    """Run an import line of a ``.pth`` file, in a frame like ``site``'s: setuptools' lines read `sitedir` there."""
    exec(line, {})


def settle(frozen, meipass=None, argvb=None, start_method=None, modules_variable=None):
    """Do what an app says of its Python where CPython's own start-up has no word for it."""
    if not frozen:
        del sys.frozen
    if meipass is not None:
        sys._MEIPASS = meipass
    if argvb is not None:
        sys.argvb = argvb
    if start_method is not None:
        global preferred_start_method
        preferred_start_method = start_method
        when_loaded("multiprocessing.context", lambda module: _prefer(module, start_method))
    if modules_variable is not None:
        import posix

        folder = posix.environ.get(modules_variable.encode())
        if folder:
            import atexit

            atexit.register(_write_modules, folder)


# The start method of processes that the app's settings name.
preferred_start_method = None


def _know_finder(pkg_resources):
    # setuptools' module looks for packages where it knows the type of a folder's finder.
    look_again = getattr(pkg_resources, "_initialize_master_working_set", None)
    if look_again is not None:
        finder = _pyxidium.OxidizedPathEntryFinder
        pkg_resources.register_finder(finder, pkg_resources.find_on_path)
        pkg_resources.register_namespace_handler(finder, pkg_resources.file_ns_handler)
        look_again()


# What is waited for, by the name of the module.
_awaited = {"pkg_resources": [_know_finder]}


def when_loaded(name, then):
    """Call `then` with a module of the payload right after its code has run."""
    _awaited.setdefault(name, []).append(then)


def _prefer(context, start_method):
    # What `get_context()` gives before anybody has called `set_start_method`.
    context._default_context._default_context = context._concrete_contexts[start_method]


def _write_modules(folder):
    import os
    import uuid

    os.makedirs(folder, exist_ok=True)
    names = "".join(f"{name}\n" for name in sorted(sys.modules))
    with open(os.path.join(os.fsdecode(folder), f"modules-{uuid.uuid4()}"), "w") as file:
        file.write(names)


def fresh_main():
    """Put an empty ``__main__`` in place."""
    import builtins

    main = type(sys)("__main__")
    main.__builtins__ = builtins
    main.__loader__ = _frozen_importlib.BuiltinImporter
    sys.modules["__main__"] = main


def forget_modules(folder):
    """Forget the modules whose files are below `folder`: their sources are about to be run again."""
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(folder + "/"):
            del sys.modules[name]
    sys.path_importer_cache.clear()
    fresh_main()
