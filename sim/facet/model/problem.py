"""A reason for which the firmware cannot run a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from facet.model.tflite import Operator, Tensor

CONVERT_AGAIN: Final = (
    "the file is damaged, or not made by TensorFlow Lite's converter: convert the model again"
)
"""The cure of what no converter writes."""


@dataclass(frozen=True)
class Problem:
    """One reason.

    Attributes:
        wrong: what is wrong and where.
        cure: what to do about it.
    """

    wrong: str
    cure: str

    def __str__(self) -> str:
        return f"{self.wrong}; {self.cure}"


class RefusedError(Exception):
    """The first problem of one part of a model."""

    def __init__(self, wrong: str, cure: str = CONVERT_AGAIN) -> None:
        super().__init__(wrong)
        self.problem = Problem(wrong, cure)


def operator_title(operator: Operator) -> str:
    """An operator in a message: ``CONV_2D (operator 3)``."""
    return f"{operator.name} (operator {operator.index})"


def tensor_title(tensor: Tensor) -> str:
    """A tensor in a message: ``tensor 5 (conv2d/bias)``."""
    return f"tensor {tensor.index} ({tensor.name})" if tensor.name else f"tensor {tensor.index}"


def by(shape: tuple[int, ...]) -> str:
    """A shape in a message: ``1 x 48 x 48 x 1``."""
    return " x ".join(str(side) for side in shape) or "a single value"
