"""Results over many frames: accuracy, confusion matrix and cost in cycles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from facet.dataset.frame import GrayImage
from facet.dataset.labels import EMOTIONS
from facet.target.decision import PHASES, Decision


@dataclass(frozen=True)
class Outcome:
    """The device's answer to one frame.

    Attributes:
        frame: the frame's name.
        label: the class that it shows; None for a picture without a label.
        decision: the device's decision; None where it reported an error.
        error: the message of that error.
        network_input: the 48 x 48 gray levels that the firmware gave to its network, uint8
            [height, width]; None where it was not recorded.
    """

    frame: str
    label: str | None
    decision: Decision | None
    error: str | None = None
    network_input: GrayImage | None = field(default=None, compare=False, repr=False)

    @property
    def said(self) -> str | None:
        """The class in the device's answer."""
        return None if self.decision is None else self.decision.said

    @property
    def right(self) -> bool:
        """Whether the answer is the class that the frame shows."""
        return self.label is not None and self.said == self.label

    def as_json(self) -> dict[str, Any]:
        """The outcome as an entry of a results file."""
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
        """Mean, smallest and largest value as an entry of a results file."""
        return {"mean": round(self.mean, 1), "min": self.min, "max": self.max}


class Summary:
    """Figures of a set of outcomes.

    A frame without a label counts for cycles only; one that the device answered with an error
    counts as wrong.

    Args:
        outcomes: of all frames.
        classes: of the model, in the order of its outputs.
    """

    def __init__(self, outcomes: Iterable[Outcome], classes: Sequence[str] = EMOTIONS) -> None:
        self.outcomes = list(outcomes)
        self._classes = tuple(classes)
        self.labelled = [outcome for outcome in self.outcomes if outcome.label is not None]
        self.decisions = [o.decision for o in self.outcomes if o.decision is not None]
        self.errors = [outcome for outcome in self.outcomes if outcome.error is not None]

    @property
    def accuracy(self) -> float | None:
        """Share of the labelled frames with the right answer; None without labels."""
        if not self.labelled:
            return None
        return sum(outcome.right for outcome in self.labelled) / len(self.labelled)

    @property
    def labels(self) -> list[str]:
        """The model's classes, then other labels that were shown or answered, sorted."""
        met = {o.label for o in self.labelled} | {o.said for o in self.labelled}
        others = sorted(name for name in met if name and name not in self._classes)
        return [*self._classes, *others]

    @property
    def confusion(self) -> list[list[int]]:
        """Frames by shown class (row) and answered class (column), in the order of `labels`."""
        pairs = Counter((outcome.label, outcome.said) for outcome in self.labelled)
        return [[pairs[shown, said] for said in self.labels] for shown in self.labels]

    @property
    def f1(self) -> dict[str, float]:
        """F1 score of each class that was shown: 2 right / (shown + answered)."""
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
        """Number of decisions that the device marked as uncertain."""
        return sum(decision.uncertain for decision in self.decisions)

    @property
    def coverage(self) -> float | None:
        """Share of the labelled frames about which the device was certain; None without labels."""
        return len(self._certain) / len(self.labelled) if self.labelled else None

    @property
    def accuracy_when_certain(self) -> float | None:
        """Accuracy over the certain decisions; None where there are none."""
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
