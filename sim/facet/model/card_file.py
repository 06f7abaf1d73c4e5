"""The file of a model's card: JSON beside the .tflite, with the labels of its outputs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from facet.dataset.labels import label_set_of
from facet.errors import FacetError
from facet.model.tflite import ModelError

EXAMPLE: Final = '{"labels": ["happy", ...]} in the order of the outputs'

MOST_LABELS: Final = 32
"""Labels of a model; see `LONGEST_LINE`."""

LONGEST_LINE: Final = 512 - 8
"""Bytes of a line of the firmware without its end (firmware/app/json_line.h)."""

_LONGEST_NAME: Final = 100
"""Bytes of a model's name in the firmware's boot line."""

_LARGEST_FILE: Final = 16 << 20


def read_card_file(path: Path) -> dict[str, Any]:
    """Reads NAME.json.

    Raises:
        ModelError: it is missing, too large, or not a JSON object; begins with its path.
    """
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise ModelError(f"{path}: larger than any card ({path.stat().st_size:,} bytes)")
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ModelError(
            f"{path}: the model's card is missing; write one with at least {EXAMPLE}"
        ) from None
    except OSError as error:
        raise ModelError(f"{path}: the model's card cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise ModelError(f"{path}: the model's card is not UTF-8 text") from None
    try:
        card = parse_card(text)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else error
        raise ModelError(f"{path}: the model's card is not JSON ({reason})") from None
    if not isinstance(card, dict):
        raise ModelError(f"{path}: the model's card is not a JSON object with at least {EXAMPLE}")
    return card


def parse_card(text: str) -> Any:
    """The JSON value of a card's text.

    Raises:
        ValueError: it is not JSON, or an object in it has a key twice.
        RecursionError: it is nested too deeply.
    """
    return json.loads(text, object_pairs_hook=_object)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON without a repeated key, of which the last would count."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} stands there twice: keep one")
    return found


def labels_of(card: dict[str, Any], path: Path) -> tuple[str, ...]:
    """The labels of a card: any names that differ visibly.

    Raises:
        ModelError: there are none, or the firmware cannot print them; begins with the path.
    """
    labels = card.get("labels")
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise ModelError(f'{path}: no "labels", a list of names: {EXAMPLE}')
    if len(labels) < 2 or len(labels) > MOST_LABELS:
        raise ModelError(
            f"{path}: {len(labels)} labels; the firmware takes 2 to {MOST_LABELS} classes"
        )
    for label in labels:
        if not label.strip() or not label.isprintable():
            raise ModelError(f"{path}: the label {label!r} is empty or not printable text")
        if labels.count(label) > 1:
            raise ModelError(f"{path}: the label {label!r} stands there twice")
    try:
        label_set_of(labels)
    except FacetError as error:
        raise ModelError(f"{path}: {error}; give each output a name of its own") from None
    longest = max(labels, key=_said_bytes)
    if _result_bytes(longest, len(labels)) > LONGEST_LINE:
        raise ModelError(
            f"{path}: the label {longest!r} is too long: with {len(labels)} scores the firmware's"
            f" line takes {_result_bytes(longest, len(labels))} bytes, and it has {LONGEST_LINE}"
        )
    return tuple(labels)


def check_name(tflite: Path) -> None:
    """Makes sure that the firmware's boot line has room for the model's name.

    Raises:
        ModelError: it has not; begins with the path.
    """
    name = tflite.stem
    if _said_bytes(name) > _LONGEST_NAME or not name.isprintable():
        raise ModelError(
            f"{tflite}: the firmware prints the name of the model at each start: at most"
            f" {_LONGEST_NAME} bytes of printable text; give the file another name"
        )


def _said_bytes(text: str) -> int:
    """Bytes of a text inside a JSON string of the firmware."""
    return len(text.encode()) + text.count('"') + text.count("\\")


def _result_bytes(label: str, count: int) -> int:
    """Bytes of the longest result line with a label (firmware/app/report.cc)."""
    phases = ",".join(
        f'"{phase}":{2**32 - 1}' for phase in ("capture", "readout", "preprocess", "inference")
    )
    scores = ",".join(["-128"] * count)
    line = (
        f'{{"event":"result","n":{2**32 - 1},"emotion":"","confidence":100,"uncertain":false,'
        f'"scores":[{scores}],"cycles":{{{phases}}},"us":{{{phases}}}'
    )
    return len(line) + _said_bytes(label)
