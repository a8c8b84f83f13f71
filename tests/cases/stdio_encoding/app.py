import locale
import sys

for stream in (sys.stdin, sys.stdout, sys.stderr):
    assert stream.encoding == "utf-8", (stream.name, stream.encoding)
assert sys.stderr.errors == "backslashreplace"
assert sys.getfilesystemencoding() == "utf-8"
assert sys.getfilesystemencodeerrors() == "surrogateescape"
assert locale.getencoding().lower().replace("-", "") == "utf8" or sys.flags.utf8_mode, locale.getencoding()
print(sys.stdin.read().strip(), "é 日本 😀")
print("é 日本 😀", file=sys.stderr)
