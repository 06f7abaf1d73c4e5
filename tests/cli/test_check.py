"""`facet check`: the report on a model before a firmware is built."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.model.surgeon import GAP, INPUTS, SCALE, SHAPE, ZERO_POINT, Surgeon

Facet = Callable[..., Result]


def words(result: Result) -> str:
    """The output without its line breaks."""
    return " ".join(result.output.split())


def test_a_good_model_is_shown_with_all_that_the_firmware_makes_of_it(facet: Facet) -> None:
    result = facet("check", "facet-small")
    assert result.exit_code == 0, result.output
    output = words(result)
    assert "facet-small.tflite: the firmware can run it" in output
    assert "input 1 x 48 x 48 x 1; a pixel becomes 0 to 1 (stated in its card)" in output
    assert "labels happy, sad, angry, surprised, neutral" in output
    assert "7 DEPTHWISE_CONV_2D (Facet's own), 5 ADD (TFLite Micro's)" in output
    rows = [line.split() for line in result.output.splitlines() if line.startswith("nucleo_l476rg")]
    assert rows == [["nucleo_l476rg", "156,524", "974,876", "40,816", "95,872", "yes"]]


def test_a_range_is_recognized_without_a_card_that_states_it(facet: Facet, tmp_path: Path) -> None:
    surgeon = Surgeon()
    surgeon.put_element(surgeon.quantization("CONV_2D", INPUTS), SCALE, "f", 0, 0.93)
    path = surgeon.save(tmp_path)
    path.with_suffix(".json").write_text('{"labels": ["open", "shut", "half", "gone", "dark"]}')
    result = facet("check", path, "--board", "nucleo_l432kc")
    assert result.exit_code == 0, result.output
    assert "a pixel becomes 0 to 255 (by its scale and zero point)" in words(result)
    assert "labels open, shut, half, gone, dark" in words(result)
    assert "nucleo_l476rg" not in result.output


def test_a_model_that_is_too_large_for_a_board_is_reported_with_the_excess(facet: Facet) -> None:
    result = facet("check", "wiacek", "--board", "nucleo_l432kc")
    assert result.exit_code == 2
    assert (
        "nucleo_l432kc: flash: it needs 196,921 bytes, 188,444 are left; RAM: it needs 269,536"
        " bytes, 51,840 are left"
    ) in words(result)
    assert facet("check", "wiacek").exit_code == 0  # the ESP32-C3 has room for it


def test_all_problems_are_listed_each_with_its_cure(facet: Facet, tmp_path: Path) -> None:
    surgeon = Surgeon()
    surgeon.put_element(surgeon.tensor("CONV_2D", INPUTS), SHAPE, "i", 3, 3)
    path = surgeon.save(tmp_path)
    path.with_suffix(".json").unlink()
    result = facet("check", path)
    assert result.exit_code == 2
    output = words(result)
    assert f"{path}: the firmware cannot run it" in output
    assert "1. its input is 1 x 48 x 48 x 3; the firmware makes 1 x 48 x 48 x 1" in output
    assert "> the picture is gray, not of 3 channels: build it with keras.Input" in output
    assert "the model's card is missing" in output
    assert '> write one with at least {"labels": ["happy", ...]}' in output
    assert "Traceback" not in output


def test_an_input_of_another_range_names_its_span(facet: Facet, tmp_path: Path) -> None:
    surgeon = Surgeon()
    quantization = surgeon.quantization("CONV_2D", INPUTS)
    surgeon.put_element(quantization, SCALE, "f", 0, 1 / 64)
    surgeon.put_element(quantization, ZERO_POINT, "q", 0, 0)
    path = surgeon.save(tmp_path)
    path.with_suffix(".json").write_text('{"labels": ["a", "b", "c", "d", "e"]}')
    result = facet("check", path)
    assert result.exit_code == 2
    assert "its input spans -2 to 1.984" in words(result)


@pytest.mark.parametrize(
    "labels", [["open", "Open"], ["happy", "joy"], ["left-eye", "left_eye"]], ids="-".join
)
def test_labels_that_mean_the_same_are_refused_as_facet_sim_refuses_them(
    labels: list[str], facet: Facet, tmp_path: Path
) -> None:
    path = Surgeon().save(tmp_path)
    path.with_suffix(".json").write_text(json.dumps({"labels": [*labels, "c", "d", "e"]}))
    for command in (("check", path), ("sim", "--model", path)):
        result = facet(*command)
        assert result.exit_code == 2
        both = f"two labels, {labels[0]!r} and {labels[1]!r}, mean the same"
        assert both in words(result)


def test_a_file_that_is_not_a_model_is_refused_in_one_line(facet: Facet, tmp_path: Path) -> None:
    (tmp_path / "net.tflite").write_bytes(b"PK\x03\x04" + bytes(1000))
    result = facet("check", tmp_path / "net.tflite")
    assert result.exit_code == 2
    assert len(result.output.strip().splitlines()) == 1
    assert "it looks like a .keras archive" in result.output


def test_an_unknown_model_or_board_is_refused(facet: Facet) -> None:
    for arguments in (("check", "facet-huge"), ("check", "facet-small", "--board", "nix")):
        result = facet(*arguments)
        assert result.exit_code == 2
        assert len(result.output.strip().splitlines()) == 1


@pytest.mark.parametrize("is_good", [True, False])
def test_the_same_is_json_where_it_is_asked_for(
    facet: Facet, is_good: bool, tmp_path: Path
) -> None:
    path = tmp_path / "model.tflite"
    shutil.copy(GAP, path)
    if is_good:
        shutil.copy(GAP.with_suffix(".json"), path.with_suffix(".json"))
    result = facet("check", path, "--json")
    assert result.exit_code == (0 if is_good else 2)
    found = json.loads(result.output)
    assert found["good"] is is_good
    assert bool(found["problems"]) is not is_good
    assert found["operators"]["MEAN"] == {"count": 1, "kernel": "Facet's own"}
    if is_good:
        assert found["boards"]["nucleo_l476rg"]["fits"]
