"""guide: the network in the text of the guide that Facet started from."""

from __future__ import annotations

import keras
from keras import layers

from models.architectures.blocks import image_input


def guide(classes: int) -> keras.Model:
    """Build the network, untrained.

    Two convolutions, two poolings, and a dense layer of 64 that holds 294,912 of its 300,101
    weights and biases (five classes). The guide states about 22 kB after quantization; one byte for
    each weight is already 300 kB.
    """
    image = image_input()
    x = layers.Conv2D(16, 3, padding="same", activation="relu", name="conv1")(image)  # 48 x 48
    x = layers.MaxPooling2D(name="pool1")(x)  # 24 x 24
    x = layers.Conv2D(32, 3, padding="same", activation="relu", name="conv2")(x)
    x = layers.MaxPooling2D(name="pool2")(x)  # 12 x 12
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(64, activation="relu", name="dense")(x)
    x = layers.Dense(classes, activation="softmax", name="scores")(x)
    return keras.Model(image, x, name="guide")
