"""The scene in front of a simulated camera."""

from __future__ import annotations

from dataclasses import fields

from facet.dataset.faces import Face
from facet.dataset.frame import Frame, GrayImage
from facet.dataset.scene import Scene as SceneSettings
from facet.device.camera import Camera
from facet.device.camera_view import CameraView, StillView
from facet.errors import FacetError
from facet.target.scene import Picture


class SimulatedScene:
    """Sets the view of a camera; see `facet.target.scene.Scene`."""

    def __init__(self, camera: Camera) -> None:
        self._camera = camera

    @property
    def view(self) -> CameraView:
        """The present scene."""
        return self._camera.view

    @view.setter
    def view(self, view: CameraView) -> None:
        self._camera.view = view

    def show(self, picture: Picture, *, illumination: float = 1.0, **settings: int) -> None:
        """Puts a picture in front of the camera."""
        known = [field.name for field in fields(SceneSettings)]
        unknown = [name for name in settings if name not in known]
        if unknown:
            raise FacetError(
                f"a scene has no setting {', '.join(unknown)}: there are {', '.join(known)}"
            )
        self.view = StillView(SceneSettings(**settings).render(_luma(picture)), illumination)


def _luma(picture: Picture) -> GrayImage:
    if isinstance(picture, Face):
        return picture.gray
    if isinstance(picture, Frame):
        return picture.image
    return picture
