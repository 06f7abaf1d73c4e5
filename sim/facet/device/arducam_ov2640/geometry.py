"""The mapping of the field of view to output pixels, from the OV2640's registers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from math import gcd

import numpy as np
import numpy.typing as npt

from facet.device.arducam_ov2640.registers import COM7_RESOLUTION, CTRL2_DCW, Dsp, Sensor
from facet.device.camera_view import Luma


@dataclass(frozen=True)
class Timing:
    """One read-out mode of the pixel array.

    Args:
        width, height: of the picture for the DSP, in pixels.
        line_clocks: sensor clocks in a line, blanking included.
        frame_lines: lines in a frame, blanking included.
        hrefend, vstrt, vend, reg32, com1: the window registers' defaults in this mode.
        window_step: pixels in a unit of HREFST/HREFEND.
    """

    width: int
    height: int
    line_clocks: int
    frame_lines: int
    hrefend: int
    vstrt: int
    vend: int
    reg32: int
    com1: int
    window_step: int


class Mode(Enum):
    """COM7[6:4].

    Source: OV2640 datasheet 2.2, figures 15 to 17 (frame timing) and table 13 (window defaults for
    each mode). Clocks a line and lines a frame give 15, 30 and 60 frames a second at 36, 24 and
    24 MHz: 36e6 / (1922 * 1248) = 15.01, 24e6 / (1190 * 672) = 30.01, 24e6 / (1190 * 336) = 60.02.
    """

    UXGA = Timing(1600, 1200, 1922, 1248, 0x75, 0x01, 0x97, 0x36, 0x0F, 16)
    SVGA = Timing(800, 600, 1190, 672, 0x43, 0x00, 0x4B, 0x09, 0x0A, 16)
    CIF = Timing(400, 296, 1190, 336, 0x43, 0x00, 0x25, 0x09, 0x06, 8)

    @staticmethod
    def of(com7: int) -> Mode:
        """The mode that a value of COM7 selects; reserved combinations act as UXGA."""
        return {0x40: Mode.SVGA, 0x20: Mode.CIF}.get(com7 & COM7_RESOLUTION, Mode.UXGA)


@dataclass(frozen=True)
class Span:
    """The DSP's path along one axis, in pixels of the sensor's picture.

    Args:
        sensor: size of the sensor's picture.
        offset, size: the window cut from it.
        out: the number of output pixels of the window.
    """

    sensor: int
    offset: int
    size: int
    out: int


@dataclass(frozen=True)
class Geometry:
    """The mapping that the registers select.

    Args:
        columns, rows: the two axes.
        problem: the reason, with registers, why no picture is possible; None where one is.
    """

    columns: Span
    rows: Span
    problem: str | None


def geometry(sensor: bytes | bytearray, dsp: bytes | bytearray) -> Geometry:
    """Reads the mapping from the two register banks.

    Source: OV2640 datasheet 2.2, table 12 (sizes in units of 8 and 4 pixels, offsets in pixels)
    and table 13 (the sensor's window).
    """
    mode = Mode.of(sensor[Sensor.COM7]).value
    sizel = dsp[Dsp.SIZEL]
    vhyx = dsp[Dsp.VHYX]
    zmhh = dsp[Dsp.ZMHH]
    image_width = dsp[Dsp.HSIZE8] << 3 | sizel >> 3 & 7 | (sizel & 0x40) << 5
    image_height = dsp[Dsp.VSIZE8] << 3 | sizel & 7
    width = (dsp[Dsp.HSIZE] | (vhyx & 0x08) << 5 | (dsp[Dsp.TEST] & 0x80) << 2) * 4
    height = (dsp[Dsp.VSIZE] | (vhyx & 0x80) << 1) * 4
    x = dsp[Dsp.XOFFL] | (vhyx & 0x07) << 8
    y = dsp[Dsp.YOFFL] | (vhyx & 0x70) << 4
    out_width = (dsp[Dsp.ZMOW] | (zmhh & 0x03) << 8) * 4
    out_height = (dsp[Dsp.ZMOH] | (zmhh & 0x04) << 6) * 4
    columns = Span(mode.width, x, width, out_width)
    rows = Span(mode.height, y, height, out_height)

    divide_x = 1 << (dsp[Dsp.CTRLI] & 7)
    divide_y = 1 << (dsp[Dsp.CTRLI] >> 3 & 7)
    window = (
        (sensor[Sensor.HREFEND] - sensor[Sensor.HREFST]) * mode.window_step,
        (sensor[Sensor.VEND] - sensor[Sensor.VSTRT]) * 8,
    )

    def problems() -> Iterator[str]:
        if window != (mode.width, mode.height):
            yield (
                f"HREFST/HREFEND/VSTRT/VEND cut {window[0]}x{window[1]} from the array, "
                f"COM7's mode reads {mode.width}x{mode.height}"
            )
        if image_width > mode.width or image_height > mode.height:
            yield (
                f"HSIZE8/VSIZE8 expect {image_width}x{image_height} from the sensor, "
                f"which sends {mode.width}x{mode.height}"
            )
        if x + width > image_width or y + height > image_height:
            yield (
                f"the window {width}x{height} at ({x},{y}) of HSIZE/VSIZE/XOFFL/YOFFL/VHYX "
                f"leaves the image of {image_width}x{image_height} (HSIZE8/VSIZE8)"
            )
        if out_width == 0 or out_height == 0 or width == 0 or height == 0:
            yield "HSIZE/VSIZE or ZMOW/ZMOH is 0"
        if out_width > width // divide_x or out_height > height // divide_y:
            yield (
                f"ZMOW/ZMOH ask for {out_width}x{out_height}, more than the "
                f"{width // divide_x}x{height // divide_y} that HSIZE/VSIZE and CTRLI leave: "
                "the scaler cannot enlarge"
            )
        if (out_width, out_height) != (width, height) and not dsp[Dsp.CTRL2] & CTRL2_DCW:
            yield "ZMOW/ZMOH differ from HSIZE/VSIZE while CTRL2.DCW (bit 5) is 0"

    return Geometry(columns, rows, next(problems(), None))


def sample(luma: Luma, columns: Span, rows: Span) -> Luma:
    """The output pixels of a view: each is the mean of the area that it covers.

    The result is in whole numbers, rounded half up, so that it is the same on every machine. A view
    of any size fills the sensor's whole picture.

    Args:
        luma: uint8 [any height, any width].

    Returns:
        uint8 [rows.out, columns.out].
    """
    # FIDELITY:
    #   model: The picture is one exact area average from the view to the output, as if the pixel
    #     array had no grid.
    #   silicon: The sensor skips or averages pixels in SVGA and CIF mode, interpolates the Bayer
    #     pattern, sharpens, and scales down with a filter that is not documented.
    #   hides: Aliasing and the softness of the filter.
    down, row_area = _coverage(luma.shape[0], rows)
    across, column_area = _coverage(luma.shape[1], columns)
    area = row_area * column_area
    # Every partial sum is a whole number of at most 255 * area; under 2**53 a float holds it.
    exact = np.float64 if 255 * area < 1 << 53 else np.int64
    summed = (down.astype(exact) @ luma.astype(exact) @ across.T.astype(exact)).astype(np.int64)
    return ((2 * summed + area) // (2 * area)).astype(np.uint8)


@lru_cache(maxsize=16)
def _coverage(view: int, span: Span) -> tuple[npt.NDArray[np.int64], int]:
    """[span.out, view]: the length that each output pixel shares with each pixel of the view.

    On a line of whole units: a pixel of the view is ``sensor * out`` of them, one of the sensor
    ``view * out``, one of the output ``size * view``. The second value is an output pixel's length.
    """
    view_pixel = span.sensor * span.out
    out_pixel = span.size * view
    origin = span.offset * view * span.out
    unit = gcd(view_pixel, out_pixel, origin)
    view_pixel, out_pixel, origin = view_pixel // unit, out_pixel // unit, origin // unit
    start = np.arange(view, dtype=np.int64) * view_pixel
    out_start = origin + np.arange(span.out, dtype=np.int64)[:, None] * out_pixel
    shared = np.minimum(start + view_pixel, out_start + out_pixel) - np.maximum(start, out_start)
    return np.maximum(shared, 0), out_pixel
