"""A teacher's opinions are kept by face, and read for the same faces only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facet.errors import FacetError
from models.data import open_fer, split_fer
from models.opinions import EIGHT, SHIPPED, Opinions, opinions_on, read_opinions, write_opinions

FER = Path("../shared/data/fer2013_train_public.npz")


def faces(count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, 48, 48), dtype=np.uint8)


def opinions(count: int = 5) -> Opinions:
    said = np.random.default_rng(1).dirichlet(np.ones(8), count).astype(np.float32)
    return opinions_on(faces(count), said, {"epochs": 3})


def test_what_is_written_is_read_for_the_same_faces_in_any_order(tmp_path: Path) -> None:
    write_opinions(tmp_path / "o.npz", opinions())
    read = read_opinions(tmp_path / "o.npz")
    assert read.about == {"epochs": 3}
    shuffled = faces(5)[[3, 0, 4]]
    said, before = read.of(shuffled), opinions().of(shuffled)
    assert said is not None
    assert before is not None
    assert np.array_equal(said, before)
    assert not np.array_equal(said[0], said[1])


def test_the_same_opinions_are_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.npz", "b.npz"):
        write_opinions(tmp_path / name, opinions())
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_a_face_that_the_teacher_did_not_see_is_noticed() -> None:
    assert opinions(4).of(faces(5)) is None
    assert opinions(0).of(faces(1)) is None


@pytest.mark.parametrize("content", [b"", b"no archive", None])
def test_a_file_without_opinions_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "o.npz"
    if content is None:
        np.savez(path, images=faces(1))
    else:
        path.write_bytes(content)
    with pytest.raises(FacetError, match="no opinions of a teacher in it"):
        read_opinions(path)
    with pytest.raises(FacetError, match="no opinions of a teacher"):
        read_opinions(tmp_path / "none.npz")


def test_the_project_s_opinions_say_who_gave_them() -> None:
    shipped = read_opinions(SHIPPED)
    np.testing.assert_allclose(shipped.said.sum(axis=1), 1, atol=0.005)
    assert shipped.about["epochs"] >= 1
    assert shipped.about["data_sha256"]


@pytest.mark.skipif(not FER.exists(), reason=f"{FER} is not here")
def test_the_project_s_opinions_are_on_all_faces_learnt_from_and_no_others() -> None:
    splits = split_fer(open_fer(FER), EIGHT)
    shipped = read_opinions(SHIPPED)
    assert shipped.of(splits.training.images) is not None
    for tested in (splits.validation, splits.public):
        assert all(shipped.of(image[None]) is None for image in tested.images)
