"""The errors that Facet raises for its users to see."""

from __future__ import annotations


class FacetError(Exception):
    """A mistake that the user can correct: one line with what is wrong, where, and what to do."""

    ROBOT_SUPPRESS_NAME = True
    """Robot Framework shows the message without the name of the class."""


class DeviceFailedError(FacetError):
    """The input was good, but the device did not do what it was asked to do."""


class InternalError(Exception):
    """A fault of Facet itself, in its model of a chip or a part; the firmware did not cause it.

    The message names the register access during which the model failed.
    """
