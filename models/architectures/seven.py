"""seven: Edge Impulse's image classifier, for seven emotions."""

from __future__ import annotations

import keras
from keras import layers

from models.architectures.blocks import image_input


def seven(classes: int) -> keras.Model:
    """Build the network, untrained.

    The article names its tools (Keras, Edge Impulse) and its seven emotions, but no layers. So this
    is what Edge Impulse Studio proposes for the classification of images, as its expert mode prints
    it: convolutions of 32 and 16 filters, their kernels held to a norm of at most 1, a pooling
    after each, dropout of a quarter, one dense layer.

    Args:
        classes: number of outputs; seven in the article.

    Returns:
        A model from float32 [batch, 48, 48, 1] in 0..1 to probabilities [batch, classes].
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
