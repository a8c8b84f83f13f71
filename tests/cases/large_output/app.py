import sys

for number in range(200_000):
    sys.stdout.write("0123456789abcdef\n")
sys.stdout.write("the end")
