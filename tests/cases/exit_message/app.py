import sys

sys.exit("no such thing: é")
