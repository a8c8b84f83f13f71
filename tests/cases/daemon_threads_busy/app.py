import sys
import threading
import time

started = threading.Barrier(5)


def work():
    started.wait()
    while True:
        sum(range(1000))
        print("", end="", file=sys.stderr)


for _ in range(4):
    threading.Thread(target=work, daemon=True).start()
started.wait()
time.sleep(0.2)
print("done")
