"""`OxidizedZipFinder`: modules out of an archive, in memory and on disk."""

import importlib
import importlib.util
import io
import marshal
import unittest
import zipfile

from pyxidium import oxidized_importer as o
from support import Case, below, importing_with

PYC = (
    importlib.util.MAGIC_NUMBER
    + bytes(12)
    + marshal.dumps(compile("v = 'compiled'", "b.py", "exec"))
)
FILES: dict[str, str | bytes] = {
    "pkg/__init__.py": "from . import b",
    "pkg/b.pyc": PYC,
    "pkg/both.py": "v = 'source'",
    "pkg/both.pyc": PYC,
    "one.py": "v = __file__",
}


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in FILES.items():
            file.writestr(name, content)
    return out.getvalue()


class Zip(Case):
    def test_in_memory(self) -> None:
        finder = o.OxidizedZipFinder.from_zip_data(b"a program\n" + archive())
        with importing_with(finder):
            pkg = importlib.import_module("pkg")
            self.assertEqual(
                (pkg.__file__, pkg.__path__), (below("pkg/__init__.py"), [below("pkg")])
            )
            self.assertEqual((pkg.b.v, pkg.b.__file__), ("compiled", below("pkg/b.pyc")))
            self.assertEqual(importlib.import_module("one").v, below("one.py"))
            both = importlib.import_module("pkg.both")
            # Its bytecode is taken as it is.
            self.assertEqual((both.v, both.__file__), ("compiled", below("pkg/both.py")))
            self.assertIs(both.__loader__, finder)
        self.assertTrue(finder.is_package("pkg"))
        self.assertEqual(finder.get_source("pkg.both"), "v = 'source'")
        self.assertIsNone(finder.get_source("pkg.b"))
        self.assertIs(finder.find_module("one"), finder)

    def test_on_disk(self) -> None:
        path = self.lay({"a.zip": archive()}) / "a.zip"
        finder = o.OxidizedZipFinder.from_path(path)
        spec = finder.find_spec("one")
        assert spec is not None
        self.assertEqual(spec.origin, str(path / "one.py"))
        other = o.OxidizedZipFinder.from_zip_data(archive(), path=b"/elsewhere.zip").find_spec(
            "one"
        )
        assert other is not None
        self.assertEqual(other.origin, "/elsewhere.zip/one.py")
        file = finder._archive.fp
        finder._archive.close()
        assert file is not None
        file.close()

    def test_what_is_not_there(self) -> None:
        finder = o.OxidizedZipFinder.from_zip_data(archive())
        self.assertIsNone(finder.find_spec("missing"))
        self.assertIsNone(finder.find_module("missing"))
        for ask in (finder.get_code, finder.get_source, finder.is_package):
            with self.assertRaisesRegex(ImportError, "module not found in zip archive"):
                ask("missing")
        with self.assertRaisesRegex(ValueError, "error indexing zip data"):
            o.OxidizedZipFinder.from_zip_data(b"no archive")
        with self.assertRaisesRegex(ValueError, "missing.zip: No such file"):
            o.OxidizedZipFinder.from_path(self.folder / "missing.zip")


if __name__ == "__main__":
    unittest.main()
