"""Keywords: the camera is whole, broken, mended."""

from __future__ import annotations

from robot.api.deco import keyword

from facet.robot.desk import Keywords, check


class CameraKeywords(Keywords):
    """Accidents of the camera module."""

    @keyword("Unplug The Camera")
    def unplug_camera(self) -> None:
        """The module is gone."""
        self._desk.bench.break_camera("removed")

    @keyword("The Camera's Sensor No Longer Answers")
    def sensor_dies(self) -> None:
        """No acknowledge on I2C; the SPI side still works."""
        self._desk.bench.break_camera("no-ack")

    @keyword("The Camera No Longer Delivers Frames")
    def frames_stop(self) -> None:
        """All registers answer, but no frame ever ends."""
        self._desk.bench.break_camera("no-frame")

    @keyword("Mend The Camera")
    def mend_camera(self) -> None:
        """As good as new."""
        self._desk.bench.mend_camera()

    @keyword("The Camera Is ${state}")
    def camera_is(self, state: str) -> None:
        """Now: ``off``, ``starting``, ``standby`` or ``streaming``."""
        now = self._desk.bench.machine.trace.present("camera")
        check(now == state, f"the camera is {now}, not {state}")
