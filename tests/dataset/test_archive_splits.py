"""Splits of archives and tables: every usual spelling, and never a test on training pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facet.dataset import load, load_frames
from facet.errors import FacetError
from tests.dataset.conftest import Gray, names

WORDS = ["train", "val", "test", "train", "test"]


def archive(path: Path, faces: Gray, **more: Any) -> Path:
    np.savez(
        path, images=faces[:5], label=np.array(["happy", "sad", "angry", "neutral", "sad"]), **more
    )
    return path


def table(path: Path, faces: Gray, column: str, words: list[str] | None) -> Path:
    rows = [f"emotion,pixels,{column}" if words else "emotion,pixels"]
    for number, face in enumerate(faces[:5]):
        row = f"{(3, 4, 0, 6, 4)[number]},{' '.join(map(str, face.ravel()))}"
        rows.append(f"{row},{words[number]}" if words else row)
    path.write_text("\n".join(rows))
    return path


@pytest.mark.parametrize("key", ["split", "Split", "SET", "partition", "subset", "Usage", "usage"])
def test_an_array_with_the_names_of_splits_is_read(tmp_path: Path, faces: Gray, key: str) -> None:
    path = archive(tmp_path / "a.npz", faces, **{key: np.array(WORDS)})
    assert names(load_frames(path)) == ["row 2", "row 4"]
    assert names(load_frames(path, "validation")) == ["row 1"]
    assert names(load_frames(path, "training")) == ["row 0", "row 3"]


def test_fer2013s_numbers_are_read_in_any_case(tmp_path: Path, faces: Gray) -> None:
    path = archive(tmp_path / "a.npz", faces, Usage=np.array([0, 1, 2, 0, 1]))
    assert names(load_frames(path)) == ["row 1", "row 4"]
    assert names(load_frames(path, "test")) == ["row 2"]


@pytest.mark.parametrize("column", ["split", "Set", "Usage", "partition"])
def test_a_column_with_the_names_of_splits_is_read(
    tmp_path: Path, faces: Gray, column: str
) -> None:
    path = table(tmp_path / "b.csv", faces, column, WORDS)
    assert names(load_frames(path)) == ["row 2", "row 4"]
    assert names(load_frames(path, "training")) == ["row 0", "row 3"]


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"split": np.array([0, 1, 2, 0, 1])}, "'split' must be the name of each image's split"),
        ({"split": np.array(["a"] * 5)}, "'split' has 'a', which is not a split"),
        ({"split": np.array(WORDS), "usage": np.zeros(5, int)}, "both name splits: keep one"),
        ({"usage": np.zeros(5, int), "Usage": np.ones(5, int)}, "two arrays, 'usage' and 'Usage'"),
    ],
)
def test_splits_that_are_not_clear_are_refused(
    tmp_path: Path, faces: Gray, more: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(FacetError, match=complaint):
        load_frames(archive(tmp_path / "a.npz", faces, **more))


@pytest.mark.parametrize("split", ["public", "test", "training"])
def test_a_split_of_an_archive_without_splits_is_refused(
    tmp_path: Path, faces: Gray, split: str
) -> None:
    npz = archive(tmp_path / "a.npz", faces, fold=np.arange(5))
    csv = table(tmp_path / "b.csv", faces, "", None)
    for path in (npz, csv):
        assert len(load_frames(path)) == 5
        with pytest.raises(
            FacetError, match=rf"no split '{split}': it has none.*leave --split out"
        ):
            load_frames(path, split)


def test_arrays_and_columns_that_are_not_read_are_named(tmp_path: Path, faces: Gray) -> None:
    npz = archive(tmp_path / "a.npz", faces, fold=np.arange(5))
    assert load(npz).note.endswith(
        "all of it is used; its arrays or columns that are not read: fold"
    )
    csv = table(tmp_path / "b.csv", faces, "fold", WORDS)
    assert load(csv).note.endswith("columns that are not read: fold")


def test_pixels_of_0_and_1_are_refused(tmp_path: Path, faces: Gray) -> None:
    for path in (
        archive(tmp_path / "a.npz", faces // 255),
        archive(tmp_path / "b.npz", (faces > 127).astype(np.uint8)),
        table(tmp_path / "c.csv", (faces > 127).astype(np.uint8), "", None),
    ):
        with pytest.raises(FacetError, match="no pixel is above 1"):
            load_frames(path)


def test_labels_that_contradict_each_other_are_refused(tmp_path: Path, faces: Gray) -> None:
    path = archive(tmp_path / "a.npz", faces, fer=np.array([3, 4, 0, 6, 0]))
    with pytest.raises(FacetError, match="'fer' and 'label' differ, first in row 4: 'angry' and"):
        load_frames(path)
    same = archive(tmp_path / "b.npz", faces, fer=np.array([3, 4, 0, 6, 4]))
    assert len(load_frames(same)) == 5


def test_two_columns_of_one_name_are_refused(tmp_path: Path, faces: Gray) -> None:
    path = table(tmp_path / "b.csv", faces, "Emotion", ["1"] * 5)
    with pytest.raises(FacetError, match="two columns 'emotion' in the first line: keep one"):
        load_frames(path)


def test_labels_may_be_bytes(tmp_path: Path, faces: Gray) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, images=faces[:2], label=np.array([b"happy", b"sad"]))
    assert [frame.label for frame in load_frames(path)] == ["happy", "sad"]
    np.savez(path, images=faces[:2], label=np.array([b"happy", b"\xff"]))
    with pytest.raises(FacetError, match="'label' has bytes that are not UTF-8"):
        load_frames(path)


def test_a_label_that_cannot_be_printed_is_escaped(tmp_path: Path, faces: Gray) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, images=faces[:2], label=np.array(["happy", "a\n\x1b[31m"]))
    assert list(load(path).left_out.lines()) == [r"1 frame 'a\n\x1b[31m': not one of the classes"]
    np.savez(path, images=faces[:1], label=np.array(["a\n\x1b[31m"]))
    with pytest.raises(FacetError, match=r"the labels there are a\\n\\x1b\[31m"):
        load(path)
