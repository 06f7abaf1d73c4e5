"""Faces for the camera: data sets, faces that Facet draws itself, and the scene around them.

from facet.dataset import Scene, load_frames

for frame in load_frames("drawn", limit=5):
    view = Scene(light_percent=60).render(frame.image)  # uint8 [296, 400]
"""

from facet.dataset.dataset import DataSet, Selection
from facet.dataset.faces import Face, contact_sheet, draw_face, sheet_image
from facet.dataset.frame import Frame, GrayImage
from facet.dataset.labels import EMOTIONS, LABEL_SETS, LabelSet, label_set_of, majority_labels
from facet.dataset.left_out import LeftOut
from facet.dataset.loaders import load, load_frames, open_dataset
from facet.dataset.names import FolderNames
from facet.dataset.scene import Scene
from facet.dataset.splits import SPLITS

__all__ = [
    "EMOTIONS",
    "LABEL_SETS",
    "SPLITS",
    "DataSet",
    "Face",
    "FolderNames",
    "Frame",
    "GrayImage",
    "LabelSet",
    "LeftOut",
    "Scene",
    "Selection",
    "contact_sheet",
    "draw_face",
    "label_set_of",
    "load",
    "load_frames",
    "majority_labels",
    "open_dataset",
    "sheet_image",
]
