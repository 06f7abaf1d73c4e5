"""Automatic exposure and gain of the OV2640 (AEC and AGC)."""

from __future__ import annotations

from facet.device.arducam_ov2640.registers import COM8_AEC, COM8_AGC, Sensor
from facet.time import Time, ms

# FIDELITY:
#   model: The exposure follows the light on the scene (`CameraView.illumination`), not the mean of
#     the picture.
#   silicon: The sensor meters the picture in 16 weighted zones, so that a dark picture comes out
#     brighter.
#   hides: The sensor would even out the brightness of a labelled frame.
# FIDELITY:
#   model: Exposure and gain scale the 8-bit luma.
#   silicon: The sensor works on linear light before its gamma curve, black level, lens correction
#     and white balance, whose registers are only stored here.
#   hides: The tone curve of a real picture.

REFERENCE_EXPOSURE = ms(8)
"""The exposure at gain 1 that keeps the brightness of a scene at the reference light: an indoor
scene under office light, within the 16.7 ms of a CIF frame at 60 frames a second."""

NEUTRAL_LEVEL = 60
"""The mean level, of 255, at which a picture keeps its brightness: the middle of AEW = 0x40 and
AEB = 0x38, which every public register list for the OV2640 sets (Linux, esp32-camera, ArduCAM)."""

ONE = 1 << 16
"""1.0 in the 16.16 fixed point of light and signal."""

GAIN_ONE = 16
"""Gain 1.0; the GAIN register counts in sixteenths."""


def decode_gain(gain: int) -> int:
    """Gain in sixteenths: ``(bit7+1)(bit6+1)(bit5+1)(bit4+1)(1 + low/16)`` (datasheet, GAIN)."""
    return (GAIN_ONE + (gain & 0x0F)) << (gain >> 4).bit_count()


def encode_gain(sixteenths: int) -> int:
    """The GAIN register for the largest settable gain that is not above `sixteenths`."""
    doubled = 0
    while sixteenths >= 2 * GAIN_ONE and doubled < 4:
        sixteenths >>= 1
        doubled += 1
    low = min(max(sixteenths - GAIN_ONE, 0), 0x0F)
    return ((1 << doubled) - 1) << 4 | low


class ExposureControl:
    """Exposure time and gain, corrected once a frame as COM8 allows.

    OmniVision describes the rule for this family: no change while the mean level is between AEB and
    AEW; half or double when it is beyond VV's thresholds (in units of 16 levels); otherwise a step
    of one sixteenth. Exposure grows first, up to a frame, then gain, up to COM9's limit.
    Source: OV9650 implementation guide 1.1, section on AEC; OV2640 datasheet 2.2, registers COM8,
    COM9, AEW, AEB, VV.

    Args:
        sensor: the sensor's register bank; GAIN, AEC, REG04, REG45 and YAVG are kept up to date in
            it, as a driver would read them.
    """

    def __init__(self, sensor: bytearray) -> None:
        self._sensor = sensor
        self._total_ps = 0
        self._gain = GAIN_ONE
        self._line_ps = 1

    @property
    def gain(self) -> float:
        """The present gain, 1.0 or more."""
        return self._gain / GAIN_ONE

    def restart(self, line: Time) -> None:
        """Takes exposure and gain from the registers after a reset or a new line time."""
        self._line_ps = max(int(line), 1)
        self._from_registers()

    def signal(self, illumination: float) -> int:
        """The factor of a pixel's luma, in 1/65536, under this light."""
        return round(illumination * ONE) * self._total_ps // REFERENCE_EXPOSURE

    def step(self, illumination: float, frame: Time) -> None:
        """Corrects exposure and gain after a frame of the length `frame`."""
        level = min(self.signal(illumination) * NEUTRAL_LEVEL // ONE, 255)
        self._sensor[Sensor.YAVG] = level
        com8 = self._sensor[Sensor.COM8]
        if not com8 & (COM8_AEC | COM8_AGC):
            self._from_registers()
            return
        shortest, longest = self._exposure_range_ps(com8, frame)
        least, most = self._gain_range(com8)
        wanted = self._correct(level, illumination)
        self._total_ps = min(max(wanted, shortest * least // GAIN_ONE), longest * most // GAIN_ONE)
        exposure_ps = min(max(self._total_ps * GAIN_ONE // least, shortest), longest)
        self._gain = min(max(self._total_ps * GAIN_ONE // max(exposure_ps, 1), least), most)
        self._to_registers(com8, exposure_ps)

    def _correct(self, level: int, illumination: float) -> int:
        sensor = self._sensor
        low, high = sorted((sensor[Sensor.AEB], sensor[Sensor.AEW]))
        if low <= level <= high:
            # FIDELITY:
            #   model: Within the stable region the exposure settles at its middle.
            #   silicon: The exposure stays where it entered the region.
            #   hides: A lasting error of up to half the region (7 %).
            light = max(round(illumination * ONE), 1)
            return (low + high) * REFERENCE_EXPOSURE * ONE // (2 * NEUTRAL_LEVEL * light)
        vv = sensor[Sensor.VV]
        if level > (vv >> 4) * 16:
            return self._total_ps // 2
        if level < (vv & 0x0F) * 16:
            return self._total_ps * 2
        step = self._total_ps // 16
        return self._total_ps - step if level > high else self._total_ps + step

    def _exposure_range_ps(self, com8: int, frame: Time) -> tuple[int, int]:
        """The shortest and longest exposure: a line and a frame, or the manual setting."""
        if com8 & COM8_AEC:
            return self._line_ps, int(frame)
        manual = self._manual_exposure_ps()
        return manual, manual

    def _gain_range(self, com8: int) -> tuple[int, int]:
        """The lowest and highest gain in sixteenths: 1 and COM9[7:5], or the manual setting."""
        if com8 & COM8_AGC:
            return GAIN_ONE, GAIN_ONE * 2 << min(self._sensor[Sensor.COM9] >> 5, 6)
        manual = decode_gain(self._sensor[Sensor.GAIN])
        return manual, manual

    def _manual_exposure_ps(self) -> int:
        """AEC[15:0] lines: REG45[5:0], AEC[7:0], REG04[1:0] (datasheet 2.2, register AEC)."""
        sensor = self._sensor
        lines = (sensor[Sensor.REG45] & 0x3F) << 10 | sensor[Sensor.AEC] << 2
        return (lines | sensor[Sensor.REG04] & 3) * self._line_ps

    def _from_registers(self) -> None:
        self._gain = decode_gain(self._sensor[Sensor.GAIN])
        self._total_ps = self._manual_exposure_ps() * self._gain // GAIN_ONE

    def _to_registers(self, com8: int, exposure_ps: int) -> None:
        sensor = self._sensor
        if com8 & COM8_AEC:
            lines = min(exposure_ps // self._line_ps, 0xFFFF)
            sensor[Sensor.REG45] = sensor[Sensor.REG45] & 0xC0 | lines >> 10
            sensor[Sensor.AEC] = lines >> 2 & 0xFF
            sensor[Sensor.REG04] = sensor[Sensor.REG04] & 0xFC | lines & 3
        if com8 & COM8_AGC:
            sensor[Sensor.GAIN] = encode_gain(self._gain)
