"""Even out the channels between a depthwise convolution and its pointwise one, before quantization.

All channels of an int8 activation share one scale: a channel whose values are a tenth of another's
keeps a tenth of the steps. Between a depthwise convolution and its pointwise one stands nothing
but the normalization in Facet's networks, so each channel may be scaled up on the one side and
down on the other and the float network says what it said (Nagel et al., arXiv 1906.04721, section
4.1; there for pairs with a ReLU between).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt
from keras import layers

_FLOOR: Final = 0.05
"""A channel's range counts as at least this share of the widest: dead ones are not blown up."""


def equalize(model: keras.Model, typical: npt.NDArray[np.float32], strength: float = 1.0) -> None:
    """Scale the channels of ``model`` in place; its outputs stay what they are.

    Args:
        model: any network; pairs of another form are left as they are.
        typical: inputs [images, height, width, 1] from which the ranges are taken.
        strength: 0: nothing; 1: all channels of the activation get the same range, which widens
            the weights'; between: some of both.
    """
    pairs = list(_pairs(model))
    if not pairs:
        return
    middle = keras.Model(model.inputs, [norm.output for norm, _ in pairs])
    seen = middle.predict(typical, batch_size=64, verbose=0)
    for (norm, pointwise), values in zip(pairs, seen if len(pairs) > 1 else [seen], strict=True):
        ranges = np.abs(values).max(axis=(0, 1, 2))
        ranges = np.maximum(ranges, _FLOOR * ranges.max())
        scale = (ranges.max() / ranges) ** strength
        norm.gamma.assign(norm.gamma.numpy() * scale)
        norm.beta.assign(norm.beta.numpy() * scale)
        kernel = pointwise.kernel.numpy()
        pointwise.kernel.assign(kernel / scale[None, None, :, None])


def _pairs(model: keras.Model) -> Iterator[tuple[Any, Any]]:
    """Each depthwise convolution's normalization and the pointwise convolution behind it."""
    for layer in model.layers:
        if not isinstance(layer, layers.DepthwiseConv2D):
            continue
        norm = _only_follower(layer)
        pointwise = _only_follower(norm) if isinstance(norm, layers.BatchNormalization) else None
        if isinstance(pointwise, layers.Conv2D) and pointwise.kernel_size == (1, 1):
            yield norm, pointwise


def _only_follower(layer: Any) -> Any:
    """The layer that alone reads this one's output, or None."""
    nodes = layer._outbound_nodes
    return nodes[0].operation if len(nodes) == 1 else None
