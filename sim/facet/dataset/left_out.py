"""The pictures of a data set that are left out: their number and the causes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from facet.text import printable

_MOST_LINES: Final = 12
"""Lines of a summary; the rest is counted in one more."""


@dataclass(frozen=True)
class Cause:
    """The cause for leaving pictures out.

    Args:
        where: the folder, label or kind of file that is concerned, as in "in 'suprise'".
        why: the reason.
        cure: what the user can do; "" where there is nothing to do.
        unit: what is counted: "picture" and "frame" count in ``LeftOut.total``, "file" and "link"
            do not.
        of_all: whether it concerns the whole data set, so that each split would count the same.
    """

    where: str
    why: str
    cure: str = ""
    unit: str = "picture"
    of_all: bool = False

    def line(self, count: int) -> str:
        """The cause with a number, in one line."""
        counted = f"{count} {self.unit}{'' if count == 1 else 's'} {self.where}".rstrip()
        text = f"{counted}: {self.why}"
        return printable(f"{text}; {self.cure}" if self.cure else text)


@dataclass
class LeftOut:
    """A count for each cause, in the order of occurrence."""

    counts: dict[Cause, int] = field(default_factory=dict)

    def add(self, cause: Cause, count: int = 1) -> None:
        """Counts more for a cause."""
        if count:
            self.counts[cause] = self.counts.get(cause, 0) + count

    def include(self, other: LeftOut) -> None:
        """Adds the counts of another split of the same data set."""
        for cause, count in other.counts.items():
            if cause.of_all:
                self.counts[cause] = max(count, self.counts.get(cause, 0))
            else:
                self.add(cause, count)

    @property
    def total(self) -> int:
        """Pictures and frames that are left out; other files do not count."""
        return sum(n for cause, n in self.counts.items() if cause.unit in ("picture", "frame"))

    def lines(self) -> Iterator[str]:
        """One line for each cause, the largest first."""
        largest_first = sorted(self.counts.items(), key=lambda item: -item[1])
        for cause, count in largest_first[:_MOST_LINES]:
            yield cause.line(count)
        rest = largest_first[_MOST_LINES:]
        if rest:
            yield f"{sum(count for _, count in rest)} more, for {len(rest)} other causes"

    def as_json(self) -> dict[str, Any]:
        """The total and all causes, for a results file."""
        return {
            "total": self.total,
            "causes": [
                {"count": count, "unit": cause.unit, "where": cause.where, "why": cause.why}
                for cause, count in self.counts.items()
            ],
        }
