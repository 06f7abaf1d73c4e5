"""Measure a trained model again from its .tflite and write its card anew, without training.

python -m models.measure facet-small --data fer2013_train_public.npz

What a .tflite cannot tell stays as the card has it: how the model was trained, and the accuracies
of the float model.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from facet.dataset.labels import FIVE, LabelSet, label_set_of
from facet.errors import FacetError
from models.card import TRAINED, build_card, write_model
from models.data import Examples, FerSplits, in_classes, open_ck, open_fer, split_ck, split_fer
from models.drawn_faces import drawn_examples
from models.judged import FOLDS
from models.options import ck_option, data_option
from models.robustness import DEFAULT_FRAMES

_SIDE = 48
_DRAWN_TEST_FACES = 500


@click.command()
@click.argument("name")
@data_option
@ck_option
@click.option("--frames", default=DEFAULT_FRAMES, show_default=True, help="In each changed scene.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes.")
@click.option(
    "--work",
    type=click.Path(path_type=Path),
    default=Path("build/train"),
    show_default=True,
    help="Where drawn faces are kept.",
)
@click.option(
    "--models",
    "folder",
    type=click.Path(path_type=Path),
    default=TRAINED,
    show_default="models/trained",
)
def main(name: str, data: Path, ck: Path, frames: int, jobs: int, work: Path, folder: Path) -> None:
    """Measure the model NAME again and write its card anew."""
    try:
        card = measure(name, folder, data, ck, frames, jobs, work, Console())
    except FacetError as error:
        raise click.ClickException(str(error)) from None
    for where, figures in card["quality"].items():
        click.echo(f"{where}: accuracy {figures['accuracy']}, macro F1 {figures['macro_f1']}")


def measure(
    name: str,
    folder: Path,
    data: Path,
    ck: Path,
    frames: int,
    jobs: int,
    work: Path,
    console: Console,
) -> dict[str, Any]:
    """What the command does; see its options.

    Returns:
        The new card.

    Raises:
        FacetError: no such model or data, or the card says too little.
    """
    model, old = _read(folder, name)
    label_set = label_set_of(old["labels"])
    before = old.get("quality", {})
    is_same = old.get("sha256") == hashlib.sha256(model).hexdigest()
    # Networks of the same recipe answered there, which are not at hand.
    of_others = {FOLDS: before[FOLDS]} if is_same and FOLDS in before else {}
    sets = _sets(label_set, before, data, ck, work)
    card = build_card(
        name,
        label_set.labels,
        model,
        None,
        sets,
        old.get("training", {}),
        robustness_frames=0 if of_others else frames,
        jobs=jobs,
        console=console,
    )
    _keep_float_accuracies(card, old)
    if of_others:
        card["quality"] = of_others | card["quality"]
        card["robustness"] = old["robustness"]
    if is_same and "on_board" in old:
        card["on_board"] = old["on_board"]
    write_model(folder, name, model, card)
    return card


def _sets(
    label_set: LabelSet, wanted: Collection[str], data: Path, ck: Path, work: Path
) -> dict[str, Examples]:
    """What the model was measured on when it was trained: CK+ where its card has that."""
    if "ck_held_out" in wanted:
        return {"ck_held_out": split_ck(open_ck(ck), label_set).validation}
    sets = fer_sets(label_set, split_fer(open_fer(data), label_set), work)
    return {where: examples for where, examples in sets.items() if where in wanted or not wanted}


def fer_sets(label_set: LabelSet, splits: FerSplits, work: Path) -> dict[str, Examples]:
    """What a model trained on FER+ is measured on, in the classes of ``label_set``.

    Args:
        label_set: the model's.
        splits: of the archive, in these classes.
        work: where drawn faces are kept.
    """
    drawn = drawn_examples(_DRAWN_TEST_FACES, "public", _SIDE, work)
    return {
        "validation": splits.validation,
        "public_test": splits.public,
        "drawn": in_classes_of(label_set, drawn),
    }


def in_classes_of(label_set: LabelSet, five: Examples) -> Examples:
    """Examples of the five classes in those of another set; those without a class left out."""
    share, targets = in_classes(five.targets, FIVE, label_set)
    return Examples(five.images[share > 0], targets[share > 0])


def _read(folder: Path, name: str) -> tuple[bytes, dict[str, Any]]:
    path = folder / f"{name}.tflite"
    try:
        model = path.read_bytes()
        card = json.loads(path.with_suffix(".json").read_text())
    except FileNotFoundError as error:
        raise FacetError(f"{error.filename}: no such file; NAME is a model of {folder}") from None
    except ValueError as error:
        raise FacetError(f"{path.with_suffix('.json')}: no JSON ({error})") from None
    if not isinstance(card, dict) or not isinstance(card.get("labels"), list):
        raise FacetError(f"{path.with_suffix('.json')}: a card must have a list 'labels'")
    return model, card


def _keep_float_accuracies(card: dict[str, Any], old: Mapping[str, Any]) -> None:
    """Those of sets on which the int8 model says what it said when the float model was there."""
    for where, figures in card["quality"].items():
        before = old.get("quality", {}).get(where, {})
        if before.get("confusion") == figures["confusion"] and "float_accuracy" in before:
            card["quality"][where] = {
                "frames": figures["frames"],
                "float_accuracy": before["float_accuracy"],
            } | figures


if __name__ == "__main__":
    main()
