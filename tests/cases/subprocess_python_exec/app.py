import os
import sys

if os.environ.get("BEEN_HERE"):
    sys.exit("the app was started again instead of a Python")
os.environ["BEEN_HERE"] = "1"
os.execv(sys.executable, [sys.executable, "-c", "import sys; print('replaced', sys.argv)", "x"])
