import os
import sys

assert not any("/nowhere" in entry for entry in sys.path), sys.path
assert not sys.flags.optimize and not sys.flags.verbose and not sys.flags.inspect
assert "sitecustomize" not in sys.modules and "usercustomize" not in sys.modules
assert sys.stdout.encoding == "utf-8"
assert os.environ["PYTHONPATH"] == "/nowhere", "the app still sees the variables themselves"
try:
    import planted
except ModuleNotFoundError:
    print("ok")
