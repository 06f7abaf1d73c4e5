"""Facet's own family of networks: residual blocks of separable convolutions, built from a plan."""

from __future__ import annotations

import keras
from keras import layers

from models.architectures.blocks import convolution, depthwise, image_input
from models.architectures.plan import Plan, Stage


def network(plan: Plan, classes: int, name: str) -> keras.Model:
    """Build a network of the family, untrained.

    There is no ReLU between a depthwise convolution and its pointwise one: with so few channels it
    removes information that the pointwise one needs (a network of 45,000 parameters had a loss of
    1.21 without and 1.37 with it after 200 steps; Xception, arXiv 1610.02357, section 4.7, has the
    same finding). The head weights the last positions instead of averaging them, since the
    position of a feature in a face matters. A full convolution there costs only one
    multiply-accumulate for each weight.

    Args:
        plan: the sizes.
        classes: number of outputs.
        name: of the model.

    Returns:
        A model from float32 [batch, 48, 48, 1] in 0..1 to probabilities [batch, classes].
    """
    image = image_input()
    x = convolution(image, plan.stem, 3, 2, "stem")
    for number, stage in enumerate(plan.stages, 1):
        entry = f"down{number}"
        if stage.entry == "full":
            x = convolution(x, stage.channels, 3, 2, entry)
        else:
            x = depthwise(x, 2, f"{entry}_depthwise", kernel=stage.kernel)
            x = convolution(x, stage.channels, 1, 1, f"{entry}_pointwise")
        for block in range(stage.blocks):
            x = _residual(x, stage, f"block{number}{chr(ord('a') + block)}")
    if plan.head:
        x = convolution(x, plan.head, x.shape[1], 1, "place", padding="valid")
    else:
        x = depthwise(x, 1, "place", padding="valid", kernel=x.shape[1])
        x = layers.ReLU(name="place_relu")(x)
    x = layers.Flatten(name="features")(x)
    x = layers.Dropout(plan.dropout, name="dropout")(x)
    x = layers.Dense(classes, name="logits")(x)
    return keras.Model(image, layers.Softmax(name="scores")(x), name=name.replace("-", "_"))


def _residual(x: keras.KerasTensor, stage: Stage, name: str) -> keras.KerasTensor:
    y = x
    if stage.expansion != 1:
        y = convolution(y, round(stage.channels * stage.expansion), 1, 1, f"{name}_expand")
    y = depthwise(y, 1, f"{name}_depthwise", kernel=stage.kernel)
    y = convolution(y, stage.channels, 1, 1, f"{name}_pointwise", relu=False)
    return layers.ReLU(name=f"{name}_relu")(layers.Add(name=f"{name}_add")([x, y]))
