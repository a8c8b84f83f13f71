import sys

if __name__ == "__main__":
    assert __spec__.name == "tool" and __package__ == "", (__spec__, __package__)
    print("tool", sys.argv[1:])
