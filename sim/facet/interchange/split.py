"""Divides pictures into training and testing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

TESTING_SHARE: Final = 0.2
"""Edge Impulse's own split is 80 % to 20 %."""

_GROUPS_AT_LEAST: Final = 2


def testing_groups(groups: Sequence[int], digests: Sequence[str], seed: int) -> frozenset[int]:
    """The groups of pictures for testing, about ``TESTING_SHARE`` of all pictures.

    The choice depends on the seed and on the pixels, not on names or order. Groups are taken in the
    order of their hashes as long as they fit.

    Args:
        groups: the group of each picture.
        digests: each picture's ``pixel_sha256``.
        seed: another seed, another choice.

    Returns:
        No groups if there is only one: a test would leak training pictures.
    """
    members: dict[int, list[str]] = {}
    for group, digest in zip(groups, digests, strict=True):
        members.setdefault(group, []).append(digest)
    if len(members) < _GROUPS_AT_LEAST:
        return frozenset()

    def place(group: int) -> str:
        return hashlib.sha256(f"{seed}:{min(members[group])}".encode()).hexdigest()

    room = max(1, round(TESTING_SHARE * len(groups)))
    chosen = set()
    for group in sorted(members, key=place):
        if len(members[group]) <= room:
            chosen.add(group)
            room -= len(members[group])
    if chosen:
        return frozenset(chosen)
    # All groups are larger than the share: the smallest is the least that can test.
    return frozenset({min(members, key=lambda group: (len(members[group]), place(group)))})
