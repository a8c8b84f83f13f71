import os
import _interpreters

number = _interpreters.create()
read, write = os.pipe()
_interpreters.run_string(number, f"import os, json, wave; os.write({write}, json.dumps([1]).encode())")
assert os.read(read, 10) == b"[1]"
_interpreters.destroy(number)
print("ok")
