"""docs/models.md and its picture agree with the cards; the check fails where they do not."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from facet.model.card import ModelCard, read_card
from models.evaluation.card import TRAINED
from tools.models_doc import main, page
from tools.models_plot import accuracy_plot

FACET_SMALL = TRAINED / "facet-small.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "facet-small.tflite").write_bytes(b"")
    (tmp_path / "facet-small.json").write_text(FACET_SMALL.read_text())
    return tmp_path


def run(folder: Path, *arguments: str) -> int:
    return main(arguments, folder, folder / "models.md", folder / "accuracy.svg")


def card_like(name: str, macs: int, accuracy: float, tmp_path: Path) -> ModelCard:
    raw = json.loads(FACET_SMALL.read_text())
    raw.update(name=name, macs=macs)
    raw["quality"]["public_test"]["accuracy"] = accuracy
    (tmp_path / f"{name}.json").write_text(json.dumps(raw))
    return read_card(tmp_path / f"{name}.json")


def test_the_page_and_the_picture_are_up_to_date() -> None:
    assert main(["--check"]) == 0, "run make models"


def test_check_fails_where_a_card_has_changed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, "--check") == 1
    assert "models.md is out of date: run make models" in capsys.readouterr().err
    assert run(folder) == 0
    assert run(folder, "--check") == 0
    text = (folder / "facet-small.json").read_text()
    (folder / "facet-small.json").write_text(text.replace('"macs": 2077284,', '"macs": 2077285,'))
    assert run(folder, "--check") == 1


def test_a_broken_card_is_an_error_that_names_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "facet-small.json").write_text("{}")
    assert run(folder) == 1
    assert "facet-small.json: a broken card" in capsys.readouterr().err
    assert not (folder / "models.md").exists()


def test_page_has_the_card_s_figures() -> None:
    card = read_card(FACET_SMALL)
    text = page([card])
    row = next(line for line in text.splitlines() if line.startswith("| `facet-small` | five"))
    for figure in (f"{card.macs:,}", f"{card.file_bytes:,}", f"{card.arena_bytes:,}"):
        assert f" {figure} " in row
    assert card.figures is not None
    assert f" {card.figures.accuracy:.3f} " in row
    for entry in card.raw["robustness"]["conditions"]:
        assert f"| {entry['condition']} |" in text


def test_all_rows_have_as_many_cells_as_their_head() -> None:
    lines = page([read_card(FACET_SMALL)]).splitlines()
    for line, following in itertools.pairwise(lines):
        if line.startswith("|") and following.startswith("|"):
            assert line.count("|") == following.count("|")


def test_marks_are_at_their_figures(tmp_path: Path) -> None:
    low = card_like("low", 1_000_000, 0.7, tmp_path)
    high = card_like("high", 10_000_000, 0.9, tmp_path)
    picture = accuracy_plot([low, high])
    assert picture == accuracy_plot([low, high])
    root = ElementTree.fromstring(picture)
    marks = root.iterfind(".//*[@id='axes_1']/*/{*}g/{*}use")
    (low_x, low_y), (high_x, high_y), *_ = (
        (float(mark.attrib["x"]), float(mark.attrib["y"])) for mark in marks
    )
    assert low_x < high_x
    assert low_y > high_y  # y grows downwards in SVG
    texts = [text.text for text in root.iterfind(".//{*}text")]
    assert {"low", "high"} <= set(texts)


def test_without_models_the_picture_has_a_note() -> None:
    assert "no model yet" in accuracy_plot([])
