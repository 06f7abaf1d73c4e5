"""Finds the Renode to use, by the variables that pyrenode3 has, or on the PATH.

Kinds: a portable binary (.NET), a package archive, a folder with a build, an installed Renode.
Renode up to 1.16.1 can run on Mono; later versions need .NET.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from facet.errors import FacetError

PACKAGE, BINARY, BUILD = "PYRENODE_PKG", "PYRENODE_BIN", "PYRENODE_BUILD_DIR"
OUTPUT, RUNTIME = "PYRENODE_BUILD_OUTPUT", "PYRENODE_RUNTIME"
SKIP_LOAD = "PYRENODE_SKIP_LOAD"
VARIABLES: Final = (PACKAGE, BINARY, BUILD, OUTPUT, RUNTIME, SKIP_LOAD)

MONO, DOTNET = "mono", "coreclr"

HOW: Final = (
    "install Renode and pyrenode3 (docs/renode.md says how), and point to Renode by "
    f"{BINARY} (portable binary), {PACKAGE} (package), {BUILD} (folder of a build), or the PATH"
)

_BUILD_OUTPUT = "output/bin/Release"
_INSTALLED = Path("/opt/renode")


@dataclass(frozen=True)
class Installation:
    """A Renode that was found.

    Attributes:
        kind: ``portable``, ``package``, ``build`` or ``installed``.
        path: where it is.
        runtime: ``mono`` or ``coreclr``.
        environment: the variables that make pyrenode3 load it.
    """

    kind: str
    path: Path
    runtime: str
    environment: Mapping[str, str]

    def __str__(self) -> str:
        names = {MONO: "Mono", DOTNET: ".NET"}
        return f"Renode ({self.kind}, {names[self.runtime]}) at {self.path}"


def find(environment: Mapping[str, str] | None = None) -> Installation:
    """The Renode that the environment names, or that is on the PATH.

    Raises:
        FacetError: there is none, pyrenode3 is not installed, or a variable names something else.
    """
    variables = os.environ if environment is None else environment
    if importlib.util.find_spec("pyrenode3") is None:
        raise FacetError(f"the engine renode needs the Python package pyrenode3: {HOW}")
    named = [name for name in (BINARY, PACKAGE, BUILD) if variables.get(name)]
    if len(named) > 1:
        raise FacetError(f"{' and '.join(named)} are set: keep the one that names your Renode")
    if named:
        return _named(named[0], variables)
    return _on_path(variables)


def _named(variable: str, variables: Mapping[str, str]) -> Installation:
    path = Path(variables[variable]).expanduser().absolute()
    if not path.exists():
        raise FacetError(f"{variable}={path}: there is no such file or folder; {HOW}")
    if variable == BINARY:
        return _portable(path, variables)
    if variable == PACKAGE:
        return _package(path, variables)
    return _build(path, variables)


def _portable(path: Path, variables: Mapping[str, str]) -> Installation:
    if not path.is_file() or not os.access(path, os.X_OK):
        raise FacetError(f"{BINARY}={path}: this is not an executable file")
    if _chosen(variables) == MONO:
        raise FacetError(f"{RUNTIME}={MONO}: a portable Renode runs on .NET only")
    return Installation("portable", path, DOTNET, {BINARY: str(path), RUNTIME: DOTNET})


def _package(path: Path, variables: Mapping[str, str]) -> Installation:
    runtime = _chosen(variables) or _runtime_of_package(path)
    return Installation("package", path, runtime, {PACKAGE: str(path), RUNTIME: runtime})


def _runtime_of_package(path: Path) -> str:
    """Packages for Mono hold opt/renode/bin/Renode.exe, those for .NET renode*/bin/Renode.dll."""
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                name = Path(member.name).name
                if name == "Renode.exe" and "opt" in Path(member.name).parts:
                    return MONO
                if name == "Renode.dll":
                    return DOTNET
    except tarfile.TarError as error:
        raise FacetError(f"{PACKAGE}={path}: this is not an archive of tar") from error
    except OSError as error:
        raise FacetError(f"{PACKAGE}={path}: cannot be read ({error.strerror})") from error
    raise FacetError(f"{PACKAGE}={path}: the archive does not contain Renode")


def _build(path: Path, variables: Mapping[str, str]) -> Installation:
    output = variables.get(OUTPUT) or _BUILD_OUTPUT
    binaries = path / output
    present = _runtimes_in(binaries)
    runtime = _chosen(variables) or next(iter(present), None)
    if runtime is None or runtime not in present:
        wanted = "a build of Renode" if runtime is None else f"a build of Renode for {runtime}"
        raise FacetError(
            f"{BUILD}={path}: {binaries} does not contain {wanted}; build Renode first"
        )
    return Installation(
        "build", path, runtime, {BUILD: str(path), OUTPUT: output, RUNTIME: runtime}
    )


def _runtimes_in(binaries: Path) -> list[str]:
    found = []
    if (binaries / "Renode.runtimeconfig.json").is_file():
        found.append(DOTNET)
    if (binaries / "Renode.exe").is_file() and not found:
        found.append(MONO)
    return found


def _on_path(variables: Mapping[str, str]) -> Installation:
    command = shutil.which("renode", path=variables.get("PATH"))
    if command is None:
        raise FacetError(f"the engine renode needs Renode, which was not found: {HOW}")
    path = Path(command).resolve()
    if _is_elf(path):
        return _portable(path, variables)
    for root in (path.parent, _INSTALLED):
        if _runtimes_in(root / _BUILD_OUTPUT):  # the script of a build's folder
            return _build(root, variables)
        if (root / "bin" / "Renode.exe").is_file() and root == _INSTALLED:
            return Installation("installed", root, MONO, {RUNTIME: MONO})
    raise FacetError(
        f"{path} is on the PATH, but not in a folder of Renode that pyrenode3 loads: {HOW}"
    )


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _chosen(variables: Mapping[str, str]) -> str | None:
    chosen = variables.get(RUNTIME) or None
    if chosen not in (None, MONO, DOTNET):
        raise FacetError(f"{RUNTIME}={chosen}: choose {MONO} or {DOTNET}")
    return chosen
