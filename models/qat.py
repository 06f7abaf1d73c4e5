"""Quantization-aware training: a trained network learns on with the rounding of its int8 form.

Jacob et al., "Quantization and training of neural networks for efficient integer-arithmetic-only
inference", arXiv 1712.05877: each normalization is folded into its convolution first; then weights
and activations are rounded on the way forward as TFLite's int8 kernels round them, and gradients
pass as if they had not been. Ranges of activations stay what the calibration says, as the converter
will take them from the same faces.
"""

from __future__ import annotations

from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt
from keras import layers, ops

_LARGEST_WEIGHT: Final = 127
_ACTIVATION_STEPS: Final = 255
"""int8: weights are symmetric, -127..127; activations have a zero point, -128..127."""


def folded(model: keras.Model) -> keras.Model:
    """The same network without normalizations: each is part of the convolution before it.

    Args:
        model: a network of Facet's family, each of whose normalizations stands behind a
            convolution; stays as it is.
    """

    def copied(layer: keras.Layer) -> keras.Layer:
        if isinstance(layer, layers.BatchNormalization):
            return _Passing(name=layer.name)
        config = layer.get_config()
        if isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D):
            config["use_bias"] = True
        return type(layer).from_config(config)

    plain = keras.models.clone_model(model, clone_function=copied)
    for layer in model.layers:
        if isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D):
            plain.get_layer(layer.name).set_weights(_with_normalization(layer))
        elif isinstance(layer, layers.Dense):
            plain.get_layer(layer.name).set_weights(layer.get_weights())
    return plain


def quantization_aware(plain: keras.Model, calibration: npt.NDArray[np.float32]) -> keras.Model:
    """A network that rounds as its int8 form does; its weights are in the order of ``plain``'s.

    Args:
        plain: from ``folded``; stays as it is.
        calibration: typical inputs [images, height, width, 1].
    """
    stored = [layer for layer in plain.layers if _is_stored(layer)]
    outputs = keras.Model(plain.inputs, [layer.output for layer in stored])
    seen = outputs.predict(calibration, batch_size=64, verbose=0)
    ranges = {
        layer.name: (min(float(values.min()), 0.0), max(float(values.max()), 0.0))
        for layer, values in zip(stored, seen, strict=True)
    }

    def copied(layer: keras.Layer) -> keras.Layer:
        rounding = next((own for kind, own in _ROUNDING.items() if isinstance(layer, kind)), None)
        copy = (rounding or type(layer)).from_config(layer.get_config())
        copy.stored_range = ranges.get(layer.name)
        return copy

    aware = keras.models.clone_model(plain, clone_function=copied)
    aware.set_weights(plain.get_weights())
    return aware


def _with_normalization(layer: Any) -> list[npt.NDArray[np.float32]]:
    """Kernel and bias of a convolution that does what it and its normalization do."""
    norm = layer._outbound_nodes[0].operation
    assert isinstance(norm, layers.BatchNormalization)
    kernel, *bias = layer.get_weights()
    gamma, beta, mean, variance = norm.get_weights()
    scale = gamma / np.sqrt(variance + norm.epsilon)
    by_channel = scale[:, None] if isinstance(layer, layers.DepthwiseConv2D) else scale
    return [kernel * by_channel, beta + (sum(bias) - mean) * scale]


def _is_stored(layer: Any) -> bool:
    """Whether the int8 network has a tensor of what comes out of a layer.

    What a ReLU follows upon is computed together with it.
    """
    if isinstance(layer, _Passing):
        return not any(isinstance(n.operation, layers.ReLU) for n in layer._outbound_nodes)
    return isinstance(layer, layers.ReLU | layers.Dense)


def _rounded_weights(kernel: Any, axes: tuple[int, ...]) -> Any:
    """Weights as int8 holds them, a scale for each channel that ``axes`` do not run over."""
    largest = ops.max(ops.abs(kernel), axis=axes, keepdims=True)
    scale = ops.maximum(largest, keras.config.epsilon()) / _LARGEST_WEIGHT
    return kernel + ops.stop_gradient(ops.round(kernel / scale) * scale - kernel)


def _rounded(x: Any, stored_range: tuple[float, float] | None) -> Any:
    """Activations as int8 holds them; what lies outside of the range is cut, gradient and all."""
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


class _Passing(layers.Layer):  # type: ignore[misc]
    """Stands where a normalization stood, and is called with what that was called with."""

    stored_range: tuple[float, float] | None = None

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        return _rounded(inputs, self.stored_range)


_ROUNDING: Final[dict[type[keras.Layer], type[keras.Layer]]] = {
    layers.DepthwiseConv2D: _DepthwiseConv2D,
    layers.Conv2D: _Conv2D,
    layers.Dense: _Dense,
    layers.ReLU: _ReLU,
}
