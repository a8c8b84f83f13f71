"""Import the modules of the standard library; print how many, and the seconds that it took."""

import pkgutil
import sys
import time
import warnings

warnings.simplefilter("ignore")
# Modules that act on import, belong to other systems or need Tk.
SKIP = {"antigravity", "this", "idlelib", "turtle", "turtledemo", "tkinter", "ensurepip", "lib2to3"}
PACKAGES = (
    "asyncio collections concurrent.futures ctypes curses dbm email email.mime encodings html http "
    "importlib importlib.metadata importlib.resources json logging multiprocessing re sqlite3 tomllib "
    "unittest urllib wsgiref xml.dom xml.etree xml.parsers xml.sax xmlrpc zipfile zoneinfo"
).split()


def names():
    for name in sorted(sys.stdlib_module_names - SKIP):
        if not name.startswith(("_", "idlelib")):
            yield name
    for package in PACKAGES:
        path = __import__(package, fromlist=["*"]).__path__
        for module in pkgutil.iter_modules(path, package + "."):
            if "__main__" not in module.name and "win" not in module.name:
                yield module.name


start = time.perf_counter()
for name in names():
    try:
        __import__(name)
    except (ImportError, AttributeError):
        pass  # of another system
print(len(sys.modules), time.perf_counter() - start)
