"""The engine is chosen in the command line, Robot Framework, pytest and make."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from facet.engine.renode import installation
from facet.resources import PROJECT
from tests.cli import programs
from tests.engines_under_test import NEEDS_RENODE, needs_renode

PRESENT = pytest.param(True, marks=NEEDS_RENODE, id="with-renode")
ABSENT = pytest.param(False, id="without-renode")

SUITE = """\
*** Settings ***
Resource        facet.resource
Test Setup      Switch On The Board

*** Test Cases ***
It Says Hello
    Within 5ms It Prints "hello"

It Says Hello Again
    Within 5ms It Prints "hello"
"""

TEST = """
from facet.time import ms

def test_hello(bench):
    bench.wait_for_line(lambda line: line.text == "hello", ms(5))
    assert bench.core.engine.startswith("Renode")
"""


@pytest.fixture
def hello(tmp_path: Path) -> Path:
    return programs.build(programs.HELLO, tmp_path)


def run(
    folder: Path, *command: str | Path, present: bool = True
) -> subprocess.CompletedProcess[str]:
    """Runs Python in a folder, with Renode or without any to be found."""
    environment = dict(os.environ)
    if not present:
        for name in installation.VARIABLES:
            environment.pop(name, None)
        environment["PATH"] = _without_renode(environment["PATH"])
    return subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )


def _without_renode(path: str) -> str:
    places = path.split(os.pathsep)
    return os.pathsep.join(place for place in places if not (Path(place) / "renode").exists())


@needs_renode
def test_facet_run_says_what_executed_and_how_cycles_were_counted(
    hello: Path, tmp_path: Path
) -> None:
    done = run(tmp_path, "-m", "facet", "run", hello, "--engine", "renode", "--for", "5ms")
    assert done.returncode == 0, done.stderr
    assert "hello" in done.stdout
    assert "engine: Renode 1." in done.stdout
    assert "cycles: 1.5 for each instruction" in done.stdout
    full = run(
        tmp_path,
        *("-m", "facet", "run", hello, "--engine", "renode", "--cycles", "full", "--for", "5ms"),
    )
    assert "cycles: pipeline, code and data in flash" in full.stdout


@pytest.mark.parametrize("command", ["run", "sim", "eval"])
def test_without_renode_the_command_ends_with_2_and_one_line(
    hello: Path, tmp_path: Path, command: str
) -> None:
    arguments = [hello] if command == "run" else ["--firmware", hello]
    done = run(tmp_path, "-m", "facet", command, *arguments, "--engine", "renode", present=False)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("facet: the engine renode needs ")
    assert "docs/renode.md" in line
    assert not (tmp_path / "out").exists()


def test_without_renode_make_fails_with_the_line(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k not in installation.VARIABLES}
    done = subprocess.run(
        ["make", "sim", "ENGINE=renode", f"OUT={tmp_path}/out"],
        cwd=PROJECT,
        env=environment | {"PATH": _without_renode(environment["PATH"])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "facet: the engine renode needs " in done.stderr


@pytest.mark.parametrize("present", [PRESENT, ABSENT])
def test_robot_runs_a_suite_in_renode_or_stops_with_the_line(
    hello: Path, tmp_path: Path, present: bool
) -> None:
    (tmp_path / "suite.robot").write_text(SUITE)
    done = run(
        tmp_path,
        *("-m", "robot", "--log", "NONE", "--report", "NONE", "--variable", f"FIRMWARE:{hello}"),
        *("--variable", "ENGINE:renode", "suite.robot"),
        present=present,
    )
    results = ElementTree.parse(tmp_path / "output.xml")
    statuses = [status.attrib["status"] for status in results.findall(".//test/status")]
    if present:
        assert statuses == ["PASS", "PASS"], done.stdout
        metadata = {meta.attrib["name"]: meta.text or "" for meta in results.findall(".//meta")}
        assert metadata["Engine"].startswith("Renode 1.")
    else:
        assert statuses == ["FAIL", "FAIL"]
        assert "the engine renode needs " in done.stdout
        assert "the engine renode needs " not in done.stdout.split("It Says Hello Again")[1]


@pytest.mark.parametrize("present", [PRESENT, ABSENT])
def test_pytest_runs_a_test_in_renode_or_fails_with_the_line(
    hello: Path, tmp_path: Path, present: bool
) -> None:
    (tmp_path / "test_hello.py").write_text(TEST)
    done = run(
        tmp_path,
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", f"--facet-firmware={hello}"),
        *("--facet-engine=renode", "--junit-xml=out.xml"),
        present=present,
    )
    assert (done.returncode == 0) == present, done.stdout
    if present:
        properties = {
            each.attrib["name"]: each.attrib["value"]
            for each in ElementTree.parse(tmp_path / "out.xml").findall(".//property")
        }
        assert properties["facet_engine"].startswith("Renode 1.")
        assert properties["facet_cycle_count"] == "1.5 for each instruction"
    else:
        assert "the engine renode needs " in done.stdout


@pytest.mark.slow
@needs_renode
def test_results_name_the_engine(tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(PROJECT, "-m", "facet", "sim", "--engine", "renode", "--limit", "1", "--out", out)
    results = json.loads((out / "results.json").read_text())
    assert results["engine"].startswith("Renode 1.")
    assert results["cycle_count"] == "1.5 for each instruction"


@needs_renode
def test_a_damaged_renode_ends_with_2_and_one_line(
    hello: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    binary = tmp_path / "renode"
    binary.write_text("#!/bin/sh\necho no\n")
    binary.chmod(0o755)
    for name in installation.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYRENODE_BIN", str(binary))
    done = run(tmp_path, "-m", "facet", "run", hello, "--engine", "renode")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "pyrenode3 does not load it" in line
