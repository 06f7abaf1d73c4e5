"""The profile of Facet's own firmware: sums, phases, operators, stacks and memory."""

from __future__ import annotations

import subprocess

import pytest

from facet.model.arena import arena_bytes
from facet.model.bundle import find
from facet.model.tflite import read_model
from facet.profile.operators import macs_of
from facet.profile.phases import own_phases
from facet.target.decision import PHASES
from tests.firmware_under_test import MODEL
from tests.profile.bare import check_sums
from tests.profile.conftest import Decided


def _check(decided: Decided) -> None:
    profile, decision = decided.profile, decided.decision
    check_sums(profile)
    assert profile.cycles == decided.cycles
    assert not profile.notes
    # The firmware's stopwatch counts within a phase; the profile counts the calls around it too.
    for phase in PHASES:
        counted = profile.phase_cycles(phase)
        if phase != "readout":  # the stopwatch leaves out what is between the chunks
            assert counted == pytest.approx(decision.cycles[phase], rel=0.04), phase
    assert profile.phase_cycles("readout") >= decision.cycles["readout"]
    inference = profile.phase_cycles("inference")
    operators = sum(operator.cycles for operator in profile.operators)
    assert 0.99 * inference < operators < inference
    model = read_model(find(MODEL).tflite)
    assert [o.name for o in profile.operators] == [o.name for o in model.operators]
    assert [o.macs for o in profile.operators] == [macs_of(o) for o in model.operators]
    assert {operator.runs for operator in profile.operators} == {1}
    table = decided.analysis.code.table
    for declared in own_phases():
        assert any(table.find(name) for name in declared.functions), declared


def test_the_parts_of_a_decision_add_up_to_the_cycle(decided: Decided) -> None:
    _check(decided)


@pytest.mark.slow
def test_the_parts_add_up_on_the_other_boards(decided_elsewhere: Decided) -> None:
    _check(decided_elsewhere)


def test_each_operator_names_the_kernel_that_ran(decided: Decided) -> None:
    kernels = {o.name: o.kernel for o in decided.profile.operators}
    assert kernels["CONV_2D"].startswith("kernel::")
    assert kernels["DEPTHWISE_CONV_2D"] == "kernel::DepthwiseConv2DInt8"
    assert kernels["ADD"].startswith("tflite::")


def test_the_peak_stack_is_what_the_device_says_it_used(decided: Decided) -> None:
    stats = decided.bench.ask("stats")
    used = decided.bench.profiler.profile().stack_bytes("main")
    # The device paints its stack and counts what was overwritten: what handlers write on it counts
    # too, what a function reserves and does not write does not.
    assert used == pytest.approx(stats["stack"], abs=128)


def test_the_arena_is_what_the_device_says(decided: Decided) -> None:
    arena = decided.profile.arena
    boot = next(line.message for line in decided.bench.lines if line.event == "boot")
    assert boot is not None
    assert arena["used"] == arena_bytes(read_model(find(MODEL).tflite)) == boot["arena"]
    assert arena["reserved"] == boot["arena_size"]
    for tensor in arena["tensors"]:
        assert 0 <= tensor["offset"] <= tensor["offset"] + tensor["bytes"] <= arena["planned"]


def test_memory_by_object_adds_up_to_the_regions(decided: Decided) -> None:
    memory = decided.profile.memory
    sizes = subprocess.run(
        ["arm-none-eabi-size", str(decided.elf)], capture_output=True, text=True, check=True
    ).stdout.splitlines()[1]
    text, data, _bss = (int(size) for size in sizes.split()[:3])
    flash = next(region for region in memory["regions"] if region["name"] == "FLASH")
    assert flash["used"] == text + data
    for region in memory["regions"]:
        of_objects = sum(entry["regions"].get(region["name"], 0) for entry in memory["objects"])
        of_archives = sum(entry["regions"].get(region["name"], 0) for entry in memory["archives"])
        assert of_objects == of_archives == region["used"]
    names = {(entry["archive"], entry["object"]) for entry in memory["objects"]}
    assert ("", "classifier.cc.o") in names
    assert any(archive == "libtflm.a" for archive, _ in names)
    assert memory["symbols"][0]["name"] == "model_bundle_data"
