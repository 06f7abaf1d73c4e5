"""Loading frames from every kind of source; all images here are drawn, none is of a data set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facet.dataset import EMOTIONS, load, load_frames
from facet.dataset.labels import FER_NAMES, FERPLUS_NAMES, LABEL_SETS, LabelSet
from facet.dataset.npz import open_npz
from facet.errors import FacetError
from tests.dataset.conftest import labels

FERPLUS_BY_EMOTION = {
    "happy": "happiness",
    "sad": "sadness",
    "angry": "anger",
    "surprised": "surprise",
    "neutral": "neutral",
}


@pytest.fixture
def arrays(faces: np.ndarray) -> dict[str, Any]:
    """An archive's arrays: five faces of Training, five of PublicTest."""
    votes = np.zeros((10, 10), np.int8)
    for i in range(10):
        votes[i, FERPLUS_NAMES.index(FERPLUS_BY_EMOTION[EMOTIONS[i % 5]])] = 10
    return {
        "images": faces,
        "usage": np.repeat(np.array([0, 1], np.uint8), 5),
        "ferplus": votes,
        "ferplus_names": np.array(FERPLUS_NAMES),
    }


def save(path: Path, arrays: dict[str, Any]) -> Path:
    np.savez(path, **arrays)
    return path


class TestNpz:
    def test_split_holds_its_own_frames_with_their_labels(
        self, tmp_path: Path, arrays: dict[str, Any]
    ) -> None:
        frames = load_frames(save(tmp_path / "any name.npz", arrays), "public")
        assert labels(frames) == list(EMOTIONS)
        assert [frame.name for frame in frames] == [f"row {i}" for i in range(5, 10)]
        assert np.array_equal(frames[0].image, arrays["images"][5])

    def test_frames_without_a_majority_are_left_out(
        self, tmp_path: Path, arrays: dict[str, Any]
    ) -> None:
        arrays["ferplus"][7] = 1
        frames = load_frames(save(tmp_path / "a.npz", arrays), "public")
        assert labels(frames) == ["happy", "sad", "surprised", "neutral"]
        left_out = load(tmp_path / "a.npz", "public").left_out
        assert left_out.total == 1
        assert list(left_out.lines()) == ["1 frame: FER+'s votes have no majority for one label"]

    def test_validation_and_test_are_fer2013s_public_and_private_test(
        self, tmp_path: Path, arrays: dict[str, Any]
    ) -> None:
        arrays["usage"][8:] = 2
        path = save(tmp_path / "a.npz", arrays)
        assert [len(load_frames(path, s)) for s in ("training", "validation", "test")] == [5, 3, 2]

    def test_fer_labels_serve_where_there_are_no_votes(
        self, tmp_path: Path, arrays: dict[str, Any]
    ) -> None:
        del arrays["ferplus"], arrays["ferplus_names"]
        arrays["fer"] = np.array([0, 0, 0, 0, 0, 3, 2, 5, 6, 1])  # happy fear surprise neutral ...
        arrays["fer_names"] = np.array(FER_NAMES)
        frames = load_frames(save(tmp_path / "a.npz", arrays), "public")
        assert labels(frames) == ["happy", "surprised", "neutral"]

    def test_ck_plus_is_one_split(self, tmp_path: Path, faces: np.ndarray) -> None:
        names = np.array(["anger", "contempt", "disgust", "fear", "happy", "sadness", "surprise"])
        label = np.array([0, 1, 2, 3, 4, 5, 6, 0, 4, 6], np.uint8)
        path = save(tmp_path / "ck.npz", {"images": faces, "label": label, "label_names": names})
        expected = ["angry", "happy", "sad", "surprised", "angry", "happy", "surprised"]
        assert labels(load_frames(path, "private")) == expected
        selection = load(path, "private")
        assert selection.note == f"{path} has no splits: all of it is used, not only 'private'"
        assert list(selection.left_out.lines()) == [
            "1 frame 'contempt': not one of the classes",
            "1 frame 'disgust': not one of the classes",
            "1 frame 'fear': not one of the classes",
        ]

    @pytest.mark.parametrize(
        ("label_set", "expected"),
        [
            ("six", "angry disgusted afraid happy sad surprised"),
            ("ck7", "angry contemptuous disgusted afraid happy sad surprised"),
            ("three", "negative negative negative negative positive negative positive"),
        ],
    )
    def test_ck_plus_in_a_models_classes(
        self, tmp_path: Path, faces: np.ndarray, label_set: str, expected: str
    ) -> None:
        names = np.array(["anger", "contempt", "disgust", "fear", "happy", "sadness", "surprise"])
        arrays = {
            "images": faces[:7],
            "label": np.arange(7, dtype=np.uint8),
            "label_names": names,
            "subject": np.arange(7) // 2,
        }
        path = save(tmp_path / "ck.npz", arrays)
        frames = load_frames(path, labels=LABEL_SETS[label_set])
        assert labels(frames) == expected.split()
        assert open_npz(path).subject is not None

    def test_fears_are_frames_of_a_model_with_the_class_fear(
        self, tmp_path: Path, arrays: dict[str, Any]
    ) -> None:
        arrays["ferplus"][5] = np.where(np.array(FERPLUS_NAMES) == "fear", 8, 0)
        path = save(tmp_path / "a.npz", arrays)
        assert labels(load_frames(path)) == ["sad", "angry", "surprised", "neutral"]
        seven = labels(load_frames(path, labels=LABEL_SETS["seven"]))
        assert seven == ["afraid", "sad", "angry", "surprised", "neutral"]

    def test_an_archive_with_the_private_test_alone(
        self, tmp_path: Path, arrays: dict[str, Any]
    ) -> None:
        arrays["usage"][:] = 2
        path = save(tmp_path / "private.npz", arrays)
        assert len(load_frames(path, "private")) == 10
        with pytest.raises(FacetError, match=r"there are: --split private \(10 frames\)"):
            load_frames(path, "public")

    def test_data_without_any_of_the_models_classes(
        self, tmp_path: Path, arrays: dict[str, Any]
    ) -> None:
        path = save(tmp_path / "a.npz", arrays)
        with pytest.raises(FacetError) as error:
            load_frames(path, labels=LabelSet("own", ("afraid", "disgusted")))
        assert str(error.value) == (
            f"{path}, split 'public': no frame is labelled with one of the model's classes "
            "(afraid, disgusted); the labels there are anger, happiness, neutral, sadness, surprise"
        )

    def test_limit_keeps_class_proportions_of_sorted_data(
        self, tmp_path: Path, faces: np.ndarray
    ) -> None:
        label = np.repeat([4, 0], [80, 20])
        names = np.array(["anger", "", "", "", "happy"])
        images = np.repeat(faces[:1], 100, axis=0)
        path = save(tmp_path / "s.npz", {"images": images, "label": label, "label_names": names})
        frames = load_frames(path, limit=10)
        assert labels(frames) == ["happy"] * 8 + ["angry"] * 2
        assert [f.name for f in frames] == [f.name for f in load_frames(path, limit=10)]

    @pytest.mark.parametrize(
        ("change", "complaint"),
        [
            ({"images": None}, "no array 'images'"),
            ({"ferplus": None}, "no labels"),
            ({"images": np.zeros((10, 48), np.uint8)}, "'images' must be uint8"),
            ({"images": np.zeros((10, 48, 48), np.float32)}, "'images' must be uint8"),
            ({"usage": np.zeros(9, np.uint8)}, "'usage' has shape"),
            ({"ferplus": np.zeros((10, 9), np.int8)}, "'ferplus' must be votes"),
            ({"usage": np.zeros(10, np.uint8)}, "no labelled frames in split 'public'"),
        ],
    )
    def test_bad_archive_is_named(
        self, tmp_path: Path, arrays: dict[str, Any], change: dict[str, Any], complaint: str
    ) -> None:
        changed = {k: v for k, v in {**arrays, **change}.items() if v is not None}
        path = save(tmp_path / "bad.npz", changed)
        with pytest.raises(FacetError, match=complaint) as error:
            load_frames(path, "public")
        assert "bad.npz" in str(error.value)
        assert "\n" not in str(error.value)

    def test_labels_of_any_kind(self, tmp_path: Path, faces: np.ndarray) -> None:
        eyes = LabelSet("own", ("open", "closed"))
        with_names = {"label": np.array([0, 1, 1]), "label_names": np.array(["Closed", "open"])}
        for number, more in enumerate(
            [with_names, {"label": np.array(["closed", "open", "open"])}]
        ):
            path = save(tmp_path / f"{number}.npz", {"images": faces[:3], **more})
            assert labels(load_frames(path, labels=eyes)) == ["closed", "open", "open"]

    def test_pictures_of_fer2013_and_ck_plus_may_not_be_shown(
        self, tmp_path: Path, arrays: dict[str, Any]
    ) -> None:
        path = save(tmp_path / "fer.npz", arrays)
        assert not any(frame.may_show for frame in load_frames(path))

    def test_votes_in_another_order_than_the_labels_are_refused(self, tmp_path: Path) -> None:
        fer = np.tile(np.arange(7), 30)
        names = ["anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"]
        votes = np.zeros((210, 10), np.int8)
        votes[np.arange(210), [FERPLUS_NAMES.index(names[label]) for label in fer]] = 10
        arrays = {"images": np.full((210, 48, 48), 9, np.uint8), "fer": fer}
        good = save(tmp_path / "good.npz", {**arrays, "ferplus": votes})
        assert len(load_frames(good, labels=LABEL_SETS["seven"])) == 210
        bad = save(tmp_path / "bad.npz", {**arrays, "ferplus": np.roll(votes, 1, axis=0)})
        with pytest.raises(FacetError, match=r"agree on 0% of 210 rows, FER.* on 63%"):
            load_frames(bad)

    def test_a_file_that_is_not_an_archive(self, tmp_path: Path) -> None:
        path = tmp_path / "text.npz"
        path.write_text("not an archive")
        with pytest.raises(FacetError, match=r"text\.npz: not a readable"):
            load_frames(path)

    def test_truncated_archive(self, tmp_path: Path, arrays: dict[str, Any]) -> None:
        path = save(tmp_path / "cut.npz", arrays)
        path.write_bytes(path.read_bytes()[:5000])
        with pytest.raises(FacetError, match=r"cut\.npz: not a readable"):
            load_frames(path)


def test_drawn_faces_of_two_splits_differ() -> None:
    public, private = load_frames("drawn", "public", 5), load_frames("drawn", "private", 5)
    assert labels(public) == list(EMOTIONS)
    assert all(not np.array_equal(a.image, b.image) for a, b in zip(public, private, strict=True))


def test_drawn_faces_are_of_the_models_classes() -> None:
    six = labels(load_frames("drawn", limit=5, labels=LABEL_SETS["six"]))
    assert six == ["happy", "sad", "angry", "surprised", "happy"]
    three = labels(load_frames("drawn", limit=5, labels=LABEL_SETS["three"]))
    assert three == ["positive", "negative", "negative", "positive", "neutral"]
    with pytest.raises(FacetError, match="give a --dataset that has them"):
        load_frames("drawn", labels=LabelSet("own", ("afraid", "disgusted")))


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"path": "nowhere.npz"}, r"nowhere\.npz: no such file"),
        ({"path": "drawn", "split": "tests"}, "no split 'tests': choose one of training, validat"),
        ({"path": "drawn", "limit": 0}, "limit 0"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], complaint: str) -> None:
    with pytest.raises(FacetError, match=complaint):
        load_frames(**arguments)


FER = Path("../shared/data/fer2013_train_public.npz")


@pytest.mark.skipif(not FER.exists(), reason=f"{FER} is not here")
def test_fer_public_test_has_the_frames_that_the_rule_labels() -> None:
    frames = load_frames(FER, "public")
    assert len(frames) == 3100
    assert {frame.label for frame in frames} == set(EMOTIONS)
    assert all(frame.image.shape == (48, 48) for frame in frames)


CK = Path("../shared/data/ck48.npz")


@pytest.mark.skipif(not CK.exists(), reason=f"{CK} is not here")
def test_ck_plus_has_the_six_emotions() -> None:
    frames = load_frames(CK, "private", labels=LABEL_SETS["six"])
    assert {frame.label for frame in frames} == set(LABEL_SETS["six"].labels)
    subject = open_npz(CK).subject
    assert subject is not None
    assert len(set(subject.tolist())) == 94
