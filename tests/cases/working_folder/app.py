import os
import sys

assert os.getcwd() == os.path.realpath(os.environ["PWD"]) if "PWD" in os.environ else True
with open("beside.py", "w") as file:
    file.write("raise SystemExit('code of the working folder ran')\n")
try:
    import beside
except ModuleNotFoundError:
    pass
os.chdir("/")
import wave  # imports still work from anywhere
import xml.dom.minidom

assert wave.__file__.startswith("/"), wave.__file__
os.makedirs(os.path.join(os.environ["HOME"], "gone"))
os.chdir(os.path.join(os.environ["HOME"], "gone"))
os.rmdir(os.getcwd())
import mailbox  # even from a folder that is gone

print("ok")
