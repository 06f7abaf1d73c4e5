"""Locations of Facet's data files: in a clone of the project or in an installed wheel."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).resolve().parent
_DATA: Final = _PACKAGE / "data"
"""The data files of an installed wheel; `tools/wheel_hook.py` puts them there."""

_CLONE: Final = _PACKAGE.parent.parent
"""The project's folder when the package runs from a clone; meaningless in a wheel."""

IN_CLONE: Final = (_CLONE / "platformio.ini").is_file() and (_CLONE / "sim" / "facet").is_dir()
"""Whether the package runs from a clone, where firmware can be built."""

PROJECT: Final = _CLONE if IN_CLONE else _PACKAGE
"""The folder with platformio.ini, or the package's own folder where there is none."""

BOARDS: Final = _CLONE / "platforms" if IN_CLONE else _DATA / "boards"
"""The board files that come with Facet."""

PLATFORMIO_BOARDS: Final = (
    _CLONE / "platforms" / "platformio" / "boards" if IN_CLONE else _DATA / "platformio"
)
"""PlatformIO's board files: the toolchain, and the memory that Facet's own firmware leaves."""

MODELS: Final = _CLONE / "models" / "trained" if IN_CLONE else _DATA / "models"
"""The trained models that come with Facet, each with its card."""
