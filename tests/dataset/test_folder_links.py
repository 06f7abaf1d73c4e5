"""Links in folders of images: followed, and each picture counted once."""

from __future__ import annotations

from pathlib import Path

import pytest

from facet.dataset import load, load_frames
from facet.dataset.labels import LABEL_SETS
from tests.dataset.conftest import Put, names


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_links_to_folders_are_followed(put: Put, data: Path, tmp_path: Path) -> None:
    put("happy/a.png")
    (data / "happy").rename(tmp_path / "elsewhere")
    (data / "Test").mkdir()
    (data / "Test/happy").symlink_to(tmp_path / "elsewhere")
    (data / "link.png").symlink_to(tmp_path / "elsewhere/a.png")
    assert names(load_frames(data)) == ["happy/a.png"]
    (tmp_path / "link").symlink_to(data)
    assert names(load_frames(tmp_path / "link")) == ["happy/a.png"]


def test_links_back_to_a_parent_end(put: Put, data: Path) -> None:
    put("happy/a.png", "sad/b.png")
    (data / "happy/again").symlink_to(data)
    (data / "sad/self").symlink_to(data / "sad/self")
    selection = load(data)
    assert names(selection.frames) == ["happy/a.png", "sad/b.png"]
    assert "1 link to 'happy/again': it leads back to a folder that contains it" in list(
        selection.left_out.lines()
    )


def test_a_file_that_several_links_reach_counts_once(put: Put, data: Path) -> None:
    put("happy/a.png", "sad/b.png")
    (data / "angry").symlink_to(data / "happy")
    (data / "sad/again.png").symlink_to(data / "sad/b.png")
    selection = load(data)
    found = {frame.name: frame.label for frame in selection.frames}
    assert found == {"happy/a.png": "happy", "sad/b.png": "sad"}
    assert "2 links: it leads to a picture that is counted already" in list(
        selection.left_out.lines()
    )


def test_a_link_in_a_split_counts_and_its_target_outside_does_not(put: Put, data: Path) -> None:
    put("all/happy/a.png", "all/happy/b.png")
    for split, name in (("train", "a"), ("test", "b")):
        (data / split / "happy").mkdir(parents=True)
        (data / split / f"happy/{name}.png").symlink_to(data / f"all/happy/{name}.png")
    assert names(load_frames(data)) == ["happy/b.png"]
    assert names(load_frames(data, "training")) == ["happy/a.png"]


def test_links_between_folders_do_not_multiply_the_pictures(put: Put, data: Path) -> None:
    folders = ["happy", "sad", "angry", "surprised", "neutral", "fear", "disgust"]
    put(*(f"{folder}/{number}.png" for folder in folders for number in (1, 2)))
    for folder in folders:
        for other in set(folders) - {folder}:
            (data / folder / other).symlink_to(data / other)
    selection = load(data, labels=LABEL_SETS["seven"])
    assert len(selection.frames) == 14
    assert sum(selection.left_out.counts.values()) < 1000
    assert all(frame.name.count("/") == 1 for frame in selection.frames)
