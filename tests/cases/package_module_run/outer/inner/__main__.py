import multiprocessing as mp
import sys

from .. import VERSION
from ..tools import answer, shout

if __name__ == "__main__":
    assert __spec__.name == "outer.inner.__main__", __spec__
    assert __package__ == "outer.inner"
    assert sys.modules["__main__"].__spec__ is __spec__
    assert sys.argv[0] == __file__, sys.argv
    queue = mp.get_context("spawn").Queue()
    process = mp.get_context("spawn").Process(target=answer, args=(queue,))
    process.start()
    assert queue.get(timeout=60) == "CHILD!"
    process.join()
    print(VERSION, shout("done"), sys.argv[1:])
