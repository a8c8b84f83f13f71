"""What was written for PyOxidizer: the finder on `sys.meta_path`, resources, and a round trip of all of it."""

import importlib.metadata
import importlib.resources
import multiprocessing
import sys
from pathlib import Path

import oxidized_importer
import plant.leaf
from oxidized_importer import OxidizedFinder, OxidizedResource, OxidizedZipFinder

finder = sys.meta_path[0]


def the_app():
    assert isinstance(finder, OxidizedFinder) and type(finder).__name__ == "OxidizedFinder", finder
    assert sys.oxidized and finder.path_hook_base_str == sys.executable
    assert finder.origin == str(Path(sys.executable).parent)
    # The app's modules are what they are without it.
    assert plant.leaf.__file__ == str(Path(__file__).parent / "plant/leaf.py"), plant.leaf.__file__
    assert "oxidized" not in type(plant.leaf.__loader__).__module__
    spec = finder.find_spec("plant", None)
    assert spec.origin == plant.__file__ and spec.submodule_search_locations == plant.__path__
    assert finder.get_source("plant.leaf").startswith("green") and finder.is_package("plant")
    assert finder.get_filename("plant.leaf") == plant.leaf.__file__
    scope = {}
    exec(finder.get_code("plant.leaf"), scope)
    assert scope["green"] == "leaf"
    assert finder.find_spec("_io").origin == "built-in" and finder.get_code("_io") is None
    assert finder.find_spec("no_such_module") is None
    assert finder.get_data(str(Path(plant.__file__).parent / "data/size.txt")) == b"12\n"
    names = [name for name, package in finder.iter_modules() if package]
    assert {"json", "plant", "oxidized_importer"} <= set(names), names
    for path in (plant.__path__[0], f"{sys.executable}/plant"):
        assert finder.path_hook(path).iter_modules() == [("leaf", False)], path
        assert finder.path_hook(path).find_spec("plant.leaf").origin == plant.leaf.__file__
    reader = finder.get_resource_reader("plant")
    assert reader.contents() == ["data/size.txt"] and reader.is_resource("data/size.txt")
    assert reader.open_resource("data/size.txt").read() == b"12\n"


def distributions():
    found = {d.name: d.version for d in finder.find_distributions()}
    assert found == {"gadget": "1.2.3", "zoo_cat": "1.0"}, found
    # And not twice.
    listed = [d.name for d in importlib.metadata.distributions()]
    assert sorted(listed) == ["gadget", "zoo_cat"], listed


def round_trip():
    resources = {r.name: r for r in finder.indexed_resources()}
    assert resources["plant"].in_memory_package_resources == {"data/size.txt": b"12\n"}
    assert resources["plant.leaf"].in_memory_source == Path(plant.leaf.__file__).read_bytes()
    assert resources["sys"].is_builtin_extension_module
    assert b"Name: gadget" in resources["gadget"].in_memory_distribution_resources["METADATA"]
    blob = finder.serialize_indexed_resources()
    other = OxidizedFinder()
    other.index_bytes(blob)
    del sys.modules["plant"], sys.modules["plant.leaf"]
    sys.meta_path.insert(0, other)
    import plant as again

    assert again.__spec__.loader is other and not hasattr(again, "__file__")
    assert again.leaf.green == "leaf"
    assert importlib.resources.files("plant").joinpath("data/size.txt").read_text() == "12\n"
    assert importlib.metadata.version("gadget") == "1.2.3"
    # A library of the file, this time out of an anonymous file of the app's own.
    resources["unicodedata"].name = "letters.unicodedata"
    other.add_resource(resources["unicodedata"])
    package = OxidizedResource()
    package.name, package.is_module, package.is_package = "letters", True, True
    package.in_memory_source = b""
    other.add_resource(package)
    from letters import unicodedata

    assert unicodedata.name("a") == "LATIN SMALL LETTER A" and not hasattr(unicodedata, "__file__")
    sys.meta_path.remove(other)


def zip_archive():
    import io
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("zipped.py", "here = __file__")
    sys.meta_path.insert(0, OxidizedZipFinder.from_zip_data(out.getvalue()))
    import zipped

    assert zipped.here == f"{sys.executable}/zipped.py", zipped.here
    del sys.meta_path[0]


def added_to_the_app():
    resource = OxidizedResource()
    resource.name, resource.is_module, resource.in_memory_source = "late", True, b"answer = 42"
    finder.add_resource(resource)
    import late

    assert late.answer == 42 and late.__loader__ is finder
    assert ("late", False) in finder.iter_modules()


def in_another_process(_):
    return type(sys.meta_path[0]).__module__


if __name__ == "__main__":
    the_app()
    distributions()
    round_trip()
    zip_archive()
    added_to_the_app()
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(in_another_process, [0]) == [oxidized_importer.__name__ + "._app"]
    print("ok")
