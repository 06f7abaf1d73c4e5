"""Hyperparameters of each network's training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True)
class Recipe:
    """Hyperparameters of a training.

    Args:
        epochs: passes over the training set.
        dataset: "fer": FER2013 with FER+ votes; "ck": CK+.
        distilled: train on the teacher's soft labels, not on the votes alone; for "ck": on those of
            FER+'s faces, which are mixed in.
        initialize_from: the network of the same plan that is trained on FER+ first and whose
            weights are the initial ones; None: random initial weights.
        qat_epochs: epochs of quantization-aware training at the end (``quantization.qat``).
        drawn_faces: mix drawn faces into the training set.
        folds: "ck": train on all subjects, and evaluate by cross-validation with this number of
            further networks, each on the subjects held out from its training; 0: hold out a fifth
            of the subjects.
        augmentation: strength of the augmentation in the first epoch, as for ``augment``.
        final_augmentation: its strength in the last epoch; None: constant.
        learning_rate: AdamW's peak learning rate, after the warm-up.
        weight_decay: AdamW's.
    """

    epochs: int
    dataset: Literal["fer", "ck"] = "fer"
    distilled: bool = False
    initialize_from: str | None = None
    qat_epochs: int = 0
    drawn_faces: bool = True
    folds: int = 0
    augmentation: float = 1.0
    final_augmentation: float | None = None
    learning_rate: float = 3e-3
    weight_decay: float = 4e-2


RECIPES: Final[dict[str, Recipe]] = {
    "facet-small": Recipe(
        260,
        distilled=True,
        qat_epochs=6,
        augmentation=0.8,
        final_augmentation=0.2,
        learning_rate=2e-2,
        weight_decay=2e-2,
    ),
    "facet-nano": Recipe(
        320,
        distilled=True,
        qat_epochs=6,
        augmentation=0.6,
        final_augmentation=0.1,
        learning_rate=2e-2,
        weight_decay=1e-2,
    ),
    "facet-ck": Recipe(
        20,
        dataset="ck",
        distilled=True,
        initialize_from="facet-small",
        drawn_faces=False,
        folds=5,
        augmentation=0.5,
        learning_rate=2e-3,
        weight_decay=1e-2,
    ),
    # The networks of the documents are trained as there: on labels, without a teacher.
    "guide": Recipe(40, learning_rate=2e-3),
    "seven": Recipe(40, learning_rate=2e-3),
    "tinyvision": Recipe(16, learning_rate=6e-3, weight_decay=1e-2),
    "wiacek": Recipe(8, learning_rate=6e-3, weight_decay=1e-2),
    "mobilenetv2-035": Recipe(45, learning_rate=4e-3),
    "emotionnet-nano-a": Recipe(10, dataset="ck", drawn_faces=False),
    "emotionnet-nano-b": Recipe(15, dataset="ck", drawn_faces=False),
}
"""By model name. The epochs are limited by two CPU cores; the larger networks need more."""
