import importlib
import importlib.util
import pkgutil
import sys

import fruit
import fruit.apple
from fruit import pear as second
from fruit.seeds import count, inner

assert fruit.apple.NAME == "apple" and second.NAME == "pear"
assert count.total() == 3 and inner.deep.WHERE == "fruit.seeds.inner.deep"
assert fruit.__path__ and fruit.__file__.endswith("fruit/__init__.py")
assert fruit.__spec__.submodule_search_locations == list(fruit.__path__)
assert fruit.__package__ == "fruit" and fruit.apple.__package__ == "fruit"
assert fruit.apple.__spec__.parent == "fruit" and fruit.apple.__spec__.has_location
assert fruit.apple.__spec__.origin == fruit.apple.__file__
# A folder without __init__.py is a namespace package.
import space.station

assert space.__file__ is None and list(space.__path__) and space.station.CREW == 7
assert importlib.util.find_spec("space").loader is None or space.__spec__.origin is None
names = [module.name for module in pkgutil.iter_modules(fruit.__path__)]
assert names == ["apple", "pear", "seeds"], names
assert [(m.name, m.ispkg) for m in pkgutil.walk_packages(fruit.__path__, "fruit.")] == [
    ("fruit.apple", False), ("fruit.pear", False), ("fruit.seeds", True),
    ("fruit.seeds.count", False), ("fruit.seeds.inner", True), ("fruit.seeds.inner.deep", False),
]  # fmt: skip
top = {module.name for module in pkgutil.iter_modules()}
assert {"fruit", "json", "asyncio"} <= top, sorted(top)[:20]
assert pkgutil.resolve_name("fruit.apple:NAME") == "apple"
before = fruit.apple
before.NAME = "changed"
assert importlib.reload(fruit.apple) is before and before.NAME == "apple"
assert importlib.util.find_spec("fruit.nothing") is None
assert importlib.util.find_spec("nothing") is None
try:
    import fruit.nothing
except ModuleNotFoundError as error:
    assert (str(error), error.name) == ("No module named 'fruit.nothing'", "fruit.nothing")
try:
    from fruit import nothing
except ImportError as error:
    assert "cannot import name 'nothing' from 'fruit'" in str(error) and fruit.__file__ in str(error)
del sys.modules["fruit.pear"]
assert importlib.import_module("fruit.pear") is not second
lazy = importlib.util.module_from_spec(spec := importlib.util.find_spec("fruit.pear"))
spec.loader.exec_module(lazy)
assert lazy.NAME == "pear"
assert importlib.import_module(".seeds.count", "fruit").total() == 3
importlib.invalidate_caches()
loader = fruit.apple.__loader__
assert loader.get_source("fruit.apple") == 'NAME = "apple"\n'
assert loader.get_code("fruit.apple").co_filename == fruit.apple.__file__
assert not loader.is_package("fruit.apple") and fruit.__loader__.is_package("fruit")
assert loader.get_data(fruit.apple.__file__) == b'NAME = "apple"\n'
assert pkgutil.get_data("fruit", "apple.py") == b'NAME = "apple"\n'
print("ok")
