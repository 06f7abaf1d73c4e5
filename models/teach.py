"""Train the teacher anew and keep what it says of FER+'s faces.

python -m models.teach --data fer2013_train_public.npz

Facet's own networks then learn from these opinions (``make train``).
"""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from facet.errors import FacetError
from models.data import open_fer, split_fer
from models.opinions import EIGHT, SHIPPED, write_opinions
from models.options import data_option, require_tensorflow, threads_option, work_option


@click.command()
@data_option
@click.option("--epochs", type=click.IntRange(1), help="At most so many, and so many views.")
@click.option("--seed", default=1, show_default=True)
@threads_option
@work_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=SHIPPED,
    show_default="models/trained/teacher-opinions.npz",
)
def main(data: Path, epochs: int | None, seed: int, threads: int, work: Path, out: Path) -> None:
    """Train the teacher (hours), let it look at each face, keep what it says."""
    try:
        splits = split_fer(open_fer(data), EIGHT)
        require_tensorflow(threads)
        from models.teaching import taught_opinions

        opinions = taught_opinions(splits, epochs, seed, work, Console())
        write_opinions(out, opinions)
    except FacetError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"wrote {out}: opinions on {len(opinions.faces):,} faces, {dict(opinions.about)}")


if __name__ == "__main__":
    main()
