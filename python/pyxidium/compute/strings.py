"""How alike strings are, on all cores: matrices, best matches, groups of near duplicates.

Metrics, all over code points:

- ``levenshtein``: insertions, deletions, substitutions (V. Levenshtein 1966)
- ``damerau_levenshtein``: also transpositions of neighbours (F. Damerau 1964), unrestricted
- ``osa``: the same, but nothing is edited twice (optimal string alignment)
- ``indel``: insertions and deletions only; its similarity is what is often called "ratio"
- ``jaro``, ``jaro_winkler``: similarities by M. Jaro (1989) and W. Winkler (1990)

A distance counts edits, or is 1 - similarity for the last two. A similarity is from 0 to 1: 1 -
distance / (the largest that strings of these lengths can have).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

from pyxidium.compute import _compute
from pyxidium.compute._arrays import give

__all__ = [
    "Match",
    "Metric",
    "best_matches",
    "distance",
    "distance_matrix",
    "groups",
    "similarity",
    "similarity_matrix",
]

type Metric = Literal["levenshtein", "damerau_levenshtein", "osa", "indel", "jaro", "jaro_winkler"]


class Match(NamedTuple):
    """A query, a choice, and how alike they are."""

    query: int
    """Which query: its index."""
    choice: int
    """Which choice: its index."""
    similarity: float


def distance(a: str, b: str, metric: Metric = "levenshtein") -> float:
    """The distance of two strings.

    A whole number of edits; for ``jaro`` and ``jaro_winkler``, 1 - similarity.

    Raises:
        TypeError: one of them is no string.
        ValueError: ``metric`` is none of the module's.
    """
    return _compute.string_distance(a, b, metric)


def similarity(a: str, b: str, metric: Metric = "levenshtein") -> float:
    """The similarity of two strings, from 0 to 1.

    Raises:
        TypeError: one of them is no string.
        ValueError: ``metric`` is none of the module's.
    """
    return _compute.string_similarity(a, b, metric)


def distance_matrix(
    queries: Iterable[str], choices: Iterable[str] | None = None, metric: Metric = "levenshtein"
) -> Any:
    """The distances of all queries to all choices; without choices, to all queries.

    Returns:
        (queries, choices) float32.

    Raises:
        TypeError: something is no string.
        ValueError: ``metric`` is none of the module's.
    """
    return give(_compute.string_matrix(list(queries), _list(choices), metric, None))


def similarity_matrix(
    queries: Iterable[str],
    choices: Iterable[str] | None = None,
    metric: Metric = "levenshtein",
    *,
    cutoff: float = 0.0,
) -> Any:
    """The similarities of all queries to all choices; without choices, to all queries.

    Args:
        queries: one row each.
        choices: one column each.
        metric: see the module.
        cutoff: similarities below this are written as 0, which is faster.

    Returns:
        (queries, choices) float32, from 0 to 1.

    Raises:
        TypeError: something is no string.
        ValueError: ``metric`` is none of the module's.
    """
    return give(_compute.string_matrix(list(queries), _list(choices), metric, cutoff))


def best_matches(
    queries: Iterable[str],
    choices: Iterable[str],
    metric: Metric = "levenshtein",
    *,
    cutoff: float = 0.0,
    limit: int = 1,
) -> list[Match]:
    """For each query the choices most like it: best first, of equals the earlier first.

    Args:
        queries: what is looked for.
        choices: where it is looked for.
        metric: see the module.
        cutoff: from 0 to 1; choices less alike are left out.
        limit: so many matches for each query at most.

    Returns:
        The matches of the first query, then those of the second, and so on.

    Raises:
        TypeError: something is no string.
        ValueError: ``metric`` is none of the module's, or ``cutoff`` is not from 0 to 1.
    """
    found = _compute.string_matches(list(queries), list(choices), metric, cutoff, limit)
    return list(map(Match._make, found))


def groups(
    strings: Iterable[str], metric: Metric = "levenshtein", *, cutoff: float = 0.9
) -> list[list[int]]:
    """Groups of strings that are alike: for finding near duplicates.

    Each string is at least as similar as ``cutoff`` to another one of its group; the ends of a
    chain may be less alike (single linkage).

    Args:
        strings: all are compared with all.
        metric: see the module.
        cutoff: from 0 to 1.

    Returns:
        Indices, ascending in each group; groups in the order of their first. A string like no
        other is a group of one.

    Raises:
        TypeError: something is no string.
        ValueError: ``metric`` is none of the module's, or ``cutoff`` is not from 0 to 1.
    """
    return _compute.string_groups(list(strings), metric, cutoff)


def _list(strings: Iterable[str] | None) -> list[str] | None:
    return None if strings is None else list(strings)
