"""Wrong input of a user: one clear line, exit code 2, and no set is begun."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from facet.capture.store import Store
from facet.errors import FacetError
from tests.capture.conftest import Facet, drawn, one_line, write_clip, write_images


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """A video of two people, in the folder in which `facet` runs."""
    write_clip(tmp_path / "clip.avi", "happy", range(2))
    return Path("clip.avi")


@pytest.fixture
def no_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a camera, whatever this one has."""
    monkeypatch.setattr("cv2.VideoCapture", _NothingThere)
    monkeypatch.setattr(Path, "glob", lambda *_: iter(()))


class _NothingThere:
    def __init__(self, *_: object) -> None:
        pass

    def isOpened(self) -> bool:  # OpenCV's name
        return False


@pytest.mark.usefixtures("no_camera")
def test_no_camera(facet: Facet) -> None:
    line = one_line(facet())
    assert "camera 0 cannot be opened: no camera is connected" in line
    assert "--source" in line  # what else there is
    assert not Path("faces").exists()


@pytest.mark.usefixtures("no_camera")
def test_another_camera_is_there(facet: Facet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "glob", lambda *_: iter([Path("/dev/video2")]))
    assert "there is /dev/video2; choose one with --camera" in one_line(facet("--camera", "0"))


@pytest.mark.usefixtures("no_camera")
def test_a_url_without_a_camera_and_without_its_password(facet: Facet) -> None:
    line = one_line(facet("--camera", "rtsp://anna:secret@door.example/live"))
    assert "camera rtsp://door.example/live cannot be opened: check the address" in line


@pytest.mark.parametrize("keep", [0, 100, 3000])
def test_a_video_that_cannot_be_read(
    facet: Facet, clip: Path, keep: int, capfd: pytest.CaptureFixture[str]
) -> None:
    clip.write_bytes(clip.read_bytes()[:keep])
    line = one_line(facet("--source", clip, "--emotion", "happy"))
    assert "clip.avi: not a video that can be read" in line
    assert "ffmpeg -i clip.avi" in line
    assert capfd.readouterr() == ("", "")  # OpenCV and FFmpeg hold their tongues
    assert not Path("faces").exists()


def test_no_such_recording(facet: Facet) -> None:
    line = one_line(facet("--source", "none.mp4", "--emotion", "sad"))
    assert "none.mp4: no such video or folder" in line


def test_a_video_in_an_unknown_format_is_refused(facet: Facet, clip: Path) -> None:
    line = one_line(facet("--source", clip))
    assert "--emotion" in line
    assert "happy, sad, angry, surprised, neutral" in line


def test_a_folder_without_emotions(facet: Facet) -> None:
    write_images(Path("mine/anna"), "happy", range(1))
    assert "no folder in it is named after an emotion" in one_line(facet("--source", "mine"))


def test_an_empty_folder(facet: Facet) -> None:
    Path("mine").mkdir()
    line = one_line(facet("--source", "mine", "--emotion", "sad"))
    assert "mine: no pictures and no videos" in line


def test_an_emotion_of_another_label_set(facet: Facet, clip: Path) -> None:
    line = one_line(facet("--source", clip, "--emotion", "fear"))
    assert "--emotion fear: the label set 'five' has happy, sad" in line


def test_a_set_of_other_labels(facet: Facet, clip: Path) -> None:
    facet("--source", clip, "--emotion", "happy")
    line = one_line(facet("--source", clip, "--emotion", "happy", "--labels", "seven"))
    assert "faces holds the label set 'five'" in line
    assert "--labels five" in line


def test_a_folder_of_other_labels_without_a_manifest(facet: Facet, clip: Path) -> None:
    write_images(Path("faces/fear"), "sad", range(1))
    line = one_line(facet("--source", clip, "--emotion", "happy"))
    assert "faces/fear: pictures of a class that the label set 'five'" in line
    assert not Path("faces/happy").exists()


def test_a_set_of_another_size(facet: Facet, clip: Path) -> None:
    facet("--source", clip, "--emotion", "happy")
    line = one_line(facet("--source", clip, "--emotion", "happy", "--size", 48))
    assert "pictures of 96 pixels, not 48" in line


@pytest.mark.parametrize("text", ["{", "[]", '{"labels": 5}', '{"labels": ["happy"]}'])
def test_a_broken_manifest(facet: Facet, clip: Path, text: str) -> None:
    Path("faces").mkdir()
    Path("faces/capture.json").write_text(text)
    assert "faces/capture.json" in one_line(facet("--source", clip, "--emotion", "happy"))
    assert Path("faces/capture.json").read_text() == text


@pytest.mark.parametrize("crop", ["middle", "1,2", "1,2,3,4", "-1,0,50", "0,0,8"])
def test_a_crop_that_is_none(facet: Facet, clip: Path, crop: str) -> None:
    line = one_line(facet("--source", clip, "--emotion", "happy", "--crop", crop))
    assert f"--crop {crop}" in line


def test_a_crop_beyond_the_picture(facet: Facet, clip: Path) -> None:
    line = one_line(facet("--source", clip, "--emotion", "happy", "--crop", "100,0,100"))
    assert "ends at 200, 100, beyond a picture of 160 x 120" in line
    assert not Path("faces").exists()


def test_out_is_a_file(facet: Facet, clip: Path) -> None:
    Path("notes").write_text("mine")
    assert "notes is a file" in one_line(
        facet("--source", clip, "--emotion", "happy", "--out", "notes")
    )
    line = one_line(facet("--source", clip, "--emotion", "happy", "--out", "notes/faces"))
    assert "notes is not a folder" in line


def test_out_is_the_source(facet: Facet) -> None:
    write_images(Path("faces/happy"), "happy", range(1))
    assert "same folder" in one_line(facet("--source", "faces"))


def test_a_sheet_among_the_pictures(facet: Facet, clip: Path) -> None:
    line = one_line(facet("--source", clip, "--emotion", "happy", "--sheet", "faces/sheet.png"))
    assert "faces/sheet.png is in the set's own folder" in line


def test_no_permission(facet: Facet, clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Root, as which tests often run, may write anywhere.
    monkeypatch.setattr("os.access", lambda _, mode, **__: mode != os.W_OK)
    line = one_line(facet("--source", clip, "--emotion", "happy"))
    assert "cannot be written: no permission" in line


def _disk_full(*_: object, **__: object) -> NoReturn:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_leaves_whole_pictures(
    facet: Facet, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facet("--source", clip, "--emotion", "happy", "--every", 1, "--count", 1)
    monkeypatch.setattr(tempfile, "mkstemp", _disk_full)
    line = one_line(facet("--source", clip, "--emotion", "happy", "--every", 1))
    assert "faces/happy: a picture cannot be written (No space left on device)" in line
    assert [path.name for path in Path("faces/happy").iterdir()] == ["0001.png"]


def test_a_disk_that_fills_while_writing_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.open(tmp_path / "faces")
    record = store.taking("test", "centre", "sad")
    monkeypatch.setattr(Path, "hardlink_to", _disk_full)
    with pytest.raises(FacetError, match="No space left"):
        store.add(drawn("sad", 0), record)
    assert list((tmp_path / "faces/sad").iterdir()) == []


class TestStore:
    """Nothing is ever overwritten."""

    @pytest.fixture(params=["hard links", "none"])
    def store(
        self, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> Store:
        """Runs on a disk with hard links, and on one without, such as a memory card."""
        if request.param == "none":

            def no_links(*_: object) -> NoReturn:
                raise OSError(errno.EPERM, "Operation not permitted")

            monkeypatch.setattr(Path, "hardlink_to", no_links)
        return Store.open(tmp_path / "faces")

    def test_a_second_capture_beside_takes_the_next_number(self, store: Store) -> None:
        record = store.taking("test", "centre", "happy")
        store.add(drawn("happy", 0), record)
        theirs = store.folder / "happy/0002.png"
        theirs.write_bytes(b"theirs")
        store.add(drawn("happy", 1), record)
        assert theirs.read_bytes() == b"theirs"
        theirs.unlink()
        first, third = store.images("happy")
        assert np.array_equal(first, drawn("happy", 0))
        assert np.array_equal(third, drawn("happy", 1))
        assert sorted(path.name for path in theirs.parent.iterdir()) == ["0001.png", "0003.png"]

    def test_files_of_other_names_stay_and_count(self, store: Store) -> None:
        (store.folder / "happy").mkdir(parents=True)
        (store.folder / "happy/anna.png").write_bytes(b"hers")
        store.add(drawn("happy", 0), store.taking("test", "centre", "happy"))
        assert store.counts()["happy"] == 2
        assert (store.folder / "happy/anna.png").read_bytes() == b"hers"
