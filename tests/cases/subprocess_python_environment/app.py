import os
import subprocess
import sys

if sys.argv[1:2] and sys.argv[1].startswith("-"):
    sys.exit(f"the app itself was started with {sys.argv[1:]}")
code = "import json, sys; print(json.dumps(sys.argv))"
expected = b'["-c", "x"]\n'
assert subprocess.check_output([sys.executable, "-c", code, "x"], env={}) == expected, "an empty environment"
assert subprocess.check_output([sys.executable, "-c", code, "x"], cwd="/") == expected
assert subprocess.check_output(f'"{sys.executable}" -c "{code}" x', shell=True) == expected, "through a shell"
assert subprocess.check_output([sys.executable, "-c", code, "x"], start_new_session=True) == expected
pid = os.posix_spawn(sys.executable, [sys.executable, "-c", "print('spawned', flush=True)"], os.environ)
os.waitpid(pid, 0)
