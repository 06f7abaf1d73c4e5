"""mobilenetv2-035: the narrowest MobileNetV2, TinyVision's first model."""

from __future__ import annotations

import warnings
import zipfile
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
from keras import layers

from facet.errors import FacetError
from models.architectures.blocks import SIDE, depthwise_initializer, image_input
from models.architectures.normalization import BatchNormalization

_ALPHA: Final = 0.35
"""Share of the full network's channels: the least for which Keras has weights from ImageNet."""

_BLOCKS: Final = (
    *((16, 1, 1),),
    *((24, 2, 6), (24, 1, 6)),
    *((32, 2, 6), (32, 1, 6), (32, 1, 6)),
    *((64, 2, 6), (64, 1, 6), (64, 1, 6), (64, 1, 6)),
    *((96, 1, 6), (96, 1, 6), (96, 1, 6)),
    *((160, 2, 6), (160, 1, 6), (160, 1, 6)),
    *((320, 1, 6),),
)
"""Channels before alpha, stride, expansion (arXiv 1801.04381, table 2)."""

_FEATURES: Final = 1280
"""Of the last convolution; alpha does not narrow it."""

_DROPOUT: Final = 0.2


def mobilenetv2_035(classes: int) -> keras.Model:
    """Build the network, untrained.

    The same as ``keras.applications.MobileNetV2`` with alpha 0.35 and one input channel, layer by
    layer and name by name, so that its weights fit (see ``load_pretrained``), but that a stride of
    2 pads by itself. Keras pads by a layer of its own, which becomes an operator that the firmware
    lacks; for 48, 24, 12, 6 and 3 rows both put the same zeros in the same places.

    Args:
        classes: number of outputs; three in TinyVision's slides.

    Returns:
        A model from float32 [batch, 48, 48, 1] in 0..1 to probabilities [batch, classes].
    """
    image = image_input()
    x = layers.Conv2D(_narrow(32), 3, 2, padding="same", use_bias=False, name="Conv1")(image)
    x = _relu6(_normalized(x, "bn_Conv1"), "Conv1_relu")
    for number, (channels, stride, expansion) in enumerate(_BLOCKS):
        x = _inverted_residual(x, _narrow(channels), stride, expansion, number)
    x = layers.Conv2D(_FEATURES, 1, use_bias=False, name="Conv_1")(x)
    x = _relu6(_normalized(x, "Conv_1_bn"), "out_relu")
    x = layers.GlobalAveragePooling2D(name="features")(x)
    x = layers.Dropout(_DROPOUT, name="dropout")(x)
    x = layers.Dense(classes, activation="softmax", name="scores")(x)
    return keras.Model(image, x, name="mobilenetv2_035")


def load_pretrained(model: keras.Model, path: Path) -> None:
    """Start all but the last layer from weights that were learnt on ImageNet.

    A gray image is one whose three channels are equal, so the first convolution takes its kernels
    summed over red, green and blue. ImageNet's pixels went in as -1..1 and ours come as 0..1: with
    v = 2 u - 1 the kernel doubles, and what the -1 adds goes into the mean that the normalization
    subtracts. (At the border the padding's zero was mid-gray there and is black here.)

    Args:
        model: what ``mobilenetv2_035`` built.
        path: Keras' weights of MobileNetV2 with alpha 0.35, with or without the top:
            ``mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_*.h5``, or the same network
            saved by Keras as ``.weights.h5``, ``.h5`` or ``.keras``.

    Raises:
        FacetError: another network, or no file that Keras can read these weights from.
    """
    if model.name != "mobilenetv2_035":
        raise FacetError(
            f"{path} can start mobilenetv2-035 only: ImageNet knows no {model.name}; leave the"
            " weights out"
        )
    if not path.is_file():
        raise FacetError(f"{path}: no such file; give Keras' weights of MobileNetV2 0.35")
    source = _read_imagenet(path)
    kernel = source.get_layer("Conv1").get_weights()[0].sum(axis=2, keepdims=True)
    scale, offset, mean, variance = source.get_layer("bn_Conv1").get_weights()
    model.get_layer("Conv1").set_weights([2 * kernel])
    model.get_layer("bn_Conv1").set_weights(
        [scale, offset, mean + kernel.sum(axis=(0, 1, 2)), variance]
    )
    for layer in model.layers:
        if layer.weights and layer.name not in ("Conv1", "bn_Conv1", "scores"):
            layer.set_weights(source.get_layer(layer.name).get_weights())


def _read_imagenet(path: Path) -> Any:
    """Keras' own MobileNetV2 for color images, with the file's weights."""
    first_reason = ""
    for top in (False, True):
        # With its top it is for 224 x 224 only; without it the weights fit any size.
        shape = (224, 224, 3) if top else (2 * SIDE, 2 * SIDE, 3)
        network = keras.applications.MobileNetV2(shape, alpha=_ALPHA, include_top=top, weights=None)
        # Keras may warn of what a file lacks and go on: that leaves a trace here.
        network.set_weights([np.full_like(weight, np.nan) for weight in network.get_weights()])
        try:
            _read_weights(network, path)
            if any(np.isnan(weight).any() for weight in network.get_weights()):
                raise ValueError("some layers are missing")
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            first_reason = first_reason or str(error)
        else:
            return network
    raise FacetError(
        f"{path}: not the weights of Keras' MobileNetV2 with alpha {_ALPHA}"
        f" ({next(iter(first_reason.splitlines()), 'unreadable')})"
    )


def _read_weights(network: Any, path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if not zipfile.is_zipfile(path):
            network.load_weights(path)
            return
        saved = keras.models.load_model(path, compile=False)  # .keras: the network itself
    for layer in network.layers:
        layer.set_weights(saved.get_layer(layer.name).get_weights() if layer.weights else [])


def _narrow(channels: int) -> int:
    """Alpha times as many channels, in eights, and no less than nine tenths of that (the paper)."""
    wanted = channels * _ALPHA
    eights = max(8, int(wanted + 4) // 8 * 8)
    return eights + 8 if eights < 0.9 * wanted else eights


def _inverted_residual(
    x: keras.KerasTensor, channels: int, stride: int, expansion: int, number: int
) -> keras.KerasTensor:
    """Expand, filter each channel, project; add the input where it has the output's shape."""
    name = f"block_{number}" if number else "expanded_conv"
    y = x
    if expansion > 1:
        wide = expansion * x.shape[-1]
        y = layers.Conv2D(wide, 1, use_bias=False, name=f"{name}_expand")(y)
        y = _relu6(_normalized(y, f"{name}_expand_BN"), f"{name}_expand_relu")
    y = layers.DepthwiseConv2D(
        3,
        stride,
        padding="same",
        use_bias=False,
        depthwise_initializer=depthwise_initializer(),
        name=f"{name}_depthwise",
    )(y)
    y = _relu6(_normalized(y, f"{name}_depthwise_BN"), f"{name}_depthwise_relu")
    y = layers.Conv2D(channels, 1, use_bias=False, name=f"{name}_project")(y)
    if stride > 1 or x.shape[-1] != channels:
        return _normalized(y, f"{name}_project_BN")
    # Such a block starts as nothing but its shortcut (Goyal et al., arXiv 1706.02677, 5.1): else
    # gradients grow through seventeen blocks, and from scratch it stayed at chance for ten epochs.
    y = _normalized(y, f"{name}_project_BN", scale_at_start="zeros")
    return layers.Add(name=f"{name}_add")([x, y])


def _normalized(x: keras.KerasTensor, name: str, scale_at_start: str = "ones") -> keras.KerasTensor:
    return BatchNormalization(
        epsilon=1e-3, momentum=0.99, gamma_initializer=scale_at_start, name=name
    )(x)


def _relu6(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    return layers.ReLU(6.0, name=name)(x)
