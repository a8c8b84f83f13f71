"""Every module of the standard library imports, and the ones with C libraries below them work."""

import importlib
import sys

# Tk and idlelib are not carried; the rest of these belongs to other systems or has effects on import.
NOT_HERE = {
    "_tkinter", "tkinter", "turtle", "turtledemo", "idlelib", "antigravity", "this", "test", "ensurepip", "venv",
    "_winapi", "_wmi", "msvcrt", "nt", "ntpath_", "winreg", "winsound", "_overlapped", "_msi", "_scproxy", "_ios_support",
    "_android_support", "_pyrepl", "readline", "_gdbm", "_dbm", "nis", "_testcapi",
}  # fmt: skip
missing = []
for name in sorted(sys.stdlib_module_names - NOT_HERE):
    try:
        importlib.import_module(name)
    except ImportError as error:
        missing.append(f"{name}: {error}")
assert not missing, missing
for name in """
    asyncio.taskgroups collections.abc concurrent.futures.process ctypes.util curses.panel curses.textpad dbm.sqlite3
    email.mime.multipart encodings.idna html.parser http.cookiejar http.server importlib.metadata importlib.resources
    json.tool logging.handlers multiprocessing.managers os.path pydoc_data.topics re._parser sqlite3.dump
    unittest.mock urllib.robotparser wsgiref.simple_server xml.dom.minidom xml.etree.ElementTree xml.sax.expatreader
    xmlrpc.server zipfile._path zoneinfo._zoneinfo sysconfig
""".split():
    importlib.import_module(name)

import bz2, decimal, gzip, hashlib, hmac, lzma, sqlite3, ssl, unicodedata, uuid, xml.etree.ElementTree as tree, zlib  # noqa: E401

text = "The quick brown fox é".encode() * 100
for module in (bz2, gzip, lzma, zlib):
    assert module.decompress(module.compress(text)) == text and len(module.compress(text)) < len(text) / 5
assert hashlib.sha256(b"abc").hexdigest().startswith("ba7816bf8f01cfea")
for name in hashlib.algorithms_guaranteed:
    assert hashlib.new(name, b"x")
assert hashlib.pbkdf2_hmac("sha256", b"a", b"b", 10) and hashlib.scrypt(b"a", salt=b"b", n=16, r=8, p=1)
assert hmac.new(b"k", b"m", "sha512").hexdigest()
assert ssl.OPENSSL_VERSION.startswith("OpenSSL 3") and ssl.HAS_TLSv1_3 and len(ssl.create_default_context().get_ciphers()) > 5
database = sqlite3.connect(":memory:")
assert database.execute("select json_extract('{\"a\": [1, 2]}', '$.a[1]')").fetchone() == (2,)
database.execute("create virtual table words using fts5(word)")
database.execute("insert into words values ('sealed')")
assert database.execute("select count(*) from words where words match 'sealed'").fetchone() == (1,)
database.create_function("twice", 1, lambda x: x * 2)
assert database.execute("select twice(21)").fetchone() == (42,)
assert decimal.Decimal(2).sqrt(decimal.Context(prec=30)) == decimal.Decimal("1.41421356237309504880168872421")
assert decimal.HAVE_THREADS and decimal.__libmpdec_version__
assert uuid.uuid1() != uuid.uuid4() and uuid.uuid5(uuid.NAMESPACE_DNS, "a.b").version == 5
assert unicodedata.normalize("NFD", "é") == "e\u0301" and unicodedata.name("日") == "CJK UNIFIED IDEOGRAPH-65E5"
for codec in ("shift_jis", "euc_jp", "gb18030", "big5", "euc_kr", "iso2022_jp", "utf-16", "utf-7", "idna", "punycode", "cp1252", "koi8-r", "rot13"):
    sample = "abc" if codec in ("rot13", "idna") else "и" if codec == "koi8-r" else "é" if codec == "cp1252" else "日"
    import codecs

    assert codecs.decode(codecs.encode(sample, codec), codec) == sample, codec
assert tree.fromstring("<a><b c='1'>é</b></a>").find("b").text == "é"
print("ok")
