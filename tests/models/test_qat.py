"""Learning with the rounding of int8; skipped where TensorFlow, an extra, is not installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pytest

pytestmark = pytest.mark.slow
pytest.importorskip("tensorflow", reason="TensorFlow is an extra: pip install '.[train]'")

if TYPE_CHECKING:
    import keras


def trained_looking() -> keras.Model:
    """A network whose normalizations have something to say."""
    import keras

    from models.architectures import build

    keras.utils.set_random_seed(5)
    rng = np.random.default_rng(5)
    model = build("facet-nano", 5)
    model.set_weights(
        [
            w * rng.uniform(0.6, 1.4, w.shape) + 0.02 if w.ndim == 1 else w
            for w in model.get_weights()
        ]
    )
    return model


def faces(count: int) -> npt.NDArray[np.uint8]:
    return np.random.default_rng(6).integers(0, 256, (count, 48, 48), dtype=np.uint8)


def test_a_folded_network_says_the_same_without_normalizations() -> None:
    from models.fit import predict
    from models.qat import folded

    model = trained_looking()
    plain = folded(model)
    np.testing.assert_allclose(predict(plain, faces(16)), predict(model, faces(16)), atol=1e-4)
    assert not any("Norm" in type(layer).__name__ for layer in plain.layers)


def test_a_rounded_network_errs_as_its_int8_file_does() -> None:
    """Not bit for bit (sums are float), but by as much, and from the same weights."""
    from models.fit import predict
    from models.qat import folded, quantization_aware
    from models.quantize import quantize
    from models.tflm import outputs_of

    plain = folded(trained_looking())
    images = faces(48)
    typical = images[..., None].astype(np.float32) * np.float32(1 / 255)
    real = predict(plain, images)
    aware = predict(quantization_aware(plain, typical), images)
    int8 = (outputs_of(quantize(plain, typical), images).astype(np.float32) + 128) / 256
    rounding, of_int8 = np.abs(aware - real).mean(), np.abs(int8 - real).mean()
    assert rounding > 0
    assert of_int8 / 2 < rounding < of_int8 * 2


def test_learning_goes_through_the_rounding() -> None:
    """Every weight gets a gradient, though what is rounded has none."""
    import tensorflow as tf

    from models.qat import folded, quantization_aware

    images = faces(8)[..., None].astype(np.float32) * np.float32(1 / 255)
    aware = quantization_aware(folded(trained_looking()), images)
    with tf.GradientTape() as tape:
        loss = -tf.reduce_mean(tf.math.log(aware(images, training=True)[:, 0]))
    for gradient in tape.gradient(loss, aware.trainable_variables):
        assert np.abs(gradient.numpy()).max() > 0
