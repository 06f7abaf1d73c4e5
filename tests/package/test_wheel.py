"""The wheel works in another environment, from another folder, without a clone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

from facet import __version__, native
from facet.board.board import names as board_names
from facet.model.folder import names as model_names
from facet.resources import PROJECT
from tests.firmware_under_test import firmware
from tests.package.conftest import Installed, build_wheel

pytestmark = pytest.mark.slow


def files_of(wheel: Path) -> set[str]:
    return set(zipfile.ZipFile(wheel).namelist())


def test_it_owns_one_package_and_what_robot_looks_for(wheel: Path) -> None:
    top = {name.partition("/")[0] for name in files_of(wheel)}
    information = f"facet-{__version__}.dist-info"
    assert top == {"facet", "FacetLibrary.py", "facet.resource", information}


def test_it_holds_boards_models_types_and_licences_but_no_training_data(wheel: Path) -> None:
    files = files_of(wheel)
    wanted = {"facet/py.typed", f"facet/data/native/{native.file_name('engine')}"}
    wanted |= {f"facet/chip/esp32c3/rom/{name}" for name in ("rom.elf", "rom.txt", "NOTICE.txt")}
    wanted |= {f"facet/chip/esp32c3/bootloader/bootloader.{kind}" for kind in ("elf", "txt")}
    wanted |= {f"facet/data/boards/{name}.toml" for name in board_names()}
    wanted |= {
        f"facet/data/models/{name}{suffix}"
        for name in model_names()
        for suffix in (".tflite", ".json")
    }
    wanted |= {f"facet-{__version__}.dist-info/licenses/{name}" for name in ("LICENSE", "NOTICE")}
    assert wanted - files == set()
    assert [name for name in files if name.endswith((".npz", ".pyc"))] == []
    assert "linux" in wheel.name  # it holds a binary


def test_its_metadata_name_version_author_and_licence(wheel: Path) -> None:
    text = zipfile.ZipFile(wheel).read(f"facet-{__version__}.dist-info/METADATA").decode()
    metadata = Parser().parsestr(text)
    assert metadata["Version"] == __version__
    assert metadata["Author"] == "The Facet authors"
    assert metadata["License-Expression"] == "MIT"
    assert metadata.get_all("License-File") == ["LICENSE", "NOTICE"]


def test_a_wheel_from_the_sdist_holds_the_same_files(wheel: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(tmp_path)]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    (sdist,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        assert f"facet-{__version__}/firmware/app/main.cc" in archive.getnames()
    assert files_of(build_wheel(sdist, tmp_path)) == files_of(wheel)


def test_its_dependencies_are_in_the_lock(installed: Installed) -> None:
    done = installed.run("python", "-m", "pip", "check")
    assert "facet" not in done.stdout, done.stdout


def test_boards(installed: Installed) -> None:
    shown = installed.succeeds("facet", "boards")
    assert [name for name in board_names() if name not in shown] == []


def test_models(installed: Installed) -> None:
    shown = json.loads(installed.succeeds("facet", "models", "--json"))
    assert {model["name"] for model in shown} == set(model_names())
    assert {board for model in shown for board in model["boards"]} == set(board_names())
    assert "nucleo_l476rg: fits" in installed.succeeds("facet", "models", "facet-nano")


def test_run_a_firmware_that_it_has_never_seen(installed: Installed) -> None:
    shown = installed.succeeds("facet", "run", installed.firmware.name, "--for", "5ms")
    assert "hello\n" in shown


def test_eval_with_a_built_firmware(installed: Installed) -> None:
    options = ("--firmware", str(firmware()), "--dataset", "drawn", "--limit", "2", "--jobs", "1")
    assert "on 2 frames" in installed.succeeds("facet", "eval", *options)


def test_export_a_model(installed: Installed) -> None:
    installed.succeeds("facet", "export", "edge-impulse", "--model", "facet-nano", "--out", "ei")
    assert (installed.folder / "ei" / "facet-nano.tflite").is_file()


def test_what_needs_a_clone_is_one_line(installed: Installed) -> None:
    done = installed.run("facet", "sim", "--limit", "1")
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "only in a clone of Facet" in done.stderr
    assert "--firmware" in done.stderr


def test_a_robot_suite(installed: Installed) -> None:
    (installed.folder / "hello.robot").write_text(
        "*** Settings ***\n"
        "Library    FacetLibrary    firmware=${FIRMWARE}\n"
        "*** Test Cases ***\n"
        "It Says Hello\n"
        "    Switch On The Board\n"
        '    Within 5ms It Prints "hello"\n'
        "    No Rule Of The Board Is Broken\n"
    )
    options = ("--outputdir", "robot", f"--variable=FIRMWARE:{installed.firmware}")
    shown = installed.succeeds("robot", *options, "hello.robot")
    assert "1 test, 1 passed, 0 failed" in shown


def test_a_pytest_file(installed: Installed) -> None:
    (installed.folder / "test_hello.py").write_text(
        "from facet.time import ms\n\n"
        "def test_hello(bench):\n"
        "    bench.wait_for_line(lambda line: line.text == 'hello', ms(5))\n"
    )
    option = f"--facet-firmware={installed.firmware}"
    assert "1 passed" in installed.succeeds("pytest", option, "test_hello.py")


def test_init_and_what_it_writes(installed: Installed) -> None:
    installed.succeeds("facet", "init", "project", "--firmware", installed.firmware.name)
    project = str(installed.folder / "project")
    assert "1 passed" in installed.succeeds("pytest", project)
    shown = installed.succeeds("robot", "--outputdir", "robot", f"{project}/scenario.robot")
    assert "1 test, 1 passed, 0 failed" in shown


def test_without_a_compiler_the_wheel_is_pure_and_compiles_at_first_use(
    installed: Installed, tmp_path: Path
) -> None:
    pure = build_wheel(PROJECT, tmp_path, CC="no-such-compiler")
    assert pure.name.endswith("-py3-none-any.whl")
    target = tmp_path / "site"
    installed.succeeds("pip", "install", "--quiet", "--no-deps", "--target", str(target), str(pure))

    def run(**variables: str) -> subprocess.CompletedProcess[str]:
        command = ("python", "-m", "facet", "run", installed.firmware.name, "--for", "5ms")
        cache = str(tmp_path / "cache")
        return installed.run(*command, PYTHONPATH=str(target), FACET_CACHE=cache, **variables)

    refused = run(CC="no-such-compiler")
    assert refused.returncode == 2
    assert len(refused.stderr.splitlines()) == 1
    assert "install gcc" in refused.stderr
    done = run(CC=os.environ.get("CC", "cc"))
    assert "hello\n" in done.stdout
    assert (tmp_path / "cache" / native.file_name("engine")).is_file()
