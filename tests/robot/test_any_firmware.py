"""Suites of a user's own, in another folder, for firmware that is not Facet's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

import FacetLibrary
from facet.robot import FacetLibrary as LibraryClass
from tests.cli import programs

HEAD = """\
*** Settings ***
Resource        facet.resource
Test Setup      Switch On The Board

*** Test Cases ***
"""


def run(folder: Path, firmware: Path, steps: str, **variables: str) -> tuple[str, str]:
    """Runs one test case; returns PASS or FAIL, and the message."""
    suite = folder / "suite.robot"
    suite.write_text(HEAD + "The Case\n" + "".join(f"    {step}\n" for step in steps.splitlines()))
    options = {"FIRMWARE": str(firmware)} | variables
    subprocess.run(
        [
            *(sys.executable, "-m", "robot", "--log", "NONE", "--report", "NONE"),
            *(f"--variable={name}:{value}" for name, value in options.items()),
            suite.name,
        ],
        cwd=folder,
        capture_output=True,
    )
    status = ElementTree.parse(folder / "output.xml").find(".//test/status")
    assert status is not None
    return status.attrib["status"], status.text or ""


def test_the_library_has_the_name_that_robot_looks_for() -> None:
    assert FacetLibrary.FacetLibrary is LibraryClass


def test_serial_text_is_sent_and_received(tmp_path: Path) -> None:
    steps = """\
${line} =    Within 5ms It Prints "ell"
Should Be Equal    ${line}    hello
Send "A\\t"
Within 2ms It Prints "B"
No Rule Of The Board Is Broken"""
    assert run(tmp_path, programs.build(programs.HELLO, tmp_path), steps) == ("PASS", "")


def test_text_that_does_not_come_fails_with_what_came(tmp_path: Path) -> None:
    firmware = programs.build(programs.HELLO, tmp_path)
    status, message = run(tmp_path, firmware, 'Within 5ms It Prints "bye"')
    assert status == "FAIL"
    assert 'a line with "bye"' in message
    assert "hello" in message


def test_a_button_lights_an_led(tmp_path: Path) -> None:
    steps = """\
Run The Board For 1ms
The LED LD2 Is Dark
Run Keyword And Expect Error    LD2 is dark    The LED LD2 Is Lit
Press B1 For 10ms
The LED LD2 Is Lit
Run The Board For 1ms
The LED LD2 Is Dark"""
    lamp = programs.build(programs.LAMP, tmp_path)
    assert run(tmp_path, lamp, steps, ABSENT="camera") == ("PASS", "")


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("The LED LD9 Is Lit", "NUCLEO-L476RG has no LED 'LD9'; it has LD2"),
        ("Press B9 For 1s", "NUCLEO-L476RG has no button 'B9'; it has B1"),
    ],
)
def test_a_wrong_name_is_named_with_those_there_are(
    tmp_path: Path, step: str, message: str
) -> None:
    status, text = run(tmp_path, programs.build(programs.HELLO, tmp_path), step)
    assert status == "FAIL"
    assert message in text


def test_a_part_that_the_board_lacks_cannot_be_left_out(tmp_path: Path) -> None:
    firmware = programs.build(programs.HELLO, tmp_path)
    status, text = run(tmp_path, firmware, "Run The Board For 1ms", ABSENT="camera, lens")
    assert status == "FAIL"
    assert "no part 'lens' to leave out; it has camera" in text


def test_a_core_that_locks_up_breaks_the_rules_of_the_board(tmp_path: Path) -> None:
    steps = "Run The Board For 1ms\nNo Rule Of The Board Is Broken"
    status, message = run(tmp_path, programs.build(programs.LOCKS_UP, tmp_path), steps)
    assert status == "FAIL"
    assert "locked up" in message


@pytest.mark.parametrize(("strict", "status"), [("", "PASS"), ("    strict=True", "FAIL")])
def test_a_warning_fails_only_a_strict_check(tmp_path: Path, strict: str, status: str) -> None:
    steps = f"Run The Board For 1ms\nNo Rule Of The Board Is Broken{strict}"
    assert run(tmp_path, programs.build(programs.DEINITIALIZES, tmp_path), steps)[0] == status
