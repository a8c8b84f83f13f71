import multiprocessing as mp


def hello(name):
    print("hello", name, flush=True)


if __name__ == "__main__":
    mp.freeze_support()
    process = mp.get_context("spawn").Process(target=hello, args=("world",))
    process.start()
    process.join()
