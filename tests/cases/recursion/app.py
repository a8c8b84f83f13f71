import sys


def down(n):
    return down(n + 1)


for limit in (None, 20_000):
    if limit:
        sys.setrecursionlimit(limit)
    try:
        down(0)
    except RecursionError as error:
        print(error)
import json

try:
    json.loads("[" * 100_000)
except RecursionError as error:
    print("json:", str(error)[:33])
nested = []
for _ in range(200_000):
    nested = [nested]
try:
    repr(nested)
except RecursionError:
    print("repr")
del nested
import re

assert re.match("(" * 50 + "a" + ")" * 50, "a")
print("ok")
