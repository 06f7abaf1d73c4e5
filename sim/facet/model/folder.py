"""The .tflite files of a folder, by name."""

from __future__ import annotations

from pathlib import Path

from facet.errors import FacetError
from facet.resources import MODELS


def names(folder: Path = MODELS) -> list[str]:
    """The models that come with Facet."""
    return sorted(path.stem for path in folder.glob("*.tflite"))


def path_of(name_or_path: str, folder: Path = MODELS) -> Path:
    """The .tflite of a model by its name, or by its path.

    Raises:
        FacetError: there is none.
    """
    is_path = name_or_path.endswith(".tflite") or "/" in name_or_path
    tflite = Path(name_or_path).expanduser() if is_path else folder / f"{name_or_path}.tflite"
    if not tflite.exists():
        have = ", ".join(names(folder)) or "none yet (`make train` makes one)"
        if is_path:
            raise FacetError(f"no file {tflite}; models by name: {have}")
        raise FacetError(
            f"no model {name_or_path!r}: there are {have}; or give the path of a .tflite"
        )
    return tflite
