"""Soft labels are stored by face, and found for the same faces only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facet.errors import FacetError
from models.data.splits import open_fer, split_fer
from models.distillation.soft_labels import (
    SHIPPED,
    TEACHER_CLASSES,
    SoftLabels,
    read_soft_labels,
    write_soft_labels,
)

FER = Path("../shared/data/fer2013_train_public.npz")


def faces(count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, 48, 48), dtype=np.uint8)


def soft_labels(count: int = 5) -> SoftLabels:
    probabilities = np.random.default_rng(1).dirichlet(np.ones(8), count).astype(np.float32)
    return SoftLabels.of(faces(count), probabilities, {"epochs": 3})


def test_written_soft_labels_are_found_for_the_same_faces_in_any_order(tmp_path: Path) -> None:
    write_soft_labels(tmp_path / "s.npz", soft_labels())
    read = read_soft_labels(tmp_path / "s.npz")
    assert read.teacher == {"epochs": 3}
    shuffled = faces(5)[[3, 0, 4]]
    found, written = read.lookup(shuffled), soft_labels().lookup(shuffled)
    assert found is not None
    assert written is not None
    assert np.array_equal(found, written)
    assert not np.array_equal(found[0], found[1])


def test_the_same_soft_labels_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.npz", "b.npz"):
        write_soft_labels(tmp_path / name, soft_labels())
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_a_face_without_a_soft_label_is_noticed() -> None:
    assert soft_labels(4).lookup(faces(5)) is None
    assert soft_labels(0).lookup(faces(1)) is None


@pytest.mark.parametrize("content", [b"", b"not an archive", None])
def test_another_file_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "s.npz"
    if content is None:
        np.savez(path, images=faces(1))
    else:
        path.write_bytes(content)
    with pytest.raises(FacetError, match="not a file of soft labels"):
        read_soft_labels(path)
    with pytest.raises(FacetError, match="no such file of soft labels"):
        read_soft_labels(tmp_path / "none.npz")


def test_the_shipped_soft_labels_describe_their_teacher() -> None:
    shipped = read_soft_labels(SHIPPED)
    np.testing.assert_allclose(shipped.probabilities.sum(axis=1), 1, atol=0.005)
    assert shipped.teacher["epochs"] >= 1
    assert shipped.teacher["data_sha256"]


@pytest.mark.skipif(not FER.exists(), reason=f"{FER} does not exist")
def test_the_shipped_soft_labels_cover_the_training_set_and_no_other_face() -> None:
    splits = split_fer(open_fer(FER), TEACHER_CLASSES)
    shipped = read_soft_labels(SHIPPED)
    assert shipped.lookup(splits.training.images) is not None
    for tested in (splits.validation, splits.public):
        assert all(shipped.lookup(image[None]) is None for image in tested.images)
