import json
import os
import subprocess
import sys


def python(*arguments, **options):
    options = {"capture_output": True, "text": True, "timeout": 60} | options
    return subprocess.run([sys.executable, *arguments], **options)


if sys.argv[1:2] and sys.argv[1].startswith("-"):
    sys.exit(f"the app itself was started with {sys.argv[1:]}")
if len(sys.argv) > 1 and sys.argv[1] == "again":
    print("again", sys.argv[2:])
    sys.exit(6)

result = python("-c", "import sys; print(sys.argv, __name__)", "a", "-b")
assert (result.stdout, result.stderr) == ("['-c', 'a', '-b'] __main__\n", ""), result
result = python("-m", "json.tool", "--compact", input='{"a": [1, 2]}')
assert result.stdout == '{"a":[1,2]}\n', result
result = python("-m", "calendar", "2026", "11")
assert "November 2026" in result.stdout, result
result = python(__file__, "again", "x")
assert (result.stdout, result.returncode) == ("again ['x']\n", 6), result
result = python("again", "y")  # no interpreter option: the app itself
print("app itself:", result.stdout.strip() or result.stderr.strip().splitlines()[-1:], result.returncode)
result = python("-c", "raise SystemExit(5)")
assert result.returncode == 5
result = python("-c", "def f():\n    1/0\nf()")
assert result.returncode == 1 and "ZeroDivisionError" in result.stderr, result
assert python("-V").stdout == "Python " + sys.version.split()[0] + "\n"
for flags in (["-u"], ["-I"], ["-E"], ["-s"], ["-S"], ["-B"], ["-W", "error"], ["-X", "utf8"], ["-O"], ["-OO"], ["-Isu"], ["-Werror"], ["-Xdev"]):
    result = python(*flags, "-c", "import sys; print(sys.argv, sys.flags.optimize, sys.warnoptions, sys.flags.dev_mode)", "z")
    optimize = "".join(flags).count("O")
    assert result.stdout.startswith(f"['-c', 'z'] {optimize} "), (flags, result)
    if "-Werror" in flags or "-W" in flags:
        assert "error" in result.stdout, (flags, result)
result = python("-c", "import subprocess, sys; print(subprocess.check_output([sys.executable, '-c', 'print(40 + 2)'], text=True))")
assert result.stdout == "42\n\n", result
result = python("-m", "no_such_module")
assert result.returncode == 1 and "No module named no_such_module" in result.stderr, result
print("ok")
