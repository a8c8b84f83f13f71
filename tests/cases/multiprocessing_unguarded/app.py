import multiprocessing as mp

process = mp.get_context("spawn").Process(target=print, args=("child",))
process.start()
process.join()
print("child ended with", process.exitcode)
