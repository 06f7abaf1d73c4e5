"""Train a network, quantize it, evaluate it, and write the model with its card.

python -m models.train --model facet-nano --data fer2013_train_public.npz
"""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path

import click
from rich.console import Console

from facet.errors import FacetError
from models.data.splits import open_ck, open_fer
from models.evaluation.card import TRAINED, build_card, write_model
from models.options import (
    ck_option,
    data_option,
    jobs_option,
    path_option,
    reports_errors,
    require_tensorflow,
    seed_option,
    threads_option,
    work_option,
)
from models.training.recipes import RECIPES


@click.command()
@click.option("--model", "name", default="facet-small", show_default=True, help="The network.")
@data_option
@ck_option
@click.option("--epochs", type=click.IntRange(1), help="Default: the network's recipe.")
@seed_option
@click.option(
    "--weights",
    type=click.Path(path_type=Path),
    help="mobilenetv2-035: ImageNet weights for the initialization.",
)
@click.option(
    "--drawn",
    type=click.IntRange(0),
    default=5000,
    show_default=True,
    help="Drawn faces in the training set, where the recipe has any.",
)
@threads_option
@jobs_option
@work_option
@path_option("--out", "out", TRAINED)
@reports_errors
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
    """Train a network, quantize it to int8, evaluate it and write it with its card."""
    console = Console()
    if name not in RECIPES:
        raise FacetError(f"no network '{name}': choose one of {', '.join(sorted(RECIPES))}")
    recipe = RECIPES[name] if epochs is None else replace(RECIPES[name], epochs=epochs)
    _ = open_fer(data) if recipe.dataset == "fer" else open_ck(ck)  # before TensorFlow loads
    if weights and name != "mobilenetv2-035":
        raise FacetError(f"--weights: {name} has no pretrained weights; mobilenetv2-035 has")
    require_tensorflow(threads)
    from models.architectures.mobilenetv2 import load_pretrained
    from models.architectures.registry import architecture
    from models.training.datasets import Settings
    from models.training.pipeline import Pipeline

    network = architecture(name)
    settings = Settings(data, ck, work, seed, drawn, max_epochs=epochs)
    pipeline = Pipeline(network, recipe, settings, console)
    training_data = pipeline.load_data()
    folds = pipeline.train_folds(name, training_data)
    trained = pipeline.train(
        name, training_data, partial(load_pretrained, path=weights) if weights else None
    )
    card = build_card(
        name,
        network.label_set.labels,
        trained.int8,
        trained.float_predict,
        training_data.test_sets,
        {
            **training_data.provenance,
            "source": network.source,
            "pretrained": weights.name if weights else None,
            "keras_parameters": trained.keras_parameters,
            "recipe": asdict(recipe),
            "best_epoch": trained.best_epoch,
            "seed": seed,
            "tensorflow": version("tensorflow"),
            "keras": version("keras"),
        },
        folds=folds,
        jobs=jobs,
    )
    write_model(out, name, trained.int8, card)
    console.print(f"wrote {out / name}.tflite ({len(trained.int8):,} bytes) and its card")
    for where, figures in card["quality"].items():
        console.print(f"  {where}: accuracy {figures['accuracy']}, macro F1 {figures['macro_f1']}")


if __name__ == "__main__":
    main()
