"""How much of the arena a model's tensors take at least, before anything is built."""

from __future__ import annotations

from model_bundle.model import Model

_ALIGNMENT = 16  # kBufferAlignment in micro_allocator.cc


def peak_activation_bytes(model: Model) -> int:
    """Most bytes of tensors alive at once: a lower bound on the arena that the model needs.

    The planner may do worse, and tensors' descriptions come on top; what the firmware really uses
    is in its boot line.
    """
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for tensor in model.inputs:
        first[tensor.index] = 0
    for operator in model.operators:
        for tensor in operator.outputs:
            first.setdefault(tensor.index, operator.index)
        for source in (*operator.inputs, *operator.outputs):
            if source is not None:
                last[source.index] = operator.index
    sizes = {t.index: -(-t.size_bytes // _ALIGNMENT) * _ALIGNMENT for t in model.tensors}
    return max(
        sum(sizes[index] for index, start in first.items() if start <= step <= last.get(index, 0))
        for step in range(len(model.operators))
    )


def records_bytes(model: Model) -> int:
    """Bytes of the arena that TFLite Micro of July 2020 fills with records of its own, about.

    For each channel of each tensor that is quantized by channels a zero point, a multiplier and a
    shift (TfLiteAffineQuantization, and OpData of the kernels: 4 bytes each); for each tensor a
    TfLiteTensor (64 bytes); for each operator its node, registration and options (some 128 bytes).
    Measured against a build, with the tensors' peak: a former facet-base 48,064 bytes (47,716 by
    this rule), tests/firmware/models/gap 18,416 (18,440), wide 54,400 (54,392).
    """
    channels = sum(len(tensor.scales) for tensor in model.tensors)
    return 12 * channels + 64 * len(model.tensors) + 128 * len(model.operators)
