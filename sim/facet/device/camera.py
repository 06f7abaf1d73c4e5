"""What every camera module offers, whatever sensor it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from facet.device.camera_view import CameraView
from facet.device.part import Breakable
from facet.state import Mode, State
from facet.time import ZERO, Time


class CameraMode(Mode):
    """The modes of a camera module."""

    OFF = "off"
    STARTING = "starting"
    STANDBY = "standby"
    STREAMING = "streaming"


@dataclass(frozen=True)
class CameraState(State):
    """What a camera module does; the fields beside the mode are 0 unless it streams.

    Args:
        mode: one of `CameraMode`.
        frame_time: from one frame to the next.
        clock_hz: the clock by which the pixel array is read out.
        width, height: the part of the array that is read out, in output pixels.
    """

    frame_time: Time = ZERO
    clock_hz: int = 0
    width: int = 0
    height: int = 0


@dataclass(frozen=True)
class CapturedFrame:
    """A frame as it went into a camera module's frame memory.

    Args:
        data: its bytes, in the order in which the firmware reads them.
        width, height: in pixels.
        encoding: how the bytes encode a pixel, such as ``YUYV``.
        at: when its last byte was stored.
    """

    data: bytes
    width: int
    height: int
    encoding: str
    at: Time


@runtime_checkable
class Camera(Breakable, Protocol):
    """A camera module."""

    view: CameraView
    """What the sensor sees; the frame that begins next shows what is set here."""

    @property
    def last_frame(self) -> CapturedFrame | None:
        """The latest frame in its memory; None before the first."""
