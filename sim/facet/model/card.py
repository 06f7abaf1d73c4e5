"""Reading a model's card: the figures that `models.evaluation` measured, beside the .tflite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from facet.dataset.labels import LABEL_SETS, LabelSet, label_set_of
from facet.errors import FacetError
from facet.model.card_file import parse_card
from facet.resources import MODELS

SET_TITLES: Final = {
    "ck_folds": "CK+, cross-validation",
    "ck_held_out": "CK+, held-out subjects",
    "public_test": "FER+ PublicTest",
    "validation": "FER+ validation",
    "drawn": "drawn faces",
}
"""Titles of the sets of a card; the first set that a card has is its test."""

CK_SETS: Final = ("ck_folds", "ck_held_out")
"""The sets of CK+."""


@dataclass(frozen=True)
class SetFigures:
    """Figures on one set of frames.

    Attributes:
        frames: how many.
        accuracy, macro_f1: of the int8 model, 0..1.
        float_accuracy: before quantization; None where the float model was not at hand.
        five_class: accuracy over the five classes; None for a model that lacks one of them.
        raw: all figures as the card has them.
    """

    frames: int
    accuracy: float
    macro_f1: float
    float_accuracy: float | None
    five_class: float | None
    raw: Mapping[str, Any]


@dataclass(frozen=True)
class ModelCard:
    """A card.

    Attributes:
        name: the model's.
        label_set: its classes.
        parameters, macs, file_bytes: of the .tflite.
        peak_activation_bytes: most activations that live at once.
        arena_bytes: what TFLite Micro needs in the firmware, with its own bookkeeping.
        test: the set for the evaluation of the model, a key of ``sets``; "" for none.
        sets: figures by set.
        raw: the whole card.
    """

    name: str
    label_set: LabelSet
    parameters: int
    macs: int
    file_bytes: int
    peak_activation_bytes: int
    arena_bytes: int
    test: str
    sets: Mapping[str, SetFigures]
    raw: Mapping[str, Any]

    @property
    def figures(self) -> SetFigures | None:
        """The figures of the test; None if nothing was measured."""
        return self.sets.get(self.test)

    @property
    def worst_scene(self) -> tuple[str, float] | None:
        """The changed scene with the lowest accuracy, and that accuracy; None if not tested."""
        if "robustness" not in self.raw:
            return None
        worst = self.raw["robustness"]["worst"]
        return str(worst["condition"]), float(worst["accuracy"])


def read_card(path: Path) -> ModelCard:
    """Reads NAME.json.

    Raises:
        FacetError: unreadable, or something is missing; names the file and what.
    """
    try:
        raw = parse_card(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise FacetError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError) as error:
        raise FacetError(f"{path}: a broken card, no JSON ({error})") from None
    try:
        return _card(raw)
    except KeyError as error:
        what = f"it lacks {error}"
    except (TypeError, ValueError, AttributeError) as error:
        what = str(error)
    except FacetError as error:
        what = str(error)
    raise FacetError(
        f"{path}: a broken card: {what}; measure it again: python -m models.evaluate {path.stem}"
    )


def read_cards(folder: Path = MODELS) -> list[ModelCard]:
    """The cards of all models in a folder: by their classes, then the most accurate first.

    Raises:
        FacetError: a card is missing or broken.
    """
    cards = [read_card(path.with_suffix(".json")) for path in sorted(folder.glob("*.tflite"))]
    return sorted(cards, key=_rank)


def _rank(card: ModelCard) -> tuple[int, float, str]:
    sets: Sequence[str] = list(LABEL_SETS)
    name = card.label_set.name
    accuracy = card.figures.accuracy if card.figures else 0.0
    return (sets.index(name) if name in sets else len(sets), -accuracy, card.name)


def _card(raw: Any) -> ModelCard:
    if not isinstance(raw, dict):
        raise TypeError("it must be a JSON object")
    sets = {name: _set_figures(figures) for name, figures in raw["quality"].items()}
    card = ModelCard(
        name=str(raw["name"]),
        label_set=label_set_of(raw["labels"]),
        parameters=int(raw["parameters"]),
        macs=int(raw["macs"]),
        file_bytes=int(raw["file_bytes"]),
        peak_activation_bytes=int(raw["peak_activation_bytes"]),
        arena_bytes=int(raw["arena_bytes"]),
        test=next((name for name in SET_TITLES if name in sets), ""),
        sets=sets,
        raw=raw,
    )
    _ = card.worst_scene  # a broken one is found here
    return card


def _set_figures(raw: Mapping[str, Any]) -> SetFigures:
    five = raw.get("five_class")
    before = raw.get("float_accuracy")
    only_five = len(raw["classes"]) == len(LABEL_SETS["five"].labels)
    is_five = only_five and {entry["label"] for entry in raw["classes"]} == set(
        LABEL_SETS["five"].labels
    )
    accuracy = float(raw["accuracy"])
    return SetFigures(
        frames=int(raw["frames"]),
        accuracy=accuracy,
        macro_f1=float(raw["macro_f1"]),
        float_accuracy=None if before is None else float(before),
        five_class=float(five["accuracy"]) if five else accuracy if is_five else None,
        raw=raw,
    )
