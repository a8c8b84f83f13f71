"""argparse names the program after the file, as people type it."""

import argparse
import os
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--level", type=int, default=1)
assert parser.prog == os.path.basename(sys.argv[0]), (parser.prog, sys.argv)
print(parser.prog, parser.parse_args().level)
