import concurrent.futures as futures
import multiprocessing as mp
import os

SETTING = []


def prepare(value):
    SETTING.append(value)


def work(number):
    return number * SETTING[0], os.getpid()


def fail(number):
    raise ValueError(f"no {number}")


if __name__ == "__main__":
    for method in ("spawn", "forkserver", "fork"):
        context = mp.get_context(method)
        with futures.ProcessPoolExecutor(2, mp_context=context, initializer=prepare, initargs=(10,)) as pool:
            results = list(pool.map(work, range(8), chunksize=2))
            assert [value for value, _ in results] == [10 * n for n in range(8)]
            assert os.getpid() not in {pid for _, pid in results}
            error = pool.submit(fail, 4).exception()
            assert isinstance(error, ValueError) and 'raise ValueError(f"no {number}")' in str(error.__cause__), error.__cause__
            died = pool.submit(os._exit, 1).exception()
            assert isinstance(died, futures.process.BrokenProcessPool), died
    print("ok")
