"""The capability `Scene`: the scene in front of a target's camera."""

from __future__ import annotations

from typing import Protocol, TypeAlias

from facet.dataset.faces import Face
from facet.dataset.frame import Frame, GrayImage
from facet.device.camera_view import CameraView

Picture: TypeAlias = Frame | Face | GrayImage
"""A picture of a face; luma ``uint8 [height, width]`` where it is a bare array."""


class Scene(Protocol):
    """Puts pictures in front of the camera."""

    view: CameraView
    """What the camera sees now."""

    def show(self, picture: Picture, *, illumination: float = 1.0, **settings: int) -> None:
        """Puts a picture in front of the camera, where it stays.

        Args:
            picture: the face.
            illumination: light on the scene; at 1.0 the camera's exposure is neutral.
            **settings: changes to the neutral scene, by the names of `facet.dataset.scene.Scene`:
                ``x_px``, ``size_px``, ``contrast_percent``, ``blur_px``, ``noise`` ...

        Raises:
            FacetError: the scene has no such setting, or a value is out of its range.
        """
