"""Accuracy, F1 and confusion by hand-made answers."""

import numpy as np
import pytest

from models.evaluate import quality


def test_figures_of_a_small_example() -> None:
    truth = np.array([0, 0, 0, 1, 1, 2])
    answers = np.array([0, 0, 1, 1, 1, 0])
    result = quality(truth, answers, 4)
    assert result.frames == 6
    assert result.accuracy == pytest.approx(4 / 6)
    assert result.confusion == [[2, 1, 0, 0], [0, 2, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]
    # F1: 2*2/(3+3), 2*2/(2+3), 0; the fourth class does not occur.
    assert result.macro_f1 == pytest.approx((2 / 3 + 0.8 + 0) / 3)
