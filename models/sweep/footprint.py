"""What a network of the family costs, told from its plan: nothing is built or converted.

The operators are those that TFLite's converter makes of ``models.architectures.family.network``,
normalization and ReLU folded into them; tests hold the figures against converted files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from models.plan import Plan, Stage

_SIDE: Final = 48

_FILE_BYTES: Final = 780
_TENSOR_BYTES: Final = 69
"""What a slimmed .tflite (``models.slim``) has beside numbers: a head, and for each tensor its
tables with its part of its operator's. Fitted to files of 30 to 74 tensors, to lie above each."""


@dataclass(frozen=True)
class Footprint:
    """What a network costs as int8 .tflite.

    Args:
        macs: multiply-accumulates of one inference.
        peak_activation_bytes: as ``models.graph.Graph`` has it.
        parameters: weights and biases.
        file_bytes: of the slimmed file; an estimate, by up to 2 % too high, never too low.
    """

    macs: int
    peak_activation_bytes: int
    parameters: int
    file_bytes: int


def footprint(plan: Plan, classes: int = 5) -> Footprint:
    """What the network of a plan costs.

    Args:
        plan: the network.
        classes: number of outputs.
    """
    tally = _Tally()
    side = _SIDE // 2
    channels = plan.stem
    tally.convolution(1, channels, 3, side, live=_SIDE * _SIDE)
    for stage in plan.stages:
        side = _entered(tally, stage, channels, side)
        channels = stage.channels
        for _ in range(stage.blocks):
            _residual(tally, stage, side)
    last = side * side * channels
    if plan.head:
        tally.convolution(channels, plan.head, side, 1, live=last)
    else:
        tally.depthwise(channels, side, 1, live=last)
    tally.fully_connected(plan.head or channels, classes)
    return tally.footprint()


def _entered(tally: _Tally, stage: Stage, channels: int, side: int) -> int:
    """Halve the image; returns its new side."""
    before = side * side * channels
    side = -(-side // 2)  # padding "same" rounds up
    if stage.entry == "full":
        tally.convolution(channels, stage.channels, 3, side, live=before)
    else:
        tally.depthwise(channels, stage.kernel, side, live=before)
        tally.convolution(channels, stage.channels, 1, side, live=side * side * channels)
    return side


def _residual(tally: _Tally, stage: Stage, side: int) -> None:
    kept = side * side * stage.channels  # lives until it is added
    inner = round(stage.channels * stage.expansion)
    if stage.expansion != 1:
        tally.convolution(stage.channels, inner, 1, side, live=kept)
        tally.depthwise(inner, stage.kernel, side, live=kept + side * side * inner)
    else:
        tally.depthwise(inner, stage.kernel, side, live=kept)
    tally.convolution(inner, stage.channels, 1, side, live=kept + side * side * inner)
    tally.addition(kept)


@dataclass
class _Tally:
    """Sums over the operators, in their order; ``live``: bytes that live beside the output."""

    macs: int = 0
    peak: int = 0
    constants_bytes: int = 0
    parameters: int = 0
    scales: int = 0
    tensors: int = 1  # the input
    zero_points: int = 1  # the input's, shared by all that a ReLU ends
    vector_lengths: set[int] = field(default_factory=set)

    def convolution(self, inputs: int, outputs: int, kernel: int, side: int, live: int) -> None:
        self._weighted(kernel * kernel * inputs * outputs, outputs, side, live)

    def depthwise(self, channels: int, kernel: int, side: int, live: int) -> None:
        self.zero_points += 1
        self._weighted(kernel * kernel * channels, channels, side, live)

    def addition(self, size: int) -> None:
        self.zero_points += 1  # of the convolution before, which no ReLU ends
        self._activation(size, 2 * size)

    def fully_connected(self, inputs: int, classes: int) -> None:
        self.zero_points += 1
        self._weighted(inputs * classes, classes, 1, inputs)
        self._activation(classes, classes)  # the softmax

    def footprint(self) -> Footprint:
        zero_points_bytes = 8 * (sum(self.vector_lengths) + self.zero_points)
        numbers = self.constants_bytes + 4 * self.scales + zero_points_bytes
        file_bytes = numbers + _FILE_BYTES + _TENSOR_BYTES * self.tensors
        return Footprint(self.macs, self.peak, self.parameters, file_bytes)

    def _weighted(self, weights: int, outputs: int, side: int, live: int) -> None:
        """int8 weights with a scale a channel, int32 biases."""
        self.macs += weights * side * side
        self.constants_bytes += weights + 4 * outputs
        self.parameters += weights + outputs
        self.scales += outputs
        self.vector_lengths.add(outputs)  # slimming shares lists of zero points of one length
        self.tensors += 2
        self._activation(side * side * outputs, live)

    def _activation(self, size: int, live: int) -> None:
        self.peak = max(self.peak, size + live)
        self.scales += 1
        self.tensors += 1
