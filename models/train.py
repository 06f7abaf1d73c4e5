"""Train a network, quantize it, measure it, write it with its card.

python -m models.train --model facet-nano --data fer2013_train_public.npz
"""

from __future__ import annotations

import os
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from models.card import TRAINED, build_card, write_model
from models.options import ck_option, data_option
from models.recipes import RECIPES
from models.slim import slim
from sim.dataset.labels import LABEL_SETS
from sim.errors import FacetError


@click.command()
@click.option("--model", "name", default="facet-base", show_default=True, help="Which network.")
@data_option
@ck_option
@click.option("--epochs", type=click.IntRange(1), help="Default: the network's recipe.")
@click.option("--seed", default=1, show_default=True)
@click.option(
    "--weights",
    type=click.Path(path_type=Path),
    help="mobilenetv2-035: ImageNet weights to begin with.",
)
@click.option(
    "--drawn",
    type=click.IntRange(0),
    default=5000,
    show_default=True,
    help="How many drawn faces to learn from, where the recipe has any.",
)
@click.option("--threads", type=click.IntRange(0), default=0, help="CPU threads; 0: all.")
@click.option("--jobs", type=click.IntRange(1), default=2, help="Processes that measure.")
@click.option(
    "--work",
    type=click.Path(path_type=Path),
    default=Path("build/train"),
    show_default=True,
    help="Checkpoints, the teacher, drawn faces; a broken run resumes here.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), default=TRAINED, show_default="models/trained"
)
def main(
    name: str,
    data: Path,
    ck: Path,
    epochs: int | None,
    seed: int,
    weights: Path | None,
    drawn: int,
    threads: int,
    jobs: int,
    work: Path,
    out: Path,
) -> None:
    """Train a network, quantize it to int8, measure it and write it with its card."""
    try:
        train(name, data, ck, epochs, seed, weights, drawn, threads, jobs, work, out, Console())
    except FacetError as error:
        raise click.ClickException(str(error)) from None


def train(
    name: str,
    data: Path,
    ck: Path,
    epochs: int | None,
    seed: int,
    weights: Path | None,
    drawn: int,
    threads: int,
    jobs: int,
    work: Path,
    out: Path,
    console: Console,
) -> None:
    """What the command does; see its options.

    Raises:
        FacetError: no such network, no data, or TensorFlow is not installed.
    """
    if name not in RECIPES:
        raise FacetError(f"no network '{name}': choose one of {', '.join(sorted(RECIPES))}")
    recipe = RECIPES[name] if epochs is None else replace(RECIPES[name], epochs=epochs)
    _require(data if recipe.corpus == "fer" else ck, recipe.corpus)
    keras, architectures, equalize, fit, lessons, quantize, load_pretrained = _tensorflow_parts(
        threads
    )

    architecture = architectures.architecture(name)
    label_set = LABEL_SETS[architecture.labels]
    sources = lessons.Sources(data, ck, work, seed, drawn, most_epochs=epochs)
    learn = lessons.fer_lesson if recipe.corpus == "fer" else lessons.ck_lesson
    lesson = learn(label_set, recipe, sources, console)
    keras.utils.set_random_seed(seed)
    model = architecture.build(len(label_set.labels))
    if weights:
        if name != "mobilenetv2-035":
            raise FacetError(f"--weights: {name} has no pretrained weights; mobilenetv2-035 has")
        load_pretrained(model, weights)
    if lesson.start:
        lesson.start(model)
    parameters = model.count_params()
    console.print(
        f"{name}: {parameters:,} parameters, {lesson.batches.steps} batches an epoch, "
        f"{len(lesson.validation):,} faces to choose by"
    )
    outcome = lessons.train_by(name, model, recipe, lesson, sources, console)

    equalize(model, lesson.calibration)
    if recipe.rounded_epochs and not outcome.stopped:
        model = lessons.train_rounded(name, model, recipe, lesson, sources, console)
    data_int8 = slim(quantize.quantize(model, lesson.calibration))
    card = build_card(
        name,
        label_set.labels,
        data_int8,
        lambda images: fit.predict(model, images),
        lesson.sets,
        {
            **lesson.provenance,
            "source": architecture.source,
            "pretrained": weights.name if weights else None,
            "keras_parameters": parameters,
            "recipe": asdict(recipe),
            "best_epoch": outcome.best_epoch,
            "seed": seed,
            "tensorflow": version("tensorflow"),
            "keras": version("keras"),
        },
        jobs=jobs,
        console=console,
    )
    write_model(out, name, data_int8, card)
    console.print(f"wrote {out / name}.tflite ({len(data_int8):,} bytes) and its card")
    for where, figures in card["quality"].items():
        console.print(f"  {where}: accuracy {figures['accuracy']}, macro F1 {figures['macro_f1']}")


def _require(path: Path, corpus: str) -> None:
    """Say that there is no data before the seconds that TensorFlow takes to load."""
    if not path.exists():
        option, what = {
            "fer": (
                "--data",
                "FER2013 with FER+ votes: an .npz, or fer2013.csv with fer2013new.csv",
            ),
            "ck": ("--ck", "CK+48 with its subjects: an .npz"),
        }[corpus]
        raise FacetError(
            f"{path}: no training data; give {what}, by {option} (`make train DATASET=...`)"
        )


def _tensorflow_parts(threads: int) -> tuple[Any, ...]:
    """TensorFlow and what needs it, imported late: it takes seconds, and is an extra."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
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
    from models import architectures, fit, lessons, quantize
    from models.architectures.mobilenetv2 import load_pretrained
    from models.equalize import equalize

    return keras, architectures, equalize, fit, lessons, quantize, load_pretrained


if __name__ == "__main__":
    main()
