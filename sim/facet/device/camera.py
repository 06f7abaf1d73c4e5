"""The common interface of camera modules."""

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
    """The state of a camera module; fields other than the mode are 0 unless it streams.

    Args:
        mode: one of `CameraMode`.
        frame_time: the time from one frame to the next.
        clock_hz: the clock of the pixel array in hertz.
        width, height: the size of the array's picture, in pixels.
    """

    frame_time: Time = ZERO
    clock_hz: int = 0
    width: int = 0
    height: int = 0


@dataclass(frozen=True)
class CapturedFrame:
    """A frame in a camera module's frame memory.

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
    """The view before the lens; a change appears in the next frame."""

    @property
    def last_frame(self) -> CapturedFrame | None:
        """The latest frame in its memory; None before the first."""
