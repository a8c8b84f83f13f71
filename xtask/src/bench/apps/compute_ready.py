"""Every ready-made kernel beside the best wheel for the same work; one JSON line for each.

Both are run in turn, and the medians are printed: `{"name", "ours_s", "peer", "peer_s"}`. Answers are
compared before anything is timed. `--quick` makes inputs smaller; names choose some.
"""

import contextlib
import functools
import json
import math
import pathlib
import random
import re
import statistics as pystatistics
import sys
import tempfile
import time

import numpy as np

from pyxidium.compute import (
    geometry,
    hashing,
    montecarlo,
    search,
    signal,
    sorting,
    statistics,
    strings,
)

QUICK = "--quick" in sys.argv
ONLY = [name for name in sys.argv[1:] if not name.startswith("-")]
RNG = np.random.default_rng(20240607)
ROUNDS = 5 if QUICK else 9


def sized(count):
    return count // 10 if QUICK else count


def compare(name, ours, peer, theirs, same=None):
    """Times both in turn; `same` says whether their answers agree."""
    if ONLY and not any(part in name for part in ONLY):
        return
    a, b = ours(), theirs()
    if same is not None and not same(a, b):
        raise SystemExit(f"{name}: the answers differ")
    mine, other = [], []
    for _ in range(ROUNDS):
        for function, times in ((ours, mine), (theirs, other)):
            start = time.perf_counter()
            function()
            times.append(time.perf_counter() - start)
    line = {
        "name": name,
        "ours_s": pystatistics.median(mine),
        "peer": peer,
        "peer_s": pystatistics.median(other),
    }
    print(json.dumps(line), flush=True)


def equal(a, b):
    return np.array_equal(a, b)


def near(a, b):
    return np.allclose(a, b, rtol=1e-9, atol=1e-9)


def sorting_kernels():
    count = sized(5_000_000)
    floats = RNG.standard_normal(count)
    for kind in ("f8", "i8", "f4", "i4", "i2", "u1"):
        values = (floats * 1e4).astype(kind) if kind != "u1" else RNG.integers(0, 256, count, "u1")
        # numpy sorts bytes and 16 bits fastest by its stable sort.
        how = {"kind": "stable"} if kind == "u1" else {}
        compare(
            f"sort {kind}",
            functools.partial(sorting.sort, values),
            "numpy.sort",
            functools.partial(np.sort, values, **how),
            equal,
        )
    compare(
        "argsort f8",
        lambda: sorting.argsort(floats),
        "numpy.argsort",
        lambda: np.argsort(floats),
        lambda a, b: equal(floats[a], floats[b]),
    )
    whole = RNG.integers(0, 100_000, count)
    compare(
        "argsort i8 stable",
        lambda: sorting.argsort(whole),
        "numpy.argsort",
        lambda: np.argsort(whole, kind="stable"),
        equal,
    )
    compare(
        "unique f8",
        lambda: sorting.unique(floats),
        "numpy.unique",
        lambda: np.unique(floats),
        equal,
    )
    compare(
        "unique i8", lambda: sorting.unique(whole), "numpy.unique", lambda: np.unique(whole), equal
    )

    def all_of_numpys():
        return np.unique(whole, return_index=True, return_inverse=True, return_counts=True)

    compare(
        "unique_all i8",
        lambda: sorting.unique_all(whole),
        "numpy.unique",
        all_of_numpys,
        lambda a, b: all(map(equal, a, b)),
    )

    def grouped():
        keys, places = np.unique(whole, return_inverse=True)
        return keys, np.bincount(places, floats)

    compare(
        "group_by sum",
        lambda: sorting.group_by(whole, floats),
        "numpy.unique + bincount",
        grouped,
        lambda a, b: equal(a[0], b[0]) and near(a[1], b[1]),
    )


def statistics_kernels():
    from scipy import stats

    values = RNG.standard_normal(sized(5_000_000))

    def ours():
        return statistics.summary(values)

    def numpys():
        return values.sum(), values.mean(), values.var(), values.min(), values.max()

    compare(
        "summary",
        ours,
        "numpy sum, mean, var, min, max",
        numpys,
        lambda a, b: near((a.sum, a.mean, a.variance, a.minimum, a.maximum), b),
    )
    compare(
        "summary with moments",
        ours,
        "scipy.stats.describe",
        lambda: stats.describe(values, ddof=0),
        lambda a, b: near(a.kurtosis, b.kurtosis),
    )
    compare(
        "histogram 100",
        lambda: statistics.histogram(values, 100),
        "numpy.histogram",
        lambda: np.histogram(values, 100),
        lambda a, b: equal(a[0], b[0]),
    )
    edges = np.sort(RNG.standard_normal(50))
    compare(
        "histogram edges",
        lambda: statistics.histogram(values, edges),
        "numpy.histogram",
        lambda: np.histogram(values, edges),
        lambda a, b: equal(a[0], b[0]),
    )
    at = [0.1, 0.5, 0.9]
    compare(
        "quantile",
        lambda: statistics.quantile(values, at),
        "numpy.quantile",
        lambda: np.quantile(values, at),
        equal,
    )


def hashing_kernels():
    import blake3
    import xxhash

    large = RNG.bytes(sized(200_000_000))
    compare(
        "blake3 200 MB",
        lambda: hashing.blake3(large),
        "blake3",
        lambda: blake3.blake3(large, max_threads=blake3.blake3.AUTO).digest(),
        equal_bytes,
    )
    medium = large[:100_000]
    compare(
        "blake3 100 kB",
        lambda: hashing.blake3(medium),
        "blake3",
        lambda: blake3.blake3(medium).digest(),
        equal_bytes,
    )
    compare(
        "xxh3_64 200 MB",
        lambda: hashing.xxh3_64(large),
        "xxhash",
        lambda: xxhash.xxh3_64_intdigest(large),
        equal_bytes,
    )
    compare(
        "xxh3_128 200 MB",
        lambda: hashing.xxh3_128(large),
        "xxhash",
        lambda: xxhash.xxh3_128_intdigest(large),
        equal_bytes,
    )
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for number in range(sized(2000)):
            place = root / f"{number % 20}"
            place.mkdir(exist_ok=True)
            (place / f"{number}").write_bytes(large[number * 1000 : number * 1000 + 20_000])
        files = sorted(path for path in root.rglob("*") if path.is_file())

        def one_by_one():
            return [blake3.blake3(path.read_bytes()).digest() for path in files]

        compare(
            "blake3 files",
            lambda: hashing.hash_files(files),
            "blake3, file by file",
            one_by_one,
            equal_bytes,
        )
        compare(
            "blake3 tree",
            lambda: hashing.hash_tree(root),
            "blake3, file by file",
            lambda: [
                blake3.blake3(path.read_bytes()).digest()
                for path in sorted(root.rglob("*"))
                if path.is_file()
            ],
        )


def equal_bytes(a, b):
    return a == b


def words(count, low=4, high=24):
    pick = random.Random(5)
    letters = "etaoinshrdlucmfwypvbgk "
    return ["".join(pick.choices(letters, k=pick.randint(low, high))) for _ in range(count)]


def string_kernels():
    from rapidfuzz import distance, process

    left, right = words(sized(1000)), words(sized(2000), 3, 30)
    long = words(sized(300), 80, 400)

    def cdist(scorer, a, b, **more):
        return lambda: process.cdist(a, b, scorer=scorer, workers=-1, **more)

    metrics = {
        "levenshtein": distance.Levenshtein,
        "osa": distance.OSA,
        "indel": distance.Indel,
        "damerau_levenshtein": distance.DamerauLevenshtein,
        "jaro": distance.Jaro,
        "jaro_winkler": distance.JaroWinkler,
    }
    for name, module in metrics.items():
        compare(
            f"similarity_matrix {name}",
            lambda name=name: strings.similarity_matrix(left, right, name),
            "rapidfuzz.process.cdist",
            cdist(module.normalized_similarity, left, right, dtype=np.float32),
            lambda a, b: np.allclose(a, b, atol=1e-6),
        )
    compare(
        "distance_matrix levenshtein",
        lambda: strings.distance_matrix(left, right),
        "rapidfuzz.process.cdist",
        cdist(distance.Levenshtein.distance, left, right),
        equal,
    )
    compare(
        "distance_matrix long",
        lambda: strings.distance_matrix(long),
        "rapidfuzz.process.cdist",
        cdist(distance.Levenshtein.distance, long, long),
        equal,
    )

    def extracted():
        return [
            process.extract(
                text,
                right,
                scorer=distance.Levenshtein.normalized_similarity,
                score_cutoff=0.5,
                limit=3,
            )
            for text in left
        ]

    compare(
        "best_matches",
        lambda: strings.best_matches(left, right, cutoff=0.5, limit=3),
        "rapidfuzz.process.extract",
        extracted,
        lambda a, b: (
            [round(m.similarity, 9) for m in a] == [round(m[1], 9) for ms in b for m in ms]
        ),
    )

    def grouped():
        matrix = process.cdist(
            right,
            right,
            scorer=distance.Levenshtein.normalized_similarity,
            score_cutoff=0.7,
            workers=-1,
        )
        return np.argwhere(matrix > 0)

    compare(
        "groups",
        lambda: strings.groups(right, cutoff=0.7),
        "rapidfuzz.process.cdist + argwhere",
        grouped,
    )


def wheels(count, corners, radius):
    centres = RNG.uniform(0, 100, (count, 1, 2))
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    sizes = RNG.uniform(0.5, 1, (count, corners, 1)) * radius
    return centres + ring * sizes


def geometry_kernels():
    import shapely
    from scipy.spatial import cKDTree

    points, queries = RNG.uniform(0, 1, (sized(200_000), 2)), RNG.uniform(0, 1, (sized(200_000), 2))
    compare(
        "nearest 2-D",
        lambda: geometry.nearest(points, queries),
        "scipy.spatial.cKDTree",
        lambda: cKDTree(points).query(queries, k=1, workers=-1),
        lambda a, b: near(a[0][:, 0], b[0]),
    )
    compare(
        "nearest 2-D, k=5",
        lambda: geometry.nearest(points, queries, 5),
        "scipy.spatial.cKDTree",
        lambda: cKDTree(points).query(queries, k=5, workers=-1),
        lambda a, b: near(a[0], b[0]),
    )
    solid, others = RNG.uniform(0, 1, (sized(100_000), 3)), RNG.uniform(0, 1, (sized(100_000), 3))
    compare(
        "nearest 3-D",
        lambda: geometry.nearest(solid, others),
        "scipy.spatial.cKDTree",
        lambda: cKDTree(solid).query(others, k=1, workers=-1),
        lambda a, b: near(a[0][:, 0], b[0]),
    )
    radius = 0.01
    compare(
        "within 2-D",
        lambda: geometry.within(points, queries, radius),
        "scipy.spatial.cKDTree",
        lambda: cKDTree(points).query_ball_point(queries, radius, workers=-1),
        lambda a, b: len(a[0]) == sum(map(len, b)),
    )
    for corners, many in ((10, 2000), (500, 200)):
        polygons = wheels(many, corners, 6 if many < 1000 else 2)
        inside = RNG.uniform(0, 100, (sized(100_000), 2))
        shapes = shapely.polygons(polygons)

        def joined(shapes=shapes, inside=inside):
            return shapely.STRtree(shapes).query(shapely.points(inside), predicate="within")

        compare(
            f"points_in_polygons, {corners} corners",
            lambda polygons=polygons, inside=inside: geometry.points_in_polygons(inside, polygons),
            "shapely.STRtree",
            joined,
            lambda a, b: len(a[0]) == b.shape[1],
        )
    # The poly-match workload: 1,000 polygons of 10 corners, 100 points, within 10, the smallest.
    polygons = wheels(1000, 10, 5)
    spots = RNG.uniform(0, 100, (100, 2))

    def numpys():
        centres = polygons.mean(axis=1)
        x, y = polygons[:, :, 0], polygons[:, :, 1]
        areas = np.abs((x * np.roll(y, -1, 1) - y * np.roll(x, -1, 1)).sum(1)) / 2
        far = ((spots[:, None, :] - centres) ** 2).sum(2) > 100
        best = np.where(far, np.inf, areas).argmin(1)
        return np.where(far.all(1), -1, best)

    compare(
        "smallest_close_polygon",
        lambda: geometry.smallest_close_polygon(spots, polygons, 10),
        "numpy",
        numpys,
        equal,
    )


def montecarlo_kernels():
    count = sized(20_000_000)

    def numpys():
        total = 0
        generator = np.random.default_rng(1)
        for _ in range(20):
            points = generator.uniform(-1, 1, (count // 20, 2))
            total += int(((points**2).sum(1) <= 1).sum())
        return 4 * total / count

    box = [(-1, 1), (-1, 1)]
    compare(
        "integrate ball",
        lambda: montecarlo.integrate("ball", box, count),
        "numpy",
        numpys,
        lambda a, b: abs(a.value - math.pi) < 0.01 and abs(b - math.pi) < 0.01,
    )

    def batch(points):
        return np.exp(-(points**2).sum(1))

    def by_hand():
        generator = np.random.default_rng(1)
        return np.mean(
            [batch(generator.uniform(-1, 1, (8192, 2))).mean() for _ in range(count // 81920)]
        )

    compare(
        "integrate batch",
        lambda: montecarlo.integrate(batch, box, count // 81920 * 8192, batch=True),
        "numpy",
        by_hand,
    )


def signal_kernels():
    from scipy import signal as scipys

    size = 512 if QUICK else 1024
    image = RNG.standard_normal((size, size))
    for edge in (3, 9):
        kernel = RNG.standard_normal((edge, edge))
        compare(
            f"convolve2d {edge}x{edge}",
            lambda kernel=kernel: signal.convolve2d(image, kernel, mode="same"),
            "scipy.signal.convolve2d",
            lambda kernel=kernel: scipys.convolve2d(image, kernel, mode="same"),
            near,
        )
    for edge in (9, 31, 200):
        kernel = RNG.standard_normal((edge, edge))
        compare(
            f"convolve2d {edge}x{edge} against fft",
            lambda kernel=kernel: signal.convolve2d(image, kernel, mode="same"),
            "scipy.signal.fftconvolve",
            lambda kernel=kernel: scipys.fftconvolve(image, kernel, mode="same"),
            near,
        )
    compare(
        "convolve2d fft full",
        lambda: signal.convolve2d(image, image, method="fft"),
        "scipy.signal.fftconvolve",
        lambda: scipys.fftconvolve(image, image),
        near,
    )


def search_kernels():
    pick = random.Random(6)
    vocabulary = words(3000, 3, 9)
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for number in range(sized(1500)):
            place = root / f"{number % 30}"
            place.mkdir(exist_ok=True)
            lines = (" ".join(pick.choices(vocabulary, k=10)) for _ in range(200))
            (place / f"{number}.txt").write_text("\n".join(lines))
        for name, pattern in (
            ("literal", vocabulary[7].strip()),
            ("pattern", r"\b[aeiou]\w+ [st]h\w+ing?\b"),
        ):
            compiled = re.compile(pattern.encode())

            def loop(compiled=compiled):
                found = []
                for path in sorted(path for path in root.rglob("*") if path.is_file()):
                    for line, text in enumerate(path.read_bytes().split(b"\n"), 1):
                        if compiled.search(text):
                            found.append((str(path), line))
                return found

            compare(
                f"search {name}",
                lambda pattern=pattern: search.search(pattern, root),
                "Python's re, file by file",
                loop,
                lambda a, b: sorted((m.path, m.line) for m in a.matches) == sorted(b),
            )


for group in (
    sorting_kernels,
    statistics_kernels,
    hashing_kernels,
    string_kernels,
    geometry_kernels,
    montecarlo_kernels,
    signal_kernels,
    search_kernels,
):
    with contextlib.suppress(BrokenPipeError):
        group()
