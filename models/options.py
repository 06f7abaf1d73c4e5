"""Command-line options that the commands of this package share."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from facet.errors import FacetError

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
    help="CK+48 as .npz, for the networks that are trained on it.",
)

seed_option = click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Of all random numbers."
)

threads_option = click.option(
    "--threads", type=click.IntRange(0), default=0, help="CPU threads; 0: all."
)

jobs_option = click.option(
    "--jobs",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="Processes of the evaluation.",
)

work_option = click.option(
    "--work",
    type=click.Path(path_type=Path),
    default=Path("build/train"),
    show_default=True,
    help="Folder for checkpoints, soft labels and drawn faces; an interrupted run resumes here.",
)


def path_option(
    flag: str, name: str, default: Path, text: str | None = None
) -> Callable[[Any], Any]:
    """An option for a path in the project, shown by its path in the project."""
    shown = str(default.relative_to(Path(__file__).parents[1]))
    return click.option(
        flag, name, type=click.Path(path_type=Path), default=default, show_default=shown, help=text
    )


def reports_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Decorator of a command: a FacetError ends it with its message and exit status 1."""

    @wraps(command)
    def wrapped(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except FacetError as error:
            raise click.ClickException(str(error)) from None

    return wrapped


def require_tensorflow(threads: int) -> None:
    """Import TensorFlow, which is optional and takes seconds to load.

    Args:
        threads: CPU threads; 0: all cores.

    Raises:
        FacetError: it is not installed, or already in use with another number of threads.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        import tensorflow as tf
    except ImportError:
        raise FacetError(
            "training needs TensorFlow, which is not installed here: pip install '.[train]'"
        ) from None
    threading = tf.config.threading
    if threads and threading.get_intra_op_parallelism_threads() != threads:
        try:
            threading.set_intra_op_parallelism_threads(threads)
            threading.set_inter_op_parallelism_threads(threads)
        except RuntimeError:
            raise FacetError(
                f"TensorFlow is already in use with other than {threads} threads: start a process "
                "for this work alone"
            ) from None
