import atexit
import sys

atexit.register(lambda: print(type(sys.last_exc).__name__))
raise ValueError("seen at exit")
