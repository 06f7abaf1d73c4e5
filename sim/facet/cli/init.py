"""`facet init`: the files to start testing a firmware with."""

from __future__ import annotations

import importlib.util
import tempfile
from pathlib import Path

import click

from facet.board.board import load
from facet.cli.params import board_option
from facet.errors import FacetError
from facet.files import write_files
from facet.scaffold import CI_FILES, DEFAULT_FIRMWARE, start_files
from facet.target.simulated import simulate


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".")
@board_option
@click.option(
    "--firmware",
    type=click.Path(path_type=Path),
    help=f"The ELF file to test, in any folder; by default {DEFAULT_FIRMWARE} in FOLDER.",
)
def command(folder: Path, board: str, firmware: Path | None) -> None:
    """Write files for tests of your own firmware into FOLDER (by default this one).

    They are a board file, a Robot Framework scenario, a pytest file with its configuration, and the
    configuration of GitHub Actions and GitLab CI. Overwrites nothing.
    """
    files = start_files(folder, board, firmware)
    existing = [name for name in files if (folder / name).exists()]
    if existing:
        raise FacetError(
            f"{folder} already has {', '.join(existing)}: give another folder; nothing was written"
        )
    if firmware is not None:
        _check_firmware(files["board.toml"], firmware)
    write_files(folder, files)
    click.echo(f"{folder}: {', '.join(files)}")
    if firmware is None:
        click.echo(f"Put your firmware at {folder / DEFAULT_FIRMWARE}, or name it in")
        click.echo("scenario.robot and pytest.ini. Then, in that folder:")
    else:
        click.echo("Next, in that folder:")
    if importlib.util.find_spec("pytest") is None:
        click.echo("    python -m pip install pytest")
    click.echo("    python -m pytest")
    click.echo("    python -m robot --outputdir results scenario.robot")
    if b"wheels/facet-" in files[CI_FILES[0]]:
        click.echo("CI installs Facet from a wheel in the folder wheels: see the CI files.")
    if b'working-directory: "."' not in files[CI_FILES[0]]:
        click.echo(
            f"CI reads {' and '.join(CI_FILES)} from the repository's root: move them there."
        )


def _check_firmware(board_toml: bytes, firmware: Path) -> None:
    """Raises FacetError where the firmware cannot be loaded onto the new board."""
    with tempfile.TemporaryDirectory() as folder:
        board = Path(folder) / "board.toml"
        board.write_bytes(board_toml)
        simulate(load(str(board)), firmware)
