"""Training data: no image or person is in two splits; labels, batches, augmentation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facet.dataset.labels import EMOTIONS, FERPLUS_NAMES, LABEL_SETS
from facet.errors import FacetError
from models.data.augmentation import augment
from models.data.batches import AugmentedBatches
from models.data.examples import Examples, convert_targets
from models.data.splits import ck_folds, open_ck, open_fer, split_ck, split_fer

FER = Path("../shared/data/fer2013_train_public.npz")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """300 images of noise: 240 Training, 60 PublicTest; some are duplicates, some are in both."""
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


def test_no_image_is_in_two_splits(archive: Path) -> None:
    splits = split_fer(open_fer(archive))
    assert len(splits.public) == 60
    assert len(splits.validation) > 0
    training = pixels(splits.training)
    assert not training & pixels(splits.validation)
    assert not training & pixels(splits.public)
    assert not pixels(splits.validation) & pixels(splits.public)
    # 240, without 10 that PublicTest has and one that has no face.
    assert len(splits.training) + len(splits.validation) == 229


def test_every_set_of_classes_holds_out_the_same_faces(archive: Path) -> None:
    """So that a student is never validated on a face that its teacher was trained on."""
    five, eight = (split_fer(open_fer(archive), LABEL_SETS[name]) for name in ("five", "eight"))
    assert not pixels(five.validation) & pixels(eight.training)
    assert not pixels(eight.validation) & pixels(five.training)


def test_no_subject_of_ck_is_in_two_splits(tmp_path: Path) -> None:
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


def test_each_subject_of_ck_is_held_out_in_one_fold(tmp_path: Path) -> None:
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


def test_augmentation_fades_from_the_first_epoch_to_the_last() -> None:
    faces = Examples(np.full((128, 48, 48), 128, np.uint8), np.ones((128, 1), np.float32))
    batches = AugmentedBatches(faces, Examples.empty(LABEL_SETS["five"]), 0.0, 1, 1.0, 0.0)
    spread = [float(np.std(next(batches.epoch(epoch, 3))[0])) for epoch in range(3)]
    assert spread[0] > spread[1] > spread[2]
    assert spread[2] == pytest.approx(0, abs=1e-6)  # nothing but the flip
    last = next(batches.with_final_augmentation().epoch(0))[0]
    assert float(np.std(last)) == pytest.approx(0, abs=1e-6)


def test_targets_of_eight_classes_convert_to_five_or_three() -> None:
    row = np.array([[0.4, 0.1, 0.1, 0, 0.2, 0.2, 0, 0]], np.float32)
    share, five = convert_targets(row, LABEL_SETS["eight"], LABEL_SETS["five"])
    assert share == pytest.approx([0.8])
    assert five[0] == pytest.approx([0.5, 0.125, 0.125, 0, 0.25])
    share, three = convert_targets(row, LABEL_SETS["eight"], LABEL_SETS["three"])
    assert share == pytest.approx([1.0])
    assert three[0] == pytest.approx([0.4, 0.4, 0.2])


def test_soft_labels_sum_to_one(archive: Path) -> None:
    targets = split_fer(open_fer(archive)).training.targets
    assert targets.sum(axis=1) == pytest.approx(np.ones(len(targets)))


@pytest.mark.skipif(not FER.exists(), reason=f"{FER} does not exist")
def test_fer_training_has_no_image_of_public_test() -> None:
    splits = split_fer(open_fer(FER))
    assert len(splits.public) == 3100
    assert not pixels(splits.training) & (pixels(splits.public) | pixels(splits.validation))


def test_training_without_votes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    np.savez(path, images=np.full((4, 48, 48), 9, np.uint8), fer=np.zeros(4, np.int8))
    with pytest.raises(FacetError, match=r"own\.npz: training needs FER\+ votes"):
        open_fer(path)


def test_faces_of_five_classes_in_the_classes_of_a_model() -> None:
    five = Examples(np.zeros((5, 48, 48), np.uint8), np.eye(5, dtype=np.float32))
    three = five.converted(LABEL_SETS["five"], LABEL_SETS["three"])
    labels = [LABEL_SETS["three"].labels[i] for i in three.classes]
    assert dict(zip(EMOTIONS, labels, strict=True)) == {
        "happy": "positive",
        "sad": "negative",
        "angry": "negative",
        "surprised": "positive",
        "neutral": "neutral",
    }
    six = five.converted(LABEL_SETS["five"], LABEL_SETS["six"])
    assert len(six) == 4  # CK+ has no neutral


def test_augmentation_depends_on_its_seed_and_stays_in_range() -> None:
    images = np.random.default_rng(1).integers(0, 256, (16, 48, 48), dtype=np.uint8)
    one, again, other = (augment(images, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert one.shape == (16, 48, 48, 1)
    assert one.dtype == np.float32
    assert 0 <= one.min() <= one.max() <= 1
