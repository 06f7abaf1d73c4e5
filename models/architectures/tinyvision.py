"""tinyvision: TinyVision's own network, made for an OpenMV Cam H7 Plus."""

from __future__ import annotations

import keras
from keras import layers

from models.architectures.blocks import depthwise_initializer, image_input, normalized

_STAGES = (32, 64, 96, 128)
"""Filters of both convolutions of each stage; a pooling halves the image after each."""

_SPATIAL_DROPOUT = 0.1
_DROPOUT = 0.25


def tinyvision(classes: int) -> keras.Model:
    """Build the network, untrained: 76,711 parameters with seven classes, as in the slides.

    Two things that the slides leave open. Their table of layers has seven outputs, while their
    results are those of five classes and "uncertain" (which is a threshold, not an output): here it
    has the table's seven. And the table has no rows for the ReLUs: they stand behind the batch
    normalizations, as in Wiącek's network, which this one is made from; so the converter merges
    both into the convolutions. Of the dropouts only the places are known, and not the rates.

    Args:
        classes: number of outputs.

    Returns:
        A model from float32 [batch, 48, 48, 1] in 0..1 to probabilities [batch, classes].
    """
    image = image_input()
    x = image
    for stage, filters in enumerate(_STAGES, start=1):
        for place in (1, 2):
            x = _convolution(x, filters, stage, place)
        x = layers.MaxPooling2D(name=f"pool{stage}")(x)  # 24, 12, 6, 3
        x = layers.SpatialDropout2D(_SPATIAL_DROPOUT, name=f"spatial_dropout{stage}")(x)
    x = layers.GlobalAveragePooling2D(name="global_avg_pool")(x)
    x = layers.Dropout(_DROPOUT, name="dropout_gap")(x)
    x = layers.Dense(128, activation="relu", name="fc1")(x)
    x = layers.Dropout(_DROPOUT, name="dropout_fc")(x)
    x = layers.Dense(classes, activation="softmax", name="predictions")(x)
    return keras.Model(image, x, name="tinyvision")


def _convolution(x: keras.KerasTensor, filters: int, stage: int, place: int) -> keras.KerasTensor:
    """A separable convolution, all but the very first, with its normalization and ReLU."""
    if (stage, place) == (1, 1):
        name = "conv1_1"
        x = layers.Conv2D(filters, 3, padding="same", kernel_initializer="he_normal", name=name)(x)
    else:
        name = f"sepconv{stage}_{place}"
        x = layers.SeparableConv2D(
            filters,
            3,
            padding="same",
            depthwise_initializer=depthwise_initializer(),
            pointwise_initializer="he_normal",
            name=name,
        )(x)
    return layers.ReLU(name=f"{name}_relu")(normalized(x, name))
