"""The crystals that a board file describes."""

from __future__ import annotations

from pathlib import Path

import pytest

from facet.board.board import load
from facet.errors import FacetError
from facet.resources import BOARDS
from facet.time import ms


def _board_file(folder: Path, line: str) -> str:
    text = (BOARDS / "nucleo_l476rg.toml").read_text()
    kept = [row for row in text.splitlines() if not row.startswith("lse_startup_ms")]
    at = kept.index("[clocks]") + 1
    path = folder / "mine.toml"
    path.write_text("\n".join([*kept[:at], line, *kept[at:]]))
    return str(path)


def test_a_board_gives_the_start_up_time_of_its_crystal(tmp_path: Path) -> None:
    assert load(_board_file(tmp_path, "lse_startup_ms = 250")).lse_startup == ms(250)
    assert load(_board_file(tmp_path, "lse_startup_ms = 0.5")).lse_startup == ms(0.5)


def test_without_a_value_it_is_that_of_the_data_sheet(tmp_path: Path) -> None:
    assert load(_board_file(tmp_path, "")).lse_startup == ms(2000)
    assert load("nucleo_l476rg").lse_startup == ms(2000)


@pytest.mark.parametrize("value", ["0", "-1", "20000", '"2s"', "true"])
def test_a_time_outside_the_range_is_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(FacetError, match="lse_startup_ms"):
        load(_board_file(tmp_path, f"lse_startup_ms = {value}"))
