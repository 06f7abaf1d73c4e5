"""Quantization-aware training; skipped where TensorFlow, an extra, is not installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pytest

pytestmark = pytest.mark.slow
pytest.importorskip("tensorflow", reason="TensorFlow is an extra: pip install '.[train]'")

if TYPE_CHECKING:
    import keras


def network() -> keras.Model:
    """facet-nano with varied normalizations, as training makes them."""
    import keras

    from models.architectures.registry import architecture

    keras.utils.set_random_seed(5)
    rng = np.random.default_rng(5)
    model = architecture("facet-nano").build()
    model.set_weights(
        [
            w * rng.uniform(0.6, 1.4, w.shape) + 0.02 if w.ndim == 1 else w
            for w in model.get_weights()
        ]
    )
    return model


def faces(count: int) -> npt.NDArray[np.uint8]:
    return np.random.default_rng(6).integers(0, 256, (count, 48, 48), dtype=np.uint8)


def test_folding_removes_the_normalizations_and_keeps_the_outputs() -> None:
    from models.quantization.qat import fold_batch_norm
    from models.training.trainer import predict

    model = network()
    plain = fold_batch_norm(model)
    np.testing.assert_allclose(predict(plain, faces(16)), predict(model, faces(16)), atol=1e-4)
    assert not any("Norm" in type(layer).__name__ for layer in plain.layers)


def test_simulated_rounding_errs_as_much_as_the_int8_file() -> None:
    """Not bit for bit, since its sums are float."""
    from models.evaluation.inference import predict_int8
    from models.quantization.convert import quantize
    from models.quantization.qat import fold_batch_norm, quantization_aware
    from models.training.trainer import predict

    plain = fold_batch_norm(network())
    images = faces(48)
    typical = images[..., None].astype(np.float32) * np.float32(1 / 255)
    real = predict(plain, images)
    aware = predict(quantization_aware(plain, typical), images)
    int8 = (predict_int8(quantize(plain, typical), images).astype(np.float32) + 128) / 256
    rounding, of_int8 = np.abs(aware - real).mean(), np.abs(int8 - real).mean()
    assert rounding > 0
    assert of_int8 / 2 < rounding < of_int8 * 2


def test_every_weight_gets_a_gradient_through_the_rounding() -> None:
    import tensorflow as tf

    from models.quantization.qat import fold_batch_norm, quantization_aware

    images = faces(8)[..., None].astype(np.float32) * np.float32(1 / 255)
    aware = quantization_aware(fold_batch_norm(network()), images)
    with tf.GradientTape() as tape:
        loss = -tf.reduce_mean(tf.math.log(aware(images, training=True)[:, 0]))
    for gradient in tape.gradient(loss, aware.trainable_variables):
        assert np.abs(gradient.numpy()).max() > 0
