import atexit
import sys


class Noisy:
    def __del__(self):
        print("deleted", flush=True)


noisy = Noisy()
cycle = [Noisy()]
cycle.append(cycle)
atexit.register(lambda: print("modules:", "json" in sys.modules or __import__("json").__name__))
print("end of main")
