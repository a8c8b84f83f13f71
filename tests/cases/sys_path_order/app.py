"""The order of sys.path decides, also against the app's own modules and the standard library."""

import os
import sys

os.makedirs("mine")
for name in ("colorsys", "helper", "wave"):
    with open(f"mine/{name}.py", "w") as file:
        file.write("WHOSE = 'the folder'\n")
sys.path.append(os.path.abspath("mine"))
import helper

assert helper.WHOSE == "the app", "an entry at the end comes last"
sys.path.insert(0, sys.path.pop())
del sys.modules["helper"]
import colorsys
import helper

assert (helper.WHOSE, colorsys.WHOSE) == ("the folder", "the folder"), "an entry at the front comes first"
saved = sys.path[:]
sys.path[:] = [os.path.abspath("mine")]
import wave

assert wave.WHOSE == "the folder"
try:
    import mailbox
except ModuleNotFoundError:
    print("ok")
sys.path[:] = saved
import mailbox  # noqa: F811
