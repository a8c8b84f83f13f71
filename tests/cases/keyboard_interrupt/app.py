import threading
import time

# From another thread, and late: the signal must find the main thread in `sleep`, not in `print`.
threading.Timer(0.5, print, ["ready"], {"flush": True}).start()
time.sleep(60)
