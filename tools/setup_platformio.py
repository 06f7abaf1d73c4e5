#!/usr/bin/env python3
"""Prepare PlatformIO's core folder, so that PlatformIO downloads nothing.

PlatformIO runs SCons from its package `tool-scons`. This script makes that package from the SCons
that pip installed. The boards' platform is the project's folder platforms/platformio. The script
does nothing if the folder is already prepared.

    python tools/setup_platformio.py
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
# By default the same as core_dir in platformio.ini.
CORE = Path(os.environ.get("PLATFORMIO_CORE_DIR") or PROJECT / ".cache" / "platformio")

# Days between two checks of PlatformIO for a new version: more than have passed since 1970.
_NEVER_DAYS = 36500

_SCONS_PY = """\
import SCons.Script

SCons.Script.main()
"""


def _install_scons(folder: Path) -> None:
    from platformio.dependencies import get_core_dependencies

    # The package claims the version that this PlatformIO asks for; the installed SCons is used.
    package_version = get_core_dependencies()["tool-scons"].lstrip("~^=")
    version("scons")  # raises if there is none
    spec = {"owner": "platformio", "id": None, "name": "tool-scons", "requirements": None}
    files = {
        "scons.py": _SCONS_PY,
        "package.json": json.dumps(
            {"name": "tool-scons", "version": package_version, "description": "SCons, from pip"}
        ),
        ".piopm": json.dumps(
            {
                "type": "tool",
                "name": "tool-scons",
                "version": package_version,
                "spec": spec | {"uri": None},
            }
        ),
    }
    if all((folder / n).is_file() and (folder / n).read_text() == t for n, t in files.items()):
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=folder.parent))
    for name, text in files.items():
        (partial / name).write_text(text)
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)


def _quieten() -> None:
    from platformio import app  # reads PLATFORMIO_CORE_DIR

    wanted = {"check_platformio_interval": _NEVER_DAYS, "enable_telemetry": False}
    for name, value in wanted.items():
        if app.get_setting(name) != value:
            app.set_setting(name, value)


def _forget_moved_link() -> None:
    """Removes the link to the platform in another folder: the project was copied or moved."""
    link = CORE / "platforms" / "platformio.pio-link"
    if not link.exists():
        return
    content = json.loads(link.read_text())
    target = Path(content["cwd"], content["spec"]["uri"].removeprefix("symlink://"))
    if target.resolve() != PROJECT / "platforms" / "platformio":
        link.unlink()


def main() -> int:
    """Prepares the core folder; returns 0 on success."""
    os.environ["PLATFORMIO_CORE_DIR"] = str(CORE)
    try:
        _install_scons(CORE / "packages" / "tool-scons")
        _forget_moved_link()
        _quieten()
    except (ImportError, PackageNotFoundError) as error:
        print(
            f"error: {error.name} is not installed: pip install platformio scons", file=sys.stderr
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
