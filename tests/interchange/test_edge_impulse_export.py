"""`facet export edge-impulse --dataset`: a data set for the uploader, without leaks."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from click.testing import Result

from facet.dataset import load_frames, open_dataset
from facet.dataset.labels import LABEL_SETS
from facet.errors import FacetError
from facet.interchange.edge_impulse_export import export_dataset
from facet.interchange.likeness import groups
from tests.interchange.conftest import picture, resized, save, tree
from tests.interchange.info_labels_rules import violations

Facet = Callable[..., Result]
FIVE = LABEL_SETS["five"]


def files_of(folder: Path) -> list[dict[str, Any]]:
    content = json.loads((folder / "info.labels").read_text())
    assert violations(content) == []
    files: list[dict[str, Any]] = content["files"]
    return files


def gray(path: Path) -> np.ndarray:
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert image is not None
    return image


def test_drawn_faces_as_the_uploader_takes_them(facet: Facet, tmp_path: Path) -> None:
    out = tmp_path / "ei"
    result = facet("export", "edge-impulse", "--dataset", "drawn", "--limit", 5, "--out", out)
    assert result.exit_code == 0, result.output
    files = files_of(out)
    assert {entry["path"] for entry in files} == set(tree(out)) - {"info.labels"}
    frames = [*load_frames("drawn", "training", 5), *load_frames("drawn", "public", 5)]
    for entry, frame in zip(files, frames, strict=True):
        assert np.array_equal(gray(out / entry["path"]), frame.image)
        assert entry["label"]["label"] == frame.label
        assert entry["metadata"]["frame"] == frame.name
    assert [entry["category"] for entry in files] == ["training"] * 5 + ["testing"] * 5
    assert f"edge-impulse-uploader --info-file {out / 'info.labels'}" in result.output


def test_names_tell_the_label_to_an_uploader_that_does_not_read_info_labels(
    faces: Path, tmp_path: Path
) -> None:
    export_dataset(open_dataset(faces, FIVE), tmp_path / "ei")
    rule = re.compile(r"^[a-zA-Z0-9\s_-]+")  # docs.edgeimpulse.com, Ingestion API, x-label
    for entry in files_of(tmp_path / "ei"):
        category, _, name = entry["path"].partition("/")
        match = rule.match(name)
        assert match is not None
        assert match[0] == entry["label"]["label"]
        assert category == entry["category"]
        assert name == entry["name"] + ".png"


def test_the_same_data_and_seed_give_the_same_bytes(faces: Path, tmp_path: Path) -> None:
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        export_dataset(open_dataset(faces, FIVE), tmp_path / name, seed=seed)
    assert tree(tmp_path / "a") == tree(tmp_path / "b")
    assert tree(tmp_path / "a") != tree(tmp_path / "c")


def test_a_folder_is_divided_and_near_copies_stay_together(faces: Path, tmp_path: Path) -> None:
    for seed in range(8):
        out = tmp_path / str(seed)
        export_dataset(open_dataset(faces, FIVE), out, seed=seed)
        files = files_of(out)
        assert len(files) == 61
        counts = Counter(entry["category"] for entry in files)
        assert counts["testing"] == round(0.2 * 61)
        copies = [entry for entry in files if entry["metadata"]["frame"].startswith("happy/00")]
        assert len(copies) == 2
        assert len({entry["category"] for entry in copies}) == 1
        assert len({entry["metadata"]["group"] for entry in copies}) == 1


def test_a_picture_keeps_its_side_under_another_name(faces: Path, tmp_path: Path) -> None:
    export_dataset(open_dataset(faces, FIVE), tmp_path / "before")
    for n, path in enumerate(sorted((faces / "sad").iterdir(), reverse=True)):
        path.rename(path.with_name(f"renamed{n:02}.png"))
    export_dataset(open_dataset(faces, FIVE), tmp_path / "after")

    def testing(folder: Path) -> set[bytes]:
        return {data for path, data in tree(folder).items() if path.startswith("testing/")}

    assert testing(tmp_path / "before") == testing(tmp_path / "after")


def test_what_tests_does_not_train_not_even_a_near_copy(facet: Facet, tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "ei"
    for n in range(4):
        save(data / "train" / "happy" / f"{n}.png", picture(n))
    save(data / "test" / "happy" / "same.png", picture(1))
    save(data / "test" / "happy" / "near.jpg", resized(picture(2), 96))
    save(data / "train" / "happy" / "twice.png", picture(3))
    result = facet("export", "edge-impulse", "--dataset", data, "--out", out)
    assert result.exit_code == 0, result.output
    trains = {e["metadata"]["frame"] for e in files_of(out) if e["category"] == "training"}
    assert trains == {"happy/0.png", "happy/3.png"}
    assert (
        "2 pictures of the training split: the same, or a near copy, is in the test"
        in result.output
    )
    assert "1 picture: the same pixels are there already" in result.output


@pytest.mark.parametrize(
    ("trains", "tests"), [("Train", "Test"), ("TRAINING", "validation"), ("a/train", "a/val")]
)
def test_split_folders_of_any_spelling_are_not_mixed(
    facet: Facet, tmp_path: Path, trains: str, tests: str
) -> None:
    data, out = tmp_path / "data", tmp_path / "ei"
    for n in range(6):
        save(data / (trains if n < 4 else tests) / ("happy", "sad")[n % 2] / f"{n}.png", picture(n))
    result = facet("export", "edge-impulse", "--dataset", data, "--out", out)
    assert result.exit_code == 0, result.output
    sides = {e["metadata"]["frame"][-5]: e["category"] for e in files_of(out)}
    assert sides == {**dict.fromkeys("0123", "training"), **dict.fromkeys("45", "testing")}


def test_a_split_that_is_not_exported_is_said(facet: Facet, tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n, split in enumerate(("train", "val", "test")):
        save(data / split / "happy" / f"{n}.png", picture(n))
    common = ("export", "edge-impulse", "--dataset", data)
    result = facet(*common, "--out", tmp_path / "a")
    assert "1 picture of split 'validation': not exported; write --split validation" in (
        result.stderr
    )
    facet(*common, "--out", tmp_path / "b", "--split", "validation", "--split", "training")
    assert [e["category"] for e in files_of(tmp_path / "b")] == ["training", "testing"]


def test_what_is_left_out_of_both_splits_is_counted_once(facet: Facet, tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n, name in enumerate(("train/happy/a", "test/happy/b", "train/suprise/c", "test/fear/d")):
        save(data / f"{name}.png", picture(n))
    (data / "notes.txt").write_text("x")
    result = facet("export", "edge-impulse", "--dataset", data, "--out", tmp_path / "ei")
    for line in (
        "1 picture in 'suprise': not a known label; did you mean 'surprise'?",
        "1 picture in 'fear': 'fear' is not one of the classes",
        "1 file (*.txt): not a picture",
    ):
        assert result.stderr.count(line) == 1, result.stderr


@pytest.mark.parametrize("options", [(), ("--labels", "open,closed")])
def test_labels_that_are_not_emotions(
    facet: Facet, tmp_path: Path, options: tuple[str, ...]
) -> None:
    for n in range(10):
        save(tmp_path / "eyes" / ("open", "closed")[n % 2] / f"{n}.png", picture(n))
    common = ("export", "edge-impulse", "--dataset", tmp_path / "eyes", "--out", tmp_path / "ei")
    result = facet(*common, *options)
    assert result.exit_code == 0, result.output
    counts = Counter(entry["label"]["label"] for entry in files_of(tmp_path / "ei"))
    assert counts == {"open": 5, "closed": 5}


def test_numbered_folders_need_labels(facet: Facet, tmp_path: Path) -> None:
    for n in range(1, 4):
        save(tmp_path / "raf" / str(n) / "a.png", picture(n))
    common = ("export", "edge-impulse", "--dataset", tmp_path / "raf", "--out", tmp_path / "ei")
    result = facet(*common)
    assert result.exit_code == 2
    assert "its folders are numbered (1, 2, 3): say what the numbers mean" in result.stderr
    assert not (tmp_path / "ei").exists()
    assert facet(*common, "--labels", "surprise,fear,disgust").exit_code == 0
    named = {e["metadata"]["frame"][0]: e["label"]["label"] for e in files_of(tmp_path / "ei")}
    assert named == {"1": "surprise", "2": "fear", "3": "disgust"}


def archive(path: Path, **more: Any) -> Path:
    images = np.stack([picture(n) for n in range(20)])
    labels = np.arange(20, dtype=np.uint8) % 2
    np.savez(path, images=images, label=labels, label_names=np.array(["fear", "anger"]), **more)
    return path


def test_people_are_not_parted(tmp_path: Path) -> None:
    data = archive(tmp_path / "ck.npz", subject=np.array([f"S{n // 4}" for n in range(20)]))
    export_dataset(open_dataset(data, LABEL_SETS["ck7"]), tmp_path / "ei")
    files = files_of(tmp_path / "ei")
    assert {entry["label"]["label"] for entry in files} == {"afraid", "angry"}
    sides = {
        (int(entry["metadata"]["frame"].removeprefix("row ")) // 4, entry["category"])
        for entry in files
    }
    assert len(sides) == 5
    assert {category for _, category in sides} == {"training", "testing"}


def test_splits_of_an_archive_and_a_warning_not_to_publish(facet: Facet, tmp_path: Path) -> None:
    data = archive(tmp_path / "fer.npz", usage=np.array([0] * 15 + [1] * 3 + [2] * 2, np.uint8))
    common = ("export", "edge-impulse", "--dataset", data, "--labels", "seven")
    result = facet(*common, "--out", tmp_path / "a")
    assert "do not publish the project" in result.stderr
    counts = Counter(entry["category"] for entry in files_of(tmp_path / "a"))
    assert counts == {"training": 15, "testing": 3}
    facet(*common, "--split", "private", "--out", tmp_path / "b")
    assert [entry["category"] for entry in files_of(tmp_path / "b")] == ["testing"] * 2


def test_a_split_that_is_not_there(facet: Facet, faces: Path, tmp_path: Path) -> None:
    common = ("export", "edge-impulse", "--dataset", faces, "--out", tmp_path / "ei")
    result = facet(*common, "--split", "public")
    assert result.exit_code == 2
    assert "no split 'public'; it has none: leave --split out" in result.stderr
    assert not (tmp_path / "ei").exists()


def test_a_folder_with_a_training_split_only(facet: Facet, tmp_path: Path) -> None:
    save(tmp_path / "faces/train/happy/1.png", picture(1))
    result = facet(
        "export", "edge-impulse", "--dataset", tmp_path / "faces", "--out", tmp_path / "ei"
    )
    assert [entry["category"] for entry in files_of(tmp_path / "ei")] == ["training"]
    assert (tmp_path / "ei" / "testing").is_dir()
    assert "nothing to test with" in result.stderr


def test_pictures_without_a_label(tmp_path: Path) -> None:
    save(tmp_path / "faces" / "IMG_1.png", picture(1))
    with pytest.raises(
        FacetError, match="nothing labelled: put the pictures into a folder for each label"
    ):
        export_dataset(open_dataset(tmp_path / "faces", FIVE), tmp_path / "ei")


@pytest.mark.parametrize("what", ["file", "folder", "link"])
def test_what_is_there_already_is_not_overwritten(faces: Path, tmp_path: Path, what: str) -> None:
    out = tmp_path / "ei"
    if what == "file":
        out.write_text("precious")
    elif what == "folder":
        save(out / "precious.png", picture(7))
    else:
        out.symlink_to(tmp_path / "nowhere")
    before = tree(tmp_path)
    with pytest.raises(FacetError, match="name"):
        export_dataset(open_dataset(faces, FIVE), out)
    assert tree(tmp_path) == before


def test_nothing_half_written_stays(
    faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Path.write_bytes
    written = []

    def full_disk(path: Path, data: bytes) -> int:
        written.append(path)
        if len(written) > 10:
            raise OSError(28, "No space left on device")
        return whole(path, data)

    before = tree(tmp_path)
    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(FacetError, match="No space left on device; nothing was changed"):
        export_dataset(open_dataset(faces, FIVE), tmp_path / "out" / "ei")
    assert written
    assert tree(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == ["faces"]


def test_likeness_survives_what_happens_to_pictures_and_tells_faces_apart() -> None:
    face = load_frames("drawn", "training", 1)[0].image
    _, jpeg = cv2.imencode(".jpg", face, [cv2.IMWRITE_JPEG_QUALITY, 60])
    copies = [
        face,
        resized(face, 48),
        np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_GRAYSCALE), np.uint8),
        (face.astype(int) * 4 // 5).astype(np.uint8),
    ]
    others = [frame.image for frame in load_frames("drawn", "public", 10)]
    assert groups([*copies, *others]) == [0] * 4 + list(range(1, 11))
