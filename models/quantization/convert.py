"""Conversion of a float Keras model to a full int8 .tflite for TFLite Micro of July 2020."""

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
from facet.progress import Progress
from models.evaluation.graph import FIRMWARE_OPERATORS, Graph


def quantize(model: keras.Model, calibration: npt.NDArray[np.float32]) -> bytes:
    """Convert to int8 weights, activations, input and output.

    The batch size is fixed at 1: with a dynamic one, Flatten becomes SHAPE, STRIDED_SLICE and PACK.
    A black and a white image are added to the calibration, so that the input's range is exactly
    0..1: scale 1/255, zero point -128.

    Args:
        model: float model, input [batch, height, width, 1] in 0..1.
        calibration: representative inputs [images, height, width, 1].

    Returns:
        The .tflite file.

    Raises:
        FacetError: the result has an operator that the firmware does not have.
    """
    shape = (1, *model.input_shape[1:])
    fixed = keras.models.clone_model(model, input_tensors=keras.Input(batch_shape=shape))
    fixed.set_weights(model.get_weights())
    extremes = np.stack([np.zeros(shape[1:], np.float32), np.ones(shape[1:], np.float32)])

    def representative_dataset() -> Iterator[list[npt.NDArray[np.float32]]]:
        for image in np.concatenate([extremes, calibration]):
            yield [image[None]]
            progress.advance()

    converter = tf.lite.TFLiteConverter.from_keras_model(fixed)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = representative_dataset
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    with (
        Progress("quantization: calibration images") as progress,
        redirect_stdout(StringIO()),  # Keras prints every variable
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")  # it always warns that statistics were expected
        data = bytes(converter.convert())
    missing = sorted(Graph(data).operator_names - FIRMWARE_OPERATORS)
    if missing:
        raise FacetError(
            f"{model.name}: the firmware lacks {', '.join(missing)}; change the architecture"
        )
    return data
