"""A model's card: labels of any kind; names that the firmware cannot print are refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from facet.model.bundle import find
from facet.model.card_file import LONGEST_LINE, MOST_LABELS, labels_of
from facet.model.checked import read_checked
from facet.model.tflite import ModelError
from tests.model.surgeon import GAP

FIVE = ["a", "b", "c", "d", "e"]


def beside(folder: Path, card: object) -> Path:
    """A good model with a card."""
    path = folder / "model.tflite"
    shutil.copy(GAP, path)
    if card is not None:
        text = card if isinstance(card, str) else json.dumps(card)
        path.with_suffix(".json").write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("card", "complaint"),
    [
        (None, "the model's card is missing; write one with at least"),
        ("{", "is not JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", "is not a JSON object"),
        ("null", "is not a JSON object"),
        ({}, 'no "labels"'),
        ({"labels": "happy"}, 'no "labels"'),
        ({"labels": [1, 2, 3, 4, 5]}, 'no "labels"'),
        ({"labels": ["a"]}, "1 labels; the firmware takes 2 to 32 classes"),
        ({"labels": [*"abcd", " "]}, "the label ' ' is empty"),
        ({"labels": [*"abcd", "e\0"]}, "is empty or not printable"),
        ({"labels": [*"abcd", "a"]}, "the label 'a' stands there twice"),
        ({"labels": [*"abcd", "x" * 400]}, "is too long: with 5 scores"),
        ({"labels": ["a", "b"]}, "2 labels for a model with 5 outputs"),
        ({"labels": FIVE, "input": {"width": 64}}, 'input "width" is 64; the firmware makes 48'),
        ({"labels": FIVE, "input": {"channels": 3}}, 'input "channels" is 3; the firmware makes 1'),
        ({"labels": FIVE, "input": "gray"}, """the card's "input" is 'gray'"""),
        ({"labels": FIVE, "input": {"rnage": [0, 1]}}, "unknown key 'rnage'; write \"range\""),
        ({"labels": [*"abcd", "A"]}, "two labels, 'a' and 'A', mean the same; give each output"),
        ({"labels": ["happy", "joy", *"abc"]}, "two labels, 'happy' and 'joy', mean the same"),
        ('{"labels": ["a"], "labels": ["b"]}', "the key 'labels' stands there twice: keep one"),
        (
            json.dumps({"labels": FIVE})[:-1] + ', "input": {"range": [0, 1], "range": [0, 255]}}',
            "the key 'range' stands there twice: keep one",
        ),
    ],
)
def test_a_card_that_does_not_fit_is_refused_in_one_line(
    card: object, complaint: str, tmp_path: Path
) -> None:
    path = beside(tmp_path, card)
    with pytest.raises(ModelError) as refusal:
        read_checked(path)
    assert complaint in str(refusal.value)
    assert str(refusal.value).startswith(str(path.with_suffix(".json")))
    assert "\n" not in str(refusal.value)


def test_a_card_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = beside(tmp_path, "\ufeff" + json.dumps({"labels": FIVE}))
    assert read_checked(path).labels == tuple(FIVE)
    assert find(str(path)).labels == tuple(FIVE)


def test_a_card_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = beside(tmp_path, None)
    path.with_suffix(".json").write_bytes(b"\xff\xfe{}")
    with pytest.raises(ModelError, match="is not UTF-8 text"):
        read_checked(path)


@pytest.mark.parametrize(
    "labels",
    [
        ["open", "closed", "half", "covered", "absent"],
        ["glücklich", "traurig", "wütend", "überrascht", "笑"],
        ['a "quoted" one', "back\\slash", "что??/", "7", "🙂"],
    ],
)
def test_labels_may_be_anything_that_people_can_read(labels: list[str], tmp_path: Path) -> None:
    path = beside(tmp_path, {"labels": labels})
    assert read_checked(path).labels == tuple(labels)
    assert find(str(path)).labels == tuple(labels)


def test_as_many_labels_as_are_allowed_fit_into_a_line_with_short_names() -> None:
    labels = [f"class {number}" for number in range(MOST_LABELS)]
    assert len(labels_of({"labels": labels}, Path("card.json"))) == MOST_LABELS


def test_the_length_of_a_line_is_counted_as_the_firmware_writes_it() -> None:
    """Against a line of the firmware, its numbers made as long as they can be."""
    line: dict[str, Any] = {
        "event": "result",
        "n": 2**32 - 1,
        "emotion": 'say "x" \\',
        "confidence": 100,
        "uncertain": False,
        "scores": [-128] * 5,
        "cycles": dict.fromkeys(("capture", "readout", "preprocess", "inference"), 2**32 - 1),
        "us": dict.fromkeys(("capture", "readout", "preprocess", "inference"), 2**32 - 1),
    }
    written = len(json.dumps(line, separators=(",", ":")).removesuffix("}"))
    room = LONGEST_LINE - written
    longest = line["emotion"] + "x" * room
    assert labels_of({"labels": [longest, *"abcd"]}, Path("card.json"))[0] == longest
    with pytest.raises(ModelError, match=f"takes {LONGEST_LINE + 1} bytes"):
        labels_of({"labels": [longest + "x", *"abcd"]}, Path("card.json"))


def test_a_model_whose_name_does_not_fit_into_the_boot_line_is_refused(tmp_path: Path) -> None:
    path = tmp_path / f"{'n' * 120}.tflite"
    shutil.copy(GAP, path)
    shutil.copy(GAP.with_suffix(".json"), path.with_suffix(".json"))
    for read in (read_checked, lambda p: find(str(p))):
        with pytest.raises(ModelError, match="give the file another name"):
            read(path)
