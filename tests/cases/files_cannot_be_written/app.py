import os
import shutil
from pathlib import Path

here = Path(__file__).parent
me = Path(__file__)


def refused(what, call, *arguments):
    try:
        call(*arguments)
    except OSError as error:
        assert str(here) in str(error), (what, error)
        print(what, type(error).__name__)
    else:
        raise AssertionError(what)


refused("new file", open, here / "new.txt", "w")
refused("append", open, me, "a")
refused("update", open, me, "r+")
refused("os.open", os.open, me, os.O_WRONLY)
refused("mkdir", os.mkdir, here / "folder")
refused("unlink", os.unlink, me)
refused("rename", os.rename, me, here / "other.py")
refused("chmod", os.chmod, me, 0o600)
refused("utime", os.utime, me)
refused("truncate", os.truncate, me, 0)
refused("symlink", os.symlink, "/etc", here / "link")
assert not os.access(me, os.W_OK)
assert me.read_text().startswith("import os"), "unharmed"
print("ok")
