"""facet-small: the most accurate network of at most 2.1 million multiply-accumulates."""

from __future__ import annotations

from typing import Final

import keras

from models.architectures.family import network
from models.plan import Plan, Stage

PLAN: Final = Plan(16, (Stage(32, 2), Stage(80, 2), Stage(192, 2)))
"""Its weights stand where they cost little: a convolution at 3 x 3 positions uses each weight nine
times, one at 12 x 12 a hundred and forty-four times. So it holds 2.5 times as many weights as
``facet-base`` for fewer multiply-accumulates."""


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
