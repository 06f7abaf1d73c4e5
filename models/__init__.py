"""Training, quantization and evaluation of Facet's neural networks.

| package | contents |
| --- | --- |
| ``data`` | data sets, splits, augmentation, batches |
| ``architectures`` | the networks, as Keras models |
| ``training`` | hyperparameters, training loop, the pipeline from data to an int8 file |
| ``distillation`` | the teacher network and its soft labels |
| ``quantization`` | quantization-aware training, conversion to int8, smaller files |
| ``evaluation`` | int8 inference, metrics, robustness test, model cards |
| ``search`` | hyperparameter and architecture search |
| ``trained`` | the trained models, each with its card |

Commands: ``python -m models.train``, ``models.train_teacher``, ``models.evaluate``,
``models.evaluate_on_board``, ``models.search`` and ``models.quantization.slim``.
"""
