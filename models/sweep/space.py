"""What a sweep may draw, and what it may cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, TypeVar

import numpy as np

from facet.errors import FacetError
from models.plan import Plan, Stage
from models.sweep.footprint import Footprint, footprint

_T = TypeVar("_T")

_DRAWS_EACH: Final = 2000
"""Draws for each candidate after which a space is taken to hold no more within its budget."""


@dataclass(frozen=True)
class Candidate:
    """A network and its recipe: what a trial trains.

    Args:
        plan: the network.
        peak_rate: AdamW's learning rate after the warm-up.
        weight_decay: AdamW's.
    """

    plan: Plan
    peak_rate: float
    weight_decay: float

    @classmethod
    def of(cls, words: Mapping[str, Any]) -> Candidate:
        """From what ``asdict`` makes of one, through JSON or not."""
        plan = words["plan"]
        stages = tuple(Stage(**stage) for stage in plan["stages"])
        return cls(
            Plan(plan["stem"], stages, plan["dropout"], plan.get("head", 0)),
            words["peak_rate"],
            words["weight_decay"],
        )

    @property
    def words(self) -> dict[str, Any]:
        """As JSON takes it."""
        return asdict(self)


@dataclass(frozen=True)
class Budget:
    """The most that a network may cost; see ``Footprint``."""

    macs: int
    peak_activation_bytes: int
    file_bytes: int

    def admits(self, cost: Footprint) -> bool:
        """Whether a network is within it."""
        return (
            cost.macs <= self.macs
            and cost.peak_activation_bytes <= self.peak_activation_bytes
            and cost.file_bytes <= self.file_bytes
        )


@dataclass(frozen=True)
class StageSpace:
    """What each figure of a ``Stage`` is drawn from, all values equally likely."""

    channels: tuple[int, ...]
    blocks: tuple[int, ...]
    kernel: tuple[int, ...] = (3, 5)
    entry: tuple[Literal["full", "separable"], ...] = ("full", "separable")
    expansion: tuple[int, ...] = (1, 2, 3)


@dataclass(frozen=True)
class Space:
    """What a candidate is drawn from, all values equally likely and independent of each other.

    Args:
        budget: what is over it is drawn again.
        stem: channels of the first convolution.
        stages: at 12 x 12, 6 x 6 and 3 x 3 positions.
        head: features of a full convolution at the end; 0: a depthwise one.
        dropout, peak_rate, weight_decay: of the recipe.
    """

    budget: Budget
    stem: tuple[int, ...]
    stages: tuple[StageSpace, ...]
    head: tuple[int, ...] = (0,)
    dropout: tuple[float, ...] = (0.0, 0.1)
    peak_rate: tuple[float, ...] = (1e-2, 2e-2, 4e-2)
    weight_decay: tuple[float, ...] = (1e-2, 4e-2)


# Channels are multiples of 4: the M4's kernels multiply-accumulate int8 in fours.
SPACES: Final[dict[str, Space]] = {
    "small": Space(
        # The L432KC's 256 KB of flash leave 188,444 bytes beside the firmware.
        Budget(macs=2_100_000, peak_activation_bytes=96 * 1024, file_bytes=180_000),
        stem=(8, 12, 16, 20, 24),
        stages=(
            StageSpace(channels=(16, 24, 32, 40), blocks=(0, 1, 2, 3)),
            StageSpace(channels=(48, 64, 80, 96), blocks=(1, 2, 3, 4), entry=("separable",)),
            StageSpace(channels=(96, 128, 160, 192), blocks=(0, 1, 2), entry=("separable",)),
        ),
        head=(0, 64, 96, 128),
    ),
    "nano": Space(
        Budget(macs=900_000, peak_activation_bytes=96 * 1024, file_bytes=30_000),
        stem=(8, 12, 16),
        stages=(
            StageSpace(channels=(12, 16, 20, 24, 28), blocks=(0, 1, 2)),
            StageSpace(channels=(24, 32, 40, 48, 56), blocks=(0, 1, 2, 3)),
            StageSpace(channels=(32, 48, 64, 80, 96), blocks=(0, 1, 2), entry=("separable",)),
        ),
    ),
}
"""By name. A full entry to 6 x 6 or 3 x 3 would take most of the budget's weights, so ``small``
leaves it out there."""


def space(name: str) -> Space:
    """A space by its name.

    Raises:
        FacetError: there is none of that name.
    """
    if name not in SPACES:
        raise FacetError(f"no space '{name}': choose one of {', '.join(sorted(SPACES))}")
    return SPACES[name]


def draw(space: Space, number: int, seed: int) -> list[Candidate]:
    """Draw different candidates within the budget; of a larger number, the first are the same.

    Args:
        space: from which.
        number: how many.
        seed: of the draws.

    Raises:
        FacetError: the space has not so many.
    """
    rng = np.random.default_rng(seed)
    found: dict[Candidate, None] = {}
    for _ in range(_DRAWS_EACH * number):
        if len(found) == number:
            break
        candidate = _drawn(space, rng)
        if space.budget.admits(footprint(candidate.plan)):
            found.setdefault(candidate)
    if len(found) < number:
        raise FacetError(
            f"the space has {len(found)} networks within its budget, not {number}: ask for fewer "
            "trials, or widen it in models/sweep/space.py"
        )
    return list(found)


def _drawn(space: Space, rng: np.random.Generator) -> Candidate:
    stem = _one_of(space.stem, rng)
    stages = tuple(_stage(stage, rng) for stage in space.stages)
    plan = Plan(stem, stages, _one_of(space.dropout, rng), _one_of(space.head, rng))
    return Candidate(plan, _one_of(space.peak_rate, rng), _one_of(space.weight_decay, rng))


def _stage(space: StageSpace, rng: np.random.Generator) -> Stage:
    channels = _one_of(space.channels, rng)
    blocks = _one_of(space.blocks, rng)
    kernel = _one_of(space.kernel, rng)
    entry = _one_of(space.entry, rng)
    expansion = _one_of(space.expansion, rng)
    # What has no effect has one value, so that no network is drawn twice under two names.
    if not blocks:
        expansion = 1
        kernel = 3 if entry == "full" else kernel
    return Stage(channels, blocks, kernel, entry, expansion)


def _one_of(values: Sequence[_T], rng: np.random.Generator) -> _T:
    return values[int(rng.integers(len(values)))]
