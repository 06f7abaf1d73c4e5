"""What several tests of the models learn from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facet.dataset.labels import FERPLUS_NAMES


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """FER2013 with FER+ votes as far as its form goes: 400 pictures of noise."""
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
