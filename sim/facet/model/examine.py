"""Examines a model without building a firmware."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from facet.board.board import Board
from facet.model.card_file import check_name, labels_of, read_card_file
from facet.model.check import problems_of
from facet.model.checked import problems_with_card
from facet.model.fit import Fit, fit_model
from facet.model.input_range import PixelRange, range_of, stated_range
from facet.model.problem import Problem
from facet.model.tflite import Model, ModelError, read_model


@dataclass(frozen=True)
class Examination:
    """The result of an examination.

    Attributes:
        path: of the .tflite.
        model: the model.
        problems: all for which the firmware cannot run it; empty where it can.
        labels: by its card; empty where the card is wrong.
        pixels: the range of its input; None where the model or the card is wrong.
        is_range_stated: the card states the range; else it was recognized.
        fits: for each board; empty where the firmware cannot run it.
    """

    path: Path
    model: Model
    problems: tuple[Problem, ...]
    labels: tuple[str, ...]
    pixels: PixelRange | None
    is_range_stated: bool
    fits: tuple[Fit, ...]

    @property
    def is_good(self) -> bool:
        """Whether the firmware can run it, and one of the boards has room for it."""
        return not self.problems and any(fit.may_fit for fit in self.fits)

    @property
    def operators(self) -> dict[str, int]:
        """The number of times each operator occurs, in the order of first occurrence."""
        return dict(Counter(operator.name for operator in self.model.operators))


def examine(path: Path, boards: Iterable[Board]) -> Examination:
    """Examines a model and the card beside it.

    Args:
        path: of the .tflite.
        boards: on which it may have to fit.

    Raises:
        ModelError: the file cannot be read, or is not a model.
        FacetError: the memory that the firmware of a board leaves is unknown.
    """
    model = read_model(path)
    problems = problems_of(model)
    labels: tuple[str, ...] = ()
    pixels, is_stated = None, False
    card_path = path.with_suffix(".json")
    try:
        check_name(path)
    except ModelError as error:
        problems.append(_problem(error))
    try:
        card = read_card_file(card_path)
        labels = labels_of(card, card_path)
    except ModelError as error:
        problems.append(_problem(error))
    else:
        if not problems:
            problems += problems_with_card(model, card, labels)
        if not problems:
            pixels, is_stated = range_of(model.inputs[0], card), stated_range(card) is not None
    fits = () if problems else tuple(fit_model(model, board) for board in boards)
    return Examination(path, model, tuple(problems), labels, pixels, is_stated, fits)


def _problem(error: ModelError) -> Problem:
    wrong, _, cure = str(error).partition("; ")
    return Problem(wrong, cure or "correct it")
