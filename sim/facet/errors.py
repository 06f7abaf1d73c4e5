"""What Facet tells a person when something is wrong."""

from __future__ import annotations


class FacetError(Exception):
    """A mistake that the user can mend: one line with what was wrong, where, and what to do."""


class DeviceFailedError(FacetError):
    """The input was good, but the device did not do what was asked of it."""
