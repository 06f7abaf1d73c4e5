"""A folder of image files, labelled by their folders' names or by their own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from facet.dataset.dataset import Selection, with_causes
from facet.dataset.frame import Frame
from facet.dataset.images import read_image
from facet.dataset.labels import LabelSet, folded, group_has, is_emotion, no_such_class
from facet.dataset.left_out import Cause, LeftOut
from facet.dataset.names import EXAMPLE, FolderNames, is_number, number_of
from facet.dataset.negation import is_negated
from facet.dataset.sample import evenly_spaced
from facet.dataset.splits import (
    SPLITS,
    chosen_split,
    split_named,
    split_of_file,
    split_of_folders,
)
from facet.dataset.tree import ImageFile, ImageTree
from facet.errors import FacetError

_RESTRICTED_NAMES: Final = re.compile(
    r"(Training|PublicTest|PrivateTest)_\d+\.\w+"  # FER2013 as pictures, on Kaggle
    r"|fer\d{7}\.\w+"  # FER+'s own names of them (fer2013new.csv)
    r"|S\d{3}_\d{3}_\d{8}.*",  # CK+: subject, sequence, picture
    re.IGNORECASE,
)
"""Names of files that are pictures of FER2013 or CK+."""


_OUTSIDE: Final = Cause("outside of the folders of the splits", "in no split", of_all=True)
_LINKED: Final = Cause("", "it leads to a picture that is counted already", "", "link", True)
_NAMELESS: Final = Cause("", "no label in the names of folders or files")


@dataclass(frozen=True)
class Picture:
    """A picture with its place in the data set.

    Args:
        file: the picture.
        split: its split; None where the data has none, or the picture is in none.
        label: its class; None where it has none.
        cause: why it has none; None where it has one, or where nothing names a label.
        known: the labels that its path has, as the data set spells them.
        name: the file's name, relative to the split's folder where that is the outermost.
    """

    file: ImageFile
    split: str | None
    label: str | None
    cause: Cause | None
    known: tuple[str, ...]
    name: str


class FolderSet:
    """A folder of images.

    Labels come from folders: ``happy/anna.png``; where no folder has one, from the file's name:
    ``anna_happy.png``. Splits come from folders as well, in any nesting: ``train/happy``,
    ``happy/train``, ``fer/Train/happy``.

    Args:
        tree: the folder with its pictures.
        labels: the classes.
        names: what the folders' names mean where they are not labels.

    Raises:
        FacetError: no image there, nothing labelled, none of the model's classes, a path that
            names two splits.
    """

    def __init__(self, tree: ImageTree, labels: LabelSet, names: FolderNames | None = None) -> None:
        self._folder = folder = tree.root
        self._left_out_links = LeftOut()
        self._labels = labels
        self._names = names or FolderNames()
        self._tree = tree
        if not self._tree.images:
            found = "; ".join(self._tree.left_out.lines())
            raise FacetError(
                f"{folder}: no images in this folder (looked for PNG, JPEG, BMP, TIFF, GIF, "
                "WebP ...)" + (f"; it has {found}" if found else "")
            )
        self._names = self._names.for_folders(self._numbers())
        self.pictures = self._once(self._pictures())
        self._refuse_unlabelled()

    @property
    def name(self) -> str:
        """The folder's path."""
        return str(self._folder)

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that have pictures."""
        have = {picture.split for picture in self.pictures}
        return tuple(split for split in SPLITS if split in have)

    def select(
        self, split: str | None = None, limit: int | None = None, *, unlabelled: bool = True
    ) -> Selection:
        """Pictures of a split; all of a folder without splits.

        Raises:
            FacetError: no such split, none of the model's classes in it, or a file that cannot be
                read (which).
        """
        chosen = self._chosen(split)
        left_out = LeftOut()
        left_out.include(self._tree.left_out)
        left_out.include(self._left_out_links)
        kept = []
        for picture in self.pictures:
            if picture.split != chosen:
                if picture.split is None:
                    left_out.add(_OUTSIDE)
            elif picture.cause is not None:
                left_out.add(picture.cause)
            else:
                kept.append(picture)
        labelled = [picture for picture in kept if picture.label is not None]
        if not labelled:
            shown = sorted(self._shown(chosen))
            where = f"{self._folder}, split '{chosen}'" if chosen else self._folder
            raise with_causes(no_such_class(where, self._labels, shown), left_out)
        left_out.add(_NAMELESS, len(kept) - len(labelled))
        kept = kept if unlabelled else labelled
        frames = [self._frame(kept[i]) for i in evenly_spaced(len(kept), limit)]
        if frames and all(frame.image.max() <= 1 for frame in frames):
            raise FacetError(
                f"{self._folder}: no pixel is above 1 in any picture: a pixel must be 0 (black) to "
                "255 (white); store the pictures again with the full range"
            )
        notes = [self._unused_labels(), "" if chosen else self._note(labelled)]
        return Selection(frames, left_out, chosen, "; ".join(filter(None, notes)))

    def count(self, split: str) -> int:
        """Labelled pictures of a split."""
        return sum(p.label is not None for p in self.pictures if p.split == split)

    def person(self, frame: Frame) -> str | None:
        """None: a folder does not name the persons on its pictures."""
        return None

    @cached_property
    def _may_show(self) -> bool:
        """Whether no file is named as those of FER2013 and CK+ are."""
        return not any(_RESTRICTED_NAMES.fullmatch(i.path.name) for i in self._tree.images)

    @property
    def restricted(self) -> bool:
        """Whether these are pictures of FER2013 or CK+, by the names of the files."""
        return not self._may_show

    def _frame(self, picture: Picture) -> Frame:
        image = read_image(picture.file.path)
        return Frame(image, picture.label, picture.name, str(self._folder), self._may_show)

    # -- splits
    def _chosen(self, split: str | None) -> str | None:
        where = str(self._folder)
        if self.splits:
            counts = Counter(picture.split for picture in self.pictures)
            there = ", ".join(f"--split {s} ({counts[s]} pictures)" for s in self.splits)
            return chosen_split(split, self.splits, where, there)
        if split is not None:
            raise FacetError(
                f"{where}: no split '{split}': it has none (no folder in it is called train, "
                "validation, test ...); leave --split out to use all its pictures"
            )
        return None

    def _placed(self) -> list[tuple[ImageFile, str | None]]:
        """Each picture with its split."""
        placed = [(image, self._split_of(image)) for image in self._tree.images]
        if any(split for _, split in placed):
            return placed
        by_name = [split_of_file(image.path.name) for image in self._tree.images]
        if None in by_name or len(set(by_name)) < 2:
            return placed
        return list(zip(self._tree.images, by_name, strict=True))

    def _split_of(self, image: ImageFile) -> str | None:
        try:
            return split_of_folders([f for f in image.folders if self._is_split(f)])
        except ValueError as error:
            raise FacetError(
                f"{self._folder / image.name}: its folders name two splits, {error}: rename one"
            ) from None

    def _is_split(self, folder: str) -> bool:
        if any(folded(folder) == folded(label) for label in self._labels.labels):
            return False
        return split_named(folder) is not None

    def _name_in_split(self, image: ImageFile) -> str:
        if image.folders and self._is_split(image.folders[0]):
            return "/".join((*image.folders[1:], image.path.name))
        return image.name

    def _unused_labels(self) -> str:
        """A note if ``--labels`` names what is not there."""
        found = {
            name
            for image in self._tree.images
            for name in (*image.folders, *_words(image.path.stem))
        }
        unused = self._names.unused(found)
        if not unused:
            return ""
        shown = ", ".join(f"'{name}'" for name in unused[:5]) + (" ..." if len(unused) > 5 else "")
        return f"{self._folder}: no folder or file is named {shown}, which --labels gives a meaning"

    def _note(self, labelled: Sequence[Picture]) -> str:
        """A note if the folders around the labels may be splits under unknown names."""
        outer = {
            picture.file.folders[0]
            for picture in labelled
            if len(picture.file.folders) > 1 and not self._is_known(picture.file.folders[0])
        }
        if len(outer) < 2:
            return ""
        shown = ", ".join(sorted(outer)[:5]) + (" ..." if len(outer) > 5 else "")
        return (
            f"{self._folder}: no folder in it is called train, validation, test ...; the pictures "
            f"of all its folders ({shown}) are used"
        )

    # -- labels
    def _pictures(self) -> list[Picture]:
        by_folder = any(self._is_known(f) for image in self._tree.images for f in image.folders)
        return [self._picture(image, split, by_folder) for image, split in self._placed()]

    def _once(self, pictures: list[Picture]) -> list[Picture]:
        """The pictures without those that are links to others of them.

        Of several paths to one file, the first counts that has a label, and a split where the data
        has splits; of these, the one with the fewest links.
        """
        if not any(picture.file.links for picture in pictures):
            return pictures
        divided = any(picture.split for picture in pictures)
        best: dict[Path, tuple[bool, int, int]] = {}
        places = []
        for number, picture in enumerate(pictures):
            usable = picture.label is not None and (not divided or picture.split is not None)
            place = (not usable, picture.file.links, number)
            target = picture.file.path.resolve()
            best[target] = min(place, best.get(target, place))
            places.append((target, place))
        self._left_out_links.add(_LINKED, len(pictures) - len(best))
        return [
            picture
            for picture, (target, place) in zip(pictures, places, strict=True)
            if best[target] == place
        ]

    def _picture(self, image: ImageFile, split: str | None, by_folder: bool) -> Picture:
        folders = [f for f in image.folders if not self._is_split(f)]
        known = [f for f in folders if self._is_known(f)]
        if not known and not (by_folder and folders) and not any(map(is_negated, folders)):
            # Where folders have the labels, a word in the name of a file is not one.
            known = self._labels_in_name(image.path.stem)
        if known:
            label, cause = self._label(known, "/".join(folders))
        else:
            label, cause = None, self._unknown_folder(folders, by_folder)
        name = self._name_in_split(image)
        return Picture(image, split, label, cause, tuple(known), name)

    def _label(self, known: Sequence[str], shown: str) -> tuple[str | None, Cause | None]:
        """The class of the labels in a path, or the cause for its absence."""
        names = [self._names.label_of(name) for name in known]
        classes = {label for name in names if (label := self._labels.class_of(name)) is not None}
        outside = [name for name in names if self._labels.class_of(name) is None]
        # In "negative/sad" the group agrees with the emotion.
        outside = [name for name in outside if not any(group_has(name, n) for n in names)]
        place = f"in '{shown}'" if shown else "by their names"
        if len(classes) > 1 or (classes and outside):
            return None, Cause(place, f"two labels, {' and '.join(sorted(set(known)))}")
        if not classes:
            return None, Cause(place, f"'{names[0]}' is not one of the classes")
        return classes.pop(), None

    def _unknown_folder(self, folders: Sequence[str], by_folder: bool) -> Cause | None:
        """The cause for leaving out pictures without a label; None: they are unlabelled."""
        place = f"in '{'/'.join(folders)}'"
        for folder in filter(self._names.has, reversed(folders)):
            label = self._names.label_of(folder)
            near = self._labels.nearest(label)
            cure = (
                f"did you mean '{near}'?"
                if near
                else f"write one of {', '.join(self._labels.labels)}"
            )
            return Cause(place, f"--labels gives '{label}', which is not one of the classes", cure)
        for folder in reversed(folders):
            near = self._labels.nearest(folder)
            if near is not None:
                cure = f"did you mean '{near}'? Rename it, or write --labels \"{folder}={near}\""
                return Cause(place, "not a known label", cure)
        if any(is_number(folder) for folder in folders):
            return Cause(place, "a number is not a label", f"write {EXAMPLE}")
        return Cause(place, "not a known label") if by_folder and folders else None

    def _labels_in_name(self, stem: str) -> list[str]:
        if is_negated(stem):
            return [stem] if self._is_known(stem) else []
        return sorted({word for word in _words(stem) if self._is_known(word)})

    def _is_known(self, name: str) -> bool:
        label = self._names.label_of(name)
        return self._labels.class_of(label) is not None or is_emotion(label)

    def _numbers(self) -> set[str]:
        """The numbered folders in paths without a label."""
        return {
            folder
            for image in self._tree.images
            if not any(self._is_known(f) for f in image.folders)
            for folder in image.folders
            if is_number(folder)
        }

    # -- complaints
    def _refuse_unlabelled(self) -> None:
        if any(picture.known for picture in self.pictures):
            return
        numbers = sorted((n for n in self._numbers() if not self._names.has(n)), key=number_of)
        if numbers:
            raise FacetError(
                f"{self._folder}: its folders are numbered ({', '.join(numbers[:12])}): say what "
                f"the numbers mean, for example {EXAMPLE}, or --labels raf-db"
            )
        left_out = LeftOut()
        for picture in self.pictures:
            if picture.cause is not None:
                left_out.add(picture.cause)
        every = {folder for image in self._tree.images for folder in image.folders}
        found = f"; the folders there are {', '.join(sorted(every)[:12])}" if every else ""
        splits = ", ".join(sorted(filter(self._is_split, every))[:12])
        error = FacetError(
            f"{self._folder}: nothing labelled: put the pictures into a folder for each label "
            f"({', '.join(self._labels.labels)}){found}"
            + (f" ({splits} read as splits: write train/happy, test/happy)" if splits else "")
        )
        raise with_causes(error, left_out)

    def _shown(self, split: str | None) -> set[str]:
        """The labels that the data has, as it spells them."""
        return {
            name.lower()
            for picture in self.pictures
            if split in (None, picture.split)
            for name in picture.known
        }


def _words(stem: str) -> set[str]:
    """The words of a file's name, with and without digits, and the whole of it."""
    return {*re.split(r"[^A-Za-z]+", stem), *re.split(r"[^A-Za-z0-9]+", stem), stem}
