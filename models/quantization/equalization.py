"""Cross-layer equalization of depthwise and pointwise convolutions, before quantization.

All channels of an int8 activation share one scale: a channel whose values are a tenth of another's
has a tenth of the steps. In Facet's networks only the batch normalization is between a depthwise
convolution and its pointwise one. So each channel can be scaled up on one side and down on the
other without changing the float network (Nagel et al., arXiv 1906.04721, section 4.1; there for
pairs with a ReLU in between).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt
from keras import layers

_FLOOR: Final = 0.05
"""Lower limit of a channel's range, as a share of the widest: dead channels are not scaled up."""


def equalize(model: keras.Model, calibration: npt.NDArray[np.float32]) -> None:
    """Scale the channels of ``model`` in place; its outputs do not change.

    Args:
        model: any network; pairs of another form are not changed.
        calibration: inputs [images, height, width, 1] from which the ranges are measured.
    """
    pairs = list(_pairs(model))
    if not pairs:
        return
    middle = keras.Model(model.inputs, [norm.output for norm, _ in pairs])
    activations = middle.predict(calibration, batch_size=64, verbose=0)
    for (norm, pointwise), values in zip(
        pairs, activations if len(pairs) > 1 else [activations], strict=True
    ):
        ranges = np.abs(values).max(axis=(0, 1, 2))
        ranges = np.maximum(ranges, _FLOOR * ranges.max())
        scale = ranges.max() / ranges
        norm.gamma.assign(norm.gamma.numpy() * scale)
        norm.beta.assign(norm.beta.numpy() * scale)
        kernel = pointwise.kernel.numpy()
        pointwise.kernel.assign(kernel / scale[None, None, :, None])


def _pairs(model: keras.Model) -> Iterator[tuple[Any, Any]]:
    """The normalization of each depthwise convolution and the pointwise convolution after it."""
    for layer in model.layers:
        if not isinstance(layer, layers.DepthwiseConv2D):
            continue
        norm = _only_successor(layer)
        pointwise = _only_successor(norm) if isinstance(norm, layers.BatchNormalization) else None
        if isinstance(pointwise, layers.Conv2D) and pointwise.kernel_size == (1, 1):
            yield norm, pointwise


def _only_successor(layer: Any) -> Any:
    """The layer that reads this one's output, or None where several do."""
    nodes = layer._outbound_nodes
    return nodes[0].operation if len(nodes) == 1 else None
