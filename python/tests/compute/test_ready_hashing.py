"""``pyxidium.compute.hashing`` against values of the specifications, and wheels where they are."""

import os
import random
import tempfile
import unittest
from array import array
from pathlib import Path

from pyxidium.compute import hashing

try:
    import blake3
    import xxhash
except ImportError:
    blake3 = xxhash = None

# BLAKE3's test vectors: bytes 0, 1, ... 250, 0, 1, ...
VECTORS = {
    0: "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
    1: "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213",
    1024: "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7",
    102400: "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085",
}


def pattern(length):
    return bytes(place % 251 for place in range(length))


class Hashing(unittest.TestCase):
    def test_known_values(self):
        for length, digest in VECTORS.items():
            self.assertEqual(hashing.blake3(pattern(length)).hex(), digest)
        self.assertEqual(hashing.xxh3_64(b""), 0x2D06800538D394C2)
        self.assertEqual(hashing.xxh3_128(b""), 0x99AA06D3014798D86001C324468D497F)

    def test_any_buffer(self):
        values = array("i", range(1000))
        whole = values.tobytes()
        self.assertEqual(hashing.blake3(values), hashing.blake3(whole))
        self.assertEqual(hashing.xxh3_64(memoryview(whole)[::2]), hashing.xxh3_64(whole[::2]))
        self.assertEqual(hashing.blake3(bytearray()), hashing.blake3(b""))

    def test_files_as_bytes(self):
        with tempfile.TemporaryDirectory() as folder:
            for length in (0, 10, 100_000, 3_000_000):
                path = Path(folder, str(length))
                path.write_bytes(pattern(length))
                self.assertEqual(hashing.hash_file(path), hashing.blake3(pattern(length)))
                digest = hashing.hash_file(str(path), "xxh3_64", seed=3)
                self.assertEqual(int.from_bytes(digest), hashing.xxh3_64(pattern(length), seed=3))
            paths = sorted(Path(folder).iterdir())
            self.assertEqual(hashing.hash_files(paths), [hashing.hash_file(path) for path in paths])
            with self.assertRaises(FileNotFoundError) as raised:
                hashing.hash_files([*paths, Path(folder, "none")])
            self.assertTrue(str(raised.exception.filename).endswith("none"))
            with self.assertRaises(IsADirectoryError):
                hashing.hash_file(folder)

    def test_trees_by_the_documented_rule(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "b").mkdir()
            (root / "b" / "x").write_bytes(b"one")
            (root / "ü").write_bytes(b"two")
            (root / "a").symlink_to("nowhere")
            expected = b""
            for kind, path, content in (
                (b"l", "a", b"nowhere"),
                (b"d", "b", None),
                (b"f", "b/x", b"one"),
                (b"f", "ü", b"two"),
            ):
                name = os.fsencode(path)
                expected += kind + len(name).to_bytes(8, "little") + name
                expected += b"" if content is None else hashing.blake3(content)
            self.assertEqual(hashing.hash_tree(root), hashing.blake3(expected))
        with self.assertRaises(FileNotFoundError):
            hashing.hash_tree(root)

    def test_keys_and_seeds(self):
        self.assertNotEqual(hashing.blake3(b"a", key=bytes(32)), hashing.blake3(b"a"))
        with self.assertRaisesRegex(ValueError, "key: expected 32 bytes, got 3"):
            hashing.blake3(b"a", key=b"abc")
        with self.assertRaisesRegex(ValueError, "method must be"):
            hashing.hash_file("x", "md5")
        with self.assertRaises(OverflowError):
            hashing.xxh3_64(b"", seed=-1)
        with self.assertRaisesRegex(TypeError, "data: expected bytes"):
            hashing.blake3("text")

    @unittest.skipIf(blake3 is None, "the wheels are not here")
    def test_as_the_wheels_do(self):
        pick = random.Random(4)
        for length in (*range(40), 200, 240, 241, 1000, 5000, 300_000, 20_000_000):
            data, seed = pick.randbytes(length), pick.getrandbits(64)
            self.assertEqual(hashing.blake3(data), blake3.blake3(data).digest())
            self.assertEqual(
                hashing.xxh3_64(data, seed=seed), xxhash.xxh3_64_intdigest(data, seed=seed)
            )
            self.assertEqual(
                hashing.xxh3_128(data, seed=seed), xxhash.xxh3_128_intdigest(data, seed=seed)
            )


if __name__ == "__main__":
    unittest.main()
