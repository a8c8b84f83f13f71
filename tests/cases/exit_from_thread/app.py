import sys
import threading
import time


def leave():
    sys.exit(9)


thread = threading.Thread(target=leave)
thread.start()
thread.join()
print("sys.exit in a thread ends only the thread")


def fail():
    raise ValueError("in a thread")


thread = threading.Thread(target=fail, name="worker")
thread.start()
thread.join()
threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
print("a daemon thread does not keep the process")
