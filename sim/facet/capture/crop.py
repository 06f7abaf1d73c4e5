"""Cuts the square that is kept out of a picture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import cv2

from facet.dataset.frame import GrayImage
from facet.errors import FacetError

CENTRE: Final = "centre"
FACE: Final = "face"

_CASCADE: Final = "haarcascade_frontalface_default.xml"

_SMALLEST_FACE: Final = 6
"""A face is at least 1/6 of the picture's height; smaller ones are in the background."""


class Crop(Protocol):
    """Cuts a square out of a picture."""

    @property
    def name(self) -> str:
        """The value of --crop."""

    def square(self, picture: GrayImage) -> GrayImage | None:
        """The square, uint8 [size, size]; None if no face was found."""


@dataclass(frozen=True)
class Centre:
    """The largest square in the middle, which the device's camera shows as well."""

    name: str = CENTRE

    def square(self, picture: GrayImage) -> GrayImage:
        """Cuts it out."""
        height, width = picture.shape
        size = min(height, width)
        top, left = (height - size) // 2, (width - size) // 2
        return picture[top : top + size, left : left + size]


@dataclass(frozen=True)
class Fixed:
    """A fixed square: its left and upper edge and its size, in the picture's pixels."""

    x_px: int
    y_px: int
    size_px: int

    @property
    def name(self) -> str:
        """The value of --crop."""
        return f"{self.x_px},{self.y_px},{self.size_px}"

    def square(self, picture: GrayImage) -> GrayImage:
        """Cuts it out.

        Raises:
            FacetError: it is not inside of the picture.
        """
        height, width = picture.shape
        right, bottom = self.x_px + self.size_px, self.y_px + self.size_px
        if right > width or bottom > height:
            raise FacetError(
                f"--crop {self.name} ends at {right}, {bottom}, beyond a picture of "
                f"{width} x {height}"
            )
        return picture[self.y_px : bottom, self.x_px : right]


class Face:
    """The largest face that OpenCV's cascade finds.

    OpenCV 4 brings the cascade, OpenCV 5 has neither the file nor the class (opencv/opencv
    pull request 25198 moved both to its contrib modules).
    """

    name = FACE

    def __init__(self) -> None:
        classifier: Any = getattr(cv2, "CascadeClassifier", None)
        path = Path(cv2.__file__).with_name("data") / _CASCADE  # cv2.data.haarcascades
        if classifier is None or not path.is_file():
            raise FacetError(
                f"--crop face: OpenCV {cv2.__version__} comes without its face detector "
                f"({_CASCADE}; OpenCV 4 has it); use --crop centre with the face in the middle, "
                "or --crop X,Y,SIZE"
            )
        self._cascade = classifier(str(path))

    def square(self, picture: GrayImage) -> GrayImage | None:
        """Cuts out the detector's square: FER2013's faces were found in the same way."""
        smallest = max(picture.shape[0] // _SMALLEST_FACE, 24)
        found = self._cascade.detectMultiScale(picture, 1.1, 5, minSize=(smallest, smallest))
        if len(found) == 0:
            return None
        x, y, width, height = (int(value) for value in max(found, key=lambda box: int(box[2])))
        size = min(width, height)
        return picture[y : y + size, x : x + size]


def crop_named(text: str) -> Crop:
    """Reads --crop: ``centre``, ``face`` or ``X,Y,SIZE`` in pixels.

    Raises:
        FacetError: none of these, or OpenCV has no face detector.
    """
    if text == CENTRE:
        return Centre()
    if text == FACE:
        return Face()
    numbers = text.split(",")
    if len(numbers) != 3 or not all(number.strip().isdecimal() for number in numbers):
        raise FacetError(f"--crop {text}: must be centre, face or X,Y,SIZE, for example 80,0,480")
    x, y, size = map(int, numbers)
    if size < 16:
        raise FacetError(f"--crop {text}: a square of {size} pixels shows no face; give 16 or more")
    return Fixed(x, y, size)
