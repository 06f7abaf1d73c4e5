"""Evaluate a trained model again and rewrite its card, without training.

python -m models.evaluate facet-small --data fer2013_train_public.npz

The card keeps what cannot be measured on a .tflite: the training's data and hyperparameters, and
the accuracies of the float model.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import click

from facet.dataset.labels import LabelSet, label_set_of
from facet.errors import FacetError
from models.data.examples import Examples
from models.data.splits import open_ck, open_fer, split_ck, split_fer
from models.evaluation.card import TRAINED, build_card, write_model
from models.evaluation.robustness import DEFAULT_FRAMES
from models.evaluation.sets import FOLDS, fer_test_sets
from models.options import (
    ck_option,
    data_option,
    jobs_option,
    path_option,
    reports_errors,
    work_option,
)


@click.command()
@click.argument("name")
@data_option
@ck_option
@click.option(
    "--frames",
    default=DEFAULT_FRAMES,
    show_default=True,
    help="Frames in each scene of the robustness test.",
)
@jobs_option
@work_option
@path_option("--models", "folder", TRAINED)
@reports_errors
def main(name: str, data: Path, ck: Path, frames: int, jobs: int, work: Path, folder: Path) -> None:
    """Evaluate the model NAME again and rewrite its card."""
    model, old = _read(folder, name)
    label_set = label_set_of(old["labels"])
    before = old.get("quality", {})
    is_same_model = old.get("sha256") == hashlib.sha256(model).hexdigest()
    # The networks that predicted the folds are not stored.
    folds = {FOLDS: before[FOLDS]} if is_same_model and FOLDS in before else {}
    card = build_card(
        name,
        label_set.labels,
        model,
        None,
        _test_sets(label_set, before, data, ck, work),
        old.get("training", {}),
        robustness_frames=0 if folds else frames,
        jobs=jobs,
    )
    _keep_float_accuracies(card, old)
    if folds:
        card["quality"] = folds | card["quality"]
        card["robustness"] = old["robustness"]
    if is_same_model and "on_board" in old:
        card["on_board"] = old["on_board"]
    write_model(folder, name, model, card)
    for where, figures in card["quality"].items():
        click.echo(f"{where}: accuracy {figures['accuracy']}, macro F1 {figures['macro_f1']}")


def _test_sets(
    label_set: LabelSet, wanted: Collection[str], data: Path, ck: Path, work: Path
) -> dict[str, Examples]:
    """The sets that the card names; all sets of FER+ where it names none."""
    if "ck_held_out" in wanted:
        return {"ck_held_out": split_ck(open_ck(ck), label_set).validation}
    sets = fer_test_sets(label_set, split_fer(open_fer(data), label_set), work)
    return {where: examples for where, examples in sets.items() if where in wanted or not wanted}


def _read(folder: Path, name: str) -> tuple[bytes, dict[str, Any]]:
    path = folder / f"{name}.tflite"
    try:
        model = path.read_bytes()
        card = json.loads(path.with_suffix(".json").read_text())
    except FileNotFoundError as error:
        raise FacetError(f"{error.filename}: no such file; NAME is a model of {folder}") from None
    except ValueError as error:
        raise FacetError(f"{path.with_suffix('.json')}: not JSON ({error})") from None
    if not isinstance(card, dict) or not isinstance(card.get("labels"), list):
        raise FacetError(f"{path.with_suffix('.json')}: a card must have a list 'labels'")
    return model, card


def _keep_float_accuracies(card: dict[str, Any], old: Mapping[str, Any]) -> None:
    """Copy the float accuracy of each set whose int8 predictions have not changed."""
    for where, figures in card["quality"].items():
        before = old.get("quality", {}).get(where, {})
        if before.get("confusion") == figures["confusion"] and "float_accuracy" in before:
            card["quality"][where] = {
                "frames": figures["frames"],
                "float_accuracy": before["float_accuracy"],
            } | figures


if __name__ == "__main__":
    main()
