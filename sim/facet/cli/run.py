"""`facet run`: runs any firmware on a board and shows its serial line, pins and mistakes."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from facet.board.board import Board, load, without
from facet.board.schema import MOST_BAUD
from facet.cli import FAILED
from facet.cli.console import Live, list_violations, show
from facet.cli.interruption import Interruption, interruptible
from facet.cli.params import (
    SPAN,
    Planned,
    PlannedType,
    board_option,
    cycles_option,
    engine_option,
    unescape,
)
from facet.cycles.parts import Parts
from facet.diagnostics import Violation
from facet.errors import FacetError
from facet.files import check_writable, write_file
from facet.machine import DEFAULT_SEED
from facet.report.tables import plain_table
from facet.target.bench import Bench
from facet.target.simulated import simulate
from facet.time import ZERO, Time, ms

_PRESS = ms(100)


class _Pins:
    """Watches every pin of the chip: counts its edges, and shows them where `live` is given."""

    def __init__(self, bench: Bench, live: Live | None) -> None:
        self.edges: dict[str, int] = {}
        self._bench = bench
        self._live = live
        self._board = bench.board
        for pin in bench.pins.names:
            self._watch(pin)

    def _watch(self, pin: str) -> None:
        seen = self._bench.pins.level(pin)

        def changed(level: int | None) -> None:
            nonlocal seen
            if level != seen:
                seen = level
                self.edges[pin] = self.edges.get(pin, 0) + 1
                if self._live is not None:
                    self._live.note(self._bench.now, describe_pin(self._board, pin, level))

        self._bench.pins.watch(pin, changed)


def describe_pin(board: Board, pin: str, level: int | None) -> str:
    """A pin's level in words: ``PA5 = 1 (LD2 lit)``."""
    text = f"{pin} = {'floating' if level is None else level}"
    for things, on, off in ((board.leds, "lit", "dark"), (board.buttons, "pressed", "released")):
        for thing in things:
            if thing.pin == pin:
                text += f" ({thing.name} {on if level == thing.active else off})"
    return text


@click.command("run")
@click.argument("firmware", type=click.Path(path_type=Path))
@board_option
@click.option(
    "--for", "span", type=SPAN, default="2s", show_default=True, help="Virtual time to run."
)
@click.option("--show-pins", is_flag=True, help="Show each change of a pin as it happens.")
@click.option(
    "--uart-out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the bytes that the terminal received to this file, also when the run is "
    "interrupted.",
)
@click.option(
    "--baud",
    type=click.IntRange(1, MOST_BAUD),
    help="Baud rate of the terminal, in place of the board file's.",
)
@click.option(
    "--send",
    "sends",
    type=PlannedType("text"),
    multiple=True,
    help=r"Send text to the board at a time, e.g. 'once\n@500ms' (\n, \r, \xNN are understood).",
)
@click.option(
    "--press",
    "presses",
    type=PlannedType("button"),
    multiple=True,
    help="Press a button for 100 ms, e.g. B1@500ms.",
)
@click.option(
    "--without",
    "absent",
    multiple=True,
    metavar="PART",
    help="Leave a part of the board out, e.g. camera.",
)
@click.option(
    "--seed",
    type=int,
    default=DEFAULT_SEED,
    show_default=True,
    help="Seed of the chip's random number generator.",
)
@click.option(
    "--strict", is_flag=True, help="Exit with 1 for warnings too: what the hardware ignores."
)
@click.option(
    "--allow",
    "allowed",
    multiple=True,
    metavar="RULE",
    help="A rule that the firmware may break, e.g. watchdog (docs/rules.md lists them).",
)
@click.option(
    "--stop-at-first-unmodelled",
    is_flag=True,
    help="Stop, and exit with 1, where the firmware first uses what Facet does not model.",
)
@engine_option
@cycles_option
def command(
    firmware: Path,
    board: str,
    span: Time,
    show_pins: bool,
    uart_out: Path | None,
    baud: int | None,
    sends: tuple[Planned, ...],
    presses: tuple[Planned, ...],
    absent: tuple[str, ...],
    strict: bool,
    allowed: tuple[str, ...],
    stop_at_first_unmodelled: bool,
    seed: int,
    engine: str,
    cycles: Parts | None,
) -> None:
    """Run FIRMWARE on a board: its UART and pins, live; then what it did wrong, if it did.

    FIRMWARE is an ELF file, or a flat image of the flash (.bin), which has no names of lines. For
    the ESP32-C3 a .bin is a direct-boot image, or one of esptool's: a bootloader, an application or
    a merged image. An ELF file whose segments are for RAM is loaded there.

    Exits with 1 when it broke a rule of the board in a way that stops or damages the program, or
    when the core locked up; with --strict also for what the hardware ignores. SIGINT (Ctrl-C) and
    SIGTERM end the run early; the summary and the file of --uart-out are written then too.
    """
    for option, planned in (("--send", sends), ("--press", presses)):
        _check_times(option, planned, span)
    if uart_out is not None:
        check_writable(uart_out)
    live = Live()
    bench = simulate(_at_baud(without(load(board), absent), baud), firmware, engine, cycles, seed)
    for note in bench.target.notes:
        click.echo(f"note: {note}")
    if span < bench.now:
        click.echo(f"note: the program starts {bench.now} after power-on, and --for is {span}")
    bench.console.on_byte(live.serial)
    for rule in allowed:
        bench.rules.allow(rule)
    bench.rules.on_violation(live.violation)
    pins = _Pins(bench, live if show_pins else None)
    _plan(bench, sends, presses)
    if stop_at_first_unmodelled:
        bench.rules.on_violation(partial(_stop_at_limit, bench))
    begun = time.perf_counter()
    try:
        interruption = _run(bench, span, stop_at_first_unmodelled)
        wall_s = time.perf_counter() - begun
    finally:
        live.end_line()
        if uart_out is not None:
            write_file(uart_out, bench.console.data)
    _summarize(bench, pins, wall_s)
    if interruption.signal is not None:
        click.secho(f"facet: interrupted at {bench.now} of virtual time", err=True)
        raise click.exceptions.Exit(interruption.exit_code)
    stopped = stop_at_first_unmodelled and bench.not_modelled
    if bench.errors or bench.locked_up or stopped or (strict and bench.warnings):
        raise click.exceptions.Exit(FAILED)


def _check_times(option: str, planned: tuple[Planned, ...], span: Time) -> None:
    """Refuses an action that the run does not reach."""
    for action in planned:
        if action.at >= span:
            raise FacetError(
                f"{option} {action.what}@{action.at}: the run ends at {span}, before that; give a"
                " longer --for"
            )


def _at_baud(board: Board, baud: int | None) -> Board:
    return board if baud is None else replace(board, terminal=replace(board.terminal, baud=baud))


def _run(bench: Bench, span: Time, stop_at_first_unmodelled: bool) -> Interruption:
    """Runs the board; returns the signal that ended the run early."""
    with interruptible(bench.clock.stop) as interruption:
        if not (stop_at_first_unmodelled and bench.not_modelled):
            bench.run_until(span)
    return interruption


def _stop_at_limit(bench: Bench, violation: Violation) -> None:
    if violation.is_limit_of_facet and not violation.allowed:
        bench.clock.stop()


def _plan(bench: Bench, sends: tuple[Planned, ...], presses: tuple[Planned, ...]) -> None:
    for send in sends:
        bench.at(send.at, partial(bench.send, unescape(send.what)))
    for press in presses:
        bench.buttons.check(press.what)
        bench.at(press.at, partial(bench.press, press.what))
        bench.at(press.at + _PRESS, partial(bench.release, press.what))


def _summarize(bench: Bench, pins: _Pins, wall_s: float) -> None:
    core = bench.core
    click.echo()
    click.echo(
        f"{_seconds(bench.now)} s of virtual time in {wall_s:.2f} s: "
        f"{core.instructions:,} instructions, {core.cycles:,} core cycles, "
        f"{core.instructions / wall_s / 1e6:.1f} million instructions a second"
    )
    click.echo(f"engine: {core.engine}; cycles: {core.cycle_count}")
    _show_states(bench)
    if pins.edges:
        table = plain_table("pin", "changes", "now", numbers=["changes"])
        for pin in sorted(pins.edges, key=_pin_order):
            level = bench.pins.level(pin)
            now = describe_pin(bench.board, pin, level).partition("= ")[2]
            table.add_row(pin, f"{pins.edges[pin]:,}", now)
        show(table)
    if bench.locked_up:
        click.secho(f"the core locked up at {core.where}", fg="red")
    list_violations(bench.violations, bench.not_modelled)


def _seconds(time: Time) -> str:
    """Seconds to the millisecond; to the microsecond where they are less than that."""
    return f"{time.in_s:.{3 if time >= ms(1) else 6}f}"


def _show_states(bench: Bench) -> None:
    table = plain_table("part", "state", "time", "share", numbers=["time", "share"])
    for part in bench.states.parts:
        totals: dict[str, Time] = {}
        for span in bench.states.spans(part):
            totals[span.state.text] = totals.get(span.state.text, ZERO) + span.length
        for state, total in totals.items():
            share = f"{100 * total / bench.now:.1f} %" if bench.now else ""
            table.add_row(part, state, str(total), share)
    if table.row_count:
        show(table)


def _pin_order(pin: str) -> tuple[str, int]:
    """By port, then by number: PA2 before PA10, GPIO3 before GPIO10."""
    port = pin.rstrip("0123456789")
    return port, int(pin[len(port) :] or 0)
