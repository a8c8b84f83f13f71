import gc
import sys
import threading
import types

assert threading.current_thread() is threading.main_thread() and threading.active_count() == 1
assert gc.isenabled() and gc.get_threshold() == (2000, 10, 0) or gc.get_threshold(), gc.get_threshold()
assert sys.getswitchinterval() == 0.005 and sys.getrecursionlimit() == 1000
assert sys.flags.hash_randomization == 1 and sys.flags.utf8_mode in (0, 1)
assert sys.dont_write_bytecode in (True, False) and sys.float_repr_style == "short"
assert sys.getdefaultencoding() == "utf-8" and sys.int_info.default_max_str_digits == 4300
assert isinstance(sys.modules["sys"], types.ModuleType) and sys.hash_info.algorithm == "siphash13"
assert sys.warnoptions == [] and sys._xoptions == {}
assert sys.displayhook is sys.__displayhook__ and sys.excepthook is sys.__excepthook__
assert sys.path_importer_cache is not None and sys.path_hooks
assert sys.orig_argv[0], sys.orig_argv
assert {"builtins", "sys", "__main__", "importlib._bootstrap"} & set(sys.modules) >= {"builtins", "sys", "__main__"}
assert sys.stdin.isatty() is False and sys.stdout.line_buffering is False and sys.stderr.line_buffering is True
assert sys.thread_info.name == "pthread" and sys._git[0] == "CPython" and not sys.gettotalrefcount if hasattr(sys, "gettotalrefcount") else True
print("ok")
