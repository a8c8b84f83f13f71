import locale
import time

assert locale.setlocale(locale.LC_CTYPE) is not None
for wanted in ("", "C", "C.UTF-8"):
    locale.setlocale(locale.LC_ALL, wanted)
assert locale.localeconv()["decimal_point"] == "."
assert time.strftime("%B", time.gmtime(0)) == "January"
assert locale.strcoll("a", "b") < 0
assert locale.getpreferredencoding(False).upper() == "UTF-8"
try:
    locale.setlocale(locale.LC_ALL, "xx_XX.nonsense")
except locale.Error as error:
    print(error)
with open("text.txt", "w") as file:
    print("é", file=file)
assert open("text.txt", "rb").read() == b"\xc3\xa9\n"
print("ok")
