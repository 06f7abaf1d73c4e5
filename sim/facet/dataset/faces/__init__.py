"""Faces that Facet draws itself: of no real person, free of licences, the same on every machine."""

from facet.dataset.faces.face import Face, draw_face
from facet.dataset.faces.sheet import contact_sheet, sheet_image

__all__ = ["Face", "contact_sheet", "draw_face", "sheet_image"]
