import platform
import site
import sys
import sysconfig

assert sysconfig.get_config_var("EXT_SUFFIX") == ".cpython-313-x86_64-linux-gnu.so"
assert sysconfig.get_config_var("SOABI") == "cpython-313-x86_64-linux-gnu"
assert sysconfig.get_python_version() == "3.13" and sysconfig.get_platform() == "linux-x86_64"
assert sysconfig.get_config_var("Py_GIL_DISABLED") in (0, None) and sysconfig.get_config_var("VERSION") == "3.13"
paths = sysconfig.get_paths()
assert paths["purelib"].endswith("/lib/python3.13/site-packages") and paths["stdlib"].endswith("/lib/python3.13")
assert paths["purelib"].startswith(sys.prefix), paths
assert any(entry in sys.path for entry in site.getsitepackages()), (site.getsitepackages(), sys.path)
assert platform.python_implementation() == "CPython" and platform.python_version() == sys.version.split()[0]
assert platform.machine() and platform.platform() and platform.python_compiler()
assert platform.libc_ver()[0] == "glibc", platform.libc_ver()
import json
import os

assert os.path.dirname(os.path.dirname(json.__file__)) == paths["stdlib"] or sys.prefix != sys.base_prefix
print("ok")
