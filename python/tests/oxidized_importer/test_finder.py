"""`OxidizedFinder` as an importer: what it finds, what modules look like, what it says of them."""

import importlib
import importlib.machinery
import importlib.metadata
import importlib.resources
import importlib.util
import marshal
import pkgutil
import stat
import sys
import sysconfig
import traceback
import types
import unittest
from pathlib import Path

from pyxidium import oxidized_importer as o
from support import Case, below, importing_with, in_memory

FILES: dict[str, str | bytes] = {
    "demo/__init__.py": "from . import part\nname = __name__\n",
    "demo/part.py": "# -*- coding: latin-1 -*-\r\ntext = 'é'\r\n".encode("latin-1"),
    "demo/broken.py": "def f():\n    raise KeyError('here')\n\n\nf()\n",
    "demo/data/table.csv": "a,b\n",
    "demo/logo.png": b"\x89PNG",
    "demo/inner/__init__.py": "",
    "demo/inner/deep.txt": "deep",
    "single.py": "value = 1\n",
    "Demo_Dist-1.2.dist-info/METADATA": "Name: Demo-Dist\nVersion: 1.2\nRequires-Dist: other\n",
    "Demo_Dist-1.2.dist-info/entry_points.txt": "[console_scripts]\ndemo = demo:main\n",
    "Demo_Dist-1.2.dist-info/licenses/LICENSE": "free",
}


class Importing(Case):
    def test_modules_in_memory(self) -> None:
        finder = in_memory(self.lay(FILES))
        with importing_with(finder):
            demo = importlib.import_module("demo")
            self.assertEqual(demo.part.text, "é")
            self.assertFalse(hasattr(demo, "__file__") or hasattr(demo, "__cached__"))
            self.assertEqual(demo.__path__, [below("demo")])
            self.assertIs(demo.__loader__, finder)
            self.assertEqual(demo.__package__, "demo")
            assert demo.__spec__ is not None
            self.assertIsNone(demo.__spec__.origin)
            self.assertEqual(
                finder.get_source("demo.part"), "# -*- coding: latin-1 -*-\ntext = 'é'\n"
            )
            # `package.__init__` is the package.
            spec = finder.find_spec("demo.__init__")
            assert spec is not None
            self.assertEqual(spec.name, "demo")

    def test_a_traceback_shows_no_machinery(self) -> None:
        with importing_with(in_memory(self.lay(FILES))):
            try:
                importlib.import_module("demo.broken")
            except KeyError as error:
                files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
        self.assertEqual(files[-2:], ["demo.broken", "demo.broken"])
        self.assertFalse([f for f in files if "oxidized_importer" in f and "tests" not in f])

    def test_what_is_not_there(self) -> None:
        finder = o.OxidizedFinder()
        self.assertIsNone(finder.find_spec("demo", None))
        self.assertIsNone(finder.find_module("demo"))
        self.assertIsNone(finder.get_code("demo"))
        self.assertIsNone(finder.get_source("demo"))
        self.assertIsNone(finder.get_resource_reader("demo"))
        for ask in (finder.get_filename, finder.is_package):
            with self.assertRaisesRegex(ImportError, "'demo' is not indexed"):
                ask("demo")
        module = types.ModuleType("demo")
        with self.assertRaisesRegex(ImportError, "'demo' is not indexed"):
            finder.exec_module(module)

    def test_files_beside_the_origin(self) -> None:
        folder = self.lay(FILES)
        collector = o.OxidizedResourceCollector(["filesystem-relative"])
        for resource in o.find_resources_in_path(folder):
            collector.add_filesystem_relative("lib", resource)
        resources, files = collector.oxidize()
        origin = folder / "out"
        for path, data, executable in files:
            (origin / path).parent.mkdir(parents=True, exist_ok=True)
            (origin / path).write_bytes(data)
            self.assertFalse(executable)
        finder = o.OxidizedFinder(relative_path_origin=origin)
        finder.add_resources(resources)
        self.assertEqual(finder.origin, str(origin))
        with importing_with(finder):
            demo = importlib.import_module("demo")
            self.assertEqual(demo.__file__, str(origin / "lib/demo/__init__.py"))
            self.assertEqual(demo.__path__, [str(origin / "lib/demo")])
            self.assertEqual(finder.get_filename("demo.part"), str(origin / "lib/demo/part.py"))
            self.assertEqual(demo.part.text, "é")
            self.assertEqual(pkgutil.get_data("demo", "data/table.csv"), b"a,b\n")
            with self.assertRaises(FileNotFoundError):
                finder.get_data(str(origin / "lib/demo/part.py"))
        distribution = next(finder.find_distributions())
        self.assertEqual(distribution.version, "1.2")

    def test_bytecode_alone(self) -> None:
        resource = o.OxidizedResource()
        resource.name, resource.is_module = "only", True
        code = compile("value = 2", "only", "exec")
        level = ("", "_opt1", "_opt2")[sys.flags.optimize]
        setattr(resource, f"in_memory_bytecode{level}", marshal.dumps(code))
        finder = o.OxidizedFinder()
        finder.add_resource(resource)
        with importing_with(finder):
            self.assertEqual(importlib.import_module("only").value, 2)
        self.assertEqual(finder.get_source("only"), "")
        self.assertEqual(finder.get_code("only"), code)
        # Of another level it is not one that could be imported.
        other = ("_opt1", "_opt2", "")[sys.flags.optimize]
        setattr(resource, f"in_memory_bytecode{level}", None)
        setattr(resource, f"in_memory_bytecode{other}", marshal.dumps(code))
        finder.add_resource(resource)
        self.assertIsNone(finder.find_spec("only"))

    def test_a_finder_keeps_what_it_was_given(self) -> None:
        resource = o.OxidizedResource()
        resource.name, resource.is_module, resource.in_memory_source = "m", True, b"x = 1"
        finder = o.OxidizedFinder()
        finder.add_resource(resource)
        resource.in_memory_source = b"x = 2"
        self.assertEqual(finder.get_source("m"), "x = 1")
        finder.indexed_resources()[0].in_memory_source = b"x = 3"
        self.assertEqual(finder.get_source("m"), "x = 1")
        with self.assertRaisesRegex(TypeError, "an OxidizedResource is needed, not str"):
            finder.add_resource("m")  # type: ignore[arg-type]

    def test_instead_of_all_other_importers(self) -> None:
        finder = in_memory(self.lay(FILES))
        finder.index_interpreter_builtins()
        spec = finder.find_spec("_io")
        assert spec is not None
        self.assertEqual(
            (spec.origin, spec.loader), ("built-in", importlib.machinery.BuiltinImporter)
        )
        meta_path, path = list(sys.meta_path), list(sys.path)
        try:
            sys.meta_path[:], sys.path[:] = [finder], []
            sys.modules.pop("single", None)
            self.assertEqual(importlib.import_module("single").value, 1)
            self.assertIsNotNone(importlib.util.find_spec("zipimport"))
            with self.assertRaises(ModuleNotFoundError):
                importlib.import_module("demo.missing")
        finally:
            sys.meta_path[:], sys.path[:] = meta_path, path
            for name in ("single", "demo", "demo.part"):
                sys.modules.pop(name, None)

    @unittest.skipIf(
        "_pyxidium" in sys.builtin_module_names, "compares with shared libraries on disk"
    )
    def test_an_extension_module_out_of_memory(self) -> None:
        library = Path(sysconfig.get_path("platstdlib"), "lib-dynload")
        file = next(library.glob("unicodedata.*.so"))
        resource = o.OxidizedResource()
        resource.name, resource.is_extension_module = "unicodedata", True
        resource.in_memory_extension_module_shared_library = file.read_bytes()
        finder = o.OxidizedFinder()
        finder.add_resource(resource)
        for _ in range(2):
            with importing_with(finder):
                sys.modules.pop("unicodedata", None)
                module = importlib.import_module("unicodedata")
                self.assertIs(module.__loader__, finder)
                self.assertFalse(hasattr(module, "__file__"))
                self.assertEqual(module.name("é"), "LATIN SMALL LETTER E WITH ACUTE")
        maps = Path("/proc/self/maps").read_text().splitlines()
        loaded = {line.split()[4] for line in maps if "oxidized_importer" in line}
        self.assertEqual(len(loaded), 1, "the same library is loaded once")

    def test_an_extension_module_that_is_none(self) -> None:
        resource = o.OxidizedResource()
        resource.name, resource.is_extension_module = "bad", True
        resource.in_memory_extension_module_shared_library = b"no ELF"
        finder = o.OxidizedFinder()
        finder.add_resource(resource)
        with importing_with(finder), self.assertRaises(ImportError):
            importlib.import_module("bad")


class Asking(Case):
    def test_files_of_packages(self) -> None:
        finder = in_memory(self.lay(FILES))
        reader = finder.get_resource_reader("demo")
        assert reader is not None
        self.assertIsInstance(reader, o.OxidizedResourceReader)
        self.assertEqual(reader.contents(), ["data/table.csv", "logo.png"])
        self.assertTrue(reader.is_resource("data/table.csv"))
        for ask in (reader.is_resource, reader.open_resource, reader.resource_path):
            with self.assertRaises(FileNotFoundError):
                ask("missing")
        self.assertIsNone(finder.get_resource_reader("single"))
        with importing_with(finder):
            files = importlib.resources.files("demo")
            self.assertEqual(sorted(f.name for f in files.iterdir()), ["data", "logo.png"])
            self.assertTrue(files.joinpath("data").is_dir() and (files / "logo.png").is_file())
            self.assertEqual((files / "data" / "table.csv").read_text(), "a,b\n")
            self.assertEqual(files / "data/table.csv", files.joinpath("data", "table.csv"))
            with importlib.resources.as_file(files / "logo.png") as path:
                self.assertEqual(path.read_bytes(), b"\x89PNG")
            with self.assertRaisesRegex(ValueError, "read-only"):
                (files / "new").open("w")  # type: ignore[call-overload]

    def test_data_by_path(self) -> None:
        finder = in_memory(self.lay(FILES))
        self.assertEqual(finder.get_data(below("demo", "data", "table.csv")), b"a,b\n")
        self.assertEqual(finder.get_data(below("demo", "inner", "deep.txt")), b"deep")
        for path in (below("demo", "part.py"), below("demo", "inner", "logo.png"), "/etc/hostname"):
            with self.assertRaises(FileNotFoundError) as caught:
                finder.get_data(path)
            self.assertEqual(caught.exception.filename, path)

    def test_distributions(self) -> None:
        finder = in_memory(self.lay(FILES))
        with importing_with(finder):
            distribution = importlib.metadata.distribution("Demo-Dist")
            self.assertIsInstance(distribution, o.OxidizedDistribution)
            self.assertEqual(distribution.metadata["Name"], "Demo-Dist")
            self.assertEqual((distribution.version, distribution.requires), ("1.2", ["other"]))
            self.assertEqual(distribution.read_text("licenses/LICENSE"), "free")
            self.assertIsNone(distribution.read_text("missing"))
            points = importlib.metadata.entry_points(group="console_scripts", name="demo")
            self.assertEqual([p.value for p in points], ["demo:main"])
            self.assertEqual(o.OxidizedDistribution.from_name("demo_dist").version, "1.2")
            with self.assertRaises(NotImplementedError):
                distribution.files  # noqa: B018
            self.assertFalse(hasattr(distribution, "locate_file"))
        self.assertEqual(list(o.OxidizedFinder().find_distributions()), [])

    def test_modules_of_packages(self) -> None:
        finder = in_memory(self.lay(FILES))
        self.assertEqual(finder.iter_modules("p."), [("p.demo", True), ("p.single", False)])
        entry = finder.path_hook(below("demo"))
        self.assertIsInstance(entry, o.OxidizedPathEntryFinder)
        modules = [("broken", False), ("inner", True), ("part", False)]
        self.assertEqual(entry.iter_modules(), modules)
        self.assertIsNotNone(entry.find_spec("demo.part"))
        for name in ("demo", "demo.inner.deep", "single", "part"):
            self.assertIsNone(entry.find_spec(name))
        hooks = list(sys.path_hooks)
        try:
            sys.path_hooks.insert(0, finder.path_hook)
            found = [(m.name, m.ispkg) for m in pkgutil.walk_packages([below("demo")], "demo.")]
        finally:
            sys.path_hooks[:] = hooks
            sys.path_importer_cache.pop(below("demo"), None)
        self.assertEqual(found, [(f"demo.{name}", package) for name, package in modules])

    def test_paths_that_stand_for_no_package(self) -> None:
        finder = o.OxidizedFinder()
        self.assertEqual(finder.path_hook_base_str, sys.executable)
        base = sys.executable
        for path in (
            "",
            "/etc",
            f"{base}x",
            f"{base}/",
            f"{base}//a",
            f"{base}/a/",
            f"{base}/../a",
            f"{base}/.a",
        ):
            with self.subTest(path), self.assertRaises(ImportError) as caught:
                finder.path_hook(path)
            self.assertIsInstance(caught.exception.__cause__, ValueError)
        with self.assertRaises(ImportError) as caught:
            finder.path_hook(Path(base))
        self.assertIsInstance(caught.exception.__cause__, TypeError)


class Resources(unittest.TestCase):
    def test_what_attributes_take(self) -> None:
        resource = o.OxidizedResource()
        self.assertEqual(
            (resource.name, resource.is_module, resource.in_memory_source), ("", False, None)
        )
        self.assertEqual(repr(resource), '<OxidizedResource name="">')
        resource.in_memory_source = memoryview(b"x")
        self.assertEqual(resource.in_memory_source, b"x")
        resource.relative_path_module_source = b"lib/x.py"
        self.assertEqual(resource.relative_path_module_source, Path("lib/x.py"))
        resource.in_memory_package_resources = {"a": bytearray(b"1")}
        copy = resource.in_memory_package_resources
        assert copy is not None
        copy["b"] = b"2"
        self.assertEqual(resource.in_memory_package_resources, {"a": b"1"})
        for name, value, wanted in (
            ("name", None, "a str"),
            ("is_package", 1, "a bool"),
            ("in_memory_source", "text", "something like bytes"),
            ("in_memory_package_resources", {"a": None}, "something like bytes"),
            ("in_memory_package_resources", [], "a dict"),
            ("shared_library_dependency_names", "text", "a list of str"),
            ("relative_path_module_source", 1, "a path"),
        ):
            with (
                self.subTest(name),
                self.assertRaisesRegex(TypeError, f"{name}: {wanted} is needed"),
            ):
                setattr(resource, name, value)
        with self.assertRaisesRegex(AttributeError, "name cannot be deleted"):
            del resource.name


class Collecting(Case):
    def test_places(self) -> None:
        with self.assertRaisesRegex(ValueError, "'disk' is no location"):
            o.OxidizedResourceCollector(["disk"])
        collector = o.OxidizedResourceCollector(allowed_locations=["in-memory"])
        self.assertEqual(collector.allowed_locations, ["in-memory"])
        source = o.find_resources_in_path(self.lay({"a.py": ""}))[0]
        with self.assertRaisesRegex(
            ValueError, "'filesystem-relative' is not one of the locations"
        ):
            collector.add_filesystem_relative("", source)
        with self.assertRaisesRegex(TypeError, "cannot operate on str values"):
            collector.add_in_memory("a.py")  # type: ignore[arg-type]
        resources, files = collector.oxidize()
        self.assertEqual((resources, files), ([], []))

    def test_what_is_to_be_written(self) -> None:
        suffix = importlib.machinery.EXTENSION_SUFFIXES[0]
        tag = sys.implementation.cache_tag
        folder = self.lay(
            {
                "p/__init__.py": "",
                f"p/__pycache__/__init__.{tag}.opt-1.pyc": b"0123456789abcdefcode",
                "p/__pycache__/__init__.cpython-38.pyc": b"of another Python",
                f"p/fast{suffix}": b"ELF",
                "p/d/e": "",
            }
        )
        (folder / f"p/fast{suffix}").chmod(stat.S_IRUSR)
        collector = o.OxidizedResourceCollector(["filesystem-relative"])
        for resource in o.find_resources_in_path(folder):
            collector.add_filesystem_relative("lib", resource)
        resources, files = collector.oxidize()
        self.assertEqual(
            [(str(path), executable) for path, _, executable in files],
            [
                ("lib/p/__init__.py", False),
                (f"lib/p/__pycache__/__init__.{tag}.opt-1.pyc", False),
                ("lib/p/d/e", False),
                (f"lib/p/fast{suffix}", True),
            ],
        )
        self.assertEqual(files[1][1][:4], importlib.util.MAGIC_NUMBER)
        self.assertEqual(files[1][1][16:], b"code")
        self.assertEqual([r.name for r in resources], ["p", "p.fast"])


class Scanning(Case):
    def test_what_is_found(self) -> None:
        suffix = importlib.machinery.EXTENSION_SUFFIXES[0]
        folder = self.lay(
            {
                **FILES,
                "site-packages/third.py": "",
                "namespace/part.py": "",
                "namespace/lost.txt": "in no package",
                "with.dot.py": "",
                f"fast{suffix}": b"ELF",
                "old-2.0.egg-info/PKG-INFO": "Name: old\nVersion: 2.0\n",
                "a.pth": "",
            }
        )
        self.assertEqual(
            sorted(map(repr, o.find_resources_in_path(folder))),
            [
                '<PythonExtensionModule module="fast">',
                '<PythonModuleSource module="demo">',
                '<PythonModuleSource module="demo.broken">',
                '<PythonModuleSource module="demo.inner">',
                '<PythonModuleSource module="demo.part">',
                '<PythonModuleSource module="namespace.part">',
                '<PythonModuleSource module="single">',
                '<PythonModuleSource module="third">',
                *(
                    f"<PythonPackageDistributionResource {of}>"
                    for of in (
                        'package="Demo-Dist" version="1.2" name="METADATA"',
                        'package="Demo-Dist" version="1.2" name="entry_points.txt"',
                        'package="Demo-Dist" version="1.2" name="licenses/LICENSE"',
                        'package="old" version="2.0" name="PKG-INFO"',
                    )
                ),
                '<PythonPackageResource package="demo" name="data/table.csv">',
                '<PythonPackageResource package="demo" name="logo.png">',
                '<PythonPackageResource package="demo.inner" name="deep.txt">',
            ],
        )
        for path in (folder / "single.py", folder / "missing"):
            with self.assertRaisesRegex(ValueError, "path is not a directory"):
                o.find_resources_in_path(path)


if __name__ == "__main__":
    unittest.main()
