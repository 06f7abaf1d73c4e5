"""Drawn faces at a network's input size, drawn once and cached."""

from __future__ import annotations

import hashlib
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np

from facet.dataset import faces, resample
from facet.dataset.drawn import SEED_RANGE_BY_SPLIT
from facet.dataset.faces import draw_face
from facet.dataset.frame import GrayImage
from facet.dataset.labels import EMOTIONS
from facet.dataset.resample import resize_area
from facet.progress import Progress
from models.data.examples import INPUT_SIDE, Examples, one_hot

_DRAWN_SIDE: Final = 3 * INPUT_SIDE
"""Faces are drawn at three times the input size and averaged: faster than 288 and as accurate."""


def drawn_examples(count: int, split: str, cache: Path) -> Examples:
    """Draw faces from the seeds of a split, the five emotions in turn.

    Args:
        count: number of faces.
        split: "training", "public" or "private"; they share no seed.
        cache: folder to keep the images in; the file's name depends on the code that draws.
    """
    emotions = [EMOTIONS[i % len(EMOTIONS)] for i in range(count)]
    path = cache / f"drawn-{split}-{count}-{INPUT_SIDE}-{_source_hash()}.npy"
    if path.exists():
        return Examples(np.load(path), one_hot(emotions))
    first = SEED_RANGE_BY_SPLIT[split]
    images = np.empty((count, INPUT_SIDE, INPUT_SIDE), np.uint8)
    with (
        Progress(f"drawn {split} faces", count) as progress,
        ProcessPoolExecutor(mp_context=get_context("spawn")) as pool,
    ):
        drawn = pool.map(_draw, emotions, range(first, first + count), chunksize=50)
        for i, image in enumerate(drawn):
            images[i] = image
            progress.advance()
    cache.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".tmp.npy")
    np.save(unfinished, images)
    unfinished.replace(path)
    return Examples(images, one_hot(emotions))


def _draw(emotion: str, seed: int) -> GrayImage:
    return resize_area(draw_face(emotion, seed, _DRAWN_SIDE).gray, INPUT_SIDE, INPUT_SIDE)


def _source_hash() -> str:
    """Changes with the code that draws."""
    sources = [*sorted(Path(faces.__file__).parent.glob("*.py")), Path(resample.__file__)]
    return hashlib.sha256(b"".join(s.read_bytes() for s in sources)).hexdigest()[:12]
