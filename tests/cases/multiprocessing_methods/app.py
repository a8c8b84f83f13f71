import multiprocessing as mp
import os
import sys


class Point:
    def __init__(self, x):
        self.x = x


def work(point, queue):
    queue.put((point.x * 2, __name__, os.getpid() != os.getppid()))


def square(x):
    return x * x


if __name__ == "__main__":
    for method in ("spawn", "forkserver", "fork"):
        context = mp.get_context(method)
        queue = context.Queue()
        process = context.Process(target=work, args=(Point(21), queue))
        process.start()
        result = queue.get(timeout=60)
        process.join()
        name = "__main__" if method == "fork" else "__mp_main__"
        assert result == (42, name, True), (method, result)
        assert process.exitcode == 0, (method, process.exitcode)
        with context.Pool(2) as pool:
            assert pool.map(square, range(10)) == [x * x for x in range(10)]
        crash = context.Process(target=sys.exit, args=(3,))
        crash.start()
        crash.join()
        assert crash.exitcode == 3, crash.exitcode
        print(method)
