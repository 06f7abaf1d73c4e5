"""The cost of a network of Facet's family, computed from its plan.

Without building and converting the network, which takes seconds: a search rejects thousands of
plans. The operators are those into which TFLite's converter turns
``models.architectures.family.network``, with normalization and ReLU folded in; tests compare the
results with converted files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from models.architectures.plan import Plan, Stage
from models.data.examples import INPUT_SIDE

_FILE_BYTES: Final = 800
_TENSOR_BYTES: Final = 74
"""Size of a slimmed .tflite (``models.quantization.slim``) besides its numbers: the header, and for
each tensor its tables and its part of its operator's. An upper bound for 30 to 80 tensors."""


@dataclass(frozen=True)
class Cost:
    """The cost of a network as int8 .tflite, or the maximum cost.

    Args:
        macs: multiply-accumulates of one inference.
        peak_activation_bytes: as in ``models.evaluation.graph.Graph``.
        file_bytes: size of the slimmed file; an estimate that is up to 2 % too high.
        parameters: number of weights and biases.
    """

    macs: int
    peak_activation_bytes: int
    file_bytes: int
    parameters: int = 0

    def is_within(self, budget: Cost) -> bool:
        """Whether no cost is higher than in ``budget``, whose parameters do not count."""
        return (
            self.macs <= budget.macs
            and self.peak_activation_bytes <= budget.peak_activation_bytes
            and self.file_bytes <= budget.file_bytes
        )


def cost_of(plan: Plan, classes: int = 5) -> Cost:
    """The cost of the network of a plan.

    Args:
        plan: the network.
        classes: number of outputs.
    """
    sums = _Sums()
    side = INPUT_SIDE // 2
    channels = plan.stem
    sums.convolution(1, channels, 3, side, live=INPUT_SIDE * INPUT_SIDE)
    for stage in plan.stages:
        side = _entry(sums, stage, channels, side)
        channels = stage.channels
        for _ in range(stage.blocks):
            _residual(sums, stage, side)
    last = side * side * channels
    if plan.head:
        sums.convolution(channels, plan.head, side, 1, live=last)
    else:
        sums.depthwise(channels, side, 1, live=last)
    sums.fully_connected(plan.head or channels, classes)
    return sums.cost()


def _entry(sums: _Sums, stage: Stage, channels: int, side: int) -> int:
    """Add the layers that halve the image; returns its new side."""
    before = side * side * channels
    side = -(-side // 2)  # padding "same" rounds up
    if stage.entry == "full":
        sums.convolution(channels, stage.channels, 3, side, live=before)
    else:
        sums.depthwise(channels, stage.kernel, side, live=before)
        sums.convolution(channels, stage.channels, 1, side, live=side * side * channels)
    return side


def _residual(sums: _Sums, stage: Stage, side: int) -> None:
    """Add the layers of a residual block."""
    shortcut = side * side * stage.channels  # alive until the addition
    inner = round(stage.channels * stage.expansion)
    if stage.expansion != 1:
        sums.convolution(stage.channels, inner, 1, side, live=shortcut)
        sums.depthwise(inner, stage.kernel, side, live=shortcut + side * side * inner)
    else:
        sums.depthwise(inner, stage.kernel, side, live=shortcut)
    sums.convolution(inner, stage.channels, 1, side, live=shortcut + side * side * inner)
    sums.addition(shortcut)


@dataclass
class _Sums:
    """Sums over the operators in order; ``live``: bytes alive besides the operator's output."""

    macs: int = 0
    peak: int = 0
    constants_bytes: int = 0
    parameters: int = 0
    scales: int = 0
    tensors: int = 1  # the input
    zero_points: int = 1  # the input's, shared by all outputs of a ReLU
    vector_lengths: set[int] = field(default_factory=set)

    def convolution(self, inputs: int, outputs: int, kernel: int, side: int, live: int) -> None:
        self._weighted(kernel * kernel * inputs * outputs, outputs, side, live)

    def depthwise(self, channels: int, kernel: int, side: int, live: int) -> None:
        self.zero_points += 1
        self._weighted(kernel * kernel * channels, channels, side, live)

    def addition(self, size: int) -> None:
        self.zero_points += 1  # of the convolution before, which has no ReLU
        self._activation(size, 2 * size)

    def fully_connected(self, inputs: int, classes: int) -> None:
        self.zero_points += 1
        self._weighted(inputs * classes, classes, 1, inputs)
        self._activation(classes, classes)  # the softmax

    def cost(self) -> Cost:
        zero_points_bytes = 8 * (sum(self.vector_lengths) + self.zero_points)
        numbers = self.constants_bytes + 4 * self.scales + zero_points_bytes
        file_bytes = numbers + _FILE_BYTES + _TENSOR_BYTES * self.tensors
        return Cost(self.macs, self.peak, file_bytes, self.parameters)

    def _weighted(self, weights: int, outputs: int, side: int, live: int) -> None:
        """int8 weights with a scale for each channel, int32 biases."""
        self.macs += weights * side * side
        self.constants_bytes += weights + 4 * outputs
        self.parameters += weights + outputs
        self.scales += outputs
        self.vector_lengths.add(outputs)  # slimming shares lists of zero points of equal length
        self.tensors += 2
        self._activation(side * side * outputs, live)

    def _activation(self, size: int, live: int) -> None:
        self.peak = max(self.peak, size + live)
        self.scales += 1
        self.tensors += 1
