"""Imports that fail are normal; each must raise what packages catch."""

for name in ("winreg", "msvcrt", "_winapi", "no_such_package.part", "simplejson"):
    try:
        __import__(name)
    except ModuleNotFoundError as error:
        assert error.name == name.split(".")[0], error.name
    else:
        raise AssertionError(name)
try:
    from json import no_such_name
except ImportError as error:
    assert error.name == "json" and error.path.endswith("json/__init__.py"), vars(error)
try:
    import json.no_such_part
except ModuleNotFoundError as error:
    assert error.name == "json.no_such_part"
try:
    import os.path.more
except ModuleNotFoundError as error:
    assert "'os.path' is not a package" in str(error), error
import importlib.util

assert importlib.util.find_spec("json.decoder").origin.endswith("json/decoder.py")
assert importlib.util.find_spec("simplejson") is None
try:
    importlib.util.find_spec("nothing.part")
except ModuleNotFoundError:
    print("ok")
