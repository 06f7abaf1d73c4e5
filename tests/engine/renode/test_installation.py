"""Which Renode is used: what the variables name, or else what is on the PATH."""

from __future__ import annotations

import importlib.util
import io
import tarfile
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from facet.engine.renode import installation
from facet.engine.renode.installation import DOTNET, MONO, find
from facet.errors import FacetError


@pytest.fixture(autouse=True)
def pyrenode3(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has the package found, whether it is installed or not."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: ModuleSpec(name, None))


def build(folder: Path, runtime: str, output: str = "output/bin/Release") -> Path:
    """The files of a build that tell its runtime."""
    binaries = folder / output
    binaries.mkdir(parents=True)
    (binaries / "Renode.exe").touch()
    if runtime == DOTNET:
        (binaries / "Renode.runtimeconfig.json").touch()
    return folder


def archive(path: Path, *members: str) -> Path:
    with tarfile.open(path, "w:xz") as tar:
        for name in members:
            tar.addfile(tarfile.TarInfo(name), io.BytesIO())
    return path


def executable(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("runtime", [MONO, DOTNET])
def test_a_build_runs_on_what_it_was_built_for(tmp_path: Path, runtime: str) -> None:
    found = find({"PYRENODE_BUILD_DIR": str(build(tmp_path, runtime))})
    assert (found.kind, found.path, found.runtime) == ("build", tmp_path, runtime)
    assert found.environment["PYRENODE_RUNTIME"] == runtime


def test_the_output_folder_of_a_build_can_be_named(tmp_path: Path) -> None:
    build(tmp_path, DOTNET, "output/bin/Debug")
    variables = {"PYRENODE_BUILD_DIR": str(tmp_path), "PYRENODE_BUILD_OUTPUT": "output/bin/Debug"}
    assert find(variables).environment["PYRENODE_BUILD_OUTPUT"] == "output/bin/Debug"


@pytest.mark.parametrize(
    ("member", "runtime"),
    [("opt/renode/bin/Renode.exe", MONO), ("renode_1.17.0-dotnet/bin/Renode.dll", DOTNET)],
)
def test_a_package_tells_its_runtime(tmp_path: Path, member: str, runtime: str) -> None:
    package = archive(tmp_path / "renode.pkg.tar.xz", "a", member)
    found = find({"PYRENODE_PKG": str(package)})
    assert (found.kind, found.runtime) == ("package", runtime)


def test_a_portable_binary_runs_on_dotnet(tmp_path: Path) -> None:
    binary = executable(tmp_path / "renode", b"\x7fELF")
    found = find({"PYRENODE_BIN": str(binary)})
    assert (found.kind, found.path, found.runtime) == ("portable", binary, DOTNET)


def test_a_portable_binary_is_found_on_the_path(tmp_path: Path) -> None:
    executable(tmp_path / "renode", b"\x7fELF")
    assert find({"PATH": str(tmp_path)}).kind == "portable"


def test_the_script_of_a_build_is_found_on_the_path(tmp_path: Path) -> None:
    executable(build(tmp_path / "renode", MONO) / "renode", b"#!/bin/sh\n")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/renode").symlink_to(tmp_path / "renode/renode")
    found = find({"PATH": str(tmp_path / "bin")})
    assert (found.kind, found.path) == ("build", tmp_path / "renode")


def test_an_installed_renode_is_found_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation, "_INSTALLED", tmp_path / "opt/renode")
    executable(tmp_path / "opt/renode/bin/Renode.exe", b"MZ")
    executable(tmp_path / "bin/renode", b"#!/bin/sh\n")
    found = find({"PATH": str(tmp_path / "bin")})
    assert (found.kind, found.runtime) == ("installed", MONO)


def test_pyrenode3_gets_the_variables_of_what_was_found_alone(tmp_path: Path) -> None:
    binary = executable(tmp_path / "renode", b"\x7fELF")
    found = find({"PATH": str(tmp_path), "PYRENODE_PKG": "", "PYRENODE_BUILD_DIR": ""})
    assert dict(found.environment) == {"PYRENODE_BIN": str(binary), "PYRENODE_RUNTIME": DOTNET}


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({}, "Renode, which was not found.*PYRENODE_BIN.*PYRENODE_PKG.*PYRENODE_BUILD_DIR.*PATH"),
        ({"PYRENODE_BIN": "{}/no"}, "PYRENODE_BIN=.*/no: there is no such file"),
        ({"PYRENODE_BIN": "{}/text"}, "text: this is not an executable file"),
        ({"PYRENODE_PKG": "{}/text"}, "PYRENODE_PKG=.*text: this is not an archive of tar"),
        ({"PYRENODE_PKG": "{}/empty.tar"}, "the archive does not contain Renode"),
        ({"PYRENODE_BUILD_DIR": "{}"}, "Release does not contain a build of Renode; build"),
        (
            {"PYRENODE_BUILD_DIR": "{}/mono", "PYRENODE_RUNTIME": "coreclr"},
            "does not contain a build of Renode for coreclr",
        ),
        ({"PYRENODE_BUILD_DIR": "{}", "PYRENODE_RUNTIME": "java"}, "RUNTIME=java: choose mono or"),
        ({"PYRENODE_BIN": "{}/bin", "PYRENODE_RUNTIME": "mono"}, "portable Renode runs on .NET"),
        ({"PYRENODE_BIN": "{}/bin", "PYRENODE_PKG": "{}/bin"}, "BIN and PYRENODE_PKG are set"),
        ({"PATH": "{}/script"}, "script/renode is on the PATH, but not in a folder of Renode"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    tmp_path: Path, variables: dict[str, str], message: str
) -> None:
    (tmp_path / "text").write_text("text")
    archive(tmp_path / "empty.tar")
    build(tmp_path / "mono", MONO)
    executable(tmp_path / "bin", b"\x7fELF")
    executable(tmp_path / "script/renode", b"#!/bin/sh\n")
    with pytest.raises(FacetError, match=message) as error:
        find({name: value.replace("{}", str(tmp_path)) for name, value in variables.items()})
    assert "\n" not in str(error.value)


def test_without_pyrenode3_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(FacetError, match="needs the Python package pyrenode3: install"):
        find({})
