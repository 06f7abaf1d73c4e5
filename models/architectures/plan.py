"""Plans: the sizes of a network of Facet's own family, without loading Keras, which takes seconds.

``models.architectures.family`` builds a network from a plan; ``models.search`` samples plans.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Stage:
    """The part of a network at one image size; its first layer halves the image.

    Args:
        channels: of every activation in the stage.
        blocks: residual blocks after the halving.
        kernel: side of the depthwise kernels.
        entry: the layer that halves the image: a full convolution or a separable one.
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
        stages: the stages that follow, each at half the side of the one before: 12, 6, 3.
        dropout: dropout rate of the features.
        head: number of features from a full convolution over all of the last positions; 0: one
            feature for each channel, from a depthwise convolution.
    """

    stem: int
    stages: tuple[Stage, ...]
    dropout: float = 0.1
    head: int = 0
