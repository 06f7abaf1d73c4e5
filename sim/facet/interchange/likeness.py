"""Finds pictures that are copies of one another, also after resizing or compression."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from facet.dataset.frame import GrayImage

_SIDE: Final = 16
"""Rows and columns of comparisons: 256 bits, four 64-bit words."""

NEAR_BITS: Final = 16
"""Pictures whose hashes differ in at most this many of 256 bits count as copies.

Among FER2013's training and public images (30,618 that differ in at least one pixel) 323 pairs are
this close, and the median pair's pixels correlate by more than 0.96. At twice the distance, every
tenth pair correlates by less than 0.85: different pictures."""

_ROWS_AT_ONCE: Final = 256


def pixel_sha256(image: GrayImage) -> str:
    """SHA-256 of a picture's size and pixels, in hex; independent of the file format."""
    shape = f"{image.shape[0]}x{image.shape[1]}:".encode()
    return hashlib.sha256(shape + np.ascontiguousarray(image).tobytes()).hexdigest()


def difference_hash(image: GrayImage) -> npt.NDArray[np.uint64]:
    """The difference hash, uint64 [4]: a bit for each pixel brighter than its left neighbour."""
    small = cv2.resize(image, (_SIDE + 1, _SIDE), interpolation=cv2.INTER_AREA)
    return np.packbits(small[:, 1:] > small[:, :-1]).view(np.uint64)


def groups(images: Sequence[GrayImage], known: Sequence[object] | None = None) -> list[int]:
    """A group number for each picture; pictures of a group must stay together.

    Pictures belong together that are copies of one another, directly or by way of others, and
    those of the same `known` group (a person).

    Args:
        images: uint8 [height, width] each, of any sizes.
        known: another group of each picture (a person) that must stay together; None: none.

    Returns:
        Group numbers from 0, in the order of each group's first picture.
    """
    leader = list(range(len(images)))

    def find(i: int) -> int:
        while leader[i] != i:
            leader[i] = leader[leader[i]]
            i = leader[i]
        return i

    def unite(i: int, j: int) -> None:
        first, second = sorted((find(i), find(j)))
        leader[second] = first

    seen: dict[object, int] = {}
    for i, name in enumerate(known or ()):
        if name is not None:
            unite(seen.setdefault(name, i), i)
    for i, j in _near_pairs(images):
        unite(i, j)
    numbers: dict[int, int] = {}
    return [numbers.setdefault(find(i), len(numbers)) for i in range(len(images))]


def _near_pairs(images: Sequence[GrayImage]) -> list[tuple[int, int]]:
    """Pairs of pictures at most ``NEAR_BITS`` apart."""
    if not images:
        return []
    hashes = np.stack([difference_hash(image) for image in images])
    pairs = []
    for start in range(0, len(hashes), _ROWS_AT_ONCE):
        rows, others = hashes[start : start + _ROWS_AT_ONCE], hashes[start:]
        apart = np.zeros((len(rows), len(others)), np.uint16)
        for word in range(hashes.shape[1]):
            apart += np.bitwise_count(rows[:, None, word] ^ others[None, :, word])
        for i, j in np.argwhere(apart <= NEAR_BITS).tolist():
            if j > i:
                pairs.append((start + i, start + j))
    return pairs
