"""Compares a profile with a baseline, and finds what costs more than it may."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from facet.errors import FacetError
from facet.profile.functions import nearest
from facet.profile.limits import Limit, Limits

_SAME: Final = {
    "board": "board",
    "model": "model",
    "model_sha256": "model",
    "facet": "version of Facet",
    "dataset": "data set",
    "split": "split of the data set",
    "frames": "number of frames",
    "for": "length of the run",
    "seed": "seed",
    "without": "set of parts",
    "cycles": "cycle model",
    "engine": "CPU engine",
}
"""What a baseline must have run with, by its name in the profile and for people."""

_SMALL: Final = 0.0001
"""The share of all cycles below which a function's own growth is no regression: the phase, the
operator and the total that it belongs to have limits of their own."""


@dataclass(frozen=True)
class Difference:
    """A value in both profiles.

    Attributes:
        kind: as in `facet.profile.limits.KINDS`.
        name: of the phase, operator, function, memory or stack.
        unit: ``cycles``, ``bytes`` or ``share``.
        base, new: the values; None where a profile lacks it.
        limit: of it.
        regressed: whether the limit is broken.
    """

    kind: str
    name: str
    unit: str
    base: float | None
    new: float | None
    limit: Limit
    regressed: bool

    @property
    def change(self) -> float | None:
        """The growth as a share of the baseline; None where there is nothing to grow from."""
        if not self.base or self.new is None:
            return None
        return self.new / self.base - 1

    @property
    def title(self) -> str:
        """The value for people: ``phase inference``."""
        return self.kind if self.kind == self.name else f"{self.kind} {self.name}"

    @property
    def status(self) -> str:
        """``REGRESSED``, ``better``, ``worse`` within its limit, ``same``, ``new`` or ``gone``."""
        if self.regressed:
            return "REGRESSED"
        if self.base is None:
            return "new"
        if self.new is None:
            return "gone"
        if self.new == self.base:
            return "same"
        less_is_better = self.kind != "accuracy"
        return "better" if (self.new < self.base) == less_is_better else "worse"


def compare(
    base: Mapping[str, Any], new: Mapping[str, Any], limits: Limits, paths: tuple[Path, Path]
) -> list[Difference]:
    """The differences of two profiles.

    Args:
        base, new: as `facet.profile.json_form.read_profile` gives them.
        limits: of the growth.
        paths: of both files, for messages.

    Raises:
        FacetError: the baseline is of another board, model or version, a file lacks something, or
            a limit names what is in neither profile.
    """
    _check_same(base["run"], new["run"], paths)
    try:
        differences = list(_differences(base, new, limits))
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise FacetError(
            f"{paths[0]} or {paths[1]} is damaged ({type(error).__name__}: {error}): measure it "
            "again with `facet profile`"
        ) from None
    _check_names(differences, limits)
    return differences


def _check_same(base: Mapping[str, Any], new: Mapping[str, Any], paths: tuple[Path, Path]) -> None:
    for key, what in _SAME.items():
        if base.get(key) != new.get(key):
            raise FacetError(
                f"the baseline {paths[0]} is of another {what}: {key} is {base.get(key)!r} there "
                f"and {new.get(key)!r} in {paths[1]}; measure the baseline again"
            )


def _check_names(differences: Sequence[Difference], limits: Limits) -> None:
    known = {(difference.kind, difference.name) for difference in differences}
    for kind, name in limits.named:
        if name != "*" and (kind, name) not in known:
            names = [other for of_kind, other in known if of_kind == kind]
            raise FacetError(
                f"a limit is for the {kind} {name!r}, which is in neither profile"
                f"{nearest(name, names)}"
            )


def _differences(
    base: Mapping[str, Any], new: Mapping[str, Any], limits: Limits
) -> Iterator[Difference]:
    yield _difference("total", "cycles", "cycles", base["cycles"], new["cycles"], limits)
    for kind, values in (("phase", _phases), ("operator", _operators), ("function", _functions)):
        yield from _pairs(kind, "cycles", values(base), values(new), limits, base["cycles"])
    yield from _pairs("memory", "bytes", _memory(base), _memory(new), limits, 0)
    yield from _pairs("stack", "bytes", _stacks(base), _stacks(new), limits, 0)
    if base.get("accuracy") is not None or new.get("accuracy") is not None:
        yield _difference(
            "accuracy", "accuracy", "share", base.get("accuracy"), new.get("accuracy"), limits
        )


def _pairs(
    kind: str,
    unit: str,
    base: Mapping[str, float],
    new: Mapping[str, float],
    limits: Limits,
    total: int,
) -> Iterator[Difference]:
    least = _SMALL * total if kind == "function" else 0
    for name in dict.fromkeys([*base, *new]):
        yield _difference(kind, name, unit, base.get(name), new.get(name), limits, least)


def _difference(
    kind: str,
    name: str,
    unit: str,
    base: float | None,
    new: float | None,
    limits: Limits,
    least: float = 0,
) -> Difference:
    limit = limits.of(kind, name)
    if (kind, name) in limits.named:
        least = 0
    regressed = False
    if limit.most is not None:
        value = new or 0
        regressed = value < limit.most if kind == "accuracy" else value > limit.most
    elif limit.growth is not None and base is not None and new is not None:
        if kind == "accuracy":
            regressed = new < base * (1 - limit.growth)
        else:
            regressed = new > base * (1 + limit.growth) and new - base > least
    return Difference(kind, name, unit, base, new, limit, regressed)


def _phases(profile: Mapping[str, Any]) -> dict[str, float]:
    return {phase["name"]: phase["cycles"] for phase in profile["phases"]}


def _operators(profile: Mapping[str, Any]) -> dict[str, float]:
    """Cycles of one inference by operator."""
    return {
        f"{o['index']} {o['name'] or ''}".strip(): o["cycles"] / o["runs"] if o["runs"] else 0
        for o in profile["operators"]
    }


def _functions(profile: Mapping[str, Any]) -> dict[str, float]:
    """Own cycles by name; instances of a template and parts of a function add up."""
    found: dict[str, float] = {}
    for function in profile["functions"]:
        found[function["name"]] = found.get(function["name"], 0) + function["cycles"]
    return found


def _memory(profile: Mapping[str, Any]) -> dict[str, float]:
    """Bytes by region; of Facet's own arena, which takes all that is left, what is used counts."""
    found = {region["name"]: region["used"] for region in profile["memory"].get("regions", ())}
    arena = profile["arena"]
    if arena and arena["reserved"]:
        for section in profile["memory"].get("sections", ()):
            if section["name"] == ".arena":
                for region in section["regions"]:
                    found[region] -= section["bytes"] - arena["used"]
    return found


def _stacks(profile: Mapping[str, Any]) -> dict[str, float]:
    return {stack["thread"]: stack["bytes"] for stack in profile["stacks"]}
