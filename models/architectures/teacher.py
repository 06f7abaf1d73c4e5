"""The teacher of the distillation: a network far too large for a microcontroller."""

from __future__ import annotations

from typing import Final

import keras
from keras import layers

from models.architectures.blocks import convolution, image_input

_STAGES: Final = ((40, 1), (96, 1), (192, 1), (320, 1))
"""Channels and residual blocks of each stage; all but the first halve the image."""


def teacher(classes: int) -> keras.Model:
    """Build the network, untrained: about 104 million multiply-accumulates.

    Dense 3 x 3 convolutions in residual blocks. In bfloat16, on a processor with instructions for
    it, they do five times as many multiply-accumulates per second as separable ones.
    """
    image = image_input()
    x = convolution(image, 32, 3, 2, "stem")
    for stage, (channels, blocks) in enumerate(_STAGES):
        x = convolution(x, channels, 3, 2 if stage else 1, f"stage{stage}_down")
        for block in range(blocks):
            name = f"stage{stage}_block{block}"
            y = convolution(x, channels, 3, 1, f"{name}_a")
            y = convolution(y, channels, 3, 1, f"{name}_b", relu=False)
            x = layers.ReLU(name=f"{name}_relu")(layers.Add(name=f"{name}_add")([x, y]))
        x = layers.SpatialDropout2D(0.1, name=f"stage{stage}_dropout")(x)
    x = layers.GlobalAveragePooling2D(name="features")(x)
    x = layers.Dropout(0.4, name="dropout")(x)
    x = layers.Dense(classes, name="logits", dtype="float32")(x)
    return keras.Model(image, layers.Softmax(name="scores", dtype="float32")(x), name="teacher")
