"""The comparison of two clones' speed."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import paired


def test_more_work_in_a_second_and_a_shorter_start_are_faster() -> None:
    assert paired.ratio("inference", [200, 240], [100, 120]) == 2
    assert paired.ratio("facet run", [0.5, 0.7], [1.0, 1.2]) == 2


def test_a_figure_that_the_other_version_did_not_measure_is_not_a_number() -> None:
    assert math.isnan(paired.figure({"eval": []}, ("eval", -1, "frames_per_second")))
    assert (
        paired.figure({"eval": [{"frames_per_second": 7}]}, ("eval", -1, "frames_per_second")) == 7
    )


def test_a_clone_without_its_set_up_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(paired.main, [str(tmp_path)])
    assert result.exit_code == 1
    assert "is missing: run `make -C" in result.output


@pytest.mark.parametrize("name", list(paired._FIGURES))
def test_each_figure_has_its_place_in_the_report(name: str) -> None:
    report = {
        "inference": {"instructions_per_cpu_second": 1},
        "whole_decision": {"instructions_per_cpu_second": 1},
        "eval": [{"frames_per_second": 1}],
        "run_first_byte_s": 1,
    }
    assert paired.figure(report, paired._FIGURES[name]) == 1
