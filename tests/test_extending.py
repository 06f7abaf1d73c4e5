"""docs/extending.md: its steps, carried out on a copy of the clone, add what they promise."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.strict.program import needs_toolchain

PROJECT = Path(__file__).resolve().parent.parent
PAGE = PROJECT / "docs" / "extending.md"
NEEDED = ("sim", "tests", "tools", "platforms", "firmware", "models", "docs", "*.toml", "*.ini")


class Step(NamedTuple):
    """One step of the page: a new file (`old` is empty), or a change of an existing one."""

    path: str
    old: str
    new: str


def steps(page: str) -> Iterator[Step]:
    """The steps: "Write `path`:" or "Change `path`:", each with a code block after it."""
    pattern = r"(Write|Change) `([^`]+)`[^\n]*:\n\n```(\w+)\n(.*?)^```$"
    for kind, path, language, code in re.findall(pattern, page, re.MULTILINE | re.DOTALL):
        assert (kind == "Change") == (language == "diff"), path
        if kind == "Write":
            yield Step(path, "", code)
            continue
        for hunk in code.split("@@\n"):
            lines = hunk.splitlines(keepends=True)
            assert all(line[0] in " +-" for line in lines), f"{path}: {hunk}"
            yield Step(
                path,
                "".join(line[1:] for line in lines if line[0] != "+"),
                "".join(line[1:] for line in lines if line[0] != "-"),
            )


def carry_out(step: Step, clone: Path) -> None:
    """Writes or changes a file."""
    path = clone / step.path
    if not step.old:
        assert not path.exists(), f"{step.path} exists: the page must describe something new"
        path.write_text(step.new)
        return
    text = path.read_text()
    assert text.count(step.old) == 1, f"{step.path} does not have this once:\n{step.old}"
    path.write_text(text.replace(step.old, step.new))


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project's files in which all steps of the page are carried out."""
    folder = tmp_path_factory.mktemp("clone")
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *NEEDED]
    names = subprocess.run(listing, cwd=PROJECT, capture_output=True, text=True, check=True)
    for name in filter(None, names.stdout.split("\0")):
        if (PROJECT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, folder / name)
    for step in steps(PAGE.read_text()):
        carry_out(step, folder)
    return folder


def run(clone: Path, *arguments: str) -> str:
    """Runs a Python module of the copy; returns its output."""
    environment = os.environ | {"PYTHONPATH": f"{clone / 'sim'}{os.pathsep}{clone}"}
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_page_has_a_section_and_a_test_for_each_extension() -> None:
    page = PAGE.read_text()
    sections = re.findall(r"^## (.*)$", page, re.MULTILINE)
    assert len(sections) >= 9
    written = [step.path for step in steps(page) if not step.old]
    assert len([path for path in written if path.startswith("tests/")]) >= 7


def test_the_code_of_the_page_is_well_formed(clone: Path) -> None:
    paths = sorted({step.path for step in steps(PAGE.read_text()) if step.path.endswith(".py")})
    run(clone, "ruff", "check", "--no-cache", *paths)
    run(clone, "ruff", "format", "--check", "--no-cache", *paths)


@needs_toolchain
@pytest.mark.slow
def test_the_tests_of_the_page_pass(clone: Path) -> None:
    """With the tests that cover every rule, every register, and every mark of the ledger."""
    run(clone, "tools.rules")
    run(clone, "tools.fidelity")
    tests = [s.path for s in steps(PAGE.read_text()) if not s.old and s.path.startswith("tests/")]
    tests = [path for path in tests if Path(path).name.startswith("test_")]
    output = run(
        clone,
        *("pytest", "-q", "-p", "no:cacheprovider", "-m", "not slow", *tests),
        *("tests/test_rules.py", "tests/chip/test_svd.py", "tests/chip/stm32l4/test_variants.py"),
    )
    assert "passed" in output or re.search(r"\[100%\]", output)


@pytest.mark.slow
def test_the_operator_of_the_page_equals_tflite_micro(clone: Path) -> None:
    pytest.importorskip("tensorflow", reason="an extra: pip install '.[train]'")
    for folder in ("tflm", "platformio"):
        shutil.copytree(PROJECT / ".cache" / folder, clone / ".cache" / folder, symlinks=True)
    subprocess.run([sys.executable, clone / "tools" / "setup_platformio.py"], check=True)
    make = (
        "import sys; sys.path.insert(0, 'tests/firmware/models'); import keras, make; "
        "keras.utils.set_random_seed(3); make.convert(make.sigmoid(), 'sigmoid')"
    )
    environment = os.environ | {"PYTHONPATH": f"{clone / 'sim'}{os.pathsep}{clone}"}
    subprocess.run([sys.executable, "-c", make], cwd=clone, env=environment, check=True)
    test = "tests/firmware/test_kernels_equal_wheel.py::test_same_outputs_as_the_wheel[sigmoid]"
    run(clone, "pytest", "-q", "-p", "no:cacheprovider", test)


@pytest.mark.slow
def test_the_network_of_the_page_converts_to_operators_of_the_firmware(clone: Path) -> None:
    pytest.importorskip("tensorflow", reason="an extra: pip install '.[train]'")
    test = "tests/models/test_architectures.py::"
    test += "test_a_network_converts_to_operators_of_the_firmware[sketch]"
    run(clone, "pytest", "-q", "-p", "no:cacheprovider", test)
