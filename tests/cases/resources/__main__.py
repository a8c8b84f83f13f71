import os
import pkgutil
from importlib import resources

import museum
from museum import rooms

root = resources.files("museum")
assert root.is_dir() and root.name == "museum"
assert (root / "label.txt").read_text(encoding="utf-8") == "Ein schönes Bild\n"
assert (root / "data" / "raw.bin").read_bytes() == bytes(range(256))
assert root.joinpath("data", "raw.bin").is_file() and not (root / "nothing").exists()
assert sorted(item.name for item in root.iterdir() if item.name != "__pycache__") == ["__init__.py", "data", "label.txt", "rooms"]
assert sorted(item.name for item in (root / "data").iterdir()) == ["deep", "raw.bin"]
assert (root / "data/deep/very deep name.txt").read_text() == "found"
with (root / "label.txt").open("r", encoding="utf-8") as file:
    assert file.readline() == "Ein schönes Bild\n"
with (root / "data/raw.bin").open("rb") as file:
    file.seek(250)
    assert file.read() == bytes(range(250, 256))
with resources.as_file(root / "label.txt") as path:
    assert path.read_text(encoding="utf-8") == "Ein schönes Bild\n" and os.path.exists(path)
with resources.as_file(root / "data") as folder:
    assert sorted(os.listdir(folder)) == ["deep", "raw.bin"]
assert resources.read_text("museum", "label.txt", encoding="utf-8") == "Ein schönes Bild\n"
assert resources.read_binary(museum, "data", "raw.bin")[:3] == b"\0\1\2"
with resources.open_text("museum", "label.txt", encoding="utf-8") as file:
    assert file.read()
with resources.open_binary("museum", "label.txt") as file:
    assert file.read()
assert resources.is_resource("museum", "label.txt") and not resources.is_resource("museum", "data")
assert resources.files(rooms) == root / "rooms" and resources.files(rooms).joinpath("hall.txt").read_text() == "hall\n"
assert pkgutil.get_data("museum", "data/raw.bin") == bytes(range(256))
try:
    (root / "nothing.txt").read_text()
except FileNotFoundError:
    print("ok")
