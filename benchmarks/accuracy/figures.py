"""A predicted figure beside a published one, and what a set of them says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Comparison:
    """One figure.

    Attributes:
        program: what ran.
        part: which part of it, or "".
        published: cycles on silicon.
        predicted: cycles here.
        fitted: whether the model's numbers were chosen with this program in view.
    """

    program: str
    part: str
    published: float
    predicted: float
    fitted: bool

    @property
    def error(self) -> float:
        """The prediction's relative error; above 0 where it is too slow."""
        return self.predicted / self.published - 1


@dataclass(frozen=True)
class Sequences:
    """Short sequences of instructions, each timed by itself.

    Attributes:
        name: what they are about.
        published, predicted: cycles of each on silicon and here.
    """

    name: str
    published: tuple[int, ...]
    predicted: tuple[int, ...]

    @property
    def exact(self) -> int:
        """How many take the same number of cycles."""
        return sum(a == b for a, b in zip(self.published, self.predicted, strict=True))

    @property
    def close(self) -> int:
        """How many are one cycle off at most."""
        return sum(abs(a - b) <= 1 for a, b in zip(self.published, self.predicted, strict=True))


@dataclass(frozen=True)
class Summary:
    """Errors of a set, relative.

    Attributes:
        count: figures in it.
        mean: of the absolute errors.
        bias: the mean with its sign.
        worst: the error that is farthest from 0.
    """

    count: int
    mean: float
    bias: float
    worst: float


def summary(comparisons: Sequence[Comparison]) -> Summary | None:
    """Sums a set up; None where it is empty."""
    errors = [comparison.error for comparison in comparisons]
    if not errors:
        return None
    return Summary(
        len(errors),
        sum(map(abs, errors)) / len(errors),
        sum(errors) / len(errors),
        max(errors, key=abs),
    )
