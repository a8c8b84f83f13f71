"""An app that names the module nowhere has none, and is told so when it asks in a roundabout way."""

import importlib
import sys

try:
    importlib.import_module("oxidized" + "_importer")
except ModuleNotFoundError as error:
    assert error.name == "oxidized" + "_importer", error.name
    print(error)
assert not hasattr(sys, "oxidized")
