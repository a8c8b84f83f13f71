"""Streams of random numbers: known ones, for good, and evenly spread."""

import unittest

from pyxidium.compute.random import stream


def word(seed: int, index: int) -> int:
    return int(stream(seed, index).random() * 2**53)


class Streams(unittest.TestCase):
    def test_a_stream_is_the_same_in_every_version(self) -> None:
        self.assertEqual(word(1, 2), FIRST)
        self.assertEqual(word(1 - 2**128, 2 + 2**128), FIRST)

    def test_streams_differ_by_seed_and_by_number(self) -> None:
        given = [(0, 0), (0, 1), (1, 0), (1, 1), (-1, 0), (2**64, 0), (0, 2**64)]
        self.assertEqual(len({word(*pair) for pair in given}), len(given))

    def test_draws_are_spread_as_they_should_be(self) -> None:
        made = stream(7, 0)
        units = [made.random() for _ in range(20000)]
        self.assertTrue(all(0 <= x < 1 for x in units))
        self.assertAlmostEqual(sum(units) / len(units), 0.5, delta=0.01)
        normal = [made.gauss(3.0, 2.0) for _ in range(20000)]
        self.assertAlmostEqual(sum(normal) / len(normal), 3.0, delta=0.06)
        self.assertAlmostEqual(sum((x - 3) ** 2 for x in normal) / len(normal), 4.0, delta=0.2)
        faces = [made.randrange(6) for _ in range(6000)]
        self.assertEqual(set(faces), set(range(6)))
        self.assertTrue(all(850 < faces.count(face) < 1150 for face in range(6)))
        self.assertTrue(all(-2 <= made.uniform(-2, 5) < 5 for _ in range(100)))
        self.assertEqual(made.randrange(1), 0)

    def test_what_randrange_refuses(self) -> None:
        for n in (0, -1, 2**63):
            with self.assertRaisesRegex(ValueError, "an int from 1 to"):
                stream(1, 1).randrange(n)


# The upper 53 bits of the first word, which are what a float has.
FIRST = 18292576403414778201 >> 11


if __name__ == "__main__":
    unittest.main()
