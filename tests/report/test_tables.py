"""Tables keep their figures: on narrow terminals, with long names and errors, with many classes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from facet.cli.console import show, show_confusion
from facet.evaluation.results import Outcome, Summary
from facet.report.tables import cycles_tables, error_lines, outcome_tables, plain_table
from facet.target.decision import PHASES, Decision
from facet.time import ms

ERROR = "the device reports camera_bus: " + "SCCB gave no answer, " * 20


def decided(frame: str, label: str, said: str) -> Outcome:
    cost = dict.fromkeys(PHASES, 13_678_215)
    return Outcome(frame, label, Decision(ms(1), said, 87, False, (1, 2), cost, cost))


OUTCOMES = [
    decided("happy/anna.png", "happy", "happy"),
    decided("a/very/long/path/" * 10 + "the end.png", "sad", "angry"),
    Outcome("sad/bert.png", "sad", None, ERROR),
]


def terminal(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes standard output so wide; 0: a file."""
    if columns:
        monkeypatch.setenv("COLUMNS", str(columns))
    else:
        monkeypatch.delenv("COLUMNS", raising=False)


@pytest.mark.parametrize("width", [0, 40, 60, 80, 120, 200])
def test_a_frame_by_frame_table_is_never_cut(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal(width, monkeypatch)
    show(outcome_tables(OUTCOMES))
    lines = capsys.readouterr().out.splitlines()
    text = "\n".join(lines)
    assert "…/the end.png" in text.replace("/a/very/long/path", "") or "the end.png" in text
    assert "87 %" in text
    assert "error" in text
    assert "SCCB" not in text  # the message stands below the table
    if width in (0, 120, 200):
        assert text.count("13,678,215") == 2 * len(PHASES)
    else:
        assert all(len(line) <= max(width, 72) for line in lines), text


def test_errors_have_a_line_each() -> None:
    assert error_lines(OUTCOMES) == [f"sad/bert.png: {ERROR}"]
    assert error_lines([OUTCOMES[2]] * 12)[-1] == "and 2 more errors"


@pytest.mark.parametrize("width", [0, 30, 60, 120])
def test_cycles_and_times_are_never_cut(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal(width, monkeypatch)
    show(cycles_tables(Summary(OUTCOMES)))
    text = capsys.readouterr().out
    assert text.count("13,678.2 ms") == len(PHASES)
    assert "13,678,215" in text


def confusion(classes: Sequence[str], capsys: pytest.CaptureFixture[str]) -> str:
    outcomes = [decided("x", name, name) for name in classes for _ in range(7)]
    show_confusion(Summary(outcomes, classes))
    return capsys.readouterr().out


CLASSES = [f"expression number {n}" for n in range(1, 31)]


@pytest.mark.parametrize("width", [0])
def test_a_file_has_the_whole_matrix(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal(width, monkeypatch)
    lines = confusion(CLASSES, capsys).splitlines()
    assert len(lines) == 31
    assert all(name in lines[0] for name in CLASSES)


@pytest.mark.parametrize("width", [80, 120])
def test_many_classes_on_a_terminal_come_in_pieces(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal(width, monkeypatch)
    text = confusion(CLASSES, capsys)
    assert text.count("7") - text.count("7 expression") - text.count("27") >= 30
    assert all(len(line) <= width for line in text.splitlines())
    for number, name in enumerate(CLASSES, 1):
        assert f"{number} {name}" in text


@pytest.mark.parametrize("width", [60])
def test_numbers_stand_for_names_that_take_too_much_room(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal(width, monkeypatch)
    lines = confusion(["a rather long name", "another long name", "a third"], capsys).splitlines()
    assert lines[0].split() == ["shown", "\\", "said", "1", "2", "3"]
    assert lines[1].split() == ["1", "a", "rather", "long", "name", "7", "·", "·"]


@pytest.mark.parametrize("width", [40])
def test_a_column_that_may_wrap_does(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal(width, monkeypatch)
    table = plain_table("board", "parts", wrapped=["parts"])
    table.add_row("nucleo_l476rg", "camera, " * 10)
    show(table)
    out = capsys.readouterr().out
    assert out.count("camera") == 10
    assert all(len(line) <= 40 for line in out.splitlines())
