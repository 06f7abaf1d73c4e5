"""One line of text that a device sent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from facet.time import Time


@dataclass(frozen=True)
class Line:
    """A line that the device sent.

    Attributes:
        at: when its last byte arrived.
        text: without the line end.
    """

    at: Time
    text: str

    @property
    def message(self) -> dict[str, Any] | None:
        """The line's JSON object; None if it is not one."""
        try:
            value = json.loads(self.text)
        except ValueError:
            return None
        return value if isinstance(value, dict) else None

    @property
    def event(self) -> str | None:
        """The kind of message, such as ``result``."""
        message = self.message
        return None if message is None else message.get("event")
