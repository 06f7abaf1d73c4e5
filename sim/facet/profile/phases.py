"""The phases of a firmware: which functions begin them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from facet.engine.profiling import ProfiledFunction
from facet.errors import FacetError
from facet.files import read_file
from facet.profile.functions import FunctionTable
from facet.text import brief

OTHER: Final = "other"
"""The phase of code that belongs to no phase."""

OWN_MARK: Final = "app::classifier::Run"
"""A firmware with this function is Facet's own and has the phases of `phases.toml`."""

INVOKERS: Final = ("tflite::MicroInterpreter::Invoke", "tflite::MicroGraph::InvokeSubgraph")
"""Functions of TensorFlow Lite Micro that call the model's operators through registers: the
interpreter of 2020, and the graph of today's."""


@dataclass(frozen=True)
class Phase:
    """A part of the program's work.

    Attributes:
        name: as in reports.
        functions: their names or symbols; a phase lasts while one is on the stack of calls.
    """

    name: str
    functions: tuple[str, ...]


def own_phases() -> list[Phase]:
    """The phases of Facet's own firmware."""
    text = files("facet.profile").joinpath("phases.toml").read_text(encoding="utf-8")
    return _phases(tomllib.loads(text), "phases.toml")


def read_phases(path: Path) -> list[Phase]:
    """The phases that a TOML file of the user declares.

    Raises:
        FacetError: the file cannot be read or says something else.
    """
    try:
        data = tomllib.loads(read_file(path).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FacetError(f"{path} is not a TOML file ({brief(error)})") from None
    return _phases(data, str(path))


def _phases(data: Mapping[str, Any], where: str) -> list[Phase]:
    unknown = [key for key in data if key != "phase"]
    phases = data.get("phase", {})
    if unknown or not isinstance(phases, dict) or not phases:
        problem = f"has {unknown[0]!r}" if unknown else "declares no phase"
        raise FacetError(f'{where} {problem}: write [phase.NAME] with functions = ["main", ...]')
    found: list[Phase] = []
    for name, entry in phases.items():
        functions = entry.get("functions") if isinstance(entry, dict) else None
        if (
            not isinstance(functions, list)
            or not functions
            or not all(isinstance(f, str) for f in functions)
            or len(entry) > 1
        ):
            raise FacetError(
                f'{where}: [phase.{name}] must have just a list of names: functions = ["main", ...]'
            )
        if name == OTHER:
            raise FacetError(f"{where}: the name {OTHER!r} is for code outside of all phases")
        for other in found:
            for function in sorted({*functions}.intersection(other.functions)):
                raise FacetError(
                    f"{where}: {function} is in the phases {other.name!r} and {name!r}: "
                    "name it once"
                )
        found.append(Phase(name, tuple(functions)))
    return found


def phases_of(table: FunctionTable, wanted: list[Phase] | None) -> list[Phase]:
    """The phases that a profile of a firmware has.

    Args:
        table: the firmware's functions.
        wanted: those that the user declared; None for Facet's own, where it is its firmware, or
            else one phase that `main` begins.

    Raises:
        FacetError: a declared function is not in the firmware; the nearest ones are named.
    """
    if wanted is not None:
        for phase in wanted:
            for name in phase.functions:
                table.named(name)
        return wanted
    if table.find(OWN_MARK):
        return own_phases()
    return [Phase("main", ("main",))] if table.find("main") else []


def profiled_functions(table: FunctionTable, phases: list[Phase]) -> list[ProfiledFunction]:
    """The functions as the engine takes them; phase n has the number n + 1.

    A function of two phases begins the later one.
    """
    number_of = {
        function.begin: number
        for number, phase in enumerate(phases, start=1)
        for name in phase.functions
        for function in table.find(name)
    }
    invokers = {function.begin for name in INVOKERS for function in table.find(name)}
    return [
        ProfiledFunction(f.begin, f.end, number_of.get(f.begin, 0), f.begin in invokers)
        for f in table.functions
    ]
