import atexit
import sys


class Noisy:
    def __del__(self):
        print("deleted", flush=True)


noisy = Noisy()
cycle = [Noisy()]
cycle.append(cycle)
atexit.register(lambda: print("modules:", "json" in sys.modules or __import__("json").__name__))
report = open("report.txt", "w")  # never closed, as many scripts do
report.write("all of it")
print("end of main")
