"""From a float Keras model to a full int8 .tflite that TFLM of July 2020 runs."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from facet.errors import FacetError
from models.graph import FIRMWARE_OPERATORS, Graph


def quantize(model: keras.Model, calibration: npt.NDArray[np.float32]) -> bytes:
    """Convert to int8 weights, activations, input and output.

    The batch is fixed at 1: a dynamic one turns Flatten into SHAPE, STRIDED_SLICE and PACK. A black
    and a white image join the calibration, so that the input's range is 0..1 exactly: scale 1/255,
    zero point -128.

    Args:
        model: float model, input [batch, height, width, 1] in 0..1.
        calibration: typical inputs [images, height, width, 1].

    Returns:
        The .tflite file.

    Raises:
        FacetError: the result has an operator that the firmware lacks.
    """
    shape = (1, *model.input_shape[1:])
    fixed = keras.models.clone_model(model, input_tensors=keras.Input(batch_shape=shape))
    fixed.set_weights(model.get_weights())
    extremes = np.stack([np.zeros(shape[1:], np.float32), np.ones(shape[1:], np.float32)])

    def typical_inputs() -> Iterator[list[npt.NDArray[np.float32]]]:
        for image in np.concatenate([extremes, calibration]):
            yield [image[None]]

    converter = tf.lite.TFLiteConverter.from_keras_model(fixed)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = typical_inputs
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    with redirect_stdout(StringIO()), warnings.catch_warnings():  # Keras lists every variable
        warnings.simplefilter("ignore")  # "statistics were expected": said always
        data = bytes(converter.convert())
    foreign = sorted(Graph(data).operator_names - FIRMWARE_OPERATORS)
    if foreign:
        raise FacetError(
            f"{model.name}: the firmware has no {', '.join(foreign)}; change the architecture"
        )
    return data
