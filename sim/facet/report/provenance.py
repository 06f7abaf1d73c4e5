"""Provenance for test reports: board, model, firmware and commit of the device under test."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from facet import __version__
from facet.files import read_file
from facet.resources import IN_CLONE, PROJECT
from facet.target.core import Core
from facet.target.target import Target

_GIT_TIMEOUT_S: Final = 10


def of_target(target: Target, project: Path) -> dict[str, str]:
    """The provenance of a target at power-on.

    Args:
        target: the device under test.
        project: a folder in the git repository of the tests; its commit is reported.

    Returns:
        Readable names -> values; an unknown value is left out.
    """
    core = target.find(Core)
    found = {
        "Board": target.board.name,
        "Target": target.kind,
        "Firmware SHA-256": sha256_of(target.firmware) if target.firmware else None,
        "Commit": commit_of(project),
        "Facet": __version__,
        "Engine": f"{core.engine}; cycles: {core.cycle_count}" if core else None,
    }
    return {name: value for name, value in found.items() if value is not None}


def of_boot(message: Mapping[str, Any]) -> dict[str, str]:
    """The provenance in the boot message of Facet's firmware; see docs/uart.md."""
    names = {"model": "Model", "model_sha256": "Model SHA-256", "firmware": "Firmware version"}
    return {names[key]: str(message[key]) for key in names if key in message}


def of_run(board: str, firmware: Path, boot: Mapping[str, Any]) -> dict[str, Any]:
    """The entries of a results file that identify the run.

    Args:
        board: the board's name.
        firmware: the file that ran.
        boot: the device's boot message.
    """
    return {
        "facet": __version__,
        "commit": commit_of(PROJECT if IN_CLONE else Path.cwd()),
        "board": board,
        "firmware": boot.get("firmware"),
        "firmware_sha256": sha256_of(firmware),
        "model": boot.get("model"),
        "model_sha256": boot.get("model_sha256"),
    }


def commit_of(folder: Path) -> str | None:
    """The commit that a folder's git repository is at.

    Returns:
        The hash, with ``-dirty`` where tracked files differ from it; None outside of a repository
        and where git is missing.
    """
    command = ["git", "-C", str(folder), "describe", "--always", "--abbrev=40", "--dirty"]
    try:
        done = subprocess.run(
            [*command, "--exclude=*"],
            capture_output=True,
            text=True,
            timeout=_GIT_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None


def sha256_of(path: Path) -> str:
    """A file's SHA-256 in hex."""
    return hashlib.sha256(read_file(path)).hexdigest()
