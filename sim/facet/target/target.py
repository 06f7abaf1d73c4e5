"""A target: a board and the capabilities that tests can use on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

from facet.board.board import Board
from facet.errors import FacetError

CapabilityT = TypeVar("CapabilityT")


class CapabilityMissingError(FacetError):
    """A test needs a capability that its target lacks."""


class Target:
    """A board, just powered on, that tests use through its capabilities.

    A new kind of target, such as a real board at a serial port, is a function that makes one of
    these from its implementations of the capabilities that it has.

    Args:
        board: the board's data.
        capabilities: protocol -> what implements it here.
        kind: what the target is, for messages: ``simulated``, ``serial`` ...
        missing: protocol -> the reason for which the target lacks it, if there is one to give.
        firmware: the file in the flash, if it is known.
        notes: remarks for the user on how the firmware was loaded, a sentence each.
    """

    def __init__(
        self,
        board: Board,
        capabilities: Mapping[type[Any], object],
        *,
        kind: str,
        missing: Mapping[type[Any], str] | None = None,
        firmware: Path | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        self.board = board
        self.kind = kind
        self.firmware = firmware
        self.notes = tuple(notes)
        self._capabilities = dict(capabilities)
        self._missing = dict(missing or {})

    @property
    def title(self) -> str:
        """The target's name in messages: ``NUCLEO-L476RG (simulated)``."""
        return f"{self.board.title} ({self.kind})"

    def find(self, capability: type[CapabilityT]) -> CapabilityT | None:
        """The implementation of a capability; None if the target lacks it."""
        return cast(CapabilityT | None, self._capabilities.get(capability))

    def get(self, capability: type[CapabilityT]) -> CapabilityT:
        """The implementation of a capability.

        Raises:
            CapabilityMissingError: the target lacks it; the message has the reason.
        """
        found = self.find(capability)
        if found is None:
            raise CapabilityMissingError(self._why_missing(capability))
        return found

    def need(self, *capabilities: type[Any]) -> None:
        """Checks for capabilities.

        Raises:
            CapabilityMissingError: the target lacks some; the message names them all.
        """
        lacking = [wanted for wanted in capabilities if wanted not in self._capabilities]
        if lacking:
            raise CapabilityMissingError("; ".join(map(self._why_missing, lacking)))

    def _why_missing(self, capability: type[Any]) -> str:
        reason = self._missing.get(capability)
        has = ", ".join(known.__name__ for known in self._capabilities)
        return f"{self.title} has no {capability.__name__}: {reason or f'it has {has}'}"
