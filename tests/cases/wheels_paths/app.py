# /// script
# dependencies = ["certifi", "requests", "pyproj", "shapely", "soundfile", "cffi", "llvmlite", "numba"]
# ///
"""Packages whose C code opens its own files, or loads its libraries by path."""

import os
import ssl
import warnings

import certifi
import cffi
import llvmlite.binding as llvm
import numba
import numpy as np
import pyproj
import requests
import shapely
import soundfile

# OpenSSL reads certifi's bundle from inside the file.
assert os.path.isfile(certifi.where()) and "BEGIN CERTIFICATE" in certifi.contents()
context = ssl.create_default_context(cafile=certifi.where())
assert context.cert_store_stats()["x509_ca"] > 50
try:
    requests.get("https://127.0.0.1:1/", timeout=5)
except requests.ConnectionError as error:
    assert "Connection refused" in str(error), error
# PROJ opens proj.db, an SQLite database beside the package.
transformer = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
assert abs(transformer.transform(10, 50)[0] - 1113194.9) < 1, transformer.transform(10, 50)
assert pyproj.CRS("EPSG:25832").name == "ETRS89 / UTM zone 32N"
assert shapely.box(0, 0, 1, 1).intersection(shapely.Point(1, 1).buffer(1)).area > 0.7
# soundfile dlopens its library beside the code through cffi.
soundfile.write("tone.flac", np.sin(np.arange(8000) / 10), 8000)
data, rate = soundfile.read("tone.flac")
assert rate == 8000 and len(data) == 8000
ffi = cffi.FFI()
ffi.cdef("int abs(int);")
assert ffi.dlopen(None).abs(-3) == 3
assert llvm.llvm_version_info[0] >= 14


@numba.njit
def total(values):
    result = 0.0
    for value in values:
        result += value
    return result


assert total(np.arange(1000.0)) == 499500.0


@numba.njit(parallel=True)
def doubled(values):
    result = np.empty_like(values)
    for index in numba.prange(len(values)):
        result[index] = 2 * values[index]
    return result


assert doubled(np.arange(4.0)).tolist() == [0, 2, 4, 6]
print("ok")
