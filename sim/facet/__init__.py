"""Facet's simulator: a board that real firmware runs on, and the parts around it."""

import os
from typing import Final

__version__ = "0.1.0"

LARGEST_PICTURE_px: Final = 1 << 26
"""Pixels of a picture that is decoded at most: 64 megapixels take 64 MiB as luma."""

# OpenCV checks it between a picture's header and its pixels, and reads it when it is loaded.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(LARGEST_PICTURE_px))
