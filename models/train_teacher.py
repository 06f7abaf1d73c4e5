"""Train the teacher and write its soft labels for FER+'s faces.

python -m models.train_teacher --data fer2013_train_public.npz

Facet's own networks are then trained on these soft labels (``make train``).
"""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from models.data.splits import open_fer, split_fer
from models.distillation.soft_labels import SHIPPED, TEACHER_CLASSES, write_soft_labels
from models.options import (
    data_option,
    path_option,
    reports_errors,
    require_tensorflow,
    seed_option,
    threads_option,
    work_option,
)


@click.command()
@data_option
@click.option("--epochs", type=click.IntRange(1), help="Limit of the epochs, and of the views.")
@seed_option
@threads_option
@work_option
@path_option("--out", "out", SHIPPED)
@reports_errors
def main(data: Path, epochs: int | None, seed: int, threads: int, work: Path, out: Path) -> None:
    """Train the teacher (hours) and write its soft labels for each face."""
    splits = split_fer(open_fer(data), TEACHER_CLASSES)
    require_tensorflow(threads)
    from models.distillation.teacher import train_teacher

    soft_labels = train_teacher(splits, epochs, seed, work, Console())
    write_soft_labels(out, soft_labels)
    count = len(soft_labels.face_hashes)
    click.echo(f"wrote {out}: soft labels of {count:,} faces, {dict(soft_labels.teacher)}")


if __name__ == "__main__":
    main()
