"""Train a network, quantize it, measure it, write it with its card.

python -m models.train --model facet-base --data fer2013_train_public.npz
"""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import click
import numpy as np
from rich.console import Console

from models.card import (
    TRAINED,
    cost,
    int8_quality,
    recall_by_class,
    summary,
    write_model,
)
from models.data import Examples, FerSplits, open_fer, split_fer
from models.drawn_faces import drawn_examples
from models.tflm import HostModel
from sim.dataset.labels import EMOTIONS
from sim.errors import FacetError

DEFAULT_EPOCHS: Final = 110
SIDE: Final = 48
"""Height and width of every network's input, in pixels."""

_CALIBRATION_IMAGES: Final = 400
_DRAWN_TEST_FACES: Final = 500


@click.command()
@click.option("--model", "name", default="facet-base", show_default=True, help="Which network.")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=Path("../shared/data/fer2013_train_public.npz"),
    show_default=True,
    help="FER2013 with FER+ votes: an .npz, or fer2013.csv with fer2013new.csv beside it.",
)
@click.option("--epochs", type=click.IntRange(1), default=DEFAULT_EPOCHS, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option(
    "--drawn",
    type=click.IntRange(0),
    default=5000,
    show_default=True,
    help="How many drawn faces to learn from.",
)
@click.option("--threads", type=click.IntRange(0), default=0, help="CPU threads; 0: all.")
@click.option(
    "--work",
    type=click.Path(path_type=Path),
    default=Path("build/train"),
    show_default=True,
    help="Checkpoints and drawn faces; a broken run resumes here.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), default=TRAINED, show_default="models/trained"
)
def main(
    name: str, data: Path, epochs: int, seed: int, drawn: int, threads: int, work: Path, out: Path
) -> None:
    """Train a network, quantize it to int8, measure it and write it with its card."""
    try:
        train(name, data, epochs, seed, drawn, threads, work, out, Console())
    except FacetError as error:
        raise click.ClickException(str(error)) from None


def train(
    name: str,
    data: Path,
    epochs: int,
    seed: int,
    drawn: int,
    threads: int,
    work: Path,
    out: Path,
    console: Console,
) -> None:
    """What the command does; see its options.

    Raises:
        FacetError: no such network, no data, or TensorFlow is not installed.
    """
    splits = split_fer(open_fer(data), seed)
    keras, architectures, fit, quantization = _tensorflow_parts(threads)
    keras.utils.set_random_seed(seed)
    model = architectures.build(name, len(EMOTIONS))
    drawn_faces = drawn_examples(drawn, "training", SIDE, work) if drawn else _no_examples()
    drawn_test = drawn_examples(_DRAWN_TEST_FACES, "public", SIDE, work)
    console.print(
        f"{name}: {model.count_params():,} parameters; {len(splits.training):,} faces of FER+ and "
        f"{len(drawn_faces):,} drawn ones to learn from, {len(splits.validation):,} to choose by"
    )
    recipe = fit.Recipe(epochs=epochs, seed=seed)
    trainer = fit.Trainer(
        model, recipe, splits.training, drawn_faces, splits.validation, work / f"{name}-{seed}"
    )
    trainer.train(console)

    calibration = _calibration(splits.training, drawn_faces, seed)
    data_int8 = quantization.quantize(model, calibration)
    card = {
        "name": name,
        "labels": list(EMOTIONS),
        "input": {"width": SIDE, "height": SIDE, "real": "pixel/255"},
        **cost(data_int8),
        "quality": _quality(fit, model, data_int8, splits, drawn_test),
        "training": {
            "data": data.name,
            "data_sha256": splits.sha256,
            "fer_faces": len(splits.training),
            "drawn_faces": len(drawn_faces),
            "epochs": epochs,
            "best_epoch": trainer.best_epoch,
            "recipe": {**vars(recipe)},
            "seed": seed,
            "tensorflow": version("tensorflow"),
            "keras": version("keras"),
        },
    }
    write_model(out, name, data_int8, card)
    console.print(f"wrote {out / name}.tflite ({len(data_int8):,} bytes) and its card")
    for where, figures in card["quality"].items():
        console.print(f"  {where}: {figures}")


def _tensorflow_parts(threads: int) -> tuple[Any, Any, Any, Any]:
    """TensorFlow and what needs it, imported late: it takes seconds, and is an extra."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        import keras
        import tensorflow as tf
    except ImportError:
        raise FacetError(
            "training needs TensorFlow, which is not installed: pip install '.[train]'"
        ) from None
    if threads:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
    from models import architectures, fit, quantize

    return keras, architectures, fit, quantize


def _no_examples() -> Examples:
    return Examples(np.zeros((0, SIDE, SIDE), np.uint8), np.zeros((0, len(EMOTIONS)), np.float32))


def _calibration(real: Examples, drawn: Examples, seed: int) -> Any:
    """Typical inputs from which the converter takes the activations' ranges."""
    rng = np.random.default_rng(seed)
    chosen = real.images[rng.permutation(len(real))[:_CALIBRATION_IMAGES]]
    images = np.concatenate([chosen, drawn.images[: _CALIBRATION_IMAGES // 4]])
    return images[..., None].astype(np.float32) / 255


def _quality(
    fit: Any, model: Any, data_int8: bytes, splits: FerSplits, drawn: Examples
) -> dict[str, Any]:
    """Figures on validation, PublicTest and drawn faces that nobody learnt from."""
    host = HostModel(data_int8)
    report: dict[str, Any] = {}
    for where, examples in (
        ("validation", splits.validation),
        ("public_test", splits.public),
        ("drawn", drawn),
    ):
        result = int8_quality(host, examples)
        answers = fit.predict(model, examples.images).argmax(axis=1)
        report[where] = {
            **summary(result),
            "float_accuracy": round(float((answers == examples.classes).mean()), 4),
            "recall": recall_by_class(result, EMOTIONS),
        }
    return report


if __name__ == "__main__":
    main()
