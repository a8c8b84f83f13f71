"""Signatures and versions; the rest of updates is shown with sealed files, end to end."""

import unittest

from pyxidium.update import _ed25519, _version

# The first three of RFC 8032, 7.1: public key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a",
    ),
]


def vectors() -> list[tuple[bytes, bytes, bytes]]:
    of = bytes.fromhex
    return [(of(key), of(message), of(signature)) for key, message, signature in VECTORS]


class Signatures(unittest.TestCase):
    def test_those_of_the_rfc_fit(self) -> None:
        for key, message, signature in vectors():
            self.assertTrue(_ed25519.verify(key, message, signature))

    def test_any_changed_bit_is_noticed(self) -> None:
        key, message, signature = vectors()[1]
        for at in range(0, 512, 7):
            changed = bytearray(signature)
            changed[at // 8] ^= 1 << at % 8
            self.assertFalse(_ed25519.verify(key, message, bytes(changed)), at)
        for at in range(0, 256, 11):
            other = bytearray(key)
            other[at // 8] ^= 1 << at % 8
            self.assertFalse(_ed25519.verify(bytes(other), message, signature), at)
        self.assertFalse(_ed25519.verify(key, b"", signature))
        self.assertFalse(_ed25519.verify(key, message, signature[:-1]))
        self.assertFalse(_ed25519.verify(key[:-1], message, signature))

    def test_a_signature_has_one_form(self) -> None:
        # The same number, plus the order of the base point, would fit as well.
        key, message, signature = vectors()[1]
        number = int.from_bytes(signature[32:], "little") + _ed25519.L
        self.assertFalse(
            _ed25519.verify(key, message, signature[:32] + number.to_bytes(32, "little"))
        )

    def test_keys_that_fit_everything_are_refused(self) -> None:
        # With the neutral point as key and commitment, 0 * BASE == R + h * A for every message.
        neutral = (1).to_bytes(32, "little")
        signature = neutral + bytes(32)
        self.assertFalse(_ed25519.verify(neutral, b"any", signature))
        order_two = (_ed25519.P - 1).to_bytes(32, "little")
        self.assertFalse(_ed25519.verify(order_two, b"any", signature))

    def test_numbers_that_are_no_points_are_refused(self) -> None:
        self.assertIsNone(_ed25519.decode(_ed25519.P.to_bytes(32, "little")))
        self.assertIsNone(_ed25519.decode((2).to_bytes(32, "little")))
        # x is 0 and said to be odd.
        self.assertIsNone(_ed25519.decode((1 | 1 << 255).to_bytes(32, "little")))


class Versions(unittest.TestCase):
    def test_they_are_ordered_as_pep_440_says(self) -> None:
        ordered = [
            "1.0.dev1",
            "1.0a1.dev2",
            "1.0a1",
            "1.0a2",
            "1.0b1",
            "1.0rc1",
            "1.0",
            "1.0+local.2",
            "1.0+local.10",
            "1.0.post1.dev1",
            "1.0.post1",
            "1.0.1",
            "1.9",
            "1.10",
            "2",
            "1!0.1",
        ]
        for at, older in enumerate(ordered):
            for newer in ordered[at + 1 :]:
                self.assertTrue(_version.is_newer(newer, older), (newer, older))
                self.assertFalse(_version.is_newer(older, newer), (older, newer))

    def test_one_version_in_several_forms_is_one(self) -> None:
        for one, other in [
            ("1.0", "1"),
            ("v1.0", "1.0.0"),
            ("1.0-1", "1.0.post1"),
            ("1c1", "1rc1"),
        ]:
            self.assertFalse(_version.is_newer(one, other))
            self.assertFalse(_version.is_newer(other, one))

    def test_what_is_no_version_is_not_newer(self) -> None:
        for text in ["", "new", "1.0 final", "1.x", "٢.0"]:
            self.assertIsNone(_version.key(text))
            self.assertFalse(_version.is_newer(text, "1.0"))


if __name__ == "__main__":
    unittest.main()
