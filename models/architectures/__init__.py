"""The networks by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from sim.errors import FacetError

if TYPE_CHECKING:
    import keras

from models.architectures.facet_base import facet_base

ARCHITECTURES: Final[dict[str, Callable[[int], keras.Model]]] = {"facet-base": facet_base}
"""Model name to a function that builds it, untrained, for so many classes."""


def build(name: str, classes: int) -> keras.Model:
    """An untrained network.

    Raises:
        FacetError: no network of this name.
    """
    if name not in ARCHITECTURES:
        raise FacetError(f"no network '{name}': choose one of {', '.join(sorted(ARCHITECTURES))}")
    return ARCHITECTURES[name](classes)
