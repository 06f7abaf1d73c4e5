"""The search spaces, their budgets, and the random sampling of candidates.

Sampled here, not by an Optuna sampler: candidates over budget are rejected before they become
trials, and the candidates depend on the seed alone, not on the order in which trials finish.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from facet.errors import FacetError
from models.architectures.plan import Plan, Stage
from models.search.cost import Cost, cost_of

Candidate = Mapping[str, Any]
"""A network and the hyperparameters of its training: a value for each name in ``Space.choices``."""

_MAX_SAMPLES: Final = 2000
"""Samples for each candidate after which a space counts as exhausted."""

_STAGES: Final = ("stage1", "stage2", "stage3")


@dataclass(frozen=True)
class Space:
    """A search space; all values of a choice are equally likely and independent of the others.

    Args:
        budget: maximum cost; samples over budget are rejected.
        choices: by name. ``stem``, ``head`` and ``dropout`` are those of a ``Plan``;
            ``stageN_...`` those of its stages at 12 x 12, 6 x 6 and 3 x 3 positions;
            ``learning_rate`` and ``weight_decay`` are AdamW's.
    """

    budget: Cost
    choices: Mapping[str, tuple[Any, ...]]


def _stage(
    number: int,
    channels: tuple[int, ...],
    blocks: tuple[int, ...],
    entry: tuple[str, ...] = ("full", "separable"),
) -> dict[str, tuple[Any, ...]]:
    return {
        f"stage{number}_channels": channels,
        f"stage{number}_blocks": blocks,
        f"stage{number}_kernel": (3, 5),
        f"stage{number}_entry": entry,
        f"stage{number}_expansion": (1, 2, 3),
    }


# Channels are multiples of 4: the M4's kernels process four int8 values at a time.
SPACES: Final[dict[str, Space]] = {
    "small": Space(
        # The firmware leaves 188,444 bytes of the L432KC's 256 KB of flash.
        Cost(macs=2_100_000, peak_activation_bytes=96 * 1024, file_bytes=180_000),
        {
            "stem": (8, 12, 16, 20, 24),
            **_stage(1, (16, 24, 32, 40), (0, 1, 2, 3)),
            **_stage(2, (48, 64, 80, 96), (1, 2, 3, 4), entry=("separable",)),
            **_stage(3, (96, 128, 160, 192), (0, 1, 2), entry=("separable",)),
            "dropout": (0.0, 0.1),
            "head": (0, 64, 96, 128),
            "learning_rate": (1e-2, 2e-2, 4e-2),
            "weight_decay": (1e-2, 4e-2),
        },
    ),
    "nano": Space(
        Cost(macs=900_000, peak_activation_bytes=96 * 1024, file_bytes=30_000),
        {
            "stem": (8, 12, 16),
            **_stage(1, (12, 16, 20, 24, 28), (0, 1, 2)),
            **_stage(2, (24, 32, 40, 48, 56), (0, 1, 2, 3)),
            **_stage(3, (32, 48, 64, 80, 96), (0, 1, 2), entry=("separable",)),
            "dropout": (0.0, 0.1),
            "head": (0,),
            "learning_rate": (1e-2, 2e-2, 4e-2),
            "weight_decay": (1e-2, 4e-2),
        },
    ),
}
"""By name. A full entry to 6 x 6 or 3 x 3 would use most of the budget for weights, so ``small``
does not have it there."""


def space(name: str) -> Space:
    """The search space of a name.

    Raises:
        FacetError: there is none of that name.
    """
    if name not in SPACES:
        raise FacetError(f"no space '{name}': choose one of {', '.join(sorted(SPACES))}")
    return SPACES[name]


def plan_of(candidate: Candidate) -> Plan:
    """The network of a candidate."""
    stages = tuple(
        Stage(
            channels=candidate[f"{stage}_channels"],
            blocks=candidate[f"{stage}_blocks"],
            kernel=candidate[f"{stage}_kernel"],
            entry=candidate[f"{stage}_entry"],
            expansion=candidate[f"{stage}_expansion"],
        )
        for stage in _STAGES
    )
    return Plan(candidate["stem"], stages, candidate["dropout"], candidate["head"])


def sample(space: Space, count: int, seed: int) -> list[Candidate]:
    """Sample different candidates within the budget; a smaller ``count`` gives the first of them.

    Args:
        space: the search space.
        count: number of candidates.
        seed: of the sampling.

    Raises:
        FacetError: the space does not have that many.
    """
    rng = np.random.default_rng(seed)
    found: list[Candidate] = []
    for _ in range(_MAX_SAMPLES * count):
        if len(found) == count:
            break
        candidate = _candidate(space, rng)
        if cost_of(plan_of(candidate)).is_within(space.budget) and candidate not in found:
            found.append(candidate)
    if len(found) < count:
        raise FacetError(
            f"the space has {len(found)} networks within its budget, not {count}: use fewer trials "
            "or widen it in models/search/space.py"
        )
    return found


def _candidate(space: Space, rng: np.random.Generator) -> Candidate:
    candidate = {
        name: values[int(rng.integers(len(values)))] for name, values in space.choices.items()
    }
    # Attributes without an effect get one value, so that no network is sampled twice.
    for stage in _STAGES:
        if not candidate[f"{stage}_blocks"]:
            candidate[f"{stage}_expansion"] = 1
            if candidate[f"{stage}_entry"] == "full":
                candidate[f"{stage}_kernel"] = 3
    return candidate
