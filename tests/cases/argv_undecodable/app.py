import os
import sys

print([os.fsencode(argument) for argument in sys.argv[1:]])
