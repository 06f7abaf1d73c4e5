"""`facet export`: data sets and models for other tools."""

from __future__ import annotations

from pathlib import Path

import click

from facet.cli.console import console
from facet.dataset.labels import LABEL_SETS, LabelSet, label_set_of
from facet.dataset.loaders import SPLITS, load_frames
from facet.interchange.edge_impulse_export import Exported, export_dataset
from facet.interchange.edge_impulse_model import export_model
from facet.interchange.info_labels import FILE_NAME, TESTING, TRAINING
from facet.interchange.new_folder import check_new
from facet.model.bundle import find
from facet.report.tables import plain_table

_DEFAULT_LABELS = "five"
_FEATURES_AT_MOST = 200
"""Pictures are enough to find the activations' ranges; Facet's own quantization takes some 500."""


@click.group("export")
def command() -> None:
    """Write a data set or a model in the form that another tool takes."""


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
    help="A folder that does not exist yet.",
)
@click.option(
    "--split",
    "splits",
    type=click.Choice(SPLITS),
    multiple=True,
    help="Splits to export, again for each; training and public where there are, by default.",
)
@click.option(
    "--labels",
    type=click.Choice(tuple(LABEL_SETS)),
    help=f"The classes; {_DEFAULT_LABELS} by default, with --model the model's.",
)
@click.option("--limit", type=click.IntRange(1), help="Pictures at most, of each split.")
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Which drawn faces; and how a folder without splits is divided.",
)
def edge_impulse(
    dataset: str | None,
    model: str | None,
    out: Path,
    splits: tuple[str, ...],
    labels: str | None,
    limit: int | None,
    seed: int,
) -> None:
    """For Edge Impulse: a data set for its uploader, or a model of your own ("BYOM").

    With --dataset, pictures and info.labels; what trains never tests. With --model, the .tflite
    with labels, input and a script; --dataset beside it adds representative features.
    """
    if model is not None:
        if labels is not None or len(splits) > 1:
            raise click.UsageError(
                "with --model, the labels are the model's and one --split is enough"
            )
        _export_model(model, dataset, out, splits, limit, seed)
    elif dataset is not None:
        label_set = LABEL_SETS[labels or _DEFAULT_LABELS]
        exported = export_dataset(dataset, out, label_set, splits, limit, seed)
        _report(exported, label_set, out)
    else:
        raise click.UsageError("give --dataset, or --model, or both")


def _export_model(
    name: str,
    dataset: str | None,
    out: Path,
    splits: tuple[str, ...],
    limit: int | None,
    seed: int,
) -> None:
    check_new(out)
    model = find(name)
    frames = []
    if dataset is not None:
        split = splits[0] if splits else "training"
        most = limit or _FEATURES_AT_MOST
        frames = load_frames(dataset, split, most, seed, label_set_of(model.labels))
    export_model(model, out, frames)
    features = f", {len(frames)} representative features" if frames else ""
    click.echo(f"{model.name} with {len(model.labels)} labels{features} in {out}")
    click.echo(f"Next: {out / 'README.md'}")


def _report(exported: Exported, label_set: LabelSet, out: Path) -> None:
    table = plain_table("label", TRAINING, TESTING, numbers=(TRAINING, TESTING))
    for label in label_set.labels:
        counts = (exported.counts[category, label] for category in (TRAINING, TESTING))
        table.add_row(label, *map(str, counts))
    table.add_row(
        "all", *(str(exported.pictures(category)) for category in (TRAINING, TESTING)), style="bold"
    )
    console().print(table)
    for count, why in (
        (exported.leaking, "of the training split left out: they, or near copies, test"),
        (exported.repeated, "left out: the same pixels are there already"),
        (exported.unlabelled, "left out: nothing says what they show"),
    ):
        if count:
            click.echo(f"{count} {why}")
    if not exported.pictures(TESTING):
        click.secho(
            "nothing to test with: the data has no such split, or all pictures are alike",
            fg="yellow",
            err=True,
        )
    if exported.restricted:
        click.secho(
            "FER2013 and CK+ may not be passed on: nobody has licensed FER2013's images, and CK+ "
            "is for research. Upload them to a private project only; publish neither them nor it.",
            fg="yellow",
            err=True,
        )
    click.echo(f"Next: edge-impulse-uploader --info-file {out / FILE_NAME}")
