"""Every ordinary way to read a file that stands beside the code."""

import configparser
import csv
import errno
import filecmp
import fnmatch
import glob
import hashlib
import io
import json
import mmap
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tarfile
import tokenize
import tomllib
import zipfile
from pathlib import Path

here = Path(__file__).parent
data = here / "data"
TEXT = "name,value\nä,1\nb,2\n"

# open, in every mode
assert (data / "table.csv").read_text(encoding="utf-8") == TEXT
with open(data / "table.csv", newline="") as file:
    assert list(csv.reader(file)) == [["name", "value"], ["ä", "1"], ["b", "2"]]
    assert file.name == str(data / "table.csv")
with open(os.fspath(data / "table.csv"), "rb", buffering=0) as file:
    assert file.readinto(bytearray(4)) == 4 and file.tell() == 4 and file.seek(-2, io.SEEK_END) and file.read() == b"2\n"
    assert os.fstat(file.fileno()).st_size == len(TEXT.encode())
with open(os.fsencode(data / "table.csv"), "rb") as file:
    assert file.read(4) == b"name"
descriptor = os.open(data / "table.csv", os.O_RDONLY)
assert os.read(descriptor, 4) == b"name" and os.pread(descriptor, 5, 5) == b"value"
assert os.fdopen(os.dup(descriptor), "rb").read() == b",value\n\xc3\xa4,1\nb,2\n"
os.close(descriptor)
assert json.load(open(data / "settings.json")) == {"a": [1, 2, 3]}
assert tomllib.load(open(data / "settings.toml", "rb")) == {"x": {"y": 1}}
config = configparser.ConfigParser()
assert config.read(data / "settings.ini") == [str(data / "settings.ini")] and config["one"]["two"] == "3"
with open(data / "table.csv", "rb") as file:
    assert hashlib.file_digest(file, "sha256").hexdigest() == hashlib.sha256(TEXT.encode()).hexdigest()
with open(__file__, "rb") as file:
    assert tokenize.detect_encoding(file.readline)[0] == "utf-8"
# mapped
with open(data / "table.csv", "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
    assert mapped[:4] == b"name" and mapped.find(b"b,2") > 0
# stat and friends
status = os.stat(data / "table.csv")
assert stat.S_ISREG(status.st_mode) and status.st_size == len(TEXT.encode())
assert stat.S_ISDIR(os.stat(data).st_mode) and stat.S_ISDIR(os.lstat(data).st_mode)
assert os.path.getsize(data / "table.csv") == status.st_size and os.path.getmtime(data / "table.csv") >= 0
for path, exists, isdir in ((data, True, True), (data / "table.csv", True, False), (data / "none", False, False)):
    assert (os.path.exists(path), path.exists(), os.path.lexists(path)) == (exists,) * 3, path
    assert (os.path.isdir(path), path.is_dir()) == (isdir,) * 2, path
    assert (os.path.isfile(path), path.is_file()) == (exists and not isdir,) * 2, path
    assert os.access(path, os.R_OK) == exists, path
    assert not os.path.islink(path) and not path.is_symlink() and not os.path.ismount(path)
assert os.path.samefile(data, data / "../data") and (data / "deep/.." / "table.csv").read_text() == TEXT
assert os.path.realpath(data / "deep/../table.csv") == os.path.realpath(data / "table.csv")
assert (data / "deep" / ".." / "table.csv").resolve() == (data / "table.csv").resolve()
# folders
NAMES = ["deep", "empty.txt", "notes.db", "settings.ini", "settings.json", "settings.toml", "table.csv"]
assert sorted(os.listdir(data)) == NAMES, os.listdir(data)
assert sorted(os.listdir(os.fsencode(data))) == [name.encode() for name in NAMES]
with os.scandir(data) as entries:
    found = sorted((e.name, e.is_dir(), e.is_file(), e.is_symlink(), e.stat().st_size, e.path) for e in entries)
assert found[0][:4] == ("deep", True, False, False) and found[1] == ("empty.txt", False, True, False, 0, str(data / "empty.txt"))
walked = [(Path(at).name, sorted(folders), sorted(files)) for at, folders, files in os.walk(data)]
assert walked == [("data", ["deep"], NAMES[1:]), ("deep", ["er"], ["one.txt"]), ("er", [], ["two words é.txt"])], walked
assert sorted(path.name for path in data.rglob("*.txt")) == ["empty.txt", "one.txt", "two words é.txt"]
assert sorted(path.name for path in data.glob("s*.[ij]*")) == ["settings.ini", "settings.json"]
assert [Path(name).name for name in glob.glob(str(data / "**/*é*"), recursive=True)] == ["two words é.txt"]
assert glob.glob("*/one.txt", root_dir=data) == ["deep/one.txt"]
assert sorted(p.name for p, _, _ in data.walk()) == ["data", "deep", "er"]
assert (data / "empty.txt").read_bytes() == b""
# copies out of it
shutil.copyfile(data / "table.csv", "copy.csv")
shutil.copy(data / "table.csv", "copy1.csv")
shutil.copy2(data / "table.csv", "copy2.csv")
assert Path("copy.csv").read_text() == Path("copy1.csv").read_text() == Path("copy2.csv").read_text() == TEXT
assert filecmp.cmp(data / "table.csv", "copy.csv", shallow=False)
shutil.copytree(data, "tree")
assert Path("tree/deep/er/two words é.txt").read_text() == "two"
Path("tree/deep/er/new.txt").write_text("the copy can be written into")
with zipfile.ZipFile("out.zip", "w") as archive:
    archive.write(data / "table.csv", "table.csv")
assert zipfile.ZipFile("out.zip").read("table.csv") == TEXT.encode()
with tarfile.open("out.tar", "w") as archive:
    archive.add(data, "data")
assert "data/deep/er/two words é.txt" in tarfile.open("out.tar").getnames()
shutil.make_archive("made", "gztar", root_dir=data)
assert any(name.endswith("one.txt") for name in tarfile.open("made.tar.gz").getnames())
# a bundled database
for name in (f"file:{data / 'notes.db'}?mode=ro", f"file:{data / 'notes.db'}?immutable=1"):
    with sqlite3.connect(name, uri=True) as database:
        assert database.execute("select text from note order by id").fetchall() == [("first",), ("zweite é",)]
# other programs read it through a descriptor
with open(data / "table.csv", "rb") as file:
    assert subprocess.check_output(["cat"], stdin=file).decode() == TEXT
# what is not there, and what cannot be
def fails(number, call, *arguments):
    try:
        result = call(*arguments)
    except OSError as error:
        assert error.errno == number and str(arguments[0]) in str(error), (call, error)
    else:
        raise AssertionError(f"{call} {arguments} gave {result!r}")


fails(errno.ENOENT, open, data / "none.txt")
fails(errno.ENOENT, os.stat, str(data / "none" / "none.txt"))
fails(errno.ENOENT, os.listdir, str(data / "none"))
fails(errno.ENOTDIR, os.listdir, str(data / "table.csv"))
fails(errno.EISDIR, open, data)
fails(errno.ENOTDIR, open, data / "table.csv" / "x")
fails(errno.EINVAL, os.readlink, str(data / "table.csv"))
os.chdir("/")
assert (data / "table.csv").exists()
print("ok")
