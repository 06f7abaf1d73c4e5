"""Faces for the camera: data sets, faces that Facet draws itself, and the scene around them.

from facet.dataset import Scene, load_frames

for frame in load_frames("drawn", limit=5):
    view = Scene(light_percent=60).render(frame.image)  # uint8 [296, 400]
"""

from facet.dataset.faces import Face, contact_sheet, draw_face, sheet_image
from facet.dataset.frame import Frame, GrayImage
from facet.dataset.labels import EMOTIONS, LABEL_SETS, LabelSet, label_set_of, majority_labels
from facet.dataset.loaders import SPLITS, load_frames
from facet.dataset.scene import Scene

__all__ = [
    "EMOTIONS",
    "LABEL_SETS",
    "SPLITS",
    "Face",
    "Frame",
    "GrayImage",
    "LabelSet",
    "Scene",
    "contact_sheet",
    "draw_face",
    "label_set_of",
    "load_frames",
    "majority_labels",
    "sheet_image",
]
