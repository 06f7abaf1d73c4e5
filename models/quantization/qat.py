"""Quantization-aware training: a trained network is trained further with simulated int8 rounding.

Jacob et al., "Quantization and training of neural networks for efficient integer-arithmetic-only
inference", arXiv 1712.05877: each batch normalization is first folded into its convolution; then
the forward pass rounds weights and activations as TFLite's int8 kernels do, and gradients ignore
the rounding (straight-through estimator). The ranges of the activations are fixed by the
calibration images, from which the converter takes them too. (TensorFlow's own toolkit for this,
tfmot, does not work with Keras 3.)
"""

from __future__ import annotations

from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt
from keras import layers, ops

_LARGEST_WEIGHT: Final = 127
_ACTIVATION_STEPS: Final = 255
"""int8 weights are symmetric, -127..127; activations have a zero point, -128..127."""


def fold_batch_norm(model: keras.Model) -> keras.Model:
    """A copy of a network with each batch normalization folded into the convolution before it.

    Args:
        model: a network of Facet's family, in which each normalization follows a convolution; is
            not changed.
    """

    def copy(layer: keras.Layer) -> keras.Layer:
        if isinstance(layer, layers.BatchNormalization):
            return _Identity(name=layer.name)
        config = layer.get_config()
        if isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D):
            config["use_bias"] = True
        return type(layer).from_config(config)

    folded = keras.models.clone_model(model, clone_function=copy)
    for layer in model.layers:
        if isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D):
            folded.get_layer(layer.name).set_weights(_with_normalization(layer))
        elif isinstance(layer, layers.Dense):
            folded.get_layer(layer.name).set_weights(layer.get_weights())
    return folded


def quantization_aware(folded: keras.Model, calibration: npt.NDArray[np.float32]) -> keras.Model:
    """A network that rounds as its int8 form does, with weights in the same order.

    Args:
        folded: from ``fold_batch_norm``; is not changed.
        calibration: representative inputs [images, height, width, 1].
    """
    stored = [layer for layer in folded.layers if _is_stored(layer)]
    outputs = keras.Model(folded.inputs, [layer.output for layer in stored])
    seen = outputs.predict(calibration, batch_size=64, verbose=0)
    ranges = {
        layer.name: (min(float(values.min()), 0.0), max(float(values.max()), 0.0))
        for layer, values in zip(stored, seen, strict=True)
    }

    def copy(layer: keras.Layer) -> keras.Layer:
        rounding = next((own for kind, own in _ROUNDING.items() if isinstance(layer, kind)), None)
        copied = (rounding or type(layer)).from_config(layer.get_config())
        copied.stored_range = ranges.get(layer.name)
        return copied

    aware = keras.models.clone_model(folded, clone_function=copy)
    aware.set_weights(folded.get_weights())
    return aware


def _with_normalization(layer: Any) -> list[npt.NDArray[np.float32]]:
    """Kernel and bias of a convolution with its batch normalization folded in."""
    norm = layer._outbound_nodes[0].operation
    assert isinstance(norm, layers.BatchNormalization)
    kernel, *bias = layer.get_weights()
    gamma, beta, mean, variance = norm.get_weights()
    scale = gamma / np.sqrt(variance + norm.epsilon)
    by_channel = scale[:, None] if isinstance(layer, layers.DepthwiseConv2D) else scale
    return [kernel * by_channel, beta + (sum(bias) - mean) * scale]


def _is_stored(layer: Any) -> bool:
    """Whether a layer's output is a tensor of the int8 network.

    It is not where a ReLU follows: the converter fuses both.
    """
    if isinstance(layer, _Identity):
        return not any(isinstance(n.operation, layers.ReLU) for n in layer._outbound_nodes)
    return isinstance(layer, layers.ReLU | layers.Dense)


def _rounded_weights(kernel: Any, axes: tuple[int, ...]) -> Any:
    """Weights rounded to int8, with a scale for each channel that is not in ``axes``."""
    largest = ops.max(ops.abs(kernel), axis=axes, keepdims=True)
    scale = ops.maximum(largest, keras.config.epsilon()) / _LARGEST_WEIGHT
    return kernel + ops.stop_gradient(ops.round(kernel / scale) * scale - kernel)


def _rounded(x: Any, stored_range: tuple[float, float] | None) -> Any:
    """Activations rounded to int8; outside of the range they are clipped and have no gradient."""
    if stored_range is None:
        return x
    low, high = stored_range
    scale = max(high - low, keras.config.epsilon()) / _ACTIVATION_STEPS
    zero = round(-low / scale)
    inside = ops.clip(x, -zero * scale, (_ACTIVATION_STEPS - zero) * scale)
    return inside + ops.stop_gradient(ops.round(inside / scale) * scale - inside)


class _Conv2D(layers.Conv2D):  # type: ignore[misc]  # Keras is untyped
    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        return super().convolution_op(inputs, _rounded_weights(kernel, (0, 1, 2)))


class _DepthwiseConv2D(layers.DepthwiseConv2D):  # type: ignore[misc]
    def call(self, inputs: Any) -> Any:
        kernel = _rounded_weights(self.kernel, (0, 1))
        product = ops.depthwise_conv(inputs, kernel, strides=self.strides, padding=self.padding)
        return product + self.bias


class _Dense(layers.Dense):  # type: ignore[misc]
    stored_range: tuple[float, float] | None = None

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        product = ops.matmul(inputs, _rounded_weights(self.kernel, (0, 1))) + self.bias
        return _rounded(product, self.stored_range)


class _ReLU(layers.ReLU):  # type: ignore[misc]
    stored_range: tuple[float, float] | None = None

    def call(self, inputs: Any) -> Any:
        return _rounded(super().call(inputs), self.stored_range)


class _Identity(layers.Layer):  # type: ignore[misc]
    """Replaces a folded batch normalization; accepts the same arguments."""

    stored_range: tuple[float, float] | None = None

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        return _rounded(inputs, self.stored_range)


_ROUNDING: Final[dict[type[keras.Layer], type[keras.Layer]]] = {
    layers.DepthwiseConv2D: _DepthwiseConv2D,
    layers.Conv2D: _Conv2D,
    layers.Dense: _Dense,
    layers.ReLU: _ReLU,
}
