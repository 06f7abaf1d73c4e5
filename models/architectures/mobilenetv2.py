"""mobilenetv2-035: MobileNetV2 with alpha 0.35, TinyVision's first model."""

from __future__ import annotations

import warnings
import zipfile
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
from keras import layers

from facet.errors import FacetError
from models.architectures.blocks import depthwise_initializer
from models.architectures.normalization import BatchNormalization
from models.data.examples import INPUT_SIDE

_ALPHA: Final = 0.35
"""Width multiplier: the smallest for which Keras has ImageNet weights."""


def mobilenetv2_035(classes: int) -> keras.Model:
    """``keras.applications.MobileNetV2`` for one input channel (TinyVision: three classes).

    The layers and names are Keras', so that its weights fit (see ``load_pretrained``). Differences:
    convolutions with stride 2 pad by themselves, because Keras' padding layer becomes an operator
    that the firmware lacks; for 48, 24, 12, 6 and 3 rows both pad with the same zeros. And a
    residual block is the identity at first (Goyal et al., arXiv 1706.02677, 5.1). Otherwise
    gradients grow through the seventeen blocks: from scratch, accuracy stayed at chance for ten
    epochs.
    """
    shape = (INPUT_SIDE, INPUT_SIDE, 1)
    network = keras.applications.MobileNetV2(shape, _ALPHA, include_top=False, weights=None)
    names = {layer.name for layer in network.layers}

    def copy(layer: keras.Layer) -> keras.Layer:
        config = layer.get_config()
        if isinstance(layer, layers.ZeroPadding2D):
            return layers.Identity(name=layer.name)
        if isinstance(layer, layers.DepthwiseConv2D):
            config |= {"padding": "same", "depthwise_initializer": depthwise_initializer()}
        if isinstance(layer, layers.BatchNormalization):
            block = layer.name.removesuffix("_project_BN")
            if f"{block}_add" in names:
                config["gamma_initializer"] = "zeros"
            return BatchNormalization.from_config(config | {"momentum": 0.99})
        return type(layer).from_config(config)

    body = keras.models.clone_model(network, clone_function=copy)
    x = layers.GlobalAveragePooling2D(name="features")(body.output)
    x = layers.Dropout(0.2, name="dropout")(x)
    x = layers.Dense(classes, activation="softmax", name="scores")(x)
    return keras.Model(body.input, x, name="mobilenetv2_035")


def load_pretrained(model: keras.Model, path: Path) -> None:
    """Initialize all but the last layer with ImageNet weights.

    The three channels of a gray image are equal, so the first convolution gets its kernels summed
    over red, green and blue. Pixels were -1..1 in the ImageNet training and are 0..1 here: with
    v = 2 u - 1 the kernel doubles, and the constant -1 is added to the mean that the normalization
    subtracts. (The padding's zero was mid-gray there and is black here.)

    Args:
        model: from ``mobilenetv2_035``.
        path: Keras' weights of MobileNetV2 with alpha 0.35, with or without the top:
            ``mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_*.h5``, or the same network
            saved by Keras as ``.weights.h5``, ``.h5`` or ``.keras``.

    Raises:
        FacetError: another network, or a file from which Keras cannot read these weights.
    """
    if model.name != "mobilenetv2_035":
        raise FacetError(
            f"{path}: only mobilenetv2-035 has ImageNet weights, {model.name} has none; leave"
            " --weights out"
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
    """Keras' MobileNetV2 for color images with the weights of the file."""
    first_reason = ""
    for top in (False, True):
        # With its top it takes 224 x 224 only; without it the weights fit any size.
        shape = (224, 224, 3) if top else (2 * INPUT_SIDE, 2 * INPUT_SIDE, 3)
        network = keras.applications.MobileNetV2(shape, alpha=_ALPHA, include_top=top, weights=None)
        # Keras only warns about layers that the file lacks; their weights stay NaN.
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
