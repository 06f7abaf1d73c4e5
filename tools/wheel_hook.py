"""Hatchling's build hook: the wheel's data files and its compiled library.

A wheel contains, besides the package, the board files, PlatformIO's data on each board's memory,
and the trained models with their cards. Where the build has a C compiler it also holds the compiled
native part, and is then a wheel for one platform; otherwise that part is compiled at first use.
"""

from __future__ import annotations

import os
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_DATA = "facet/data"


class WheelHook(BuildHookInterface[Any]):
    """Adds what `facet.resources` and `facet.native` look for in an installed package."""

    _compiled: tempfile.TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Runs before a wheel is written; an editable one reads its data from the clone.

        Args:
            version: ``standard`` or ``editable``.
            build_data: Hatchling's settings of this build, changed in place.
        """
        if version != "standard":
            return
        root = Path(self.root)
        build_data["force_include"] |= {
            str(file): f"{_DATA}/{target}/{file.name}" for target, file in _data_files(root)
        }
        libraries = self._compile(root)
        if libraries:
            platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{platform}"
            build_data["force_include"] |= {
                str(library): f"{_DATA}/native/{library.name}" for library in libraries
            }

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Runs after the wheel is written."""
        if self._compiled is not None:
            self._compiled.cleanup()

    def _compile(self, root: Path) -> list[Path]:
        """Compiles the native part; no library where there is no compiler."""
        sys.path.insert(0, str(root / "sim"))
        from facet import native
        from facet.errors import FacetError

        self._compiled = tempfile.TemporaryDirectory()
        folder = Path(self._compiled.name)
        libraries = []
        for name in native.LIBRARIES:
            library = folder / native.file_name(name)
            try:
                native.compile_library(name, library)
            except FacetError as error:
                self.app.display_warning(
                    f"this wheel contains no compiled {name} library; it is compiled at first use: "
                    f"{error}"
                )
                return []
            os.utime(library, (0, 0))
            libraries.append(library)
        return libraries


def _data_files(root: Path) -> Iterator[tuple[str, Path]]:
    """Each file that is not in the package's folder, with the folder that it goes to."""
    platforms, models = root / "platforms", root / "models" / "trained"
    for board in sorted(platforms.glob("*.toml")):
        yield "boards", board
    for memory in sorted((platforms / "platformio" / "boards").glob("*.json")):
        yield "platformio", memory
    for model in sorted(models.glob("*.tflite")):
        yield "models", model
        yield "models", model.with_suffix(".json")
