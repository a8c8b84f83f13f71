# /// script
# dependencies = ["gadget[dog]"]
# ///
"""importlib.metadata, .pth files, namespace packages, data files: what an installed package may bring."""

import importlib.metadata as metadata
import importlib.resources
import os
import sys

import gadget
import zoo.cat
import zoo.dog

assert metadata.version("gadget") == "1.2.3"
assert metadata.version("Zoo.Cat") == metadata.version("zoo-cat") == "1.0", "names are normalised"
about = metadata.metadata("gadget")
assert (about["Name"], about["License"], about["Summary"]) == ("gadget", "MIT", "A test")
assert metadata.requires("gadget") == ["zoo-cat>=1", "zoo-dog; extra == 'dog'"]
(plugin,) = metadata.entry_points(group="gadget.plugins")
assert plugin.name == "round" and plugin.load()().name == "round" and plugin.dist.name == "gadget"
(script,) = metadata.entry_points().select(group="console_scripts", name="gadget")
assert script.load()() == "gadget main"
names = {distribution.metadata["Name"] for distribution in metadata.distributions()}
assert {"gadget", "zoo_cat", "zoo_dog"} <= names, names
files = metadata.files("gadget")
assert files is not None
notes = next(path for path in files if path.name == "notes.txt")
assert notes.read_text(encoding="utf-8") == "notes é\n" and notes.locate().exists(), notes.locate()
assert str(notes) == "gadget/data/notes.txt" and notes.size == len("notes é\n".encode())
distribution = metadata.distribution("gadget")
assert "Requires-Dist" in distribution.read_text("METADATA") and distribution.read_text("nothing") is None
assert distribution.locate_file("gadget/__init__.py").exists()
assert metadata.packages_distributions()["gadget"] == ["gadget"]
assert sorted(metadata.packages_distributions()["zoo"]) == ["zoo_cat", "zoo_dog"]
try:
    metadata.version("no-such-thing")
except metadata.PackageNotFoundError as error:
    assert error.name == "no-such-thing"
# a namespace package of two distributions
assert (zoo.cat.SOUND, zoo.dog.SOUND) == ("meow", "woof")
assert importlib.resources.files("zoo").joinpath("cat.txt").read_text() == "whiskers\n"
# .pth: an import line ran at start, a folder was added, what is not there was not
assert sys.gadget_started is True
import from_pth

assert from_pth.WHERE.endswith("site-packages/gadget_more/from_pth.py")
assert not any("/nowhere" in entry for entry in sys.path)
# files of the data scheme stand below sys.prefix
assert open(os.path.join(sys.prefix, "share/gadget/icon.txt")).read() == "icon\n"
# what is no Python of today is carried, and fails only when it is imported
assert importlib.resources.files(gadget).joinpath("template.py").read_text().startswith("class {{")
try:
    import gadget.legacy_python2
except SyntaxError as error:
    assert error.filename.endswith("gadget/legacy_python2.py") and error.lineno == 1 and error.text.strip() == 'print "hello"', vars(error)
print("ok")
