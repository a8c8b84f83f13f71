"""A library of the file that asks where it lies is told its path below the executable, and can open it, and itself."""

import ctypes
import os
import unicodedata


class Info(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p), ("base", ctypes.c_void_p), ("symbol", ctypes.c_char_p), ("address", ctypes.c_void_p),
    ]


def place(library, symbol):
    address = ctypes.cast(getattr(library, symbol), ctypes.c_void_p)
    info = Info()
    found = ctypes.CDLL(None).dladdr(address, ctypes.byref(info))
    return found and os.fsdecode(info.name)


ours = ctypes.CDLL(unicodedata.__file__)
path = place(ours, "PyInit_unicodedata")
assert path == unicodedata.__file__, path
assert os.path.getsize(path) > 100_000
again = ctypes.CDLL(path, mode=os.RTLD_NOLOAD | os.RTLD_NOW)
assert again._handle == ours._handle
assert os.path.basename(place(ctypes.CDLL("libc.so.6"), "getpid")).startswith("libc")
assert not ctypes.CDLL(None).dladdr(ctypes.c_void_p(1), ctypes.byref(Info()))
print("ok")
