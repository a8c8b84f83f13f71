# /// script
# [tool.pyxidium.interpreter]
# development-mode = true
# utf8-mode = true
# bytes-warning = 1
# buffered-stdio = false
# fault-handler = true
# hash-seed = 7
# tracemalloc = 3
# quiet = true
# warn-options = ["error::UserWarning"]
# x-options = ["mine", "other=value"]
# stdio-errors = "namereplace"
# allocator = "pymalloc-debug"
# isolated = false
# use-environment = true
# sys-frozen = false
# sys-meipass = true
# argvb = true
# module-search-paths = ["$ORIGIN/plugins"]
# multiprocessing-start-method = "spawn"
# ///
import faulthandler
import multiprocessing
import os
import sys
import tracemalloc
import warnings

flags = sys.flags
assert flags.dev_mode and flags.utf8_mode and flags.quiet, flags
assert flags.bytes_warning == 1 and not flags.isolated and not flags.ignore_environment, flags
assert flags.hash_randomization == 1 and flags.verbose == 0, flags
# PYTHONOPTIMIZE is set by the case: the environment counts, but for the paths.
assert flags.optimize == 1, flags
assert not any("nowhere" in folder for folder in sys.path), sys.path
assert hash("a string") == int(os.environ["HASH"]), hash("a string")
assert faulthandler.is_enabled()
assert tracemalloc.get_traceback_limit() == 3
assert sys._xoptions == {"mine": True, "other": "value"}, sys._xoptions
assert sys.stdout.errors == "namereplace"
assert not hasattr(sys, "frozen")
assert sys._MEIPASS == os.path.dirname(os.path.abspath(__file__)), sys._MEIPASS
assert sys.argvb[1:] == [b"one", b"\xff"], sys.argvb
assert sys.path[-1] == os.path.join(os.path.dirname(sys.executable), "plugins"), sys.path
try:
    warnings.warn("no", UserWarning, stacklevel=1)
except UserWarning:
    pass
else:
    raise AssertionError("the warning is no error")


def child(pipe):
    pipe.send((sys.flags.dev_mode, multiprocessing.get_start_method()))


if __name__ == "__main__":
    assert multiprocessing.get_start_method() == "spawn"
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=child, args=(theirs,))
    process.start()
    assert ours.recv() == (True, "spawn")
    process.join()
    ours.close()
    theirs.close()
    print("ok")
