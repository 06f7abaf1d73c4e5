"""The family of Facet's own networks: residual blocks of separable convolutions, by a plan."""

from __future__ import annotations

import keras
from keras import layers

from models.architectures.blocks import convolution, depthwise, image_input
from models.plan import Plan, Stage


def network(plan: Plan, classes: int, name: str) -> keras.Model:
    """Build a network of the family, untrained.

    Between a depthwise convolution and its pointwise one stands no ReLU: with so few channels it
    throws away what the pointwise one needs (of a network of 45,000 parameters the loss after 200
    steps was 1.21 without instead of 1.37 with it; Xception, arXiv 1610.02357, section 4.7, found
    the same). The head weighs the last positions instead of averaging them: in a face it matters
    where a feature is. A full convolution there costs one multiply-accumulate a weight: no weights
    are cheaper.

    Args:
        plan: its sizes.
        classes: number of outputs.
        name: the model's.

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
