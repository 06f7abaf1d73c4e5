"""`facet import edge-impulse`: a data set from Edge Impulse as a folder of faces."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result

from facet.dataset import load_frames, open_dataset
from facet.dataset.labels import LABEL_SETS
from facet.errors import FacetError
from facet.interchange.edge_impulse_export import export_dataset
from facet.interchange.edge_impulse_import import import_dataset
from tests.interchange.conftest import picture, save, tree

Facet = Callable[..., Result]


def entry(path: str, label: str | None = "happy", **more: Any) -> dict[str, Any]:
    kind = {"type": "unlabeled"} if label is None else {"type": "label", "label": label}
    category = "testing" if path.startswith("testing") else "training"
    return {"path": path, "category": category, "label": kind, **more}


def data_set(folder: Path, *entries: dict[str, Any]) -> Path:
    """A data set with these files; pictures are made, the n-th from seed n."""
    for n, one in enumerate(entries):
        if not (folder / one["path"]).exists():
            save((folder / one["path"]).with_suffix(".png"), picture(n))
    (folder / "info.labels").write_text(json.dumps({"version": 1, "files": entries}))
    return folder


def test_there_and_back_again(facet: Facet, faces: Path, tmp_path: Path) -> None:
    export_dataset(open_dataset(faces, LABEL_SETS["five"]), tmp_path / "ei")
    result = facet("import", "edge-impulse", tmp_path / "ei", "--out", tmp_path / "back")
    assert result.exit_code == 0, result.output

    def shown(folder: Path, *splits: str | None) -> set[tuple[bytes, str | None]]:
        return {
            (frame.image.tobytes(), frame.label)
            for split in splits
            for frame in load_frames(folder, split)
        }

    assert shown(tmp_path / "back", "training", "public") == shown(faces, None)
    assert len(load_frames(tmp_path / "back", "training")) == 49
    assert len(load_frames(tmp_path / "back", "public")) == 12


def test_there_and_back_again_to_the_same_split(tmp_path: Path) -> None:
    for name, data in (("1", "drawn"), ("2", str(tmp_path / "back"))):
        export_dataset(open_dataset(data), tmp_path / name, limit=5)
        if name == "1":
            import_dataset(tmp_path / "1", tmp_path / "back")
    pictures = [
        {(path.split(".")[0], data) for path, data in tree(tmp_path / name).items()}
        - {("info", (tmp_path / name / "info.labels").read_bytes())}
        for name in "12"
    ]
    assert pictures[0] == pictures[1]


def test_labels_in_other_words(facet: Facet, tmp_path: Path) -> None:
    source = data_set(
        tmp_path / "ei",
        entry("training/a.png", "Surprise"),
        entry("training/b.png", "fear"),
        entry("testing/c.png", "my own mood"),
        entry("training/d.png", None),
    )
    result = facet("import", "edge-impulse", source, "--out", tmp_path / "out")
    assert set(tree(tmp_path / "out")) == {
        "training/surprised/a.png",
        "training/afraid/b.png",
        "test/my own mood/c.png",
    }
    assert "Surprise is surprised here" in result.output
    assert "1 picture: no label in the data set" in result.output


def test_files_are_copied_as_they_are_and_names_that_meet_are_numbered(tmp_path: Path) -> None:
    source = data_set(
        tmp_path / "ei",
        entry("training/x/a.png", "happy"),
        entry("training/y/a.png", "joy"),
        entry("training/z/A.png", "happy"),
    )
    import_dataset(source, tmp_path / "out")
    assert tree(tmp_path / "out") == {
        "training/happy/a.png": (source / "training/x/a.png").read_bytes(),
        "training/happy/a-2.png": (source / "training/y/a.png").read_bytes(),
        "training/happy/A-3.png": (source / "training/z/A.png").read_bytes(),
    }


def test_info_labels_in_each_folder(tmp_path: Path) -> None:
    data_set(tmp_path / "ei" / "training", entry("a.png"))
    data_set(tmp_path / "ei" / "testing", entry("b.png", category="testing"))
    import_dataset(tmp_path / "ei", tmp_path / "out")
    assert set(tree(tmp_path / "out")) == {"training/happy/a.png", "test/happy/b.png"}


def test_line_by_line_as_studio_exports_large_data_sets(tmp_path: Path) -> None:
    source = data_set(tmp_path / "ei", entry("a.png"), entry("b.png", "sad"))
    lines = ['{"__ndjson":true,"version":1}']
    lines += [
        json.dumps({"__key": "files", "__item": item})
        for item in (entry("a.png"), entry("b.png", "sad"))
    ]
    (source / "info.labels").write_text("\n".join(lines) + "\n")
    import_dataset(source, tmp_path / "out")
    assert set(tree(tmp_path / "out")) == {"training/happy/a.png", "training/sad/b.png"}


def test_without_info_labels_the_file_names_tell(tmp_path: Path) -> None:
    save(tmp_path / "ei/training/happy.0001.png", picture(1))
    save(tmp_path / "ei/testing/sad.x.2.jpg", picture(2))
    import_dataset(tmp_path / "ei", tmp_path / "out")
    assert set(tree(tmp_path / "out")) == {
        "training/happy/happy.0001.png",
        "test/sad/sad.x.2.jpg",
    }
    save(tmp_path / "ei/testing/IMG_2034.png", picture(3))
    with pytest.raises(FacetError, match=r"IMG_2034\.png: no label; name it like happy\.0001\.png"):
        import_dataset(tmp_path / "ei", tmp_path / "again")


@pytest.mark.parametrize(
    ("folder", "category"),
    [("Test", "test"), ("TESTING", "test"), ("val", "validation"), ("Train", "training")],
)
def test_without_info_labels_folders_of_any_spelling_tell_the_split(
    tmp_path: Path, folder: str, category: str
) -> None:
    save(tmp_path / "ei" / folder / "happy.1.png", picture(1))
    import_dataset(tmp_path / "ei", tmp_path / "out")
    assert set(tree(tmp_path / "out")) == {f"{category}/happy/happy.1.png"}


def test_pictures_that_info_labels_does_not_list_are_counted(facet: Facet, tmp_path: Path) -> None:
    source = data_set(tmp_path / "ei", entry("training/a.png"))
    save(source / "training/b.webp", picture(2))
    result = facet("import", "edge-impulse", source, "--out", tmp_path / "out")
    assert "1 picture: not in info.labels" in result.stderr


@pytest.mark.parametrize("path", ["a\0.png", "loop/a.png"])
def test_paths_that_lead_nowhere(tmp_path: Path, path: str) -> None:
    source = data_set(tmp_path / "ei", entry("good.png"))
    (source / "loop").symlink_to(source / "loop")
    content = {"version": 1, "files": [entry(path)]}
    (source / "info.labels").write_text(json.dumps(content))
    with pytest.raises(FacetError, match="cannot be read"):
        import_dataset(source, tmp_path / "out")


def test_an_info_labels_that_is_nested_too_deeply(tmp_path: Path) -> None:
    source = data_set(tmp_path / "ei", entry("a.png"))
    (source / "info.labels").write_text('{"version": 1, "files": ' + "[" * 100_000)
    with pytest.raises(FacetError, match=r"info\.labels: .* nested too deeply"):
        import_dataset(source, tmp_path / "out")


def test_what_the_service_would_divide_is_divided(tmp_path: Path) -> None:
    entries = [entry(f"{n}.png", category="split") for n in range(20)]
    import_dataset(data_set(tmp_path / "ei", *entries), tmp_path / "out")
    folders = [path.split("/")[0] for path in tree(tmp_path / "out")]
    assert (folders.count("training"), folders.count("test")) == (16, 4)


def test_validation_stays_apart(tmp_path: Path) -> None:
    source = data_set(tmp_path / "ei", entry("a.png"), entry("b.png", category="validation"))
    import_dataset(source, tmp_path / "out")
    assert set(tree(tmp_path / "out")) == {"training/happy/a.png", "validation/happy/b.png"}


BOX = {"label": "face", "x": 1, "y": 1, "width": 9, "height": 9}


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (entry("a.png", boundingBoxes=[BOX]), r"a\.png\) has bounding boxes"),
        (
            entry("a.png") | {"label": {"type": "multi-label", "labels": []}},
            r"several labels \(multi-label\)",
        ),
        (entry("a.png", category="anomaly"), "category 'anomaly'; Facet reads training"),
        (entry("a.wav"), "a.wav is not a picture: Facet reads images"),
        (entry("../a.png"), "lies outside"),
        (entry("missing/a.png") | {"path": "nowhere.png"}, "nowhere.png: cannot be read"),
        (entry("a.png", "../evil"), "the label '../evil' cannot name a folder"),
        (entry("a.png", ""), "cannot name a folder"),
        (entry("a.png") | {"label": {"type": "label", "label": 7}}, "with a text 'label'"),
        ({"category": "training"}, "file 2: no 'path'"),
    ],
)
def test_what_a_folder_of_faces_cannot_hold_is_refused(
    tmp_path: Path, bad: dict[str, Any], says: str
) -> None:
    source = data_set(tmp_path / "ei", entry("good.png"), entry("a.png"))
    (source / "a.wav").write_bytes(b"RIFF")
    save(tmp_path / "a.png", picture(5))
    content = {"version": 1, "files": [entry("good.png"), bad]}
    (source / "info.labels").write_text(json.dumps(content))
    with pytest.raises(FacetError, match=says):
        import_dataset(source, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "ei"]


def test_object_detection_beside_the_pictures_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "ei/training/happy.1.png", picture(1))
    (tmp_path / "ei/training/bounding_boxes.labels").write_text("{}")
    with pytest.raises(FacetError, match=r"bounding_boxes\.labels: bounding boxes or several"):
        import_dataset(tmp_path / "ei", tmp_path / "out")


@pytest.mark.parametrize(
    "text", ["", "[]", '{"version": 2, "files": []}', '{"version": 1}', "\x00"]
)
def test_a_damaged_info_labels(tmp_path: Path, text: str) -> None:
    source = data_set(tmp_path / "ei", entry("a.png"))
    (source / "info.labels").write_text(text)
    with pytest.raises(FacetError, match=r"info\.labels: "):
        import_dataset(source, tmp_path / "out")


def test_a_file_that_is_not_a_picture(tmp_path: Path) -> None:
    source = data_set(tmp_path / "ei", entry("a.png"))
    (source / "a.png").write_text("<html>not found</html>")
    with pytest.raises(FacetError, match=r"a\.png: not an image"):
        import_dataset(source, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    source = data_set(tmp_path / "ei", entry("a.png"))
    save(tmp_path / "out/precious.png", picture(9))
    with pytest.raises(FacetError, match="not empty"):
        import_dataset(source, tmp_path / "out")
    assert np.array_equal(list(tree(tmp_path / "out")), ["precious.png"])


def test_an_empty_or_absent_folder(facet: Facet, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name, says in (("empty", "no info.labels, and no pictures"), ("none", "no such folder")):
        result = facet("import", "edge-impulse", tmp_path / name, "--out", tmp_path / "out")
        assert result.exit_code == 2
        assert says in result.stderr
