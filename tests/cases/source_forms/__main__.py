import bom, cookie, crlf, strange_name_é

assert crlf.TEXT == "a\nb" and crlf.__doc__ == "Doc.\n", (crlf.TEXT, crlf.__doc__)
assert bom.TEXT == "é" and cookie.TEXT == "é", (bom.TEXT, cookie.TEXT)
assert strange_name_é.VALUE == 1
assert cookie.__loader__.get_source("cookie").splitlines()[1] == 'TEXT = "é"'
print("ok")
