"""The ArduCAM Mini 2MP Plus: an OV2640 behind an ArduChip with 8 MB of frame memory."""

from facet.device.arducam_ov2640.module import ArducamMini2mpPlus, Failure

__all__ = ["ArducamMini2mpPlus", "Failure"]
