"""Drawn faces at a network's input size, drawn once and kept."""

from __future__ import annotations

import hashlib
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np
from rich.progress import track

from facet.dataset import faces, resample
from facet.dataset.drawn import SEED_RANGE_BY_SPLIT
from facet.dataset.faces import draw_face
from facet.dataset.frame import GrayImage
from facet.dataset.labels import EMOTIONS
from facet.dataset.resample import resize_area
from models.data import Examples, one_hot

_DRAWN_SIDE: Final = 144
"""Drawn at three times a network's 48 pixels and averaged: quicker than 288 and as good."""


def drawn_examples(count: int, split: str, side: int, cache: Path) -> Examples:
    """So many drawn faces, the emotions in turn, from the seeds of a split.

    Args:
        count: how many.
        split: "training", "public" or "private": seeds never shared.
        side: height and width of the images in pixels.
        cache: folder to keep them in; what changes the drawing changes the file's name.
    """
    emotions = [EMOTIONS[i % len(EMOTIONS)] for i in range(count)]
    path = cache / f"drawn-{split}-{count}-{side}-{_source_hash()}.npy"
    if path.exists():
        return Examples(np.load(path), one_hot(emotions))
    first = SEED_RANGE_BY_SPLIT[split]
    seeds = range(first, first + count)
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        drawn = pool.map(_small, emotions, seeds, [side] * count, chunksize=50)
        images = np.stack(list(track(drawn, f"drawing {count} {split} faces", count)))
    cache.mkdir(parents=True, exist_ok=True)
    half_written = path.with_suffix(".tmp.npy")
    np.save(half_written, images)
    half_written.replace(path)
    return Examples(images, one_hot(emotions))


def _small(emotion: str, seed: int, side: int) -> GrayImage:
    return resize_area(draw_face(emotion, seed, _DRAWN_SIDE).gray, side, side)


def _source_hash() -> str:
    """Changes with the code that draws."""
    sources = [*sorted(Path(faces.__file__).parent.glob("*.py")), Path(resample.__file__)]
    return hashlib.sha256(b"".join(s.read_bytes() for s in sources)).hexdigest()[:12]
