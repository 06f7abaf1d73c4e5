"""Data sets of noise that several tests train on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facet.dataset.labels import FERPLUS_NAMES


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """400 images of noise in the form of FER2013 with FER+ votes."""
    rng = np.random.default_rng(0)
    votes = np.zeros((400, 10), np.int8)
    votes[np.arange(400), rng.integers(0, 5, 400)] = 10
    path = tmp_path / "noise.npz"
    np.savez(
        path,
        images=rng.integers(0, 256, (400, 48, 48), dtype=np.uint8),
        usage=np.repeat(np.array([0, 1], np.uint8), [350, 50]),
        ferplus=votes,
        ferplus_names=np.array(FERPLUS_NAMES),
    )
    return path


@pytest.fixture
def ck(tmp_path: Path) -> Path:
    """60 images of noise from ten subjects in the form of CK+."""
    path = tmp_path / "ck.npz"
    np.savez(
        path,
        images=np.random.default_rng(0).integers(0, 256, (60, 48, 48), dtype=np.uint8),
        label=np.arange(60) % 3,
        label_names=np.array(["anger", "fear", "happy"]),
        subject=np.repeat([f"S{n}" for n in range(10)], 6),
    )
    return path
