"""Takes pictures of one class from a source into the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from facet.capture.crop import Crop
from facet.capture.novelty import Novelty, Verdict
from facet.capture.source import Source
from facet.capture.store import Store
from facet.dataset.frame import GrayImage
from facet.dataset.resample import resize_area


@dataclass
class Tally:
    """Counts of the examined pictures by result.

    Args:
        kept: written to the store.
        alike: almost the same as the last one kept.
        known: already in the class, the same in each pixel.
        faceless: the crop found no face.
    """

    kept: int = 0
    alike: int = 0
    known: int = 0
    faceless: int = 0

    @property
    def skipped(self) -> int:
        """Pictures that were not kept."""
        return self.alike + self.known + self.faceless

    def add(self, other: Tally) -> None:
        """Adds another's figures."""
        self.kept += other.kept
        self.alike += other.alike
        self.known += other.known
        self.faceless += other.faceless


class Taker:
    """Takes pictures of one class from one source.

    Args:
        store: where they go.
        label: the class.
        source: the source's name, for the manifest.
        crop: the square of each picture that is kept.
        least_change: in gray levels, see ``Novelty``.
        wanted: pictures that the class should have.
    """

    def __init__(
        self, store: Store, label: str, source: str, crop: Crop, least_change: float, wanted: int
    ) -> None:
        self.label = label
        self.wanted = wanted
        self.tally = Tally()
        before = store.images(label)
        self._store = store
        self._crop = crop
        self._novelty = Novelty(least_change, before)
        self._there = len(before)
        self._record = store.taking(source, crop.name, label)

    @property
    def there(self) -> int:
        """Pictures that the class has."""
        return self._there + self.tally.kept

    @property
    def missing(self) -> int:
        """Pictures that are missing."""
        return max(self.wanted - self.there, 0)

    def square(self, picture: GrayImage) -> GrayImage | None:
        """The part of a picture that would be kept, at its full size; None without a face."""
        return self._crop.square(picture)

    def offer(self, square: GrayImage | None) -> bool:
        """Keeps the picture if it is new; True if it was kept."""
        if square is None:
            self.tally.faceless += 1
            return False
        image = resize_area(square, self._store.size_px, self._store.size_px)
        verdict = self._novelty.verdict(image)
        if verdict is Verdict.NEW:
            self._store.add(image, self._record)
            self._novelty.keep(image)
            self.tally.kept += 1
        elif verdict is Verdict.ALIKE:
            self.tally.alike += 1
        else:
            self.tally.known += 1
        return verdict is Verdict.NEW


def take_recorded(taker: Taker, source: Source, looked_at: Callable[[], object]) -> None:
    """Takes pictures from a video or files until the class has enough or the source ends.

    Args:
        taker: of the class.
        source: is read from where it is.
        looked_at: called after each picture.
    """
    while taker.missing:
        picture = source.read()
        if picture is None:
            return
        taker.offer(taker.square(picture))
        looked_at()
