"""Fills in the templates of `facet init`."""

from __future__ import annotations

import json
import os
import re
import shlex
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

from facet import __version__
from facet.board.board import board_file
from facet.resources import BOARDS

DEFAULT_FIRMWARE: Final = "firmware.elf"
"""The firmware that the start files name where none is given, relative to their folder."""

_TEMPLATES: Final = Path(__file__).with_name("templates")

CI_FILES: Final = (".github/workflows/facet.yml", ".gitlab-ci.yml")
"""The start files that a CI service reads from the root of a repository."""

_TEMPLATE_BY_FILE: Final = {
    "scenario.robot": "scenario.robot",
    "test_firmware.py": "test_firmware.py",
    "pytest.ini": "pytest.ini",
    CI_FILES[0]: "github.yml",
    CI_FILES[1]: "gitlab-ci.yml",
}

_BOARD_HEAD: Final = """\
# The simulated board that the tests run on, made from Facet's board {name}. Its parts are comments:
# name here what is wired to your board.

"""

_SECTION: Final = re.compile(r"\s*\[+(?P<name>[\w.]+)\]")
_FACETS_OWN_SECTIONS: Final = ("device", "limits")
"""Sections of a board file about Facet's camera and about the cost of Facet's firmware."""


def start_files(folder: Path, board: str, firmware: Path | None) -> dict[str, bytes]:
    """The start files of a folder.

    Args:
        folder: the folder that the files are for; it need not exist.
        board: a board's name, or the path of a board file, which is copied as it is.
        firmware: the ELF file that the tests run; None: `DEFAULT_FIRMWARE` in the folder.

    Returns:
        Names relative to the folder -> contents.

    Raises:
        FacetError: no such board.
    """
    source = board_file(board)
    text = source.read_text(encoding="utf-8")
    if source == BOARDS / f"{board}.toml":
        text = _BOARD_HEAD.format(name=board) + _bare_board(text)
    origin, requirement = _facet_for_pip()
    elf = os.path.relpath(firmware, folder) if firmware is not None else DEFAULT_FIRMWARE
    place = _from_repository(folder)
    values = {
        "FACET": json.dumps(requirement),
        "ORIGIN": origin,
        "FIRMWARE": elf,
        "ROBOT_FIRMWARE": _robot_escaped(elf),
        "FOLDER": json.dumps(place),
        "RESULTS": json.dumps(f"{place}/results"),
        "JUNIT": json.dumps([f"{place}/results/{name}.xml" for name in ("pytest", "robot")]),
        "CD": json.dumps(f"cd {shlex.quote(place)}"),
    }
    files = {"board.toml": text.encode()}
    for name, template in _TEMPLATE_BY_FILE.items():
        filled = (_TEMPLATES / template).read_text(encoding="utf-8")
        for key, value in values.items():
            filled = filled.replace(f"@{key}@", value)
        files[name] = filled.encode()
    return files


def _robot_escaped(text: str) -> str:
    """Text for a cell of a Robot file, where two spaces end a cell and some characters act."""
    return re.sub(r"([\\$@&%#=])", r"\\\1", text).replace("  ", r" \ ")


def _bare_board(text: str) -> str:
    """A board file of Facet without Facet's camera and limits: they stay as comments."""
    lines, is_own = [], False
    for line in text.splitlines():
        section = _SECTION.match(line)
        if section is not None:
            is_own = section["name"] in _FACETS_OWN_SECTIONS
            if section["name"] == "device":
                lines.append("# A part that is wired to the board, for example:")
            elif is_own:
                lines.append("# Figures that scenarios compare with, for example:")
        lines.append(f"# {line}" if is_own and line else line)
    return "\n".join(lines) + "\n"


def _facet_for_pip() -> tuple[str, str]:
    """The origin of this Facet, as pip recorded it (PEP 610): a description, and pip's argument."""
    try:
        recorded = distribution("facet").read_text("direct_url.json")
    except PackageNotFoundError:
        recorded = "{}"
    if recorded is None:
        return "the package index", f"facet=={__version__}"
    came_from = json.loads(recorded)
    version_control = came_from.get("vcs_info")
    if version_control is not None:
        url = f"{version_control['vcs']}+{came_from['url']}@{version_control['commit_id']}"
        return "the repository and commit of the Facet that wrote this file", url
    return (
        "a wheel that you put into the folder wheels (pip wheel --no-deps -w wheels CLONE)",
        f"wheels/facet-{__version__}-*.whl",
    )


def _from_repository(folder: Path) -> str:
    """The folder's path in its Git repository; "." outside of one."""
    folder = folder.resolve()
    for parent in (folder, *folder.parents):
        if (parent / ".git").exists():
            return folder.relative_to(parent).as_posix()
    return "."
