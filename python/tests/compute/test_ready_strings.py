"""``pyxidium.compute.strings`` against the definitions, and against rapidfuzz where it is."""

import random
import unittest

from pyxidium.compute import strings
from ready_support import plain

try:
    import rapidfuzz
except ImportError:
    rapidfuzz = None

METRICS = ("levenshtein", "damerau_levenshtein", "osa", "indel", "jaro", "jaro_winkler")
ALPHABETS = (
    "abc",
    "abcdefghijklmnopqrstuvwxyz ",
    "aäö☃",
    "".join(map(chr, range(0x4E00, 0x5000))) + "😀",
)


def words(count, longest, alphabet="abcde", seed=1):
    pick = random.Random(seed)
    return ["".join(pick.choices(alphabet, k=pick.randint(0, longest))) for _ in range(count)]


def levenshtein(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        above, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (x != y))
    return row[-1]


class Strings(unittest.TestCase):
    def test_matrices_hold_the_distances(self):
        for alphabet in ALPHABETS:
            for longest in (5, 40, 70, 150, 600):
                count = 40 if longest < 100 else 7
                rows, columns = (
                    words(count, longest, alphabet),
                    words(count + 3, longest, alphabet, 2),
                )
                got = plain(strings.distance_matrix(rows, columns))
                for row, a in zip(got, rows, strict=True):
                    self.assertEqual(row, [levenshtein(a, b) for b in columns])

    def test_one_pair_as_the_matrix(self):
        for metric in METRICS:
            for a, b in (
                ("kitten", "sitting"),
                ("", ""),
                ("", "a"),
                ("ab", "ba"),
                ("naïve", "naive☃"),
            ):
                one = strings.distance(a, b, metric)
                self.assertAlmostEqual(
                    plain(strings.distance_matrix([a], [b], metric))[0][0], one, places=6
                )
                one = strings.similarity(a, b, metric)
                self.assertAlmostEqual(
                    plain(strings.similarity_matrix([a], [b], metric))[0][0], one, places=6
                )
                self.assertTrue(0 <= one <= 1)
        self.assertEqual(strings.distance("CA", "ABC", "osa"), 3)
        self.assertEqual(strings.distance("CA", "ABC", "damerau_levenshtein"), 2)
        self.assertEqual(strings.distance("\ud800", "a"), 1)

    def test_cutoffs_leave_out(self):
        rows = words(30, 10)
        for metric in METRICS:
            whole = plain(strings.similarity_matrix(rows, None, metric))
            cut = plain(strings.similarity_matrix(rows, None, metric, cutoff=0.6))
            for a, b in zip(whole, cut, strict=True):
                for x, y in zip(a, b, strict=True):
                    # A similarity of just the cut-off may round to either side.
                    self.assertTrue(y == x if x > 0.600001 else y == 0 or abs(x - 0.6) < 1e-6)

    def test_best_matches(self):
        queries, choices = words(20, 8), words(60, 8, seed=3)
        for metric in METRICS:
            got = strings.best_matches(queries, choices, metric, cutoff=0.5, limit=3)
            for place, query in enumerate(queries):
                every = [
                    (strings.similarity(query, choice, metric), -number)
                    for number, choice in enumerate(choices)
                ]
                best = sorted((one for one in every if one[0] >= 0.5), reverse=True)[:3]
                mine = [(match.similarity, -match.choice) for match in got if match.query == place]
                self.assertEqual(mine, best)

    def test_groups(self):
        got = strings.groups(["color", "house", "colour", "mouse", "x", "colours"], cutoff=0.79)
        self.assertEqual(got, [[0, 2, 5], [1, 3], [4]])
        self.assertEqual(strings.groups([]), [])
        self.assertEqual(strings.groups(["a", "a"], "jaro_winkler", cutoff=1), [[0, 1]])

    def test_nothing_at_all(self):
        for rows, columns in (([], []), (["a"], []), ([], ["a"])):
            self.assertEqual(
                memoryview(strings.distance_matrix(rows, columns)).shape, (len(rows), len(columns))
            )
            self.assertEqual(strings.best_matches(rows, columns), [])

    def test_nonsense_is_refused(self):
        with self.assertRaisesRegex(TypeError, r"queries\[1\]: expected str, got .*int"):
            strings.distance_matrix(["a", 1])
        with self.assertRaisesRegex(ValueError, "metric must be"):
            strings.distance("a", "b", "soundex")
        with self.assertRaisesRegex(ValueError, "cutoff must be from 0 to 1, not 80"):
            strings.best_matches(["a"], ["b"], cutoff=80)


@unittest.skipIf(rapidfuzz is None, "rapidfuzz is not here")
class BesideRapidfuzz(unittest.TestCase):
    def test_every_metric(self):
        from rapidfuzz import distance

        modules = {
            "levenshtein": distance.Levenshtein,
            "damerau_levenshtein": distance.DamerauLevenshtein,
            "osa": distance.OSA,
            "indel": distance.Indel,
            "jaro": distance.Jaro,
            "jaro_winkler": distance.JaroWinkler,
        }
        for alphabet in ALPHABETS:
            for longest in (4, 20, 64, 65, 130):
                rows, columns = words(25, longest, alphabet), words(25, longest, alphabet, 9)
                for metric, module in modules.items():
                    distances = plain(strings.distance_matrix(rows, columns, metric))
                    alike = plain(strings.similarity_matrix(rows, columns, metric))
                    for i, a in enumerate(rows):
                        for j, b in enumerate(columns):
                            self.assertAlmostEqual(distances[i][j], module.distance(a, b), places=5)
                            self.assertAlmostEqual(
                                alike[i][j], module.normalized_similarity(a, b), places=5
                            )


if __name__ == "__main__":
    unittest.main()
