"""The tensors of the model in the arena of TensorFlow Lite Micro."""

from __future__ import annotations

from typing import Any

from facet.model.arena import arena_bytes, planned_activations
from facet.model.tflite import Model


def arena_use(model: Model, short_enums: bool, reserved: int | None) -> dict[str, Any]:
    """The plan of the arena, as the firmware's interpreter makes it.

    Args:
        model: the model that the firmware has.
        short_enums: whether the compiler's enumerations take one byte, as on Arm.
        reserved: bytes of the arena; None where they are not known.

    Returns:
        ``used`` and ``planned`` bytes; ``records``, the rest of what is used; ``tensors`` by their
        offset, each with the operators between which it lives.
    """
    placed = planned_activations(model)
    used = arena_bytes(model, short_enums)
    planned = max((place.offset + place.size for place in placed), default=0)
    return {
        "used": used,
        "reserved": reserved,
        "planned": planned,
        "records": used - planned,
        "tensors": [
            {
                "index": place.tensor.index,
                "name": place.tensor.name,
                "shape": list(place.tensor.shape),
                "offset": place.offset,
                "bytes": place.size,
                "first": place.first,
                "last": place.last,
            }
            for place in sorted(placed, key=lambda place: (place.offset, place.first))
        ],
    }
