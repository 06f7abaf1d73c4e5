"""Keywords: failures of the camera module."""

from __future__ import annotations

from robot.api.deco import keyword

from facet.robot.desk import Keywords
from facet.target.faults import Faults

_CAMERA = "camera"


class CameraKeywords(Keywords):
    """Breaks and repairs the camera module."""

    needs = (Faults,)

    @keyword("Unplug The Camera")
    def unplug_camera(self) -> None:
        """Removes the module from the board."""
        self._bench.faults.break_part(_CAMERA, "removed")

    @keyword("The Camera Sensor Stops Answering")
    def sensor_stops_answering(self) -> None:
        """Breaks the sensor: it sends no acknowledge on I2C, and the SPI side still works."""
        self._bench.faults.break_part(_CAMERA, "no-ack")

    @keyword("The Camera Stops Sending Frames")
    def camera_stops_sending_frames(self) -> None:
        """Breaks the frame output: all registers answer, but no frame ends."""
        self._bench.faults.break_part(_CAMERA, "no-frame")

    @keyword("Repair The Camera")
    def repair_camera(self) -> None:
        """Ends each failure of the module; a module that was removed is put back."""
        self._bench.faults.repair_part(_CAMERA)
