from multiprocessing import get_context, resource_tracker
from multiprocessing.managers import SharedMemoryManager
from multiprocessing.shared_memory import ShareableList, SharedMemory

context = get_context("spawn")


def fill(name, value, lock, counter):
    memory = SharedMemory(name=name)
    with lock:
        memory.buf[0] = value
        counter.value += 1
    memory.close()


if __name__ == "__main__":
    memory = SharedMemory(create=True, size=10)
    lock, counter = context.Lock(), context.Value("i", 0)
    processes = [context.Process(target=fill, args=(memory.name, 7, lock, counter)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert (memory.buf[0], counter.value) == (7, 2)
    memory.close()
    memory.unlink()
    with SharedMemoryManager(ctx=context) as manager:
        shared = manager.ShareableList([1, "two", None])
        assert list(ShareableList(name=shared.shm.name)) == [1, "two", None]
    with context.Manager() as manager:
        table = manager.dict(a=1)
        table["b"] = 2
        assert dict(table) == {"a": 1, "b": 2}
    assert resource_tracker._resource_tracker._pid is not None
    leaked = SharedMemory(create=True, size=10)
    print("ok")
