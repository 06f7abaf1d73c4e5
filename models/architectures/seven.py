"""seven: Edge Impulse's image classifier, for seven emotions."""

from __future__ import annotations

import keras
from keras import layers

from models.architectures.blocks import image_input


def seven(classes: int) -> keras.Model:
    """Build the network, untrained.

    The article names its tools (Keras, Edge Impulse) and its seven emotions, but no layers. This is
    the network that Edge Impulse Studio proposes for image classification, as printed in its expert
    mode: convolutions of 32 and 16 filters with kernels of norm 1 at most, a pooling after each,
    dropout of 0.25, one dense layer.
    """
    image = image_input()
    x = image
    for number, filters in enumerate((32, 16), start=1):
        x = layers.Conv2D(
            filters,
            3,
            padding="same",
            activation="relu",
            kernel_constraint=keras.constraints.MaxNorm(1),
            name=f"conv{number}",
        )(x)
        x = layers.MaxPooling2D(padding="same", name=f"pool{number}")(x)
    x = layers.Flatten(name="flatten")(x)  # 12 * 12 * 16
    x = layers.Dropout(0.25, name="dropout")(x)
    x = layers.Dense(classes, activation="softmax", name="scores")(x)
    return keras.Model(image, x, name="seven")
