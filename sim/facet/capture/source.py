"""Gives gray pictures one after the other: from a camera, a video, or files."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol

import cv2
import numpy as np

from facet.dataset.frame import GrayImage
from facet.dataset.images import is_image, quiet_opencv, read_image
from facet.dataset.labels import LabelSet
from facet.dataset.tree import ImageTree
from facet.errors import FacetError

VIDEO_SUFFIXES: Final = frozenset({".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v", ".mpg", ".ogv"})

_TRIES: Final = 20
_RETRY_s: Final = 0.05
"""A camera may miss pictures while it starts or adapts its exposure: 20 * 0.05 s = 1 s."""

# FFmpeg's own messages, which OpenCV's log level does not hold back; read when it is first used.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")


class Source(Protocol):
    """Gives pictures until it has no more."""

    @property
    def name(self) -> str:
        """Its name in messages and in the manifest, without the folder."""

    @property
    def total(self) -> int | None:
        """The approximate number of pictures, if it is known."""

    def read(self) -> GrayImage | None:
        """The next picture, uint8 [height, width], or None after the last.

        Raises:
            FacetError: it cannot be read; the message has the reason and the cure.
        """

    def close(self) -> None:
        """Releases the camera or the file."""


class Camera:
    """A camera by its index ("0"), its device file or its URL."""

    total: int | None = None

    def __init__(self, which: str = "0") -> None:
        self.name = f"camera {_without_password(which)}"
        with quiet_opencv():
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
            "The pictures so far are kept; the same command continues from there"
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
        with quiet_opencv():
            self._capture = cv2.VideoCapture(str(path), _backend())
        if not self._capture.isOpened():
            raise self._unreadable()
        frames = int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT))
        self.total: int | None = -(-frames // every) if frames > 0 else None
        self._given = 0

    def read(self) -> GrayImage | None:
        """The next of the pictures wanted; None at the end."""
        with quiet_opencv():
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
        """Has nothing to close."""


def recordings(
    path: Path, emotion: str | None, label_set: LabelSet, every: int
) -> Iterator[tuple[str, Source]]:
    """The classes in a video, or in a folder of pictures and videos, each with its sources.

    Args:
        path: a video; or a folder, with one folder for each emotion where ``emotion`` is None.
        emotion: the class of all pictures, or None where folders are named after classes.
        label_set: the classes; folders of emotions that it lacks are left out.
        every: of a video, take every nth picture.

    Raises:
        FacetError: there are no pictures, or their class is not known.
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
        yield Pictures([path], path.name) if is_image(path) else Video(path, every)
        return
    tree = ImageTree(path)
    videos = [file for file in tree.others if file.suffix.lower() in VIDEO_SUFFIXES]
    if not tree.images and not videos:
        raise FacetError(f"{path}: no pictures and no videos in this folder")
    if tree.images:
        yield Pictures([image.path for image in tree.images], path.name)
    for video in videos:
        yield Video(video, every)


def unused_folders(path: Path, emotion: str | None, label_set: LabelSet) -> list[str]:
    """Folders of a recording whose names are not a class; they are not used.

    Returns:
        their names, with the label that each may have meant.
    """
    if emotion is not None or not path.is_dir():
        return []
    names = sorted(
        folder.name
        for folder in path.iterdir()
        if folder.is_dir() and label_set.class_of(folder.name) is None
    )
    return [
        f"{name} (did you mean {near}?)" if (near := label_set.nearest(name)) else name
        for name in names
    ]


def _backend() -> int:
    """FFmpeg if OpenCV has it: other backends print errors on the terminal."""
    has_ffmpeg = cv2.CAP_FFMPEG in cv2.videoio_registry.getStreamBackends()
    return cv2.CAP_FFMPEG if has_ffmpeg else cv2.CAP_ANY


def _gray(picture: GrayImage) -> GrayImage:
    """Luma of an OpenCV image: gray, or blue, green, red."""
    if picture.ndim == 2:
        return picture
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)


def _without_password(which: str) -> str:
    """The URL without ``user:password@``: the manifest may be passed on."""
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
            f"{device} is there, but another program may use it, or it is not a video input: try "
            "the next number with --camera"
        )
    if devices:
        return f"there is {', '.join(map(str, devices))}; choose one with --camera"
    return (
        "no camera is connected (no /dev/video*); plug one in, give a URL with --camera, or take "
        "a video or a folder with --source"
    )
