"""facet-base: a small residual network of separable convolutions, Facet's default model."""

from __future__ import annotations

from typing import Final

import keras

from models.architectures.family import network
from models.plan import Plan, Stage

PLAN: Final = Plan(16, (Stage(32, 2, entry="full"), Stage(80, 3), Stage(128, 0)))
"""The first convolution halves the image at once and the second again, so that no two activations
together are larger than 24 * 24 * 16 + 12 * 12 * 32 = 13,824 bytes in int8."""


def facet_base(classes: int) -> keras.Model:
    """Build the network, untrained.

    Args:
        classes: number of outputs.

    Returns:
        A model from float32 [batch, 48, 48, 1] in 0..1 to probabilities [batch, classes].
    """
    return network(PLAN, classes, "facet-base")
