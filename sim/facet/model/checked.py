"""A model that the firmware can run, with all that its build needs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facet.model.card_file import check_name, labels_of, read_card_file
from facet.model.check import in_one_line, problems_of
from facet.model.input_range import PixelRange, range_of
from facet.model.problem import Problem, RefusedError
from facet.model.tflite import Model, ModelError, read_model


@dataclass(frozen=True)
class CheckedModel:
    """A checked model with its card.

    Attributes:
        path: of the .tflite.
        name: the file's without its suffix.
        sha256: of the file, in hex.
        labels: of the outputs, in their order.
        pixels: the real numbers that the model takes for pixels.
        model: the model itself.
    """

    path: Path
    name: str
    sha256: str
    labels: tuple[str, ...]
    pixels: PixelRange
    model: Model


def read_checked(path: Path) -> CheckedModel:
    """Reads and checks a model and the card beside it.

    Args:
        path: of the .tflite.

    Raises:
        ModelError: the firmware could not run it, or would compute something wrong; begins with
            the path of the file that is wrong.
    """
    model = read_model(path)
    check_name(path)
    problems = problems_of(model)
    if problems:
        raise ModelError(f"{path}: {in_one_line(problems)}")
    card_path = path.with_suffix(".json")
    card = read_card_file(card_path)
    labels = labels_of(card, card_path)
    problems = problems_with_card(model, card, labels)
    if problems:
        raise ModelError(f"{card_path}: {in_one_line(problems)}")
    return CheckedModel(
        path=path,
        name=path.stem,
        sha256=hashlib.sha256(model.content).hexdigest(),
        labels=labels,
        pixels=range_of(model.inputs[0], card),
        model=model,
    )


def problems_with_card(
    model: Model, card: Mapping[str, Any], labels: tuple[str, ...]
) -> list[Problem]:
    """The contradictions between a card and its checked model."""
    problems = []
    source, outputs = model.inputs[0], model.outputs[0].shape[-1]
    if len(labels) != outputs:
        problems.append(
            Problem(
                f"{len(labels)} labels for a model with {outputs} outputs",
                "name each output, in their order",
            )
        )
    entry = card.get("input", {})
    for key, side in zip(("height", "width", "channels"), source.shape[1:], strict=True):
        if isinstance(entry, Mapping) and entry.get(key, side) != side:
            problems.append(
                Problem(f'input "{key}" is {entry[key]!r}', f"the firmware makes {side}")
            )
    try:
        range_of(source, card)
    except RefusedError as refused:
        problems.append(refused.problem)
    return problems
