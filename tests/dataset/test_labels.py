"""FER+'s majority rule, on votes made by hand."""

import numpy as np
import pytest

from sim.dataset.labels import FERPLUS_NAMES, majority_labels, vote_distribution


def votes(**by_name: int) -> np.ndarray:
    return np.array([[by_name.get(name, 0) for name in FERPLUS_NAMES]], np.int8)


@pytest.mark.parametrize(
    ("cast", "label"),
    [
        ({"happiness": 10}, "happy"),
        ({"sadness": 6, "neutral": 4}, "sad"),
        ({"anger": 6, "disgust": 4}, "angry"),
        ({"surprise": 8, "fear": 2}, "surprised"),
        ({"neutral": 9, "NF": 1}, "neutral"),
        # Single votes are noise: without them 4 of 7 is a majority, with them 4 of 10 was none.
        ({"anger": 4, "neutral": 3, "fear": 1, "sadness": 1, "disgust": 1}, "angry"),
        # Exactly half is no majority.
        ({"neutral": 5, "sadness": 5}, None),
        ({"neutral": 4, "sadness": 3, "anger": 3}, None),
        # The winner must be one of the five.
        ({"fear": 9, "surprise": 1}, None),
        ({"contempt": 6, "neutral": 4}, None),
        ({"NF": 10}, None),
        # Nothing but single votes leaves nothing.
        (dict.fromkeys(FERPLUS_NAMES, 1), None),
    ],
)
def test_majority_rule(cast: dict[str, int], label: str | None) -> None:
    assert majority_labels(votes(**cast)) == [label]


def test_columns_are_found_by_name_not_by_place() -> None:
    assert majority_labels(np.array([[1, 9]]), ["fear", "surprise"]) == ["surprised"]


def test_soft_label_keeps_the_doubt() -> None:
    row = vote_distribution(votes(happiness=5, neutral=3, fear=2))[0]
    assert row.tolist() == pytest.approx([0.5, 0, 0, 0, 0.3])
