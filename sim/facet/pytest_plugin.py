"""A pytest plugin: the fixture `bench`, a simulated board with firmware, powered on.

    def test_it_says_hello(bench):
        bench.wait_for_line(lambda line: line.text == "hello", s(1))

    @pytest.mark.facet(board="nucleo_l432kc", firmware="build/other.elf")
    def test_the_smaller_board(bench): ...

A test fails when the firmware broke a rule of the board (an error, see docs/rules.md) or locked up.
The report of a failed test holds the serial transcript and the violations. The page docs/pytest.md
lists all options.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:  # pytest loads this module in every run: what a test does not use is not imported
    from facet.board.board import Board
    from facet.target.bench import Bench

_FAIL: Final = "fail"
_STRICT: Final = "strict"
_REPORT: Final = "report"
_CHOICES: Final = (_FAIL, _STRICT, _REPORT)
_CHOOSE: Final = f"choose {_FAIL}, {_STRICT} or {_REPORT}"
_DEFAULT_BOARD: Final = "nucleo_l476rg"
_DEFAULT_ENGINE: Final = "unicorn"
_DEFAULT_MODEL: Final = "facet-small"
_MARKER: Final = "facet"
_MARKER_TEXT: Final = (
    "facet(board=None, firmware=None, model=None, absent=(), violations=None, engine=None, "
    "cycles=None): the board, the firmware and the CPU engine of this test; "
    'violations="strict" fails it also for what the hardware ignores, '
    '"report" lets it pass with a broken rule'
)
_LINES_IN_A_REPORT: Final = 500
"""Lines of the serial transcript, the last ones, that a failed test's report holds."""


@dataclass(frozen=True)
class _Settings:
    """The configuration of a test: board, firmware, model.

    Attributes:
        board: a board's name or the path of a board file.
        firmware: an ELF file; None builds the firmware of `model`.
        model: a model's name or the path of a .tflite.
        absent: names of parts that are left out of the board.
        violations: ``fail``, ``strict`` or ``report``.
        engine: the CPU engine's name.
        cycles: what the cycle count takes in, or "" for what the engine does by itself.
    """

    board: str
    firmware: Path | None
    model: str
    absent: tuple[str, ...]
    violations: str
    engine: str
    cycles: str


_BENCH: Final = pytest.StashKey["Bench"]()
_SETTINGS: Final = pytest.StashKey[_Settings]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declares the options and the settings of the configuration file."""
    group = parser.getgroup("facet", "Facet: firmware on a simulated board")
    group.addoption(
        "--facet-board",
        metavar="BOARD",
        help=f"a board of `facet boards`, or a board file (.toml); default: {_DEFAULT_BOARD}",
    )
    group.addoption("--facet-firmware", metavar="ELF", help="the firmware to run (.elf)")
    group.addoption(
        "--facet-model",
        metavar="MODEL",
        help="without firmware: build Facet's own with this model, a name or a .tflite; "
        f"default: {_DEFAULT_MODEL}",
    )
    group.addoption(
        "--facet-absent",
        metavar="PART",
        action="append",
        help="leave this part out of the board; may be given several times",
    )
    group.addoption(
        "--facet-violations",
        choices=_CHOICES,
        help="the broken rules of the board that fail a test: errors (fail, the default), "
        "warnings too (strict), none (report)",
    )
    group.addoption(
        "--facet-engine",
        metavar="ENGINE",
        help=f"what executes the firmware: unicorn or renode; default: {_DEFAULT_ENGINE}",
    )
    group.addoption(
        "--facet-cycles",
        metavar="PARTS",
        help="what the cycle count takes in: core, flash or full; default: by the engine",
    )
    parser.addini("facet_board", "as --facet-board; a path is relative to the rootdir")
    parser.addini("facet_firmware", "as --facet-firmware; relative to the rootdir")
    parser.addini("facet_model", "as --facet-model; a path is relative to the rootdir")
    parser.addini("facet_absent", "parts to leave out of the board", type="args")
    parser.addini("facet_violations", "as --facet-violations")
    parser.addini("facet_engine", "as --facet-engine")
    parser.addini("facet_cycles", "as --facet-cycles")


def pytest_configure(config: pytest.Config) -> None:
    """Registers the marker and checks the settings of the configuration file."""
    config.addinivalue_line("markers", _MARKER_TEXT)
    chosen = config.getini("facet_violations")
    if chosen not in ("", *_CHOICES):
        raise pytest.UsageError(f"facet_violations is {chosen!r}: {_CHOOSE}")


@pytest.fixture
def bench(request: pytest.FixtureRequest) -> Bench:
    """A board with its firmware, just powered on; each test has its own.

    Board and firmware come from the marker `facet`, from the command line, or from the
    configuration file, in this order.
    """
    from facet.board.board import load, without
    from facet.cycles.parts import Parts
    from facet.errors import FacetError
    from facet.target.simulated import simulate

    item = request.node
    settings = _settings(item)
    made, problem = None, ""
    try:
        board = without(load(settings.board), settings.absent)
        firmware = settings.firmware or _built(settings, board)
        made = simulate(board, firmware, settings.engine, Parts.named(settings.cycles))
    except FacetError as error:
        problem = str(error)
    if made is None:  # outside of `except`: the report shows one error and not two
        pytest.fail(problem, pytrace=False)
    item.stash[_BENCH] = made
    item.stash[_SETTINGS] = settings
    item.user_properties += [
        ("facet_board", board.name),
        ("facet_firmware", firmware.name),
        ("facet_firmware_sha256", hashlib.sha256(firmware.read_bytes()).hexdigest()),
        ("facet_engine", made.core.engine),
        ("facet_cycle_count", made.core.cycle_count),
    ]
    return made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Fails a test that passed although its firmware broke a rule of the board."""
    result = yield
    bench = item.stash.get(_BENCH, None)
    chosen = item.stash[_SETTINGS].violations if bench is not None else _REPORT
    if bench is not None and chosen != _REPORT:
        failing = bench.violations if chosen == _STRICT else bench.errors
        broken = [str(violation) for violation in failing]
        if bench.locked_up:
            broken.append(f"the core locked up at {bench.core.where}")
        if broken:
            pytest.fail(
                "the firmware did what would not work on the real board:\n  " + "\n  ".join(broken),
                pytrace=False,
            )
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds the serial transcript and the violations to the report of a failed test."""
    report = yield
    bench = item.stash.get(_BENCH, None)
    if bench is not None and report.failed:
        at = f"{bench.board.name}, {bench.now} after power-on"
        report.sections.append((f"UART ({at})", _transcript(bench)))
        for title, found in (
            ("violations", bench.errors),
            ("violations that the hardware ignores", bench.warnings),
            ("not modelled by Facet", bench.not_modelled),
        ):
            if found:
                report.sections.append((title, "\n".join(str(violation) for violation in found)))
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Releases the board after the test's last report; pytest keeps the items to the end."""
    result = yield
    if _BENCH in item.stash:
        del item.stash[_BENCH]
    return result


def _settings(item: pytest.Item) -> _Settings:
    config = item.config
    marked: dict[str, Any] = {}
    for marker in reversed(list(item.iter_markers(_MARKER))):  # the closest one comes last
        _check_marker(marker)
        marked |= marker.kwargs

    def chosen(name: str, default: str) -> str:
        if marked.get(name) is not None:
            return _resolved(name, str(marked[name]), config.rootpath)
        option = config.getoption(f"facet_{name}")
        if option is not None:
            return _resolved(name, str(option), config.invocation_params.dir)
        return _resolved(name, str(config.getini(f"facet_{name}")), config.rootpath) or default

    absent = marked.get("absent")
    if absent is None:
        absent = config.getoption("facet_absent") or config.getini("facet_absent")
    firmware = chosen("firmware", "")
    return _Settings(
        chosen("board", _DEFAULT_BOARD),
        Path(firmware) if firmware else None,
        chosen("model", _DEFAULT_MODEL),
        (absent,) if isinstance(absent, str) else tuple(absent),
        chosen("violations", _FAIL),
        chosen("engine", _DEFAULT_ENGINE),
        chosen("cycles", ""),
    )


def _check_marker(marker: pytest.Mark) -> None:
    known = ("board", "firmware", "model", "absent", "violations", "engine", "cycles")
    unknown = [repr(argument) for argument in marker.args]
    unknown += [name for name in marker.kwargs if name not in known]
    if unknown:
        pytest.fail(
            f"the marker {_MARKER} does not take {', '.join(unknown)}: "
            f"it takes the keywords {', '.join(known)}",
            pytrace=False,
        )
    violations = marker.kwargs.get("violations")
    if violations not in (None, *_CHOICES):
        pytest.fail(
            f"the marker {_MARKER} has violations={violations!r}: {_CHOOSE}",
            pytrace=False,
        )


def _resolved(name: str, value: str, folder: Path) -> str:
    """A setting's value; a path in it is relative to `folder`."""
    is_path = name == "firmware" or "/" in value or value.endswith((".toml", ".tflite"))
    return str(folder / value) if value and is_path else value


def _built(settings: _Settings, board: Board) -> Path:
    from facet.firmware.build import FirmwareCache
    from facet.model.bundle import find

    return FirmwareCache().get(board, find(settings.model))


def _transcript(bench: Bench) -> str:
    lines = [f"[{line.at.in_ms:12.3f} ms] {line.text}" for line in bench.lines]
    unfinished = bench.console.data.decode("utf-8", "replace").rpartition("\n")[2]
    if unfinished:
        lines.append(f"[{'':12} ..] {unfinished}")
    omitted = len(lines) - _LINES_IN_A_REPORT
    if omitted > 0:
        lines = [f"... {omitted} lines before", *lines[-_LINES_IN_A_REPORT:]]
    return "\n".join(lines) or "(the device sent nothing)"
