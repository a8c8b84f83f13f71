import queue
import threading
from concurrent.futures import ThreadPoolExecutor

import _thread

tasks, results = queue.Queue(), []
lock, local = threading.Lock(), threading.local()


def work():
    import colorsys  # imported by several threads at once

    local.name = threading.current_thread().name
    while (item := tasks.get()) is not None:
        with lock:
            results.append(colorsys.rgb_to_hsv(item, 0, 0)[2])


threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
for number in range(100):
    tasks.put(number)
for _ in threads:
    tasks.put(None)
for thread in threads:
    thread.join()
assert sorted(results) == list(range(100))
with ThreadPoolExecutor(8) as pool:
    names = "wave mailbox plistlib chunk sched tabnanny zipapp cmd bdb symtable netrc nntplib".split()
    modules = ["wave", "mailbox", "plistlib", "sched", "tabnanny", "zipapp", "cmd", "bdb", "symtable", "netrc"]
    loaded = list(pool.map(__import__, modules * 4))
    assert len(set(map(id, loaded))) == len(modules)
done = threading.Event()
_thread.start_new_thread(done.set, ())
assert done.wait(5)
timer = threading.Timer(0.01, print, args=("timer",))
timer.start()
timer.join()
threading.stack_size(16 * 1024 * 1024)
deep = threading.Thread(target=lambda: sum(range(10)))
deep.start()
deep.join()
print("ok")
