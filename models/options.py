"""Options that the commands of this package share."""

from __future__ import annotations

from pathlib import Path

import click

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=Path("../shared/data/fer2013_train_public.npz"),
    show_default=True,
    help="FER2013 with FER+ votes: an .npz, or fer2013.csv with fer2013new.csv beside it.",
)

ck_option = click.option(
    "--ck",
    type=click.Path(path_type=Path),
    default=Path("../shared/data/ck48.npz"),
    show_default=True,
    help="CK+48 as .npz, for the networks that learn from it.",
)
