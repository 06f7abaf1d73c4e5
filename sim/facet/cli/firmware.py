"""Builds or finds the firmware for the options of a subcommand."""

from __future__ import annotations

import re
from pathlib import Path
from types import TracebackType

import click
from rich.console import Console
from rich.status import Status

from facet.board.board import load
from facet.firmware.build import FirmwareCache
from facet.model.bundle import find

_MEMORY_USE = re.compile(r"(model|flash|SRAM\S*) ")
"""The beginnings of the lines with which a build reports how much memory the firmware takes."""


def chosen_firmware(board: str, model: str, firmware: Path | None) -> Path:
    """The firmware for the options; it is built if necessary.

    Raises:
        FacetError: no such board, model or file, or it does not build.
    """
    loaded = load(board)
    if firmware is not None:
        return firmware
    bundle = find(model)
    with _BuildProgress(f"building the firmware for {loaded.title} with {bundle.name}") as progress:
        return FirmwareCache().get(loaded, bundle, progress.line)


class _BuildProgress:
    """Reports a build's progress on standard error; prints nothing without a build."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._console = Console(stderr=True, highlight=False, markup=False, emoji=False)
        self._status: Status | None = None

    def __enter__(self) -> _BuildProgress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._status is not None:
            self._status.stop()

    def line(self, text: str) -> None:
        """A line of the build's output."""
        if text.startswith(("Compiling", "Archiving", "Linking")):
            if self._status is None:
                click.echo(f"{self._title} ...", err=True)
                self._status = self._console.status(self._title)
                if self._console.is_terminal:
                    self._status.start()
            self._status.update(f"{text.partition(' ')[0]} {Path(text).name}")
        elif _MEMORY_USE.match(text):
            click.echo(text, err=True)
