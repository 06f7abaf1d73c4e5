"""What became of many frames: who was taken for whom, and what it cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from facet.dataset.labels import EMOTIONS
from facet.target.decision import PHASES, Decision


@dataclass(frozen=True)
class Outcome:
    """What the device made of one frame.

    Attributes:
        frame: the frame's name.
        label: the class that it shows; None where nobody said.
        decision: what the device said; None where it reported an error.
        error: that error, in words.
    """

    frame: str
    label: str | None
    decision: Decision | None
    error: str | None = None

    @property
    def said(self) -> str | None:
        """The class that the device named."""
        return None if self.decision is None else self.decision.said

    @property
    def right(self) -> bool:
        """Whether the device named the class that the frame shows."""
        return self.label is not None and self.said == self.label

    def as_json(self) -> dict[str, Any]:
        """The outcome with keys that say what they hold."""
        entry: dict[str, Any] = {"frame": self.frame, "label": self.label, "said": self.said}
        if self.decision is None:
            return entry | {"error": self.error}
        return entry | {
            "confidence": self.decision.confidence,
            "uncertain": self.decision.uncertain,
            "scores": list(self.decision.scores),
            "cycles": dict(self.decision.cycles),
            "us": dict(self.decision.us),
        }


@dataclass(frozen=True)
class Spread:
    """Smallest, largest and mean of a quantity over all decisions."""

    mean: float
    min: int
    max: int

    @classmethod
    def of(cls, values: Sequence[int]) -> Spread:
        """The spread of one value or more."""
        return cls(sum(values) / len(values), min(values), max(values))

    def as_json(self) -> dict[str, float]:
        """The three numbers by name."""
        return {"mean": round(self.mean, 1), "min": self.min, "max": self.max}


class Summary:
    """Figures of a set of outcomes.

    A frame without a label counts for cycles only; one that the device answered with an error
    counts as wrong.

    Args:
        outcomes: of all frames.
        classes: that the model tells apart, in the order of its outputs.
    """

    def __init__(self, outcomes: Iterable[Outcome], classes: Sequence[str] = EMOTIONS) -> None:
        self.outcomes = list(outcomes)
        self._classes = tuple(classes)
        self.labelled = [outcome for outcome in self.outcomes if outcome.label is not None]
        self.decisions = [o.decision for o in self.outcomes if o.decision is not None]
        self.errors = [outcome for outcome in self.outcomes if outcome.error is not None]

    @property
    def accuracy(self) -> float | None:
        """Share of the labelled frames that the device named right; None without labels."""
        if not self.labelled:
            return None
        return sum(outcome.right for outcome in self.labelled) / len(self.labelled)

    @property
    def labels(self) -> list[str]:
        """The model's classes, then whatever else was shown or said, by name."""
        met = {o.label for o in self.labelled} | {o.said for o in self.labelled}
        others = sorted(name for name in met if name and name not in self._classes)
        return [*self._classes, *others]

    @property
    def confusion(self) -> list[list[int]]:
        """How often each class (row) was taken for each (column), in the order of `labels`."""
        pairs = Counter((outcome.label, outcome.said) for outcome in self.labelled)
        return [[pairs[shown, said] for said in self.labels] for shown in self.labels]

    @property
    def f1(self) -> dict[str, float]:
        """F1 score by class, of those that were shown: 2 right / (shown + said)."""
        shown = Counter(outcome.label for outcome in self.labelled)
        said = Counter(outcome.said for outcome in self.labelled)
        right = Counter(outcome.label for outcome in self.labelled if outcome.right)
        return {
            name: 2 * right[name] / (shown[name] + said[name])
            for name in self.labels
            if shown[name]
        }

    @property
    def macro_f1(self) -> float | None:
        """Mean of the F1 scores of the classes that were shown; None without labels."""
        return sum(self.f1.values()) / len(self.f1) if self.f1 else None

    @property
    def cycles(self) -> dict[str, Spread]:
        """Core cycles of a decision by phase, and in ``total``."""
        return self._by_phase([decision.cycles for decision in self.decisions])

    @property
    def us(self) -> dict[str, Spread]:
        """Elapsed microseconds of a decision by phase, and in ``total``."""
        return self._by_phase([decision.us for decision in self.decisions])

    @property
    def uncertain(self) -> int:
        """How many decisions the device called uncertain."""
        return sum(decision.uncertain for decision in self.decisions)

    @property
    def coverage(self) -> float | None:
        """Share of the labelled frames about which the device was certain; None without labels."""
        return len(self._certain) / len(self.labelled) if self.labelled else None

    @property
    def accuracy_when_certain(self) -> float | None:
        """Share of those that it named right; None where there are none."""
        if not self._certain:
            return None
        return sum(outcome.right for outcome in self._certain) / len(self._certain)

    def as_json(self) -> dict[str, Any]:
        """All figures; ``cycles`` and ``us`` have mean, min and max by phase."""
        return {
            "frames": len(self.outcomes),
            "accuracy": _rounded(self.accuracy),
            "macro_f1": _rounded(self.macro_f1),
            "labels": self.labels,
            "confusion": self.confusion,
            "uncertain": self.uncertain,
            "coverage": _rounded(self.coverage),
            "accuracy_when_certain": _rounded(self.accuracy_when_certain),
            "errors": len(self.errors),
            "cycles": {phase: spread.as_json() for phase, spread in self.cycles.items()},
            "us": {phase: spread.as_json() for phase, spread in self.us.items()},
        }

    @property
    def _certain(self) -> list[Outcome]:
        return [o for o in self.labelled if o.decision is not None and not o.decision.uncertain]

    @staticmethod
    def _by_phase(costs: Sequence[Mapping[str, int]]) -> dict[str, Spread]:
        if not costs:
            return {}
        spreads = {phase: Spread.of([cost[phase] for cost in costs]) for phase in PHASES}
        return spreads | {"total": Spread.of([sum(cost.values()) for cost in costs])}


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 6)
