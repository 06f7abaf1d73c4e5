"""`facet capture`: a labelled set of faces from a camera, a video or a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import click
import cv2
import numpy as np
from rich.table import Table

from facet.capture.crop import Crop, crop_named
from facet.capture.display import open_display
from facet.capture.keyboard import Answer, Keyboard
from facet.capture.live import Sitting
from facet.capture.novelty import LEAST_CHANGE
from facet.capture.source import Camera, Source, recordings, unused_folders
from facet.capture.store import Store
from facet.capture.take import Taker, Tally, take_recorded
from facet.cli.console import console, show
from facet.cli.failures import INTERRUPTED
from facet.cli.params import LabelsType
from facet.dataset.faces.sheet import sheet_of_rows
from facet.dataset.images import read_image
from facet.dataset.labels import LABEL_SETS, LabelSet
from facet.dataset.names import FolderNames
from facet.dataset.resample import resize_area
from facet.dataset.sample import evenly_spaced
from facet.errors import FacetError
from facet.files import check_writable, write_file
from facet.progress import Progress

_SHEET_COLUMNS: Final = 12


@click.command("capture")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default="faces",
    show_default=True,
    help="The set's folder; an existing set is continued.",
)
@click.option(
    "--labels",
    "names",
    type=LabelsType(),
    metavar="NAMES",
    help=f"The classes: {', '.join(LABEL_SETS)}, or any such as open,closed; by default those of "
    "the existing set, else five.",
)
@click.option(
    "--count",
    "wanted",
    type=click.IntRange(1, 1_000_000),
    default=250,
    show_default=True,
    help="Wanted number of pictures of each class.",
)
@click.option("--camera", help="The camera's index, device file or URL; 0 by default.")
@click.option(
    "--source",
    "recording",
    type=click.Path(path_type=Path),
    help="Instead of a camera: a video, or a folder of pictures and videos.",
)
@click.option(
    "--emotion",
    help="Take only this class; the class of a --source without a folder for each class.",
)
@click.option(
    "--every",
    type=click.IntRange(1),
    default=5,
    show_default=True,
    help="Take every nth picture of a video.",
)
@click.option(
    "--crop",
    default="centre",
    show_default=True,
    help="The part of a picture that is kept: centre, face or X,Y,SIZE in pixels.",
)
@click.option(
    "--size",
    type=click.IntRange(16, 1024),
    help="Size of the pictures in pixels; by default that of the existing set, else 96.",
)
@click.option(
    "--least-change",
    type=click.FloatRange(0, 255),
    default=LEAST_CHANGE,
    show_default=True,
    help="The least mean difference, in gray levels, from the last picture kept.",
)
@click.option(
    "--interval",
    type=click.FloatRange(0, 60),
    default=0.2,
    show_default=True,
    help="Seconds between pictures kept from a camera.",
)
@click.option(
    "--countdown",
    type=click.FloatRange(0, 60),
    default=3,
    show_default=True,
    help="Seconds from ENTER to the first picture.",
)
@click.option("--preview/--no-preview", default=True, help="Show the camera's picture.")
@click.option("--check", is_flag=True, help="Take nothing; list the pictures and what is missing.")
@click.option(
    "--sheet",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a contact sheet of the set to this PNG.",
)
def command(
    out: Path,
    names: FolderNames | None,
    wanted: int,
    camera: str | None,
    recording: Path | None,
    emotion: str | None,
    every: int,
    crop: str,
    size: int | None,
    least_change: float,
    interval: float,
    countdown: float,
    preview: bool,
    check: bool,
    sheet: Path | None,
) -> None:
    """Take pictures for a labelled data set, with a folder for each class.

    Pictures are added, never overwritten. Ctrl-C stops at any time; the same command continues from
    there.
    """
    if recording is not None and camera is not None:
        raise FacetError("--camera and --source: choose one")
    if recording is not None and recording.resolve() == out.resolve():
        raise FacetError(f"--source and --out are the same folder, {out}")
    store = Store.open(out, names.label_set if names is not None else None, size)
    label = _class_named(emotion, store.label_set)
    _check_sheet(sheet, out)
    if check:
        _check(store, wanted, sheet)
        return
    session = _Session(store, crop_named(crop), least_change, wanted)
    with session.ending():
        if recording is not None:
            session.record(recording, label, every)
        else:
            session.sit(camera or "0", label, preview, countdown_s=countdown, interval_s=interval)
    session.report()
    if sheet is not None:
        _write_sheet(store, sheet)


class _Session:
    """One call of the command."""

    def __init__(self, store: Store, crop: Crop, least_change: float, wanted: int) -> None:
        self._store = store
        self._crop = crop
        self._least_change = least_change
        self._wanted = wanted
        self._takers: list[Taker] = []
        self._interrupted = False

    @contextmanager
    def ending(self) -> Iterator[None]:
        """Writes the manifest after success, an error, or Ctrl-C; Ctrl-C skips to the report."""
        try:
            yield
        except KeyboardInterrupt:
            self._interrupted = True
        except FacetError:
            with suppress(FacetError):  # on a full disk the first error is the clear one
                self._write_manifest()
            raise
        self._write_manifest()

    def _write_manifest(self) -> None:
        if any(taker.tally.kept for taker in self._takers):
            self._store.write_manifest(self._wanted)

    def record(self, path: Path, label: str | None, every: int) -> None:
        """Takes pictures from videos and files."""
        unused = unused_folders(path, label, self._store.label_set)
        if unused:
            name = self._store.label_set.name
            click.echo(f"{path}: no class of '{name}', left out: {', '.join(unused)}")
        for shown, source in recordings(path, label, self._store.label_set, every):
            try:
                with Progress(f"pictures of {shown}, {source.name}", source.total) as progress:
                    take_recorded(self._taker(shown, source), source, progress.advance)
            finally:
                source.close()

    def sit(
        self,
        camera: str,
        label: str | None,
        preview: bool,
        *,
        countdown_s: float,
        interval_s: float,
    ) -> None:
        """Takes the classes in turn from a person in front of a camera."""
        labels = self._store.label_set.labels if label is None else (label,)
        counts = self._store.counts()
        lacking = [label for label in labels if counts[label] < self._wanted]
        if not lacking:
            return
        source = Camera(camera)
        display = open_display(console(), preview)
        try:
            with Keyboard() as keyboard:
                sitting = Sitting(source, keyboard, display, countdown_s, interval_s)
                for label in lacking:
                    if sitting.take(self._taker(label, source)) is Answer.QUIT:
                        return
        finally:
            display.close()
            source.close()

    def report(self) -> None:
        """Prints what was taken and what is missing; exits with 130 after Ctrl-C."""
        taken = {label: Tally() for label in self._store.label_set.labels}
        for taker in self._takers:
            taken[taker.label].add(taker.tally)
        show(_table(self._store, self._wanted, taken))
        counts = self._store.counts()
        missing = sum(max(self._wanted - count, 0) for count in counts.values())
        total = Tally()
        for tally in taken.values():
            total.add(tally)
        if total.skipped:
            click.echo(
                f"left out: {total.alike} almost the same as the one before, {total.known} already "
                f"there, {total.faceless} without a face"
            )
        if missing:
            click.echo(f"{missing} pictures are missing; continue with --out {self._store.folder}")
        else:
            click.echo(f"complete: facet sim --dataset {self._store.folder}")
        if self._interrupted:
            raise click.exceptions.Exit(INTERRUPTED)

    def _taker(self, label: str, source: Source) -> Taker:
        taker = Taker(self._store, label, source.name, self._crop, self._least_change, self._wanted)
        self._takers.append(taker)
        return taker


def _class_named(emotion: str | None, label_set: LabelSet) -> str | None:
    if emotion is None:
        return None
    label = label_set.class_of(emotion)
    if label is None:
        raise FacetError(
            f"--emotion {emotion}: the label set '{label_set.name}' has "
            f"{', '.join(label_set.labels)}"
        )
    return label


def _check_sheet(sheet: Path | None, out: Path) -> None:
    """Refuses a sheet in the set's folder, where it would be read as a picture."""
    if sheet is None:
        return
    if sheet.suffix.lower() != ".png":
        raise FacetError(f"--sheet {sheet}: give the name of a .png")
    if out.resolve() in sheet.resolve().parents:
        raise FacetError(f"--sheet {sheet} is in the set's own folder: put it elsewhere")
    check_writable(sheet)


def _write_sheet(store: Store, path: Path) -> None:
    rows = []
    for label in store.label_set.labels:
        paths = store.pictures(label)
        chosen = [read_image(paths[i]) for i in evenly_spaced(len(paths), _SHEET_COLUMNS)]
        images = [resize_area(image, store.size_px, store.size_px) for image in chosen]
        if images:
            rows.append((label, [np.repeat(image[..., None], 3, axis=2) for image in images]))
    _, png = cv2.imencode(".png", sheet_of_rows(rows))
    write_file(path, png.tobytes())
    click.echo(f"contact sheet: {path}")


def _check(store: Store, wanted: int, sheet: Path | None) -> None:
    """Reads each picture; raises an error where one is damaged or missing."""
    for label in store.label_set.labels:
        store.images(label)
    show(_table(store, wanted))
    if sheet is not None:
        _write_sheet(store, sheet)
    missing = {label: wanted - count for label, count in store.counts().items() if count < wanted}
    if missing:
        listed = ", ".join(f"{number} {label}" for label, number in missing.items())
        raise FacetError(f"{store.folder}: pictures are missing: {listed}")


def _table(store: Store, wanted: int, taken: dict[str, Tally] | None = None) -> Table:
    table = Table("emotion", title=f"{store.folder}: {store.label_set.name}, {store.size_px} px")
    for column in (*(["taken"] if taken else []), "there", "missing"):
        table.add_column(column, justify="right")
    for label, count in store.counts().items():
        new = [str(taken[label].kept)] if taken else []
        table.add_row(label, *new, str(count), str(max(wanted - count, 0)))
    return table
