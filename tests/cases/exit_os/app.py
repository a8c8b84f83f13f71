import os
import sys

print("not flushed", end="")
sys.stdout.flush()
os._exit(5)
