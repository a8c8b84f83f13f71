"""The shared library behind this package: a section for each room of ``crates/compute-python``."""

from collections.abc import Buffer, Callable
from typing import Any, Self

VERSION: str

# Kernels.

class Kernel:
    """A compiled function. Made by the decorator ``kernel``."""

    __wrapped__: Callable[..., Any]
    fallback: bool
    def __new__(
        cls, function: Callable[..., Any], definition: Any, filename: str, fallback: bool
    ) -> Self: ...
    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...

def map_kernel(
    kernel: Kernel,
    items: list[Any],
    keep: bool,
    progress: Callable[[float], object] | None,
    threads: int | None,
) -> list[Any] | None:
    """The results of a kernel for each item; `None` if it is to run as Python."""

class Stream:
    """A stream of random numbers."""

    def random(self) -> float:
        """A float in [0, 1)."""

    def uniform(self, a: float, b: float) -> float:
        """A float between `a` and `b`."""

    def randrange(self, stop: int) -> int:
        """An int in [0, `stop`), each as likely."""

    def gauss(self, mu: float, sigma: float) -> float:
        """A normally distributed float."""

def threads() -> int:
    """How many threads computations that start here may use."""

def stream(seed: int, index: int) -> Stream:
    """Stream number `index` of a seed."""

# Ready-made kernels. Results that are arrays have the buffer protocol.

class Array:
    def __buffer__(self, flags: int, /) -> memoryview: ...
    def __len__(self) -> int: ...

def sort(values: Buffer, descending: bool) -> Array: ...
def argsort(values: Buffer, descending: bool) -> Array: ...
def unique(values: Buffer) -> Array: ...
def unique_all(values: Buffer) -> tuple[Array, Array, Array, Array]: ...
def group(keys: Buffer, values: Buffer, reduce: str) -> tuple[Array, Array]: ...
def summary(
    values: Buffer, ddof: float, omit_nan: bool
) -> tuple[int, float, float, float, float, float, float, float]: ...
def histogram_of(
    values: Buffer, bins: int, range: tuple[float, float] | None, edges: Buffer | None
) -> tuple[Array, Array]: ...
def quantiles(values: Buffer, at: list[float], omit_nan: bool) -> list[float]: ...
def hash_bytes(data: Buffer, name: str, seed: int, key: bytes | None) -> bytes: ...
def hash_file(path: str, name: str, seed: int, key: bytes | None) -> bytes: ...
def hash_files(paths: list[str], name: str, seed: int, key: bytes | None) -> list[bytes]: ...
def hash_tree(path: str, name: str, seed: int, key: bytes | None) -> bytes: ...
def string_distance(a: str, b: str, name: str) -> float: ...
def string_similarity(a: str, b: str, name: str) -> float: ...
def string_matrix(
    queries: list[str], choices: list[str] | None, name: str, cutoff: float | None
) -> Array: ...
def string_matches(
    queries: list[str], choices: list[str], name: str, cutoff: float, limit: int
) -> list[tuple[int, int, float]]: ...
def string_groups(strings: list[str], name: str, cutoff: float) -> list[list[int]]: ...
def nearest(
    points: Buffer, queries: Buffer, k: int, max_distance: float
) -> tuple[Array, Array]: ...
def within(points: Buffer, queries: Buffer, radius: float) -> tuple[Array, Array]: ...
def points_in_polygons(points: Buffer, polygons: Buffer | list[Any]) -> tuple[Array, Array]: ...
def close_polygons(
    points: Buffer, polygons: Buffer | list[Any], radius: float, of_area: bool
) -> tuple[Array, Array]: ...
def smallest_close_polygon(
    points: Buffer, polygons: Buffer | list[Any], radius: float, of_area: bool
) -> Array: ...
def polygon_areas(polygons: Buffer | list[Any]) -> Array: ...
def integrate(
    integrand: str | Callable[..., Any],
    bounds: list[tuple[float, float]],
    samples: int,
    seed: int,
    batch: bool,
) -> tuple[float, float, int]: ...
def convolve2d(a: Buffer, b: Buffer, mode: str, method: str) -> Array: ...
def search_files(
    roots: list[str],
    pattern: str,
    literal: bool,
    ignore_case: bool,
    word: bool,
    globs: list[str],
    gitignore: bool,
    hidden: bool,
    most_per_file: int | None,
) -> tuple[list[str], list[tuple[int, int, int, int, str]], int, list[tuple[str, str]]]: ...
