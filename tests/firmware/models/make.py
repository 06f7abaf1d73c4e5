"""Make the small models of this folder: random weights, every operator of the firmware.

They are here so that the tests need no TensorFlow. Weights are noise: the outputs have no meaning.

    python tests/firmware/models/make.py        # needs TensorFlow (requirements-train.lock)
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import keras
import numpy as np
import tensorflow as tf
from keras import layers

FOLDER = Path(__file__).resolve().parent
LABELS = ["happy", "sad", "angry", "surprised", "neutral"]


def gap() -> keras.Model:
    """Global average pooling: MEAN, and all operators but RESHAPE."""
    source = keras.Input((48, 48, 1), batch_size=1)
    x = layers.Conv2D(8, 3, strides=2, padding="same", activation="relu")(source)
    x = layers.DepthwiseConv2D(3, padding="same")(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU(6.0)(x)
    x = layers.Add()([x, layers.Conv2D(8, 1)(x)])
    x = layers.MaxPooling2D()(x)
    x = layers.Conv2D(16, 3, activation="relu")(x)
    x = layers.AveragePooling2D(2)(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dense(16, activation="relu")(x)
    return keras.Model(source, layers.Dense(5, activation="softmax")(x))


def flat() -> keras.Model:
    """Flattened: RESHAPE, and a wide FULLY_CONNECTED; the last one has no bias."""
    source = keras.Input((48, 48, 1), batch_size=1)
    x = layers.Conv2D(8, 3, strides=2, activation="relu")(source)
    x = layers.MaxPooling2D()(x)
    x = layers.Flatten()(x)
    x = layers.Dense(24, activation="relu")(x)
    return keras.Model(source, layers.Dense(5, activation="softmax", use_bias=False)(x))


def leaky() -> keras.Model:
    """LEAKY_RELU behind a convolution and behind a pooling, with three slopes."""
    source = keras.Input((48, 48, 1), batch_size=1)
    x = layers.SeparableConv2D(8, 3, strides=2, padding="same")(source)
    x = layers.LeakyReLU(0.02)(x)
    x = layers.Conv2D(12, 3, padding="same")(x)
    x = layers.MaxPooling2D()(x)
    x = layers.LeakyReLU(0.3)(x)
    x = layers.SeparableConv2D(12, 3, padding="same")(x)
    x = layers.LeakyReLU(0.9)(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(source, layers.Dense(5, activation="softmax")(x))


def wide() -> keras.Model:
    """A small file with large tensors: 48 x 48 x 21 and its input are 50,688 bytes at once.

    The NUCLEO-L432KC has some 52,000, which is too little only because of the channels' records:
    only the finished program shows it.
    """
    source = keras.Input((48, 48, 1), batch_size=1)
    x = layers.Conv2D(21, 3, padding="same", activation="relu")(source)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dense(64, activation="relu")(x)
    return keras.Model(source, layers.Dense(5, activation="softmax")(x))


def every() -> keras.Model:
    """Each operator of the firmware: the largest program."""
    source = keras.Input((48, 48, 1), batch_size=1)
    x = layers.Conv2D(8, 3, strides=2, padding="same")(source)
    x = layers.LeakyReLU(0.1)(x)
    x = layers.DepthwiseConv2D(3, padding="same", activation="relu")(x)
    x = layers.MaxPooling2D()(x)
    x = layers.AveragePooling2D(2)(x)
    pooled = layers.Dense(8, activation="relu")(layers.GlobalAveragePooling2D()(x))
    x = layers.Add()([pooled, layers.Dense(8, activation="relu")(layers.Flatten()(x))])
    return keras.Model(source, layers.Dense(5, activation="softmax")(x))


def dense() -> keras.Model:
    """The fewest operators of a classifier: the smallest program."""
    source = keras.Input((48, 48, 1), batch_size=1)
    x = layers.Flatten()(source)
    return keras.Model(source, layers.Dense(2, activation="softmax")(x))


def convert(model: keras.Model, name: str) -> None:
    """Give the biases values, quantize, write the .tflite and its card."""
    random = np.random.default_rng(1)

    def vary(weights: np.ndarray) -> np.ndarray:
        if weights.ndim == 1:
            return weights + random.normal(0, 0.1, weights.shape)
        if weights.ndim == 2:  # a wide layer saturates, a narrow one sees all images alike
            return weights * (1.0 if len(weights) > 100 else 6.0)
        return weights * 1.5

    def typical() -> Iterator[list[np.ndarray]]:
        for _ in range(50):
            side = int(random.integers(2, 12))
            coarse = random.normal(random.uniform(0.2, 0.8), 0.3, (side, side)).astype(np.float32)
            blobs = cv2.resize(coarse, (48, 48), interpolation=cv2.INTER_CUBIC)
            yield [np.clip(blobs, 0, 1)[None, ..., None]]

    model.set_weights([vary(weights) for weights in model.get_weights()])
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = typical
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    (FOLDER / f"{name}.tflite").write_bytes(converter.convert())
    card = {
        "labels": LABELS[: model.output_shape[-1]],
        "input": {"width": 48, "height": 48, "real": "pixel/255"},
    }
    (FOLDER / f"{name}.json").write_text(json.dumps(card, indent=2) + "\n")


if __name__ == "__main__":
    keras.utils.set_random_seed(3)
    convert(gap(), "gap")
    convert(flat(), "flat")
    convert(wide(), "wide")
    convert(leaky(), "leaky")
    convert(every(), "every")
    convert(dense(), "dense")
