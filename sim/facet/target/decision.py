"""One decision of the device, as it reported it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from facet.errors import FacetError
from facet.time import Time

PHASES: Final = ("capture", "readout", "preprocess", "inference")
"""The phases of a decision, in their order, as the firmware's result line names them."""


@dataclass(frozen=True)
class Decision:
    """A decision about one frame.

    Attributes:
        at: when the last byte of the result line arrived.
        said: the class that the device reported.
        confidence: its confidence in percent.
        uncertain: whether the confidence is below the device's threshold.
        scores: the model's int8 outputs, in the order of its labels.
        cycles: core cycles by phase in which the core was awake.
        us: elapsed microseconds by phase.
    """

    at: Time
    said: str
    confidence: int
    uncertain: bool
    scores: tuple[int, ...]
    cycles: Mapping[str, int]
    us: Mapping[str, int]

    @property
    def total_cycles(self) -> int:
        """Core cycles of all phases together."""
        return sum(self.cycles.values())

    @classmethod
    def from_message(cls, message: Mapping[str, Any], at: Time) -> Decision:
        """Reads the message of a result line.

        Args:
            message: the line's JSON object.
            at: when its last byte arrived.

        Raises:
            FacetError: it lacks a field, or a field has a value of another type.
        """
        try:
            return cls(
                at=at,
                said=str(message["emotion"]),
                confidence=int(message["confidence"]),
                uncertain=bool(message["uncertain"]),
                scores=tuple(int(score) for score in message["scores"]),
                cycles={phase: int(message["cycles"][phase]) for phase in PHASES},
                us={phase: int(message["us"][phase]) for phase in PHASES},
            )
        except KeyError as error:
            raise FacetError(f"the device's result line lacks {error}: {message}") from None
        except (TypeError, ValueError) as error:
            raise FacetError(
                f"the device's result line has a wrong value ({error}): {message}"
            ) from None
