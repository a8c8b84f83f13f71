"""An app that names `pyxidium.compute` nowhere has none, and is told so when it asks in a roundabout way."""

import importlib
import sys

import pyxidium

for name in ("comp" + "ute", "comp" + "ute.sorting"):
    try:
        importlib.import_module(f"pyxidium.{name}")
    except ModuleNotFoundError as error:
        assert error.name == "pyxidium.comp" + "ute", error.name
        assert "write `import pyxidium.comp" in error.msg, error.msg
    else:
        sys.exit("it is there")
try:
    getattr(pyxidium, "comp" + "ute")
except ModuleNotFoundError as error:
    print(error)
