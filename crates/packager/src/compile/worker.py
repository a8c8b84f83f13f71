# Compiles sources for the packager: frames in on stdin, frames out on stdout.
# request:  u32 length of name, u32 length of source, name, source
# answer:   u8 0 = code, 1 = rejected; u32 length, marshalled code or "line\0column\0text\0message"
# Only built-in modules, so that nothing of the standard library has to be there yet.
import marshal
import sys


def number(data):
    return int.from_bytes(data, "little")


def rejected(line, column, text, message):
    fields = (str(line or 0), str(column or 0), (text or "").rstrip("\n"), message)
    return "\0".join(f.replace("\0", " ") for f in fields).encode("utf-8", "replace")


def answer(name, source):
    try:
        return 0, marshal.dumps(compile(source, name, "exec", 0, True, 0))
    except SyntaxError as e:
        message = f"{type(e).__name__}: {e.msg}"
        return 1, rejected(e.lineno, e.offset, e.text, message)
    except Exception as e:  # e.g. RecursionError of a deeply nested literal
        return 1, rejected(0, 0, "", f"{type(e).__name__}: {e}")


def main():
    read = sys.stdin.buffer.read
    out = sys.stdout.buffer
    while len(head := read(8)) == 8:
        name = read(number(head[:4])).decode()
        status, data = answer(name, read(number(head[4:])))
        out.write(bytes((status,)) + len(data).to_bytes(4, "little") + data)
        out.flush()


main()
