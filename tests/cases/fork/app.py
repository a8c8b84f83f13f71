import os
import sys
import threading

print("before", flush=True)
pid = os.fork()
if pid == 0:
    import statistics  # imported for the first time in the child

    thread = threading.Thread(target=lambda: print("child", statistics.mean([1, 3]), flush=True))
    thread.start()
    thread.join()
    sys.exit(4)
_, status = os.waitpid(pid, 0)
print("parent saw", os.waitstatus_to_exitcode(status))
