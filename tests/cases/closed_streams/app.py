import sys

# CPython has None here; a null device in each place is as good. Neither may fail, nor land in a file of the app's.
with open("report.txt", "w") as file:
    print("goes nowhere")
    if sys.stderr is not None:
        print("goes nowhere", file=sys.stderr)
    if sys.stdin is not None:
        assert sys.stdin.read() == ""
    file.write("only this")
