"""Plans: what a network of Facet's own family is made of, without the seconds Keras takes to load.

``models.architectures.family`` builds them, ``models.sweep`` draws them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Stage:
    """Part of a network at one size of image, which it enters by halving the one before.

    Args:
        channels: of every activation in it.
        blocks: residual blocks after the halving.
        kernel: side of the depthwise kernels.
        entry: how the image is halved: by a full convolution or by a separable one.
        expansion: channels inside a block over ``channels``; 1: no expanding convolution.
    """

    channels: int
    blocks: int
    kernel: int = 3
    entry: Literal["full", "separable"] = "separable"
    expansion: float = 1


@dataclass(frozen=True)
class Plan:
    """A network of the family.

    Args:
        stem: channels of the first convolution, which halves the 48 x 48 image.
        stages: what follows, each at half the side of the one before: 12, 6, 3.
        dropout: share of the features dropped in training.
        head: so many features are made of the last positions by a full convolution over all of
            them; 0: one of each channel, by a depthwise one.
    """

    stem: int
    stages: tuple[Stage, ...]
    dropout: float = 0.1
    head: int = 0
