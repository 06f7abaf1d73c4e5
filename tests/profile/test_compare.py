"""A profile that costs more than its baseline is found, and what cannot be compared is named."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from facet.errors import FacetError
from facet.profile.compare import Difference, compare
from facet.profile.json_form import as_json, read_profile
from facet.profile.limits import Limits, read_limits
from facet.profile.phases import read_phases
from facet.report.comparison import as_junit, as_markdown, summary
from tests.profile.conftest import Decided

_PATHS = Path("base.json"), Path("new.json")


@pytest.fixture
def base(decided: Decided) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(as_json(decided.profile))
    return copy.deepcopy({**data, "accuracy": 0.8})


def _named(entries: list[dict[str, Any]], name: str, key: str = "name") -> dict[str, Any]:
    return next(entry for entry in entries if entry[key] == name)


def _regressed(
    base: dict[str, Any], new: dict[str, Any], limits: Limits | None = None
) -> list[str]:
    differences = compare(base, new, limits or Limits(0.02), _PATHS)
    return [difference.title for difference in differences if difference.regressed]


def test_a_profile_is_no_regression_against_itself(base: dict[str, Any]) -> None:
    differences = compare(base, base, Limits(0.0), _PATHS)
    assert {difference.status for difference in differences} == {"same"}
    assert summary(differences).startswith("No regression")


def _grow_total(profile: dict[str, Any], by: float) -> str:
    profile["cycles"] *= 1 + by
    return "total cycles"


def _grow_phase(profile: dict[str, Any], by: float) -> str:
    _named(profile["phases"], "preprocess")["cycles"] *= 1 + by
    return "phase preprocess"


def _grow_operator(profile: dict[str, Any], by: float) -> str:
    profile["operators"][3]["cycles"] *= 1 + by
    return "operator 3 CONV_2D"


def _grow_function(profile: dict[str, Any], by: float) -> str:
    _named(profile["functions"], "kernel::DepthwiseConv2DInt8")["cycles"] *= 1 + by
    return "function kernel::DepthwiseConv2DInt8"


def _grow_flash(profile: dict[str, Any], by: float) -> str:
    _named(profile["memory"]["regions"], "FLASH")["used"] *= 1 + by
    return "memory FLASH"


def _grow_arena(profile: dict[str, Any], by: float) -> str:
    profile["arena"]["used"] *= 1 + 2 * by
    return "memory SRAM1"


def _grow_stack(profile: dict[str, Any], by: float) -> str:
    _named(profile["stacks"], "main", "thread")["bytes"] *= 1 + by
    return "stack main"


def _lose_accuracy(profile: dict[str, Any], by: float) -> str:
    profile["accuracy"] *= 1 - by
    return "accuracy"


@pytest.mark.parametrize(
    "change",
    [
        _grow_total,
        _grow_phase,
        _grow_operator,
        _grow_function,
        _grow_flash,
        _grow_arena,
        _grow_stack,
        _lose_accuracy,
    ],
)
def test_each_kind_of_value_has_a_limit(base: dict[str, Any], change: Any) -> None:
    worse, a_little, better = (copy.deepcopy(base) for _ in range(3))
    name = change(worse, 0.03)
    change(a_little, 0.01)
    change(better, -0.03)
    assert _regressed(base, worse) == [name]
    assert _regressed(base, a_little) == []
    assert _regressed(base, better) == []


@pytest.mark.parametrize(
    ("key", "value", "what"),
    [
        ("board", "esp32c3_devkitm", "another board"),
        ("model", "guide", "another model"),
        ("facet", "0.0.1", "another version of Facet"),
        ("frames", 7, "another number of frames"),
    ],
)
def test_a_baseline_of_something_else_is_named(
    base: dict[str, Any], key: str, value: object, what: str
) -> None:
    other = copy.deepcopy(base)
    other["run"][key] = value
    with pytest.raises(FacetError, match=rf"base.json is of {what}: {key} is .*new.json"):
        compare(other, base, Limits(0.02), _PATHS)


def test_limits_of_ones_own_hold_for_single_values(base: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "limits.toml"
    file.write_text(
        'max_regress = "1%"\n'
        '[phase]\ncapture = "ignore"\ninference = 15_000_000\n'
        '[function]\n"app::FilterRowPair" = "50%"\n'
        "[stack]\nmain = 4096\n"
    )
    limits = read_limits(file, 0.5)
    new = copy.deepcopy(base)
    _named(new["phases"], "capture")["cycles"] *= 9
    _named(new["functions"], "app::FilterRowPair")["cycles"] *= 1.4
    _named(new["stacks"], "main", "thread")["bytes"] = 4000
    assert _regressed(base, new, limits) == []
    _named(new["phases"], "inference")["cycles"] = 15_000_001
    _named(new["stacks"], "main", "thread")["bytes"] = 4097
    _named(new["phases"], "readout")["cycles"] *= 1.02
    assert _regressed(base, new, limits) == ["phase readout", "phase inference", "stack main"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("phase = 3", "has 'phase'"),
        ('[phase]\ninference = "fast"', r"\[phase\] inference is 'fast'"),
        ("[phase]\ninference = true", r"\[phase\] inference is True"),
        ("max_regress = 3", "max_regress is a growth"),
        ("[phase", "is not a TOML file"),
        ('[phases]\ninference = "1%"', "has 'phases'"),
    ],
)
def test_a_wrong_file_of_limits_is_named(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "limits.toml"
    file.write_text(text)
    with pytest.raises(FacetError, match=message):
        read_limits(file, 0.02)


def test_a_limit_for_what_is_not_there_names_the_nearest(
    base: dict[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "limits.toml"
    file.write_text('[phase]\ninferense = "1%"\n')
    with pytest.raises(FacetError, match=r"phase 'inferense'.*the nearest are inference"):
        compare(base, base, read_limits(file, 0.02), _PATHS)


def test_a_damaged_profile_is_named(base: dict[str, Any]) -> None:
    broken = copy.deepcopy(base)
    del broken["phases"][0]["cycles"]
    with pytest.raises(FacetError, match=r"new.json is damaged"):
        compare(base, broken, Limits(0.02), _PATHS)


@pytest.fixture
def differences(base: dict[str, Any]) -> list[Difference]:
    new = copy.deepcopy(base)
    _grow_function(new, 0.1)
    return compare(base, new, Limits(0.02), _PATHS)


def test_the_markdown_shows_the_regression(differences: list[Difference]) -> None:
    text = as_markdown(differences, "Cost")
    row = next(line for line in text.splitlines() if "DepthwiseConv2DInt8 |" in line)
    assert "+10.00 %" in row
    assert row.endswith("| **REGRESSED** |")
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len({line.count(" | ") for line in table if "---" not in line}) <= 2


def test_the_junit_file_has_a_failure_for_each_regression(differences: list[Difference]) -> None:
    suite = ElementTree.fromstring(as_junit(differences, "Cost"))[0]
    assert suite.get("tests") == str(len(differences))
    assert suite.get("failures") == "1"
    failures = suite.findall("./testcase/failure")
    assert len(failures) == 1
    assert "+10.00 %" in str(failures[0].get("message"))


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("run", None, "'run' is missing or is not an object"),
        ("run", "x", "'run' is missing or is not an object"),
        ("cycles", None, "'cycles' is missing or is not a whole number"),
        ("cycles", float("nan"), "'cycles' is missing or is not a whole number"),
        ("cycles", -5, "'cycles' has -5"),
        ("accuracy", "x", "'accuracy' is not a number"),
        ("accuracy", float("nan"), "'accuracy' has nan"),
        ("phases", [{"name": "main", "cycles": float("inf")}], "'phases' has inf"),
    ],
)
def test_a_number_that_no_run_gives_is_damage(
    base: dict[str, Any], tmp_path: Path, key: str, value: object, problem: str
) -> None:
    path = tmp_path / "profile.json"
    path.write_text(json.dumps({**base, key: value}))
    with pytest.raises(FacetError, match=rf"profile\.json is damaged: {problem}; measure it again"):
        read_profile(path)


def test_a_limit_without_an_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "limits.toml"
    path.write_text("[function]\nfib = inf\n")
    with pytest.raises(FacetError, match=r"\[function\] fib is inf"):
        read_limits(path, 0.02)


def test_a_function_of_two_phases_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "phases.toml"
    path.write_text('[phase.a]\nfunctions = ["fib"]\n[phase.b]\nfunctions = ["fib"]\n')
    with pytest.raises(FacetError, match="fib is in the phases 'a' and 'b': name it once"):
        read_phases(path)
