import os
import tempfile

with tempfile.TemporaryDirectory() as folder:
    assert folder.startswith(os.environ["TMPDIR"])
    with tempfile.NamedTemporaryFile("w+", dir=folder, suffix=".txt") as file:
        file.write("é")
        file.flush()
        assert open(file.name, encoding="utf-8").read() == "é"
    with tempfile.SpooledTemporaryFile() as spool:
        spool.write(b"x")
assert not os.path.exists(folder)
assert os.listdir(os.environ["TMPDIR"]) == [] and os.listdir(os.path.expanduser("~")) == []
print("ok")
