"""Digests of bytes, files and whole folders: BLAKE3 and XXH3.

BLAKE3 is cryptographic: nobody can make two contents of one digest. It runs on all cores. XXH3 is
not, and is for tables and quick comparisons.
"""

from __future__ import annotations

import os
from collections.abc import Buffer, Iterable
from typing import Literal

from pyxidium.compute import _compute

__all__ = ["Method", "blake3", "hash_file", "hash_files", "hash_tree", "xxh3_64", "xxh3_128"]

type Method = Literal["blake3", "xxh3_64", "xxh3_128"]


def blake3(data: Buffer, *, key: bytes | None = None) -> bytes:
    """The BLAKE3 digest of ``data``, 32 bytes.

    Source: J. O'Connor, J.-P. Aumasson, S. Neves, Z. Wilcox-O'Hearn, "BLAKE3: one function, fast
    everywhere" (2020).

    Args:
        data: bytes, or any buffer (of which the bytes in C order are taken).
        key: 32 bytes, for a digest that only who knows them can make.

    Raises:
        TypeError: ``data`` is no buffer.
        ValueError: ``key`` has not 32 bytes.
    """
    return _compute.hash_bytes(data, "blake3", 0, key)


def xxh3_64(data: Buffer, *, seed: int = 0) -> int:
    """The 64-bit XXH3 of ``data``, as a number. Not for secrets or signatures.

    Source: Y. Collet, the xxHash specification.

    Args:
        data: bytes, or any buffer (of which the bytes in C order are taken).
        seed: 0 to 2**64 - 1.

    Raises:
        TypeError: ``data`` is no buffer.
        OverflowError: ``seed`` is out of range.
    """
    return int.from_bytes(_compute.hash_bytes(data, "xxh3_64", seed, None))


def xxh3_128(data: Buffer, *, seed: int = 0) -> int:
    """The 128-bit XXH3 of ``data``, as a number. Not for secrets or signatures.

    Arguments and errors are those of ``xxh3_64``.
    """
    return int.from_bytes(_compute.hash_bytes(data, "xxh3_128", seed, None))


def hash_file(
    path: str | os.PathLike[str],
    method: Method = "blake3",
    *,
    seed: int = 0,
    key: bytes | None = None,
) -> bytes:
    """The digest of a file's content: 32 bytes for BLAKE3, 8 or 16 (big-endian) for XXH3.

    Large files are mapped, so they must not be made shorter meanwhile.

    Args:
        path: the file.
        method: "blake3", "xxh3_64" or "xxh3_128".
        seed: for XXH3.
        key: for BLAKE3, 32 bytes.

    Raises:
        OSError: the file cannot be read.
        ValueError: ``method`` is none of these, or ``key`` has not 32 bytes.
    """
    return _compute.hash_file(os.fspath(path), method, seed, key)


def hash_files(
    paths: Iterable[str | os.PathLike[str]],
    method: Method = "blake3",
    *,
    seed: int = 0,
    key: bytes | None = None,
) -> list[bytes]:
    """The digests of many files, in their order; several files at a time.

    Arguments and errors are those of ``hash_file``; of several files that cannot be read, the first
    is named.
    """
    return _compute.hash_files([os.fspath(path) for path in paths], method, seed, key)


def hash_tree(
    path: str | os.PathLike[str],
    method: Method = "blake3",
    *,
    seed: int = 0,
    key: bytes | None = None,
) -> bytes:
    """One digest of a folder: of the names, kinds and contents of all that is below it.

    Times, owners and permissions do not count; symbolic links count as what they say, and are not
    followed. Two folders have one digest exactly if they look alike to that extent, on any machine.

    It is the digest of this, for every entry below the folder, ordered by the bytes of its path
    (names joined by ``/``): one byte for its kind (``d``, ``f``, ``l``), the path's length in
    bytes as 8 bytes little-endian, the path, and then for a file the digest of its content, for a
    link the digest of the path that it holds.

    Arguments are those of ``hash_file``.

    Raises:
        OSError: something cannot be read, or is neither file nor folder nor link.
        ValueError: ``method`` is none of these, or ``key`` has not 32 bytes.
    """
    return _compute.hash_tree(os.fspath(path), method, seed, key)
