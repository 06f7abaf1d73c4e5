"""The keywords of Robot Framework: one by one, and in suites that Robot runs."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import pytest
from robot.api import SkipExecution

from facet.errors import FacetError
from facet.report.provenance import commit_of, sha256_of
from facet.robot import FacetLibrary
from facet.robot.desk import Keywords
from facet.robot.library import GROUPS
from tests.cli import programs
from tests.strict.program import needs_toolchain

PROJECT = Path(__file__).resolve().parent.parent.parent


@dataclass
class Suite:
    """The results of a suite in Robot."""

    output: str
    tests: dict[str, tuple[str, str]]
    """Test -> PASS, FAIL or SKIP, and the message."""
    properties: dict[str, str]
    """Of the suite in the JUnit file."""


def run(folder: Path, *lines: str, library: str = "facet.robot.FacetLibrary") -> Suite:
    """Runs a suite of these lines, the first of which are settings."""
    suite = folder / "suite.robot"
    suite.write_text("*** Settings ***\n" + f"Library    {library}\n" + "\n".join(lines) + "\n")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "robot", "--pythonpath", str(PROJECT)),
            *("--outputdir", str(folder), "--xunit", "xunit.xml", str(suite)),
        ],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    found = {}
    for test in ET.parse(folder / "output.xml").iter("test"):
        status = test.find("status")
        assert status is not None
        found[test.attrib["name"]] = (status.attrib["status"], (status.text or "").strip())
    properties = {
        entry.attrib["name"]: entry.attrib["value"]
        for entry in ET.parse(folder / "xunit.xml").iter("property")
    }
    return Suite(done.stdout + done.stderr, found, properties)


def test_every_group_of_keywords_is_in_the_library_and_names_what_it_needs() -> None:
    assert set(GROUPS) == set(Keywords.__subclasses__())
    for group in GROUPS:
        assert "needs" in vars(group), group
        assert group.needs, group


def test_no_two_groups_have_the_same_keyword() -> None:
    class Again(Keywords):
        run_the_board_for = GROUPS[0].run_the_board_for  # type: ignore[attr-defined]

    assert "run_the_board_for" in FacetLibrary().get_keyword_names()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("facet.robot.library.GROUPS", (*GROUPS, Again))
        with pytest.raises(TypeError, match=r"Again.run_the_board_for: another group has"):
            FacetLibrary()


def test_every_sentence_of_the_scenarios_is_a_keyword() -> None:
    files = [f"--{kind}=NONE" for kind in ("output", "log", "report")]
    command = [sys.executable, "-m", "robot", "--dryrun", "--exclude=renode", *files, "robot"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_a_test_without_power_on_names_the_keyword_to_begin_with() -> None:
    with pytest.raises(FacetError, match="begin with the keyword 'Power On The Board'"):
        FacetLibrary().no_rule_is_broken()


def test_an_emotion_that_is_not_a_class_of_the_model_skips_the_test(tmp_path: Path) -> None:
    shutil.copy(PROJECT / "tests" / "firmware" / "models" / "gap.tflite", tmp_path / "ck.tflite")
    labels = ["happy", "sad", "angry", "afraid", "disgusted"]
    (tmp_path / "ck.json").write_text(json.dumps({"labels": labels}))
    library = FacetLibrary(model=str(tmp_path / "ck.tflite"))
    with pytest.raises(SkipExecution, match="no class for neutral: its classes are happy, sad"):
        library.drawn_faces_are_recognised(80, 1, "neutral")
    with pytest.raises(FacetError, match="no emotion 'merry'"):
        library.drawn_faces_are_recognised(80, 1, "merry")


class TestATargetWithAConsoleOnly:
    """Suites on a target that is not a simulated board: see `scripted_library`."""

    @pytest.fixture(scope="class")
    @classmethod
    def suite(cls, tmp_path_factory: pytest.TempPathFactory) -> Suite:
        return run(
            tmp_path_factory.mktemp("scripted"),
            "Test Setup       Power On The Board",
            "Test Teardown    No Broken Rule Was Reported",
            "*** Test Cases ***",
            "Console",
            '    The Command "version" Returns firmware = 9.9',
            '    The Command "dance" Fails With bad_command',
            "Time",
            "    The Board Restarts Within 1s Because Of pin",
            "Scene",
            "    Show A Drawn happy Face",
            "States",
            "    The Device Sleeps Between Decisions",
            "Faults",
            "    Unplug The Camera",
            "Flash",
            "    Make The Function main Hang",
            "Rules",
            "    No Rule Of The Board Is Broken",
            "Repeat",
            "    A Second Run Gives The Same Output",
            library="tests.robot.scripted_library",
        )

    def test_keywords_of_the_console_pass(self, suite: Suite) -> None:
        assert suite.tests["Console"][0] == "PASS", suite.output

    def test_a_keyword_that_fails_still_fails(self, suite: Suite) -> None:
        status, message = suite.tests["Time"]
        assert status == "FAIL"
        assert message.startswith("timed out after 1 s waiting for 'boot'")

    @pytest.mark.parametrize(
        ("test", "lacks"),
        [
            ("Scene", "Scene"),
            ("States", "States"),
            ("Faults", "Faults"),
            ("Flash", "Faults"),
            ("Rules", "Rules"),
            ("Repeat", "Scene"),
        ],
    )
    def test_other_keywords_skip_with_the_reason(self, suite: Suite, test: str, lacks: str) -> None:
        status, message = suite.tests[test]
        assert status == "SKIP"
        assert message == f"NUCLEO-L476RG (scripted) has no {lacks}: it has Console, Clock"

    def test_the_report_has_the_contents_of_the_boot_message(self, suite: Suite) -> None:
        assert suite.properties["Board"] == "nucleo_l476rg"
        assert suite.properties["Target"] == "scripted"
        assert suite.properties["Model"] == "tiny"
        assert suite.properties["Firmware version"] == "9.9"
        assert "Firmware SHA-256" not in suite.properties


class TestMistakesInTheSettings:
    def test_an_unknown_board_is_reported_as_that(self, tmp_path: Path) -> None:
        suite = run(
            tmp_path,
            "Test Setup       Power On The Board",
            "*** Test Cases ***",
            "First",
            "    No Rule Of The Board Is Broken",
            library="facet.robot.FacetLibrary    board=nucleo",
        )
        status, message = suite.tests["First"]
        assert status == "FAIL"
        assert re.match(r"Setup failed:\nno board 'nucleo': there are esp32c3_devkitm, ", message)
        assert "Traceback" not in suite.output
        assert "No keyword" not in suite.output

    def test_an_unknown_model_is_reported_as_that(self, tmp_path: Path) -> None:
        suite = run(
            tmp_path,
            "*** Test Cases ***",
            "First",
            "    Power On The Board",
            library="facet.robot.FacetLibrary    model=large",
        )
        assert suite.tests["First"][0] == "FAIL"
        assert suite.tests["First"][1].startswith("no model 'large': there are ")

    def test_a_firmware_that_is_missing_is_reported_as_that(self, tmp_path: Path) -> None:
        suite = run(
            tmp_path,
            "*** Test Cases ***",
            "First",
            "    Power On The Board",
            library="facet.robot.FacetLibrary    firmware=missing.elf",
        )
        assert suite.tests["First"][0] == "FAIL"
        assert suite.tests["First"][1] == "missing.elf: cannot be read (No such file or directory)"


@needs_toolchain
def test_the_reports_name_board_firmware_and_commit(tmp_path: Path) -> None:
    elf = programs.build(programs.HELLO, tmp_path)
    suites = tmp_path / "suites"
    suites.mkdir()
    git = ["git", "-C", str(tmp_path), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "Begin"], check=True)
    suite = run(
        suites,
        "*** Test Cases ***",
        "First",
        "    Run Keyword And Expect Error    timed out *    Power On The Board",
        "    No Rule Of The Board Is Broken",
        library=f"facet.robot.FacetLibrary    firmware={elf}",
    )
    assert suite.tests["First"][0] == "PASS", suite.output
    assert suite.properties["Board"] == "nucleo_l476rg"
    assert suite.properties["Firmware SHA-256"] == sha256_of(elf)
    assert suite.properties["Commit"] == commit_of(tmp_path)
    assert re.fullmatch("[0-9a-f]{40}", suite.properties["Commit"])
    assert suite.properties["Firmware SHA-256"] in (suites / "output.xml").read_text()


def test_a_folder_outside_of_a_repository_has_no_commit(tmp_path: Path) -> None:
    assert commit_of(tmp_path) is None


def test_a_commit_with_changed_files_is_marked(tmp_path: Path) -> None:
    git = ["git", "-C", str(tmp_path), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    (tmp_path / "file").write_text("one")
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "Begin"]):
        subprocess.run([*git, *command], check=True)
    clean = commit_of(tmp_path)
    (tmp_path / "file").write_text("two")
    assert commit_of(tmp_path) == f"{clean}-dirty"
