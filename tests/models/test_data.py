"""The split that networks learn from: no image stands on two sides."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from facet.dataset.labels import FERPLUS_NAMES, LABEL_SETS
from facet.errors import FacetError
from models.augment import augment
from models.batches import AugmentedBatches
from models.data import (
    Examples,
    ck_folds,
    in_classes,
    no_examples,
    open_ck,
    open_fer,
    split_ck,
    split_fer,
)
from models.train import main

FER = Path("../shared/data/fer2013_train_public.npz")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """300 images of noise: 240 Training, 60 PublicTest; some stand twice, some in both."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (300, 48, 48), dtype=np.uint8)
    images[240:250] = images[0:10]  # also in PublicTest
    images[100:120] = images[80:100]  # twice in Training
    votes = np.zeros((300, 10), np.int8)
    votes[:, FERPLUS_NAMES.index("happiness")] = 10
    votes[200] = np.eye(10, dtype=np.int8)[FERPLUS_NAMES.index("NF")] * 10
    path = tmp_path / "fer.npz"
    usage = np.repeat(np.array([0, 1], np.uint8), [240, 60])
    np.savez(path, images=images, usage=usage, ferplus=votes)
    return path


def pixels(examples: Examples) -> set[bytes]:
    return {image.tobytes() for image in examples.images}


def test_no_image_stands_in_two_splits(archive: Path) -> None:
    splits = split_fer(open_fer(archive))
    assert len(splits.public) == 60
    assert len(splits.validation) > 0
    training = pixels(splits.training)
    assert not training & pixels(splits.validation)
    assert not training & pixels(splits.public)
    assert not pixels(splits.validation) & pixels(splits.public)
    # 240, less 10 that PublicTest has, less one that is no face.
    assert len(splits.training) + len(splits.validation) == 229


def test_every_set_of_classes_keeps_the_same_faces_back(archive: Path) -> None:
    """So that a student is never judged by a face that its teacher learnt."""
    five, eight = (split_fer(open_fer(archive), LABEL_SETS[name]) for name in ("five", "eight"))
    assert not pixels(five.validation) & pixels(eight.training)
    assert not pixels(eight.validation) & pixels(five.training)


def test_nobody_of_ck_stands_in_two_splits(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    people = np.repeat([f"S{n:03}" for n in range(20)], 6)
    images = rng.integers(0, 256, (120, 48, 48), dtype=np.uint8)
    path = tmp_path / "ck.npz"
    names = np.array(["anger", "contempt", "disgust", "fear", "happy", "sadness", "surprise"])
    labels = np.arange(120) % 7
    np.savez(path, images=images, label=labels, label_names=names, subject=people)
    splits = split_ck(open_ck(path), LABEL_SETS["six"])
    assert (splits.training_subjects, splits.validation_subjects) == (16, 4)
    owner = {image.tobytes(): who for image, who in zip(images, people, strict=True)}
    sides = [{owner[p] for p in pixels(side)} for side in (splits.training, splits.validation)]
    assert not sides[0] & sides[1]
    contempt = int((labels == 1).sum())
    assert len(splits.training) + len(splits.validation) == 120 - contempt


def test_each_face_of_ck_is_in_one_fold_by_strangers(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    path = tmp_path / "ck.npz"
    np.savez(
        path,
        images=rng.integers(0, 256, (44, 48, 48), dtype=np.uint8),
        label=np.zeros(44, np.uint8),
        label_names=np.array(["happy"]),
        subject=np.repeat(np.arange(11), 4),
    )
    folds = ck_folds(open_ck(path), LABEL_SETS["six"], 3)
    assert [fold.validation_subjects for fold in folds] == [4, 4, 3]
    assert sum(len(fold.validation) for fold in folds) == 44
    assert len(set().union(*(pixels(fold.validation) for fold in folds))) == 44
    for fold in folds:
        assert fold.training_subjects + fold.validation_subjects == 11
        assert not pixels(fold.training) & pixels(fold.validation)


def test_changes_fade_from_the_first_epoch_to_the_last() -> None:
    faces = Examples(np.full((128, 48, 48), 128, np.uint8), np.ones((128, 1), np.float32))
    batches = AugmentedBatches(faces, no_examples(LABEL_SETS["five"]), 0.0, 1, 1.0, 0.0)
    spread = [float(np.std(next(batches.epoch(epoch, 3))[0])) for epoch in range(3)]
    assert spread[0] > spread[1] > spread[2]
    assert spread[2] == pytest.approx(0, abs=1e-6)  # all faces as they are, but for the mirror
    last = next(batches.as_at_the_end().epoch(0))[0]
    assert float(np.std(last)) == pytest.approx(0, abs=1e-6)


def test_targets_of_eight_classes_become_those_of_five_or_three() -> None:
    row = np.array([[0.4, 0.1, 0.1, 0, 0.2, 0.2, 0, 0]], np.float32)
    share, five = in_classes(row, LABEL_SETS["eight"], LABEL_SETS["five"])
    assert share == pytest.approx([0.8])
    assert five[0] == pytest.approx([0.5, 0.125, 0.125, 0, 0.25])
    share, three = in_classes(row, LABEL_SETS["eight"], LABEL_SETS["three"])
    assert share == pytest.approx([1.0])
    assert three[0] == pytest.approx([0.4, 0.4, 0.2])


def test_soft_labels_sum_to_one(archive: Path) -> None:
    targets = split_fer(open_fer(archive)).training.targets
    assert targets.sum(axis=1) == pytest.approx(np.ones(len(targets)))


@pytest.mark.skipif(not FER.exists(), reason=f"{FER} is not here")
def test_fer_training_loses_the_images_that_public_test_has() -> None:
    splits = split_fer(open_fer(FER))
    assert len(splits.public) == 3100
    assert not pixels(splits.training) & (pixels(splits.public) | pixels(splits.validation))


def test_training_without_votes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    np.savez(path, images=np.zeros((4, 48, 48), np.uint8), fer=np.zeros(4, np.int8))
    with pytest.raises(FacetError, match=r"own\.npz: training needs FER\+ votes"):
        open_fer(path)


def test_training_without_data_says_what_to_give(tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ["--data", "nowhere.npz", "--out", str(out), "--work", str(tmp_path / "work")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code != 0
    assert "nowhere.npz: no training data; give FER2013 with FER+ votes: an .npz" in result.output
    assert not out.exists()


def test_augmentation_repeats_by_its_seed_and_stays_in_range() -> None:
    images = np.random.default_rng(1).integers(0, 256, (16, 48, 48), dtype=np.uint8)
    one, again, other = (augment(images, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert one.shape == (16, 48, 48, 1)
    assert one.dtype == np.float32
    assert 0 <= one.min() <= one.max() <= 1


def test_unknown_network_is_refused_before_anything_is_done(archive: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    arguments = ["--model", "resnet", "--data", str(archive), "--work", str(work)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code != 0
    assert "no network 'resnet': choose one of emotionnet-nano-a, " in result.output
    assert not work.exists()
