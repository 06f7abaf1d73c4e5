"""Sets of classes, and FER+'s majority rule on votes made by hand."""

import numpy as np
import pytest

from facet.dataset.labels import (
    FERPLUS_NAMES,
    LABEL_SETS,
    label_set_of,
    majority_labels,
    vote_distribution,
)
from facet.errors import FacetError


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
        # Exactly half is not a majority.
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


@pytest.mark.parametrize(
    ("label_set", "cast", "label"),
    [
        ("seven", {"fear": 9, "surprise": 1}, "afraid"),
        ("seven", {"disgust": 6, "anger": 4}, "disgusted"),
        ("seven", {"contempt": 6, "neutral": 4}, None),
        ("eight", {"contempt": 6, "neutral": 4}, "contemptuous"),
        ("eight", {"unknown": 10}, None),
        ("six", {"neutral": 10}, None),
        ("ck7", {"contempt": 10}, "contemptuous"),
        # Three groups: what no single emotion has, the group may have.
        ("three", {"anger": 4, "fear": 3, "neutral": 3}, "negative"),
        ("three", {"happiness": 4, "surprise": 4, "neutral": 2}, "positive"),
        # Single votes are dropped by name, before the group is summed: 2 of 4 is not a majority.
        ("three", {"anger": 2, "fear": 1, "sadness": 1, "disgust": 1, "neutral": 2}, None),
        ("three", {"neutral": 5, "sadness": 3, "anger": 2}, None),
    ],
)
def test_majority_rule_of_other_sets(label_set: str, cast: dict[str, int], label: str) -> None:
    assert majority_labels(votes(**cast), FERPLUS_NAMES, LABEL_SETS[label_set]) == [label]


def test_soft_label_of_groups_sums_their_emotions() -> None:
    cast = votes(anger=3, fear=1, surprise=2, neutral=3, NF=1)
    row = vote_distribution(cast, FERPLUS_NAMES, LABEL_SETS["three"])[0]
    assert row.tolist() == pytest.approx([0.2, 0.4, 0.3])


@pytest.mark.parametrize(
    ("label_set", "theirs", "ours"),
    [
        ("five", " Sadness ", "sad"),
        ("five", "fear", None),
        ("five", "negative", None),
        ("seven", "Disgust", "disgusted"),
        ("six", "neutral", None),
        ("three", "surprise", "positive"),
        ("three", "contempt", "negative"),
        ("three", "negative", "negative"),
        ("eight", "giraffe", None),
    ],
)
def test_other_names_for_a_class(label_set: str, theirs: str, ours: str | None) -> None:
    assert LABEL_SETS[label_set].class_of(theirs) == ours


def test_a_models_labels_stay_in_its_own_order_and_spelling() -> None:
    card = ["surprise", "Neutral", "anger", "happiness", "sadness"]
    label_set = label_set_of(card)
    assert label_set.name == "five"
    assert label_set.labels == tuple(card)
    assert majority_labels(votes(anger=10), FERPLUS_NAMES, label_set) == ["anger"]
    row = vote_distribution(votes(anger=8, neutral=2), FERPLUS_NAMES, label_set)[0]
    assert row.tolist() == pytest.approx([0, 0.2, 0.8, 0, 0])


@pytest.mark.parametrize("name", LABEL_SETS)
def test_each_set_is_found_by_its_labels(name: str) -> None:
    assert label_set_of(LABEL_SETS[name].labels[::-1]).name == name


def test_some_of_the_emotions_are_a_set_of_their_own() -> None:
    assert label_set_of(["happy", "neutral"]).class_of("joy") == "happy"


def test_labels_that_are_not_emotions_are_classes() -> None:
    eyes = label_set_of(["open", "Half closed"])
    assert eyes.name == "own"
    assert eyes.classes_of(["OPEN", "half_closed", "half-closed ", "happy"]) == [
        *("open", "Half closed", "Half closed", None)
    ]
    mixed = label_set_of(["happy", "giraffe"])
    assert mixed.classes_of(["joy", "Giraffe", "sad"]) == ["happy", "giraffe", None]


@pytest.mark.parametrize(
    ("labels", "complaint"),
    [
        ([], "there are no labels"),
        (["happy", "joy"], "two labels, 'happy' and 'joy', mean the same"),
        (["left_turn", "Left turn"], "'left_turn' and 'Left turn', mean the same"),
        (["open", " "], "not a name that can be printed"),
        (["open", "a\nb"], "not a name that can be printed"),
        (["open", "\udcff"], "not a name that can be printed"),
    ],
)
def test_labels_that_make_no_set(labels: list[str], complaint: str) -> None:
    with pytest.raises(FacetError, match=complaint):
        label_set_of(labels)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("suprise", "surprise"),
        ("happyness", "happiness"),
        ("1_surprise", "surprise"),
        ("happy faces", "happy"),
        ("Angery", "angry"),
        ("anna", None),
        ("fer", None),
        ("7", None),
    ],
)
def test_the_nearest_label_of_a_misspelt_name(name: str, meant: str | None) -> None:
    assert LABEL_SETS["five"].nearest(name) == meant


@pytest.mark.parametrize(
    "name",
    ["not happy", "unhappy", "un-happy", "unhapy", "non-neutral", "nonneutral", "no_surprise"],
)
def test_a_negated_label_is_not_suggested(name: str) -> None:
    assert LABEL_SETS["five"].nearest(name) is None


def test_the_negation_of_a_label_may_be_a_label() -> None:
    own = label_set_of(["smiling", "unsmiling"])
    assert own.nearest("unsmilng") == "unsmiling"
    assert own.nearest("smilng") == "smiling"
    assert label_set_of(["unsmiling", "angry"]).nearest("smiling") is None
