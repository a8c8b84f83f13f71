import faulthandler
import sys
import time


def waiting():
    time.sleep(1.5)


faulthandler.dump_traceback_later(0.3, exit=False)
waiting()
faulthandler.cancel_dump_traceback_later()
faulthandler.dump_traceback(sys.stdout)
