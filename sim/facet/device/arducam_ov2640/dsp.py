"""The OV2640's DSP, which makes the bytes of a frame from the view and the registers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from facet.device.arducam_ov2640.exposure import ONE
from facet.device.arducam_ov2640.geometry import Mode, Span, geometry, sample
from facet.device.arducam_ov2640.registers import (
    BYPASS_DSP,
    COM7_COLOR_BAR,
    COM7_ZOOM,
    REG04_FLIP,
    REG04_MIRROR,
    Dsp,
    Sensor,
)
from facet.device.camera_view import Luma

# FIDELITY:
#   model: The data port always keeps up with the array, and the ArduChip with the data port.
#   silicon: R_DVP_SP sets the port's clock. A clock that is too slow for the frame, or too fast for
#     the CPLD's memory, loses pixels.
#   hides: A wrong R_DVP_SP.

IMAGE_MODE_Y8 = 0x40
IMAGE_MODE_JPEG = 0x10
IMAGE_MODE_FORMAT = 0x0C
IMAGE_MODE_LOW_BYTE_FIRST = 0x01

NOISE_AT_UNIT_EXCESS = 1.5
"""Standard deviation of the noise, in levels of 255, for each unit of gain above 1.

FIDELITY:
    model: The output's luma has Gaussian noise of this strength, none at gain 1. No measurement
        stands behind the figure.
    silicon: The sensor has shot noise at every gain, and fixed patterns.
    hides: A loss of accuracy in bright scenes, and how fast accuracy falls in dim scenes.
"""


class PixelFormat(Enum):
    """The formats that IMAGE_MODE selects."""

    YUYV = "YUYV"
    UYVY = "UYVY"
    RGB565_BE = "RGB565, high byte first"
    RGB565_LE = "RGB565, low byte first"
    Y8 = "Y8"
    RAW = "raw, DSP bypassed"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True)
class Picture:
    """A frame at the sensor's data port.

    Args:
        data: its bytes in the order of the data port.
        width, height: in pixels.
        format: how the bytes encode a pixel.
        problem: the fault of the registers, or None; `rule` is the rule that it breaks.
    """

    data: bytes
    width: int
    height: int
    format: PixelFormat
    problem: str | None = None
    rule: str = "camera-misprogrammed"


def pixel_format(dsp: bytes | bytearray) -> PixelFormat:
    """The format that R_BYPASS and IMAGE_MODE select (datasheet 2.2, table 12)."""
    if dsp[Dsp.R_BYPASS] & BYPASS_DSP:
        return PixelFormat.RAW
    mode = dsp[Dsp.IMAGE_MODE]
    if mode & IMAGE_MODE_JPEG:
        return PixelFormat.UNSUPPORTED
    if mode & IMAGE_MODE_Y8:
        return PixelFormat.Y8
    low_first = bool(mode & IMAGE_MODE_LOW_BYTE_FIRST)
    if mode & IMAGE_MODE_FORMAT == 0x00:
        return PixelFormat.UYVY if low_first else PixelFormat.YUYV
    if mode & IMAGE_MODE_FORMAT == 0x08:
        return PixelFormat.RGB565_LE if low_first else PixelFormat.RGB565_BE
    return PixelFormat.UNSUPPORTED


def render(
    luma: Luma,
    sensor: bytes | bytearray,
    dsp: bytes | bytearray,
    *,
    signal: int,
    gain: float,
    seed: int,
) -> Picture:
    """Makes a frame of a view.

    Args:
        luma: the whole field of view, uint8 [any height, any width].
        sensor, dsp: the two register banks.
        signal: the factor of luma, in 1/65536.
        gain: amplification, 1.0 or more; noise grows with it.
        seed: of this frame's noise.
    """
    form = pixel_format(dsp)
    if form is PixelFormat.UNSUPPORTED:
        return Picture(
            b"",
            0,
            0,
            form,
            f"IMAGE_MODE = {dsp[Dsp.IMAGE_MODE]:#04x} (JPEG or RAW10): "
            "Facet models YUV422, RGB565 and Y8; the frame is empty",
            "not-modelled",
        )
    com7 = sensor[Sensor.COM7]
    if com7 & COM7_COLOR_BAR or (com7 & COM7_ZOOM and Mode.of(com7) is not Mode.UXGA):
        return Picture(
            b"",
            0,
            0,
            form,
            f"COM7 = {com7:#04x} (colour bars, or zoom outside UXGA mode); the frame is empty",
            "not-modelled",
        )
    if form is PixelFormat.RAW:
        mode = Mode.of(com7).value
        columns = Span(mode.width, 0, mode.width, mode.width)
        rows = Span(mode.height, 0, mode.height, mode.height)
        problem: str | None = (
            "a frame was captured while R_BYPASS[0] = 1: the DSP is bypassed and the FIFO holds "
            f"{mode.width}x{mode.height} raw bytes"
        )
    else:
        path = geometry(sensor, dsp)
        columns, rows, problem = path.columns, path.rows, path.problem
        if problem is not None:
            garbage = _noise_bytes(columns.out * rows.out * _bytes_a_pixel(form), seed)
            return Picture(garbage, columns.out, rows.out, form, problem)
    image = _exposed(sample(luma, columns, rows), signal, gain, seed)
    if sensor[Sensor.REG04] & REG04_MIRROR:
        image = image[:, ::-1]
    if sensor[Sensor.REG04] & REG04_FLIP:
        image = image[::-1]
    return Picture(_encode(image, form), columns.out, rows.out, form, problem)


def _exposed(image: Luma, signal: int, gain: float, seed: int) -> Luma:
    """The image multiplied by `signal`, with noise where the gain is above 1."""
    level = (image.astype(np.int64) * signal + ONE // 2) >> 16
    if gain > 1:
        # The sum of four bytes is close to a Gaussian; mean 510, standard deviation 147.8.
        bytes_4 = np.frombuffer(_noise_bytes(4 * image.size, seed), np.uint8)
        bell = bytes_4.reshape(*image.shape, 4).sum(axis=-1, dtype=np.int64) - 510
        strength = round((gain - 1) * NOISE_AT_UNIT_EXCESS / 147.8 * ONE)
        level += (bell * strength) >> 16
    shown: Luma = np.clip(level, 0, 255).astype(np.uint8)
    return shown


def _noise_bytes(count: int, seed: int) -> bytes:
    """Pseudo-random bytes, the same for the same seed on every machine and NumPy version."""
    words = np.random.PCG64(seed).random_raw(-(-count // 8))
    return np.asarray(words, dtype="<u8").tobytes()[:count]


def _bytes_a_pixel(form: PixelFormat) -> int:
    return 1 if form in (PixelFormat.Y8, PixelFormat.RAW) else 2


def _encode(image: Luma, form: PixelFormat) -> bytes:
    """The bytes of a gray image; chroma is neutral."""
    # FIDELITY:
    #   model: The view is gray, so that U = V = 128 and R = G = B.
    #   silicon: The sensor adds colour and its noise.
    #   hides: Nothing for firmware that reads luma, everything for firmware that reads colour.
    if _bytes_a_pixel(form) == 1:
        return image.tobytes()
    if form in (PixelFormat.YUYV, PixelFormat.UYVY):
        pairs = np.full((*image.shape, 2), 128, np.uint8)
        pairs[:, :, 0 if form is PixelFormat.YUYV else 1] = image
        return pairs.tobytes()
    gray = image.astype(np.uint16)
    rgb = gray >> 3 << 11 | gray >> 2 << 5 | gray >> 3
    order = ">u2" if form is PixelFormat.RGB565_BE else "<u2"
    return bytes(rgb.astype(order).tobytes())
