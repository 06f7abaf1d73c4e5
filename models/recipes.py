"""How each network is trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True)
class Recipe:
    """How a network is trained.

    Args:
        epochs: passes over the faces.
        corpus: "fer": FER2013 with FER+ votes; "ck": CK+.
        taught: learns from the teacher's opinions, not from people's votes alone; "ck": from those
            on FER+'s faces, which are mixed in.
        follows: the network of the same plan that learns FER+ first and whose weights it begins
            with; None: starts from nothing.
        rounded_epochs: so many at the end with the rounding of the int8 network (``models.qat``).
        drawn: learns from drawn faces too, so that it can be shown to anybody.
        folds: "ck": learns from all of CK+'s people, and is measured by so many networks of the
            same recipe, each on the part of the people that it saw nothing of; 0: a fifth of the
            people is kept apart.
        strength: of the changes to the faces, as of ``augment``, when the training begins.
        last_strength: what it has come down to when the training ends; None: it stays.
        peak_rate: AdamW's learning rate after the warm-up.
        weight_decay: AdamW's.
    """

    epochs: int
    corpus: Literal["fer", "ck"] = "fer"
    taught: bool = False
    follows: str | None = None
    rounded_epochs: int = 0
    drawn: bool = True
    folds: int = 0
    strength: float = 1.0
    last_strength: float | None = None
    peak_rate: float = 3e-3
    weight_decay: float = 4e-2


RECIPES: Final[dict[str, Recipe]] = {
    "facet-small": Recipe(
        260,
        taught=True,
        rounded_epochs=6,
        strength=0.8,
        last_strength=0.2,
        peak_rate=2e-2,
        weight_decay=2e-2,
    ),
    "facet-nano": Recipe(
        320,
        taught=True,
        rounded_epochs=6,
        strength=0.6,
        last_strength=0.1,
        peak_rate=2e-2,
        weight_decay=1e-2,
    ),
    "facet-ck": Recipe(
        20,
        corpus="ck",
        taught=True,
        follows="facet-small",
        drawn=False,
        folds=5,
        strength=0.5,
        peak_rate=2e-3,
        weight_decay=1e-2,
    ),
    # The seeds' networks learn as their documents let theirs: from labels, without a teacher.
    "guide": Recipe(40, peak_rate=2e-3),
    "seven": Recipe(40, peak_rate=2e-3),
    "tinyvision": Recipe(16, peak_rate=6e-3, weight_decay=1e-2),
    "wiacek": Recipe(8, peak_rate=6e-3, weight_decay=1e-2),
    "mobilenetv2-035": Recipe(45, peak_rate=4e-3),
    "emotionnet-nano-a": Recipe(10, corpus="ck", drawn=False),
    "emotionnet-nano-b": Recipe(15, corpus="ck", drawn=False),
}
"""By model name. Epochs are what two CPU cores have time for; more help the larger networks."""
