"""Image files: which formats are read, and reading one as luma."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from facet.dataset.frame import GrayImage
from facet.errors import FacetError
from facet.files import read_file

IMAGE_SUFFIXES: Final = frozenset(
    {
        *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".gif", ".tif", ".tiff"),
        *(".bmp", ".dib", ".pgm", ".ppm", ".pbm", ".pnm", ".pam", ".jp2", ".avif"),
    }
)
"""What OpenCV's decoders read, in any case; of an animation the first picture."""

UNREAD_SUFFIXES: Final = frozenset(
    {
        *(".heic", ".heif", ".jxl", ".svg", ".ico", ".psd", ".tga", ".eps", ".pdf", ".exr", ".hdr"),
        *(".raw", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2"),
    }
)
"""Formats of pictures that are not read."""

_MAGIC: Final = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",  # JPEG
    b"GIF87a",
    b"GIF89a",
    b"II*\0",  # TIFF, little endian
    b"MM\0*",  # TIFF, big endian
)
"""How files of formats begin that are recognized without a suffix."""

LARGEST_PICTURE_bytes: Final = 64 << 20

_SILENT: Final = 0
"""cv::utils::logging::LOG_LEVEL_SILENT."""


def is_image(path: Path) -> bool:
    """Whether a regular file is a picture of a format that is read, by its suffix or content."""
    suffix = path.suffix.lower()
    if suffix in IMAGE_SUFFIXES:
        return True
    if suffix in UNREAD_SUFFIXES:
        return False
    try:
        with path.open("rb") as file:
            beginning = file.read(12)
    except OSError:
        return False
    is_webp = beginning[:4] == b"RIFF" and beginning[8:] == b"WEBP"
    return is_webp or beginning.startswith(_MAGIC)


def read_image(path: Path) -> GrayImage:
    """An image file as luma, uint8 [height, width].

    Raises:
        FacetError: the file is missing, it is not an image that OpenCV reads, or it has more
            pixels than ``OPENCV_IO_MAX_IMAGE_PIXELS`` (checked before decoding).
    """
    data = np.frombuffer(read_file(path, LARGEST_PICTURE_bytes), np.uint8)
    try:
        with _quiet_decoders():
            image = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE) if data.size else None
    except cv2.error as error:
        if "CV_IO_MAX_IMAGE" in str(error):
            most = os.environ["OPENCV_IO_MAX_IMAGE_PIXELS"]
            raise FacetError(
                f"{path}: too large to be read: a picture may have {most} pixels at most; "
                "make it smaller"
            ) from None
        image = None
    except MemoryError:
        raise FacetError(f"{path}: too large to be read: out of memory") from None
    if image is None:
        raise FacetError(f"{path}: not an image that can be read; remove it or replace it")
    return np.asarray(image, np.uint8)


@contextmanager
def quiet_opencv() -> Iterator[None]:
    """Keeps OpenCV's own warnings off the terminal: Facet reports the cause in one line."""
    log: Any = getattr(cv2.utils, "logging", cv2)  # OpenCV 5, else 4
    level = log.getLogLevel()
    log.setLogLevel(_SILENT)
    try:
        yield
    finally:
        log.setLogLevel(level)


@contextmanager
def _quiet_decoders() -> Iterator[None]:
    """Also keeps the text off standard error that libpng writes there by itself."""
    with quiet_opencv():
        try:
            sys.stderr.flush()
            kept = os.dup(2)
        except (OSError, ValueError, AttributeError):  # standard error is closed
            yield
            return
        try:
            with suppress(OSError), open(os.devnull, "wb") as nowhere:  # noqa: PTH123 no Path here
                os.dup2(nowhere.fileno(), 2)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
