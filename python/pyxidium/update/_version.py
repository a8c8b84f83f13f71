"""Which of two versions is newer, as PEP 440 orders them."""

from __future__ import annotations

import re

_FORM = re.compile(
    r"v?(?:(?P<epoch>\d+)!)?(?P<release>\d+(?:\.\d+)*)"
    r"(?:[-_.]?(?P<pre>alpha|beta|preview|pre|rc|a|b|c)[-_.]?(?P<pre_number>\d*))?"
    r"(?:-(?P<post_alone>\d+)|[-_.]?(?P<post>post|rev|r)[-_.]?(?P<post_number>\d*))?"
    r"(?:[-_.]?(?P<dev>dev)[-_.]?(?P<dev_number>\d*))?"
    r"(?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?"
)
_STAGES = {"alpha": 0, "a": 0, "beta": 1, "b": 1}
_AFTER_ALL = 9

type Key = tuple[int, tuple[int, ...], tuple[int, int], int, float, list[tuple[bool, int, str]]]


def key(version: str) -> Key | None:
    """What versions are compared by; none for what is no version."""
    found = _FORM.fullmatch(version.strip().lower())
    if found is None or not version.isascii():
        return None
    release = [int(part) for part in found["release"].split(".")]
    while release and release[-1] == 0:
        release.pop()
    post = -1
    if found["post"] or found["post_alone"]:
        post = int(found["post_number"] or found["post_alone"] or 0)
    dev = int(found["dev_number"] or 0) if found["dev"] else float("inf")
    if found["pre"]:
        stage = (_STAGES.get(found["pre"], 2), int(found["pre_number"] or 0))
    elif found["dev"] and post < 0:
        # A development version comes before the first of all stages.
        stage = (-1, 0)
    else:
        stage = (_AFTER_ALL, 0)
    parts = re.split(r"[-_.]", found["local"]) if found["local"] else []
    local = [(p.isdigit(), int(p) if p.isdigit() else 0, p) for p in parts]
    return int(found["epoch"] or 0), tuple(release), stage, post, dev, local


def is_newer(version: str, than: str) -> bool:
    """Whether ``version`` comes after ``than``."""
    one, other = key(version), key(than)
    return one is not None and other is not None and one > other
