"""A .tflite as a sequence of kernels."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from facet.dataset.frame import GrayImage
from facet.errors import FacetError
from models.graph import Graph, Operator
from models.int8 import kernels
from models.int8.fixed_point import multiplier_of, round_half_away
from models.int8.kernels import Kernel
from models.int8.requantize import Int8s, Requantizer
from models.int8.window import window

_ACTIVATIONS: Final = 1 << 20
"""Values of the largest activation at a time: few enough for the caches, many for a product."""

_ADD_SHIFT: Final = 20
"""Bits by which ADD widens its inputs (kernels/add.cc)."""


class BatchModel:
    """A full int8 .tflite, computed for many images at once.

    Args:
        data: the file's bytes.

    Raises:
        FacetError: an operator, or a use of one, that is not known here.
    """

    def __init__(self, data: bytes) -> None:
        self._graph = Graph(data)
        self._input, self._output = self._graph.inputs[0], self._graph.outputs[0]
        operators = self._graph.operators
        self._steps = [(op, self._kernel(op, i)) for i, op in enumerate(operators)]
        self._last = self._graph.lifetimes[1]
        largest = max(math.prod(op.output_shape) for op in operators)
        self._batch = max(1, _ACTIVATIONS // largest)
        pixels = np.arange(256) / 255
        steps = np.floor(pixels / self._scale(self._input) + 0.5) + self._zero_point(self._input)
        self._quantized = np.clip(steps, -128, 127).astype(np.int8)

    def outputs(self, images: GrayImage) -> Int8s:
        """The model's int8 outputs, [images, classes], of images uint8 [images, height, width]."""
        classes = math.prod(self._graph.shape(self._output))
        outputs = np.empty((len(images), classes), np.int8)
        for i in range(0, len(images), self._batch):
            some = self._quantized[images[i : i + self._batch]]
            outputs[i : i + self._batch] = self._run(some).reshape(len(some), classes)
        return outputs

    def _run(self, images: Int8s) -> Int8s:
        shape = self._graph.shape(self._input)[1:]
        values = {self._input: images.reshape(len(images), *shape)}
        for step, (op, kernel) in enumerate(self._steps):
            inputs = [values[i] for i in op.inputs if i in values]
            values[op.outputs[0]] = kernel(*inputs)
            for i in op.inputs:
                if self._last[i] == step:
                    values.pop(i, None)
        return values[self._output]

    def _kernel(self, op: Operator, step: int) -> Kernel:
        makers = {
            "CONV_2D": self._convolution,
            "DEPTHWISE_CONV_2D": self._depthwise,
            "FULLY_CONNECTED": self._dense,
            "MAX_POOL_2D": self._max_pool,
            "AVERAGE_POOL_2D": self._average_pool,
            "MEAN": self._mean,
            "ADD": self._add,
            "LEAKY_RELU": self._leaky_relu,
            "RESHAPE": self._reshape,
            "SOFTMAX": self._softmax,
        }
        if op.name not in makers:
            raise FacetError(f"operator {step}, {op.name}: not computed in batches")
        return makers[op.name](op, self._graph.options(step))

    def _convolution(self, op: Operator, options: Any) -> Kernel:
        weights = self._graph.values(op.inputs[1])
        where = window(options, weights.shape[1:3], self._image(op))
        zero_point = self._zero_point(op.inputs[0])
        return kernels.Convolution(weights, where, zero_point, self._requantizer(op, options))

    def _depthwise(self, op: Operator, options: Any) -> Kernel:
        weights = self._graph.values(op.inputs[1])[0]
        return kernels.DepthwiseConvolution(
            weights,
            window(options, weights.shape[:2], self._image(op)),
            self._zero_point(op.inputs[0]),
            self._requantizer(op, options),
            weights.shape[-1] // self._graph.shape(op.inputs[0])[-1],
        )

    def _dense(self, op: Operator, options: Any) -> Kernel:
        weights = self._graph.values(op.inputs[1])
        zero_point = self._zero_point(op.inputs[0])
        return kernels.Dense(weights, zero_point, self._requantizer(op, options))

    def _max_pool(self, op: Operator, options: Any) -> Kernel:
        where = window(options, (options.filterHeight, options.filterWidth), self._image(op))
        return kernels.MaxPool(where, *self._bounds(op, options))

    def _average_pool(self, op: Operator, options: Any) -> Kernel:
        image = self._image(op)
        where = window(options, (options.filterHeight, options.filterWidth), image)
        return kernels.AveragePool(where, image, *self._bounds(op, options))

    def _mean(self, op: Operator, options: Any) -> Kernel:
        axes = sorted(int(axis) % 4 for axis in self._graph.values(op.inputs[1]))
        if axes != [1, 2]:
            raise FacetError("MEAN over other axes than height and width: not computed in batches")
        source, target = op.inputs[0], op.outputs[0]
        return kernels.Mean(
            multiplier_of(self._scale(source) / self._scale(target)),
            math.prod(self._image(op)),
            self._zero_point(source),
            self._zero_point(target),
            op.output_shape[1:],
        )

    def _add(self, op: Operator, options: Any) -> Kernel:
        first, second = op.inputs
        shapes = {self._graph.shape(i) for i in op.inputs}
        if len(shapes) > 1 or any(self._graph.tensors[i].is_constant for i in op.inputs):
            raise FacetError("ADD of a constant or of two shapes: not computed in batches")
        twice = 2 * max(self._scale(first), self._scale(second))
        all_int8 = np.arange(-128, 128)
        terms = [
            multiplier_of(self._scale(i) / twice).times(
                (all_int8 - self._zero_point(i)) << _ADD_SHIFT
            )
            for i in (first, second)
        ]
        target = op.outputs[0]
        sums = multiplier_of(twice / ((1 << _ADD_SHIFT) * self._scale(target))).times(
            terms[0][:, None] + terms[1]
        )
        outputs = np.clip(sums + self._zero_point(target), *self._bounds(op, options))
        return kernels.PairTable(outputs.astype(np.int8))

    def _leaky_relu(self, op: Operator, options: Any) -> Kernel:
        source, target = op.inputs[0], op.outputs[0]
        # In float32 and in this order, as the reference does: it decides the last bits.
        scale, output_scale = np.float32(self._scale(source)), np.float32(self._scale(target))
        rise = multiplier_of(scale / output_scale)
        fall = multiplier_of(scale * np.float32(options.alpha) / output_scale)
        x = np.arange(-128, 128) - self._zero_point(source)
        scaled = np.where(x >= 0, rise.times(x), fall.times(x)) + self._zero_point(target)
        return kernels.Table(np.clip(scaled, -128, 127).astype(np.int8))

    def _reshape(self, op: Operator, options: Any) -> Kernel:
        shape = op.output_shape
        if shape[0] != 1:
            raise FacetError("RESHAPE that mixes images: not computed in batches")
        return lambda activations, *_: activations.reshape(len(activations), *shape[1:])

    def _softmax(self, op: Operator, options: Any) -> Kernel:
        fraction_bits = 26
        real = options.beta * self._scale(op.inputs[0]) * (1 << fraction_bits)
        factor = multiplier_of(min(real, (1 << 31) - 1.0))
        # What still fits Q5.26 once scaled.
        least = -((31 << fraction_bits) >> int(factor.shift))
        return kernels.Softmax(factor, least)

    def _requantizer(self, op: Operator, options: Any) -> Requantizer:
        source, weights, target = op.inputs[0], op.inputs[1], op.outputs[0]
        scales = np.asarray(self._graph.scales(weights), np.float64)
        input_scale = np.asarray(self._scale(source), np.float64)
        if op.name == "FULLY_CONNECTED" and len(scales) == 1:
            # One scale for all: multiplied in float32, as the reference does.
            products = (scales.astype(np.float32) * np.float32(input_scale)).astype(np.float64)
        else:
            products = scales * input_scale
        channels = op.output_shape[-1]
        multiplier = multiplier_of(np.broadcast_to(products / self._scale(target), channels))
        has_bias = len(op.inputs) > 2
        bias = self._graph.values(op.inputs[2]) if has_bias else np.zeros(channels)
        return Requantizer(
            multiplier,
            bias.astype(np.int64),
            self._zero_point(target),
            *self._bounds(op, options),
        )

    def _bounds(self, op: Operator, options: Any) -> tuple[int, int]:
        """What the fused activation leaves of int8 (``CalculateActivationRangeQuantized``)."""
        limits = {0: (-math.inf, math.inf), 1: (0, math.inf), 2: (-1, 1), 3: (0, 6)}
        activation = options.fusedActivationFunction
        if activation not in limits:
            raise FacetError(f"{op.name}: fused activation {activation} not computed in batches")
        low, high = (self._quantized_bound(op.outputs[0], limit) for limit in limits[activation])
        return max(-128, low), min(127, high)

    def _quantized_bound(self, tensor: int, real: float) -> int:
        if math.isinf(real):
            return int(math.copysign(128, real))
        steps = float(np.float32(real) / np.float32(self._scale(tensor)))
        return self._zero_point(tensor) + round_half_away(steps)

    def _image(self, op: Operator) -> tuple[int, int]:
        _, height, width, _ = self._graph.shape(op.inputs[0])
        return height, width

    def _scale(self, tensor: int) -> float:
        return self._graph.scales(tensor)[0]

    def _zero_point(self, tensor: int) -> int:
        return self._graph.zero_point(tensor)
