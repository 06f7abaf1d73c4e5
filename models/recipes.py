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
        taught: "fer" only: who says what a face shows. "no": people's votes; "views": the teacher
            too, of each view in its bank; "faces": the teacher's mean opinion of a face, which is
            changed anew each time.
        follows: the network of the same plan that learns FER+ first and whose weights it begins
            with; None: starts from nothing.
        polish: after "views" only: so many epochs after that at half the rate, on the faces changed
            anew each time, with the teacher's mean opinion of each.
        drawn: learns from drawn faces too, so that it can be shown to anybody.
        strength: of the changes to the faces, as of ``augment``; a bank's are its own.
        peak_rate: AdamW's learning rate after the warm-up.
        weight_decay: AdamW's.
    """

    epochs: int
    corpus: Literal["fer", "ck"] = "fer"
    taught: Literal["no", "views", "faces"] = "no"
    follows: str | None = None
    polish: int = 0
    drawn: bool = True
    strength: float = 1.0
    peak_rate: float = 3e-3
    weight_decay: float = 4e-2


RECIPES: Final[dict[str, Recipe]] = {
    "facet-base": Recipe(110),
    "facet-small": Recipe(
        55, taught="faces", follows="facet-base", strength=0.8, peak_rate=2.5e-3, weight_decay=2e-2
    ),
    "facet-nano": Recipe(
        100, taught="views", polish=60, strength=0.8, peak_rate=5e-3, weight_decay=1e-2
    ),
    "facet-ck": Recipe(
        15, corpus="ck", follows="facet-small", drawn=False, strength=0.5, peak_rate=1e-3
    ),
    # The seeds' networks learn as their documents let theirs: from labels, without a teacher.
    "guide": Recipe(20, peak_rate=1e-3),
    "seven": Recipe(10, peak_rate=1e-3),
    "tinyvision": Recipe(16, peak_rate=6e-3, weight_decay=1e-2),
    "wiacek": Recipe(8, peak_rate=6e-3, weight_decay=1e-2),
    "mobilenetv2-035": Recipe(45, peak_rate=4e-3),
    "emotionnet-nano-a": Recipe(10, corpus="ck", drawn=False),
    "emotionnet-nano-b": Recipe(15, corpus="ck", drawn=False),
}
"""By model name. Epochs are what two CPU cores have time for; more help the larger networks."""
