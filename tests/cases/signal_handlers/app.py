import os
import signal
import threading

seen = []
signal.signal(signal.SIGUSR1, lambda number, frame: seen.append((number, frame.f_code.co_name)))


def main():
    os.kill(os.getpid(), signal.SIGUSR1)
    for _ in range(10):
        pass


main()
assert seen and seen[0][0] == signal.SIGUSR1, seen
assert signal.getsignal(signal.SIGPIPE) == signal.SIG_IGN, "as in CPython, a closed pipe is an exception"
assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
signal.setitimer(signal.ITIMER_REAL, 0.01)
caught = threading.Event()
signal.signal(signal.SIGALRM, lambda *_: caught.set())
assert caught.wait(5)
assert threading.current_thread() is threading.main_thread()
print("ok")
