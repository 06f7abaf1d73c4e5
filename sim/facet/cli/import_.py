"""`facet import`: imports data sets of other tools."""

from __future__ import annotations

from pathlib import Path

import click

from facet.cli.console import list_left_out, show
from facet.interchange.edge_impulse_import import FOLDER_BY_CATEGORY, import_dataset
from facet.progress import Progress
from facet.report.tables import plain_table


@click.group("import")
def command() -> None:
    """Import a data set of another tool."""


@command.command("edge-impulse")
@click.argument("source", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="A new folder.",
)
def edge_impulse(source: Path, out: Path) -> None:
    """Import from Edge Impulse: the unpacked export of a project, with one label per picture.

    Writes a folder for each label, with Facet's names of the emotions, and separate folders for
    training, test and validation.
    """
    with Progress("pictures read") as progress:
        imported = import_dataset(source, out, progress.advance)
    folders = [
        folder
        for folder in FOLDER_BY_CATEGORY.values()
        if any(where == folder for where, _ in imported.counts)
    ]
    table = plain_table("label", *folders, numbers=folders)
    for label in sorted({label for _, label in imported.counts}):
        table.add_row(label, *(str(imported.counts[folder, label]) for folder in folders))
    show(table)
    for theirs, ours in sorted(imported.renamed.items()):
        click.echo(f"{theirs} is {ours} here")
    list_left_out(imported.left_out, None, str(source))
    click.echo(f"Next: facet eval --dataset {out}")
