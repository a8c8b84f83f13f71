import importlib.abc
import importlib.machinery
import os
import sys
import zipfile


class Made(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name == "made_up":
            return importlib.machinery.ModuleSpec(name, self)

    def exec_module(self, module):
        module.answer = 42


sys.meta_path.insert(0, Made())
import made_up

assert made_up.answer == 42
# A folder and a zip on disk that the app adds to sys.path work as ever (plug-ins).
os.makedirs("plugins/pack")
with open("plugins/pack/__init__.py", "w") as file:
    file.write("NAME = __name__\n")
with open("plugins/pack/part.py", "w") as file:
    file.write("def fail():\n    raise ValueError('from a plug-in')\n")
with zipfile.ZipFile("more.zip", "w") as archive:
    archive.writestr("zipped.py", "VALUE = 'zipped'\n")
sys.path += [os.path.abspath("plugins"), os.path.abspath("more.zip")]
import pack.part
import zipped

assert pack.NAME == "pack" and pack.__file__ == os.path.abspath("plugins/pack/__init__.py")
assert zipped.VALUE == "zipped"
# An app may shadow what it does not like, and sees a module that it takes off sys.modules again.
sys.modules["antigravity"] = made_up
import antigravity

assert antigravity is made_up


class Renamer(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == "colorsys":
            sys.meta_path.remove(self)
            spec = importlib.util.find_spec(name)
            sys.meta_path.insert(0, self)
            loader = spec.loader
            spec.loader_state = "wrapped"
            return spec


import importlib.util

sys.meta_path.insert(0, Renamer())
import colorsys

assert colorsys.__spec__.loader_state == "wrapped" and colorsys.rgb_to_hsv(1, 0, 0) == (0, 1, 1)
try:
    pack.part.fail()
except ValueError as error:
    print(error)
print("ok")
