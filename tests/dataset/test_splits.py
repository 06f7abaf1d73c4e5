"""Splits of folders: every usual spelling and nesting, and never a test on training pictures."""

from __future__ import annotations

from pathlib import Path

import pytest

from facet.dataset import load, load_frames, open_dataset
from facet.dataset.labels import LabelSet
from facet.dataset.splits import split_named
from facet.errors import FacetError
from tests.dataset.conftest import Put, labels, names


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.mark.parametrize(
    ("training", "test"),
    [
        ("train", "test"),
        ("Train", "Test"),
        ("TRAIN", "TEST"),
        ("training", "testing"),
        ("Training", "PublicTest"),
        ("training_set", "test_set"),
        ("trainset", "valset"),
        ("train", "val"),
        ("Train", "Valid"),
        ("training", "Validation"),
        ("FER2013Train", "FER2013Valid"),
        ("images_train", "images_test"),
        ("01_train", "02_test"),
        ("train", "dev"),
    ],
)
@pytest.mark.parametrize(
    "nesting", ["{split}/happy", "happy/{split}", "fer/{split}/happy", "a/b/{split}/c/happy"]
)
def test_what_trains_does_not_test(
    put: Put, data: Path, training: str, test: str, nesting: str
) -> None:
    put(f"{nesting.format(split=training)}/1.png", f"{nesting.format(split=training)}/2.png")
    put(f"{nesting.format(split=test)}/3.png")
    for split in (None, "public"):
        tested = load_frames(data, split)
        assert [name[-5:] for name in names(tested)] == ["3.png"]
        assert labels(tested) == ["happy"]
    assert len(load_frames(data, "training")) == 2
    with pytest.raises(FacetError, match=r"data: no split 'private'; there are: --split training"):
        load_frames(data, "private")


def test_names_are_relative_to_the_split(put: Put, data: Path) -> None:
    put("train/happy/a.png", "test/sad/b.png")
    assert names(load_frames(data)) == ["sad/b.png"]


def test_train_validation_and_test(put: Put, data: Path) -> None:
    put("Train/happy/1.png", "Val/sad/2.png", "Test/angry/3.png")
    chosen = {
        split: labels(load_frames(data, split))
        for split in ("training", "validation", "test", "public", None)
    }
    assert chosen == {
        "training": ["happy"],
        "validation": ["sad"],
        "test": ["angry"],
        "public": ["angry"],
        None: ["angry"],
    }


def test_public_and_private_test(put: Put, data: Path) -> None:
    put("Training/happy/1.png", "test/PublicTest/sad/2.png", "test/PrivateTest/angry/3.png")
    assert labels(load_frames(data, "public")) == ["sad"]
    assert labels(load_frames(data, "private")) == ["angry"]
    assert labels(load_frames(data, "test")) == ["angry"]


def test_only_training_pictures_are_nothing_to_test_with(put: Put, data: Path) -> None:
    put("Train/happy/1.png", "Train/sad/2.png")
    for split, complaint in ((None, "nothing to test with"), ("public", "no split 'public'")):
        with pytest.raises(FacetError, match=rf"{complaint}.*--split training \(2 pictures\)"):
            load_frames(data, split)


def test_a_split_that_no_folder_names_is_not_everything(put: Put, data: Path) -> None:
    put("happy/1.png", "sad/2.png")
    assert len(load_frames(data)) == 2
    with pytest.raises(FacetError, match=r"no split 'public': it has none.*leave --split out"):
        load_frames(data, "public")


def test_folders_that_may_be_splits_under_unknown_names_are_pointed_out(
    put: Put, data: Path
) -> None:
    put("learn/happy/1.png", "exam/happy/2.png")
    selection = load(data)
    assert len(selection.frames) == 2
    assert "no folder in it is called train, validation, test" in selection.note
    assert "(exam, learn) are used" in selection.note


def test_pictures_beside_the_splits_are_left_out(put: Put, data: Path) -> None:
    put("train/happy/1.png", "test/happy/2.png", "happy/3.png", "happy/4.png")
    selection = load(data)
    assert names(selection.frames) == ["happy/2.png"]
    assert "2 pictures outside of the folders of the splits: in no split" in list(
        selection.left_out.lines()
    )


def test_a_path_with_two_splits_is_refused(put: Put, data: Path) -> None:
    put("train/val/happy/1.png", "test/happy/2.png")
    with pytest.raises(FacetError, match=r"happy/1\.png: its folders name two splits, training"):
        open_dataset(data)


def test_the_name_of_a_data_set_is_not_a_split(put: Put, data: Path) -> None:
    put("my_test_data/train/happy/1.png", "my_test_data/val/sad/2.png")
    assert labels(load_frames(data)) == ["sad"]


def test_a_label_is_not_a_split(put: Put, data: Path) -> None:
    put("train/1.png", "bus/2.png")
    traffic = LabelSet("own", ("bus", "train"))
    assert labels(load_frames(data, labels=traffic)) == ["bus", "train"]


def test_splits_by_the_names_of_files(put: Put, data: Path) -> None:
    put("happy/Training_1.png", "happy/PublicTest_2.png", "sad/PrivateTest_3.png")
    assert open_dataset(data).splits == ("training", "public", "private")
    assert names(load_frames(data)) == ["happy/PublicTest_2.png"]


def test_a_few_files_with_such_names_are_not_splits(put: Put, data: Path) -> None:
    put("happy/test_1.png", "happy/train_2.png", "happy/anna.png")
    assert len(load_frames(data)) == 3


@pytest.mark.parametrize("name", ["latest", "contest", "trainer", "happy", "set1", "devon", "anna"])
def test_other_names_are_not_splits(name: str) -> None:
    assert split_named(name) is None
