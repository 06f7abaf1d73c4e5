"""Train a network, quantize it, measure it, write it with its card.

python -m models.train --model facet-nano --data fer2013_train_public.npz
"""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path

import click
from rich.console import Console

from facet.dataset.labels import LABEL_SETS
from facet.errors import FacetError
from models.card import TRAINED, build_card, write_model
from models.options import ck_option, data_option, require_tensorflow, threads_option, work_option
from models.recipes import RECIPES


@click.command()
@click.option("--model", "name", default="facet-small", show_default=True, help="Which network.")
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
@threads_option
@click.option("--jobs", type=click.IntRange(1), default=2, help="Processes that measure.")
@work_option
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
    if weights and name != "mobilenetv2-035":
        raise FacetError(f"--weights: {name} has no pretrained weights; mobilenetv2-035 has")
    require_tensorflow(threads)
    from models.architectures import architecture
    from models.architectures.mobilenetv2 import load_pretrained
    from models.lessons import Sources, ck_lesson, fer_lesson
    from models.making import made_folds, make

    network = architecture(name)
    label_set = LABEL_SETS[network.labels]
    sources = Sources(data, ck, work, seed, drawn, most_epochs=epochs)
    learn = fer_lesson if recipe.corpus == "fer" else ck_lesson
    lesson = learn(label_set, recipe, sources, console)
    folds = made_folds(name, network, recipe, lesson, sources, console)
    pretrained = partial(load_pretrained, path=weights) if weights else None
    made = make(name, network, recipe, lesson, sources, console, pretrained)
    card = build_card(
        name,
        label_set.labels,
        made.int8,
        made.float_predict,
        lesson.sets,
        {
            **lesson.provenance,
            "source": network.source,
            "pretrained": weights.name if weights else None,
            "keras_parameters": made.keras_parameters,
            "recipe": asdict(recipe),
            "best_epoch": made.best_epoch,
            "seed": seed,
            "tensorflow": version("tensorflow"),
            "keras": version("keras"),
        },
        folds=folds,
        jobs=jobs,
        console=console,
    )
    write_model(out, name, made.int8, card)
    console.print(f"wrote {out / name}.tflite ({len(made.int8):,} bytes) and its card")
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


if __name__ == "__main__":
    main()
