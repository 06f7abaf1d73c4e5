"""facet-small: the most accurate network of at most 2.1 million multiply-accumulates."""

from __future__ import annotations

from typing import Final

import keras

from models.architectures.family import network
from models.plan import Plan, Stage

PLAN: Final = Plan(12, (Stage(32, 2, entry="full"), Stage(80, 3), Stage(136, 1)))
"""``facet-base``'s with a narrower stem, which pays for a block at 3 x 3. A separable entry to
12 x 12 does worse, though it pays for 2.5 times the weights (docs/search.md)."""


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
