"""facet-small: the most accurate network of at most 2.1 million multiply-accumulates.

Facet's default model.
"""

from __future__ import annotations

from typing import Final

import keras

from models.architectures.family import network
from models.plan import Plan, Stage

PLAN: Final = Plan(12, (Stage(32, 2, entry="full"), Stage(84, 3), Stage(112, 0)), head=96)
"""The first convolution halves the image at once and the second again, so that what lives at once
is at most the three tensors of an addition, 3 * 12 * 12 * 32 = 13,824 bytes in int8. Two thirds of
the weights stand in the head, where each is used once: they cost flash and hardly any time, and do
more for the accuracy than a block at 3 x 3 in their place (docs/search.md)."""


def facet_small(classes: int) -> keras.Model:
    """Build the network, untrained.

    Args:
        classes: number of outputs.

    Returns:
        A model from float32 [batch, 48, 48, 1] in 0..1 to probabilities [batch, classes].
    """
    return network(PLAN, classes, "facet-small")


def facet_ck(classes: int) -> keras.Model:
    """The same network for CK+, under its own name."""
    return network(PLAN, classes, "facet-ck")
