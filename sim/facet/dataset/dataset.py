"""The interface of every kind of data set: its splits, and frames of a split."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Protocol

from facet.dataset.frame import Frame
from facet.dataset.left_out import LeftOut
from facet.errors import FacetError

_CAUSES_IN_AN_ERROR: Final = 3


@dataclass(frozen=True)
class Selection:
    """Frames of a data set.

    Args:
        frames: what was chosen, in the order of the data set.
        left_out: what else the data set, or its split, has, except for frames beyond a limit.
        split: the split that they are from; None where the data has none.
        note: a remark for the user on the choice; "" for none.
    """

    frames: list[Frame]
    left_out: LeftOut = field(default_factory=LeftOut)
    split: str | None = None
    note: str = ""


class DataSet(Protocol):
    """Pictures with labels."""

    @property
    def name(self) -> str:
        """The source, for messages."""

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that it has; none where it is not divided."""

    @property
    def restricted(self) -> bool:
        """Whether its pictures may not be passed on (FER2013, CK+)."""

    def select(
        self, split: str | None = None, limit: int | None = None, *, unlabelled: bool = True
    ) -> Selection:
        """Frames of a split, spread evenly where there are more than the limit.

        Args:
            split: one of ``facet.dataset.splits.SPLITS``; None: what tests, where there are splits.
            limit: the largest number of frames; None: all.
            unlabelled: whether frames without a label are among them.

        Raises:
            FacetError: it lacks the split, or nothing in it has one of the model's classes.
        """

    def count(self, split: str) -> int:
        """The number of labelled pictures of a split; 0 if it is unlimited."""

    def person(self, frame: Frame) -> str | None:
        """The person on one of its frames; None if the data does not name one."""


def with_causes(error: FacetError, left_out: LeftOut) -> FacetError:
    """The error for an empty selection, with the causes, in one line."""
    causes = list(left_out.lines())[:_CAUSES_IN_AN_ERROR]
    return FacetError("; left out: ".join([str(error), ". ".join(causes)])) if causes else error
