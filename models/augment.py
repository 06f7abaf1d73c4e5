"""Changes that leave the emotion as it is: what a camera and a moving head add to a face."""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from sim.dataset.frame import GrayImage

_LARGEST_ROTATION_deg: Final = 14.0
_LARGEST_ZOOM: Final = 0.16
_LARGEST_SHIFT_px: Final = 4.0
_LARGEST_SHEAR: Final = 0.08


def augment(images: GrayImage, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Change each image at random.

    Flip, rotation, zoom, shift, shear, light and contrast always; a light falling from one side,
    blur, noise and an erased patch now and then.

    Args:
        images: uint8 [batch, height, width].
        rng: makes the same batch again from the same state.

    Returns:
        float32 [batch, height, width, 1], pixel/255, within 0..1.
    """
    out = np.empty((*images.shape, 1), np.float32)
    for i, image in enumerate(images):
        out[i, :, :, 0] = _augment_one(image, rng)
    return out


def _augment_one(image: GrayImage, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    height, width = image.shape
    if rng.random() < 0.5:
        image = image[:, ::-1]
    warped = cv2.warpAffine(
        np.ascontiguousarray(image),
        _affine(width, height, rng),
        (width, height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    if rng.random() < 0.15:
        warped = cv2.GaussianBlur(warped, (3, 3), rng.uniform(0.4, 1.0))
    pixels = warped.astype(np.float32) * np.float32(1 / 255)
    middle = pixels.mean()
    pixels = (pixels - middle) * np.float32(rng.uniform(0.6, 1.4)) + middle
    pixels += np.float32(rng.uniform(-0.16, 0.16))
    if rng.random() < 0.25:
        pixels *= _side_light(width, height, rng)
    if rng.random() < 0.2:
        noise = rng.standard_normal(pixels.shape, np.float32)
        pixels += np.float32(rng.uniform(0.01, 0.05)) * noise
    if rng.random() < 0.25:
        _erase(pixels, rng)
    return np.asarray(np.clip(pixels, 0, 1), np.float32)


def _affine(width: int, height: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """2 x 3 matrix of a rotation, zoom, shear and shift about the image's centre."""
    angle = math.radians(rng.uniform(-_LARGEST_ROTATION_deg, _LARGEST_ROTATION_deg))
    zoom_x, zoom_y = 1 + rng.uniform(-_LARGEST_ZOOM, _LARGEST_ZOOM) + rng.uniform(-0.05, 0.05, 2)
    shear = rng.uniform(-_LARGEST_SHEAR, _LARGEST_SHEAR)
    shift_x, shift_y = rng.uniform(-_LARGEST_SHIFT_px, _LARGEST_SHIFT_px, 2)
    a, b = zoom_x * math.cos(angle), -zoom_y * math.sin(angle) + shear
    c, d = zoom_x * math.sin(angle), zoom_y * math.cos(angle)
    x, y = (width - 1) / 2, (height - 1) / 2
    return np.array(
        [[a, b, x - a * x - b * y + shift_x], [c, d, y - c * x - d * y + shift_y]], np.float64
    )


def _side_light(width: int, height: int, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """A factor for each pixel that grows from one side of the image to the other."""
    angle = rng.uniform(0, 2 * math.pi)
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    slope = np.float32(rng.uniform(0.1, 0.45))
    return 1 + slope * (x * np.float32(math.cos(angle)) + y * np.float32(math.sin(angle)))


def _erase(pixels: npt.NDArray[np.float32], rng: np.random.Generator) -> None:
    """Paint a rectangle of one gray over a part of the image, as a hand or hair would."""
    height, width = pixels.shape
    h, w = rng.integers(height // 8, height // 3, 2)
    top, left = rng.integers(0, height - h), rng.integers(0, width - w)
    pixels[top : top + h, left : left + w] = rng.random(dtype=np.float32)
