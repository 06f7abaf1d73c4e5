"""`facet export`: data sets and models for other tools."""

from __future__ import annotations

from pathlib import Path

import click

from facet.cli.console import list_left_out, report_selection, show
from facet.cli.params import LabelsType
from facet.dataset.labels import LABEL_SETS, LabelSet
from facet.dataset.loaders import class_folders, open_dataset
from facet.dataset.names import FolderNames
from facet.dataset.splits import SPLITS
from facet.interchange.edge_impulse_export import Exported, export_dataset
from facet.interchange.edge_impulse_model import export_model
from facet.interchange.info_labels import FILE_NAME, TESTING, TRAINING
from facet.interchange.new_folder import check_new
from facet.model.bundle import find
from facet.progress import Progress
from facet.report.tables import plain_table

_DEFAULT_LABELS = "five"
_FEATURES_AT_MOST = 200
"""Enough pictures to find the ranges of the activations; Facet's own quantization takes 500."""


@click.group("export")
def command() -> None:
    """Export a data set or a model for another tool."""


@command.command("edge-impulse")
@click.option(
    "--dataset",
    help='An .npz, fer2013.csv, a folder of images; or "drawn".',
)
@click.option("--model", help="A model of models/trained, or the path of a .tflite with its card.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="A new folder.",
)
@click.option(
    "--split",
    "splits",
    type=click.Choice(SPLITS),
    multiple=True,
    help="A split to export; may be repeated. Default: the training and the test split.",
)
@click.option(
    "--labels",
    "names",
    type=LabelsType(),
    metavar="NAMES",
    help=f"The classes: {', '.join(LABEL_SETS)}; or open,closed,...; or labels of folders: "
    f"1=surprise,2=fear. {_DEFAULT_LABELS} by default; with --model the model's.",
)
@click.option("--limit", type=click.IntRange(1), help="Largest number of pictures of each split.")
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Seed of the drawn faces, and of the division of a folder without splits.",
)
def edge_impulse(
    dataset: str | None,
    model: str | None,
    out: Path,
    splits: tuple[str, ...],
    names: FolderNames | None,
    limit: int | None,
    seed: int,
) -> None:
    """Export for Edge Impulse: a data set for its uploader, or a model ("bring your own model").

    With --dataset, it writes pictures and info.labels, without a picture in both training and test.
    With --model, it writes the .tflite with labels, input and a script; with both, it adds
    representative features.
    """
    if model is not None:
        if len(splits) > 1 or (names is not None and names.text in LABEL_SETS):
            raise click.UsageError(
                "with --model, the labels are the model's and one --split is enough"
            )
        _export_model(model, dataset, out, splits, names, limit, seed)
    elif dataset is not None:
        _export_dataset(dataset, out, splits, names, limit, seed)
    else:
        raise click.UsageError("give --dataset, or --model, or both")


def _export_dataset(
    dataset: str,
    out: Path,
    splits: tuple[str, ...],
    names: FolderNames | None,
    limit: int | None,
    seed: int,
) -> None:
    check_new(out)
    labels = names.label_set if names is not None else _labels_of(dataset)
    opened = open_dataset(dataset, labels, names, seed)
    with Progress("pictures written") as progress:
        exported = export_dataset(opened, out, splits, limit, seed, progress.advance)
    _report(exported, labels, dataset, out)


def _labels_of(dataset: str) -> LabelSet:
    """The five emotions; or the names of the folders, where they are others than emotions."""
    own = class_folders(dataset)
    if own is None:
        return LABEL_SETS[_DEFAULT_LABELS]
    click.echo(f"labels, by the names of the folders: {', '.join(own.labels)}")
    return own


def _export_model(
    name: str,
    dataset: str | None,
    out: Path,
    splits: tuple[str, ...],
    names: FolderNames | None,
    limit: int | None,
    seed: int,
) -> None:
    check_new(out)
    model = find(name)
    frames = []
    if dataset is not None:
        opened = open_dataset(dataset, model.label_set, names, seed)
        split = splits[0] if splits else "training" if "training" in opened.splits else None
        selection = opened.select(split, limit or _FEATURES_AT_MOST, unlabelled=False)
        report_selection(selection, dataset)
        frames = selection.frames
    export_model(model, out, frames)
    features = f", {len(frames)} representative features" if frames else ""
    click.echo(f"{model.name} with {len(model.labels)} labels{features} in {out}")
    click.echo(f"Next: {out / 'README.md'}")


def _report(exported: Exported, label_set: LabelSet, dataset: str, out: Path) -> None:
    table = plain_table("label", TRAINING, TESTING, numbers=(TRAINING, TESTING))
    for label in label_set.labels:
        counts = (exported.counts[category, label] for category in (TRAINING, TESTING))
        table.add_row(label, *map(str, counts))
    table.add_row(
        "all", *(str(exported.pictures(category)) for category in (TRAINING, TESTING)), style="bold"
    )
    show(table)
    list_left_out(exported.left_out, None, dataset)
    if not exported.pictures(TESTING):
        click.secho(
            "nothing to test with: the data has no such split, or all pictures are alike",
            fg="yellow",
            err=True,
        )
    if exported.restricted:
        click.secho(
            "FER2013 and CK+ may not be passed on: FER2013's images have no licence, and CK+ is "
            "for research. Upload them to a private project only; do not publish the project.",
            fg="yellow",
            err=True,
        )
    click.echo(f"Next: edge-impulse-uploader --info-file {out / FILE_NAME}")
