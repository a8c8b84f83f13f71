import ctypes
import ctypes.util
import sys

ctypes.pythonapi.PyLong_FromLong.restype = ctypes.py_object
assert ctypes.pythonapi.PyLong_FromLong(42) == 42
ctypes.pythonapi.Py_GetVersion.restype = ctypes.c_char_p
assert ctypes.pythonapi.Py_GetVersion().decode() == sys.version
libc = ctypes.CDLL(None)
COMPARE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
numbers = (ctypes.c_int * 5)(5, 1, 4, 2, 3)
libc.qsort(numbers, 5, ctypes.sizeof(ctypes.c_int), COMPARE(lambda a, b: a[0] - b[0]))
assert list(numbers) == [1, 2, 3, 4, 5]
libm = ctypes.CDLL("libm.so.6")
libm.cos.restype, libm.cos.argtypes = ctypes.c_double, [ctypes.c_double]
assert libm.cos(0.0) == 1.0
try:
    ctypes.CDLL("libnothing.so.99")
except OSError as error:
    assert "libnothing.so.99: cannot open shared object file" in str(error), error


class Pair(ctypes.Structure):
    _fields_ = [("a", ctypes.c_uint8), ("b", ctypes.c_uint32)]


assert ctypes.sizeof(Pair) == 8
assert ctypes.string_at(ctypes.create_string_buffer(b"text")) == b"text"
ctypes.set_errno(5)
assert ctypes.get_errno() == 5
print("ok")
