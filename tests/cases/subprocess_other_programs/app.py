import os
import subprocess

assert "LD_LIBRARY_PATH" not in os.environ and "LD_PRELOAD" not in os.environ
assert subprocess.check_output(["echo", "hi"]) == b"hi\n"
assert subprocess.run("exit 3", shell=True).returncode == 3
assert os.system("true") == 0
assert os.popen("echo popen").read() == "popen\n"
inherited = subprocess.check_output(["sh", "-c", "ls /proc/self/fd | wc -l"])
assert int(inherited) <= 4, f"{inherited} descriptors leak to children"
names = subprocess.check_output(["env"], text=True)
assert "PYTHON" not in names, names
print("ok")
