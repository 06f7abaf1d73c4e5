"""Options that the commands of this package share."""

from __future__ import annotations

import os
from pathlib import Path

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
    help="CK+48 as .npz, for the networks that learn from it.",
)

threads_option = click.option(
    "--threads", type=click.IntRange(0), default=0, help="CPU threads; 0: all."
)

work_option = click.option(
    "--work",
    type=click.Path(path_type=Path),
    default=Path("build/train"),
    show_default=True,
    help="Checkpoints, the teacher, drawn faces; a broken run resumes here.",
)


def require_tensorflow(threads: int) -> None:
    """Load TensorFlow, which takes seconds and is an extra, for so many threads (0: all cores).

    Raises:
        FacetError: it is not installed.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        import tensorflow as tf
    except ImportError:
        raise FacetError(
            "training needs TensorFlow, which is not installed: pip install '.[train]'"
        ) from None
    if threads:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
