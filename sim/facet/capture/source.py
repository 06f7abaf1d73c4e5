"""Where pictures come from: a camera, a video, or files; all gray, one after the other."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import cv2
import numpy as np

from facet.dataset.folder import IMAGE_SUFFIXES, read_image
from facet.dataset.frame import GrayImage
from facet.dataset.labels import LabelSet
from facet.errors import FacetError

VIDEO_SUFFIXES: Final = frozenset({".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v", ".mpg", ".ogv"})

_TRIES: Final = 20
_RETRY_s: Final = 0.05
"""A camera may miss pictures while it starts or adapts its exposure: 20 * 0.05 s = 1 s."""

_SILENT: Final = 0
"""cv::utils::logging::LOG_LEVEL_SILENT."""

# FFmpeg's own messages, which OpenCV's log level does not hold back; read when it is first used.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")


class Source(Protocol):
    """Gives pictures until it has no more."""

    @property
    def name(self) -> str:
        """What it is called in messages and in the manifest; without the folder it lies in."""

    @property
    def total(self) -> int | None:
        """About how many pictures it will give, where it is known."""

    def read(self) -> GrayImage | None:
        """The next picture, uint8 [height, width], or None after the last.

        Raises:
            FacetError: it cannot be read; says why and what to try.
        """

    def close(self) -> None:
        """Gives the camera or the file back."""


class Camera:
    """A camera by its index ("0"), its device file or its URL."""

    total: int | None = None

    def __init__(self, which: str = "0") -> None:
        self.name = f"camera {_without_password(which)}"
        with _quiet():
            self._capture = cv2.VideoCapture(int(which) if which.isdigit() else which)
        if not self._capture.isOpened():
            raise FacetError(f"{self.name} cannot be opened: {_what_to_try(which)}")

    def read(self) -> GrayImage:
        """The camera's next picture; waits for it."""
        for _ in range(_TRIES):
            done, picture = self._capture.read()
            if done:
                return _gray(np.asarray(picture, np.uint8))
            time.sleep(_RETRY_s)
        raise FacetError(
            f"{self.name} gives no picture: is it unplugged, or does another program use it? "
            "What was taken is kept; the same command goes on from there"
        )

    def close(self) -> None:
        """Switches the camera off."""
        self._capture.release()


class Video:
    """Every nth picture of a video file, from its first."""

    def __init__(self, path: Path, every: int = 1) -> None:
        if not path.is_file():
            raise FacetError(f"{path}: no such video")
        self.name = path.name
        self._path = path
        self._every = every
        with _quiet():
            self._capture = cv2.VideoCapture(str(path), _backend())
        if not self._capture.isOpened():
            raise self._unreadable()
        frames = int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT))
        self.total: int | None = -(-frames // every) if frames > 0 else None
        self._given = 0

    def read(self) -> GrayImage | None:
        """The next of the pictures wanted; None at the end."""
        with _quiet():
            for _ in range(self._every - 1 if self._given else 0):
                if not self._capture.grab():
                    return None
            done, picture = self._capture.read()
        if not done and not self._given:
            raise self._unreadable()
        if not done:
            return None
        self._given += 1
        return _gray(np.asarray(picture, np.uint8))

    def close(self) -> None:
        """Closes the file."""
        self._capture.release()

    def _unreadable(self) -> FacetError:
        return FacetError(
            f"{self._path}: not a video that can be read; convert it, for example with "
            f"`ffmpeg -i {self._path.name} clip.mp4`, or give a folder of pictures"
        )


class Pictures:
    """Image files, in the order given."""

    def __init__(self, paths: Sequence[Path], name: str) -> None:
        self.name = name
        self.total: int | None = len(paths)
        self._paths = iter(paths)

    def read(self) -> GrayImage | None:
        """The next file's picture."""
        path = next(self._paths, None)
        return None if path is None else read_image(path)

    def close(self) -> None:
        """Nothing is held."""


def recordings(
    path: Path, emotion: str | None, label_set: LabelSet, every: int
) -> Iterator[tuple[str, Source]]:
    """What a video, or a folder of pictures and videos, gives: classes and their sources.

    Args:
        path: a video; or a folder, with one folder for each emotion where ``emotion`` is None.
        emotion: the class of all that is there, by any name that other data sets have for it.
        label_set: the classes; folders of emotions that it lacks are left out.
        every: of a video, take every nth picture.

    Raises:
        FacetError: nothing there, or nothing says which emotion it is.
    """
    if not path.exists():
        raise FacetError(f"{path}: no such video or folder")
    if emotion is not None:
        yield from ((emotion, source) for source in _sources_in(path, every))
        return
    choose = f"one of {', '.join(label_set.labels)}"
    if not path.is_dir():
        raise FacetError(f"{path}: say which emotion it shows: --emotion, {choose}")
    labelled = [
        (label, folder)
        for folder in sorted(path.iterdir())
        if folder.is_dir() and (label := label_set.class_of(folder.name)) is not None
    ]
    if not labelled:
        raise FacetError(
            f"{path}: no folder in it is named after an emotion ({choose}); name them so, or say "
            "with --emotion what all pictures show"
        )
    for label, folder in labelled:
        yield from ((label, source) for source in _sources_in(folder, every))


def _sources_in(path: Path, every: int) -> Iterator[Source]:
    """The pictures of a folder as one source, then each of its videos; or a file as a source."""
    if path.is_file():
        is_image = path.suffix.lower() in IMAGE_SUFFIXES
        yield Pictures([path], path.name) if is_image else Video(path, every)
        return
    files = sorted(p for p in path.rglob("*") if p.is_file())
    images = [p for p in files if p.suffix.lower() in IMAGE_SUFFIXES]
    videos = [p for p in files if p.suffix.lower() in VIDEO_SUFFIXES]
    if not images and not videos:
        raise FacetError(f"{path}: no pictures and no videos in this folder")
    if images:
        yield Pictures(images, path.name)
    for video in videos:
        yield Video(video, every)


def unused_folders(path: Path, emotion: str | None, label_set: LabelSet) -> list[str]:
    """Folders of a recording that name no class of the set, so that nothing is taken from them."""
    if emotion is not None or not path.is_dir():
        return []
    return sorted(
        folder.name
        for folder in path.iterdir()
        if folder.is_dir() and label_set.class_of(folder.name) is None
    )


def _backend() -> int:
    """FFmpeg where OpenCV has it: the others that it would try complain on the terminal."""
    has_ffmpeg = cv2.CAP_FFMPEG in cv2.videoio_registry.getStreamBackends()
    return cv2.CAP_FFMPEG if has_ffmpeg else cv2.CAP_ANY


def _gray(picture: GrayImage) -> GrayImage:
    """Luma of what OpenCV gives: gray, or blue, green, red."""
    if picture.ndim == 2:
        return picture
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)


def _without_password(which: str) -> str:
    """The URL without the ``user:password@`` that many cameras want: the manifest is passed on."""
    return re.sub(r"(?<=://)[^/]*@", "", which)


def _what_to_try(which: str) -> str:
    if not which.isdigit() and not which.startswith("/dev/"):
        return "check the address, and that the camera streams there"
    devices = sorted(Path("/dev").glob("video*"))
    device = Path(which) if which.startswith("/dev/") else Path(f"/dev/video{which}")
    if device in devices:
        if not os.access(device, os.R_OK | os.W_OK):
            return f"no permission for {device}; add yourself to the group of that file (video)"
        return (
            f"{device} is there, but another program may use it, or it is no video input: try "
            "the next number with --camera"
        )
    if devices:
        return f"there is {', '.join(map(str, devices))}; choose one with --camera"
    return (
        "no camera is connected (no /dev/video*); plug one in, give a URL with --camera, or take "
        "a video or a folder with --source"
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps OpenCV's warnings off the terminal: what matters is said in one line of our own."""
    log: Any = getattr(cv2.utils, "logging", cv2)  # OpenCV 5, else 4
    level = log.getLogLevel()
    log.setLogLevel(_SILENT)
    try:
        yield
    finally:
        log.setLogLevel(level)
