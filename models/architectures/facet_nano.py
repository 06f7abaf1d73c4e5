"""facet-nano: the most accurate network whose .tflite takes at most 30,000 bytes."""

from __future__ import annotations

from typing import Final

import keras

from models.architectures.family import network
from models.plan import Plan, Stage

PLAN: Final = Plan(8, (Stage(24, 2, entry="full"), Stage(48, 3), Stage(64, 0)), dropout=0.0)
"""A channel costs 12 bytes beside its weights (a bias and a scale), an operator some 200: so it has
few of both, and a full convolution where a separable one would save little."""


def facet_nano(classes: int) -> keras.Model:
    """Build the network, untrained.

    Args:
        classes: number of outputs.

    Returns:
        A model from float32 [batch, 48, 48, 1] in 0..1 to probabilities [batch, classes].
    """
    return network(PLAN, classes, "facet-nano")
