"""facet-small: the most accurate network of at most 2.1 million multiply-accumulates.

Facet's default model.
"""

from __future__ import annotations

from typing import Final

import keras

from models.architectures.family import network
from models.architectures.plan import Plan, Stage

PLAN: Final = Plan(12, (Stage(32, 2, entry="full"), Stage(84, 3), Stage(112, 0)), head=96)
"""The first two convolutions halve the image, so that the peak of activations is the three tensors
of an addition: 3 * 12 * 12 * 32 = 13,824 bytes in int8. Two thirds of the weights are in the head,
where each is used once in an inference: they cost flash and little time, and increase the accuracy
more than a block at 3 x 3 (docs/search.md)."""


def facet_small(classes: int) -> keras.Model:
    """Build the network."""
    return network(PLAN, classes, "facet-small")


def facet_ck(classes: int) -> keras.Model:
    """The same network for CK+, under its own name."""
    return network(PLAN, classes, "facet-ck")
