"""`facet boards`: lists the boards."""

from __future__ import annotations

import click

from facet.board.board import load, names
from facet.cli.console import show
from facet.errors import FacetError
from facet.report.tables import plain_table


@click.command("boards")
def command() -> None:
    """List the boards and the parts on each."""
    table = plain_table("board", "chip", "terminal", "parts", wrapped=["parts"])
    unreadable = []
    for name in names():
        try:
            board = load(name)
        except FacetError as error:  # one bad board must not hide the others
            unreadable.append(str(error))
            continue
        serial = board.terminal
        around = [f"{part.name} ({part.type})" for part in board.parts]
        around += [f"{button.name} (button, {button.pin})" for button in board.buttons]
        around += [f"{led.name} (LED, {led.pin})" for led in board.leds]
        table.add_row(
            name, board.chip, f"{serial.tx}/{serial.rx}, {serial.baud} baud", ", ".join(around)
        )
    show(table)
    if unreadable:
        raise FacetError("; ".join(unreadable))
