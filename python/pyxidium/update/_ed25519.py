"""Checks Ed25519 signatures (RFC 8032), in Python's own integers: it takes a few milliseconds.

Only checks, with public numbers only, so nothing here has to take the same time for all of them.
As strict as what signs (`verify_strict` of ed25519-dalek): numbers in their one shortest form, and
no points of small order, with which one signature would fit many texts.
"""

from __future__ import annotations

import hashlib

#: A point as x, y, x * y of x = X/Z, y = Y/Z: (X, Y, Z, T).
type Point = tuple[int, int, int, int]

P = 2**255 - 19
#: The order of the base point.
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
NEUTRAL: Point = (0, 1, 1, 0)


def verify(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the owner of the public ``key`` signed ``message``."""
    if len(key) != 32 or len(signature) != 64:
        return False
    first, second = signature[:32], signature[32:]
    public, commitment = decode(key), decode(first)
    factor = int.from_bytes(second, "little")
    if public is None or commitment is None or factor >= L:
        return False
    if is_small(public) or is_small(commitment):
        return False
    challenge = hashlib.sha512(first + key + message).digest()
    challenge_factor = int.from_bytes(challenge, "little") % L
    # factor * BASE == commitment + challenge * public
    left = multiply(factor, BASE)
    return same(left, add(commitment, multiply(challenge_factor, public)))


def add(a: Point, b: Point) -> Point:
    """The sum of two points; also of a point with itself."""
    (x1, y1, z1, t1), (x2, y2, z2, t2) = a, b
    e = (y1 - x1) * (y2 - x2) % P
    f = (y1 + x1) * (y2 + x2) % P
    g = 2 * D * t1 * t2 % P
    h = 2 * z1 * z2 % P
    w, u, v, s = f - e, h - g, h + g, f + e
    return w * u % P, v * s % P, u * v % P, w * s % P


def multiply(factor: int, point: Point) -> Point:
    """A point, added to itself so often."""
    result = NEUTRAL
    while factor:
        if factor & 1:
            result = add(result, point)
        point = add(point, point)
        factor >>= 1
    return result


def same(a: Point, b: Point) -> bool:
    """Whether two points are one."""
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def is_small(point: Point) -> bool:
    """Whether eight times the point is nothing."""
    return same(multiply(8, point), NEUTRAL)


def decode(data: bytes) -> Point | None:
    """The point of 32 bytes: y, and in the last bit whether x is odd."""
    number = int.from_bytes(data, "little")
    odd, y = number >> 255, number & (1 << 255) - 1
    if y >= P:
        return None
    # x * x = u / v on the curve.
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if (v * x * x - u) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (v * x * x - u) % P:
        return None
    if x == 0 and odd:
        return None
    if x % 2 != odd:
        x = P - x
    return x, y, 1, x * y % P


def _base() -> Point:
    point = decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
    assert point is not None
    return point


BASE = _base()
