import __main__
import os
import sys

assert __name__ == "__main__"
assert __main__ is sys.modules["__main__"]
assert __main__.__spec__ is None, "a script has no spec"
assert __package__ is None
assert __doc__ is None
assert os.path.basename(__file__) == "app.py"
assert os.path.isabs(__file__)
assert __main__.__dict__ is globals()
assert __builtins__ is __import__("builtins")
assert __loader__ is not None
assert __loader__.get_source("__main__" if hasattr(__loader__, "name") else "app").startswith("import __main__")
print("ok")
