import os
import sys

exe = os.path.realpath("/proc/self/exe")
assert sys.frozen is True
assert sys.executable == exe, sys.executable
assert sys._base_executable == exe
assert sys.prefix == sys.exec_prefix == sys.base_prefix == sys.base_exec_prefix == exe, sys.prefix
assert sys.argv[0], sys.argv
assert __file__ == os.path.join(exe, "app", "app.py"), __file__
assert all(entry.startswith(exe) for entry in sys.path), sys.path
assert sys.flags.isolated == 1 and sys.flags.ignore_environment == 1 and sys.flags.no_user_site == 1
assert sys.implementation.name == "cpython" and sys.version_info[:2] == (3, 13)
assert sys.platlibdir == "lib" and sys.byteorder == "little"
assert not hasattr(sys, "_MEIPASS"), "nothing is unpacked"
print("ok")
