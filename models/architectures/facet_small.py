"""facet-small: the most accurate network of at most 2.1 million multiply-accumulates.

It is ``facet-base``'s, trained further. One with 2.5 times the weights, most of them at 3 x 3
positions, and a separable entry to 12 x 12 stopped at 0.832 of the validation faces where this one
reaches 0.856 (docs/search.md).
"""

from __future__ import annotations

import keras

from models.architectures.facet_base import PLAN
from models.architectures.family import network


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
