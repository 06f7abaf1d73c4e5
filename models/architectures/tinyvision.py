"""tinyvision: TinyVision's own network, designed for an OpenMV Cam H7 Plus."""

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

    The slides leave two things open. Their table of layers has seven outputs, but their results are
    for five classes and "uncertain" (a threshold, not an output): this network has seven. The table
    has no rows for the ReLUs: here they follow the batch normalizations, as in Wiącek's network,
    from which this one is derived, so that the converter folds both into the convolutions. The
    slides give the positions of the dropouts, but not their rates.
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
    """A separable convolution (the first: a full one) with its normalization and ReLU."""
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
