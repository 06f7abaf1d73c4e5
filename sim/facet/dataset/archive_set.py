"""An archive of pictures (.npz, FER2013's CSV) as a data set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from facet.dataset.dataset import Selection
from facet.dataset.frame import Frame
from facet.dataset.labels import LabelSet, majority_labels, no_such_class
from facet.dataset.left_out import Cause, LeftOut
from facet.dataset.npz import SPLIT_KEYS, NpzArchive
from facet.dataset.sample import evenly_spaced
from facet.dataset.splits import SPLITS, chosen_split
from facet.errors import FacetError

_NO_MAJORITY: Final = Cause("", "FER+'s votes have no majority for one label", "", "frame")


class ArchiveSet:
    """Pictures of an archive.

    Args:
        archive: its arrays.
        labels: the classes.
        note: a remark for the user on how the archive was found.
    """

    def __init__(self, archive: NpzArchive, labels: LabelSet, note: str = "") -> None:
        self.archive = archive
        self._labels = labels
        self._note = note

    @property
    def name(self) -> str:
        """The file's path."""
        return str(self.archive.path)

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that have pictures; none in an archive without ``usage``."""
        if self.archive.usage is None:
            return ()
        return tuple(split for split in SPLITS if self.archive.indices(split))

    @property
    def restricted(self) -> bool:
        """Archives with emotions are FER2013 or CK+, or in their format."""
        return self.archive.has_emotions

    def select(
        self, split: str | None = None, limit: int | None = None, *, unlabelled: bool = True
    ) -> Selection:
        """Frames with a label; CK+ is the same in all splits.

        Raises:
            FacetError: the archive lacks the split, the split is empty, or it has no frame
                of the model's classes.
        """
        chosen, indices, note = self._chosen(split)
        label_of = self.archive.labels_for(self._labels)
        labelled = [i for i in indices if label_of[i] is not None]
        where = f"{self.archive.path}, split '{chosen}'" if chosen else self.archive.path
        if not labelled:
            raise no_such_class(where, self._labels, self.archive.names_in(indices))
        left_out = self._left_out([i for i in indices if label_of[i] is None])
        taken = [labelled[i] for i in evenly_spaced(len(labelled), limit)]
        return Selection(
            [self._frame(i, label_of[i]) for i in taken], left_out, chosen, note or self._note
        )

    def count(self, split: str) -> int:
        """Labelled frames of a split."""
        label_of = self.archive.labels_for(self._labels)
        return sum(label_of[i] is not None for i in self.archive.indices(split))

    def person(self, frame: Frame) -> str | None:
        """The person on a frame, if the archive has ``subject``."""
        if self.archive.subject is None:
            return None
        return str(self.archive.subject[int(frame.name.removeprefix("row "))])

    def _frame(self, index: int, label: str | None) -> Frame:
        image, name = self.archive.images[index], self.archive.path.name
        return Frame(image, label, f"row {index}", name, not self.restricted)

    def _chosen(self, split: str | None) -> tuple[str | None, list[int], str]:
        where = str(self.archive.path)
        if self.archive.usage is None:
            indices = self.archive.indices("training")
            if not indices:
                raise FacetError(f"{where}: it has no pictures")
            return None, indices, self._note_without_splits(split)
        counts = [(name, len(self.archive.indices(name))) for name in self.splits]
        there = ", ".join(f"--split {name} ({count} frames)" for name, count in counts)
        try:
            chosen = chosen_split(split, self.splits, where, there)
        except FacetError:
            name = split or "public"
            raise FacetError(
                f"{where}: no labelled frames in split '{name}'; there are: {there or 'none'}"
            ) from None
        return chosen, self.archive.indices(chosen), ""

    def _note_without_splits(self, split: str | None) -> str:
        """The note on an archive of which all is used.

        Raises:
            FacetError: a split is asked for.
        """
        where, unread = str(self.archive.path), ", ".join(self.archive.unread[:12])
        if split is None:
            names = f"; its arrays or columns that are not read: {unread}"
            return f"{where} has no splits: all of it is used{names}" if unread else ""
        if self.archive.is_ck_plus:
            return f"{where} has no splits: all of it is used, not only '{split}'"
        raise FacetError(
            f"{where}: no split '{split}': it has none (no array or column {', '.join(SPLIT_KEYS)}"
            + (f"; not read: {unread}" if unread else "")
            + "); leave --split out to use all its pictures"
        )

    def _left_out(self, indices: Sequence[int]) -> LeftOut:
        """The reason for which these frames have no class."""
        archive, left_out = self.archive, LeftOut()
        if archive.votes is None:
            named: list[str | None] = [archive.given[i] for i in indices] if archive.given else []
        else:
            # The majority rule with each of FER+'s names as a class of its own.
            every_name = LabelSet("all", archive.vote_names)
            named = majority_labels(archive.votes[indices], archive.vote_names, every_name)
        for name, count in sorted(Counter(filter(None, named)).items()):
            left_out.add(Cause(f"'{name}'", "not one of the classes", "", "frame"), count)
        left_out.add(_NO_MAJORITY, named.count(None))
        return left_out
