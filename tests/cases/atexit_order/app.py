import atexit
import threading
import weakref


class Thing:
    pass


thing = Thing()
weakref.finalize(thing, print, "finalizer")
atexit.register(print, "registered first, run last")
atexit.register(print, "registered second")
threading.Thread(target=print, args=("thread",)).start()
print("main ends")
