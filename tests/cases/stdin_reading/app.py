import sys

name = input("Name? ")
rest = [line.strip() for line in sys.stdin]
print(f"Hello {name}, and {rest}")
try:
    input()
except EOFError:
    print("end of input")
