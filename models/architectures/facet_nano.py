"""facet-nano: the most accurate network whose .tflite takes at most 30,000 bytes."""

from __future__ import annotations

from typing import Final

import keras

from models.architectures.family import network
from models.architectures.plan import Plan, Stage

PLAN: Final = Plan(8, (Stage(24, 2, entry="full"), Stage(48, 3), Stage(64, 0)), dropout=0.0)
"""A channel costs 12 bytes besides its weights (bias and scale), an operator about 200. So the
plan has few of both, and a full convolution where a separable one would save little."""


def facet_nano(classes: int) -> keras.Model:
    """Build the network."""
    return network(PLAN, classes, "facet-nano")
