"""The files of a profile are read by the tools that they are for."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from facet.profile.annotate import annotated, annotation_lines
from facet.profile.callgrind import as_callgrind
from facet.profile.chrome_trace import as_chrome_trace
from facet.profile.flame_graph import as_svg
from facet.profile.frames import thread_frames
from facet.profile.json_form import as_json, read_profile
from facet.profile.speedscope import as_speedscope
from facet.profile.timeline import slices_of
from facet.state import MCU
from facet.trace import merged
from tests.profile.conftest import Decided


def test_speedscopes_samples_weigh_as_much_as_the_run(decided: Decided) -> None:
    data = json.loads(as_speedscope(thread_frames(decided.analysis), "a run", "facet"))
    frames = data["shared"]["frames"]
    total = 0
    for profile in data["profiles"]:
        assert profile["type"] == "sampled"
        assert len(profile["samples"]) == len(profile["weights"])
        assert sum(profile["weights"]) == profile["endValue"] - profile["startValue"]
        assert all(0 <= n < len(frames) for sample in profile["samples"] for n in sample)
        assert all(profile["samples"])
        total += profile["endValue"]
    assert total == decided.profile.cycles
    assert len({(f["name"], f.get("file"), f.get("line")) for f in frames}) == len(frames)


def test_callgrind_annotate_reads_the_whole_run(decided: Decided, tmp_path: Path) -> None:
    if shutil.which("callgrind_annotate") is None:
        pytest.skip("needs callgrind_annotate (Debian and Ubuntu: apt install valgrind)")
    file = tmp_path / "callgrind.out"
    file.write_bytes(as_callgrind(decided.analysis, "a run", "facet"))
    done = subprocess.run(
        ["callgrind_annotate", "--auto=no", "--threshold=100", "--show=Cycles", str(file)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not done.stderr
    rows = re.findall(r"^ *([\d,]+) \( ?[\d.]+%\)  (.+)$", done.stdout, re.MULTILINE)
    assert rows[0] == (f"{decided.profile.cycles:,}", "PROGRAM TOTALS")
    # Lines of inlined functions stand in files of their own: they add up to the whole.
    assert sum(int(cycles.replace(",", "")) for cycles, _ in rows[1:]) == decided.profile.cycles


def test_callgrinds_calls_include_what_is_below(decided: Decided) -> None:
    text = as_callgrind(decided.analysis, "a run", "facet").decode()
    numbers = dict(re.findall(r"fn=\((\d+)\) (.+)", text))
    number_of = {name: number for number, name in numbers.items()}
    begin = rf"^fn=\({number_of['main']}\)"
    main = re.search(rf"{begin}.*?(?=^fn=|\Z)", text, re.MULTILINE | re.DOTALL)
    assert main is not None
    found = {
        numbers.get(number, name): int(cycles)
        for number, name, cycles in re.findall(
            r"cfn=\((\d+)\)(?: (.+))?\ncalls=\d+ \d+\n\d+ (\d+)", main[0]
        )
    }
    classify = next(f for f in decided.profile.functions if f.name == "app::Device::Classify")
    assert found["app::Device::Classify"] == classify.inclusive


def test_slices_of_the_timeline_nest_and_states_fill_it(decided: Decided) -> None:
    bench = decided.bench
    slices = slices_of(decided.analysis)
    states = {MCU: merged(bench.states.spans(MCU))}
    data = json.loads(as_chrome_trace(slices, states, "a run"))
    events = [event for event in data["traceEvents"] if event["ph"] == "X"]
    for track in {(event["pid"], event["tid"]) for event in events}:
        opened: list[float] = []
        for event in events:
            if (event["pid"], event["tid"]) == track:
                end = event["ts"] + event["dur"]
                assert end * 8 == int(end * 8)  # exact as a floating-point number
                while opened and opened[-1] <= event["ts"]:
                    opened.pop()
                assert not opened or end <= opened[-1], event
                opened.append(end)
    spans = [event for event in events if event["cat"] == "state"]
    assert spans[0]["ts"] == 0
    for before, after in pairwise(spans):
        assert before["ts"] + before["dur"] == after["ts"]
    assert any(event["name"].startswith("stop2") or "sleep" in event["name"] for event in spans)


def test_operators_lie_within_the_inference_of_the_timeline(decided: Decided) -> None:
    slices = slices_of(decided.analysis)
    inference = next(s for s in slices if s.name == "inference")
    operators = [s for s in slices if s.kind == "operator"]
    assert [s.name for s in operators] == [o.title for o in decided.profile.operators]
    assert all(inference.begin <= s.begin < s.end <= inference.end for s in operators)
    taken_us = (inference.end - inference.begin) / 1_000_000
    assert taken_us == pytest.approx(decided.decision.us["inference"], abs=20)
    handlers = [s for s in slices if s.kind == "handler"]
    assert len(handlers) == sum(i.count for i in decided.profile.interrupts)


def test_the_picture_is_svg_with_a_bar_for_each_operator(decided: Decided) -> None:
    picture = as_svg(thread_frames(decided.analysis), decided.profile.operators, "a <run>")
    root = ElementTree.fromstring(picture)
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    for operator in decided.profile.operators:
        assert operator.title in texts


def test_the_annotation_of_a_function_adds_up_to_its_cycles(decided: Decided) -> None:
    function = next(f for f in decided.profile.functions if f.name == "app::FilterRowPair")
    instructions = annotated(decided.analysis, "app::FilterRowPair")
    assert sum(i.total for i in instructions) == function.cycles
    assert sum(i.runs for i in instructions) == function.instructions
    lines = list(annotation_lines(instructions, decided.profile.cycles))
    assert any("firmware/app/preprocess.cc:" in line for line in lines)
    assert len(annotated(decided.analysis, function.symbol)) == len(instructions)


def test_the_json_file_is_read_back(decided: Decided, tmp_path: Path) -> None:
    file = tmp_path / "profile.json"
    file.write_bytes(as_json(decided.profile))
    data = read_profile(file)
    assert data["cycles"] == decided.profile.cycles == sum(p["cycles"] for p in data["phases"])
    assert len(data["operators"]) == len(decided.profile.operators)
