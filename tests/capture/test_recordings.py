"""A video or a folder in place of a camera."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

from facet.dataset import EMOTIONS, load_frames
from facet.dataset.labels import LABEL_SETS
from tests.capture.conftest import Facet, drawn, one_line, room, write_clip, write_images


def tree(folder: Path) -> dict[str, bytes]:
    """All files of a folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_five_clips_become_a_data_set(facet: Facet) -> None:
    for emotion in EMOTIONS:
        clip = write_clip(Path(f"{emotion}.avi"), emotion, range(3))
        done = facet("--source", clip, "--emotion", emotion, "--every", 1, "--count", 3)
        assert done.exit_code == 0, done.output
    assert "complete: facet sim --dataset faces" in done.output
    frames = load_frames("faces")
    assert sorted(frame.name for frame in frames) == sorted(
        f"{emotion}/{n:04}.png" for emotion in EMOTIONS for n in (1, 2, 3)
    )
    for frame in frames:
        assert frame.label == frame.name.split("/")[0]
        assert frame.image.shape == (96, 96)
        # The clip's JPEG, and 96 to 120 pixels and back, leave the face where it was.
        shown = drawn(frame.label, int(frame.name[-5]) - 1).astype(int)
        assert np.abs(frame.image - shown).mean() < 6


def test_it_goes_on_where_it_stopped(facet: Facet) -> None:
    write_clip(Path("clip.avi"), "happy", range(6))
    source = ("--source", "clip.avi", "--emotion", "happy", "--every", 1)
    first = facet(*source, "--count", 2)
    assert "8 pictures are missing" in first.output
    before = tree(Path("faces/happy"))
    assert sorted(before) == ["0001.png", "0002.png"]
    facet(*source, "--count", 5)
    after = tree(Path("faces/happy"))
    assert sorted(after) == [f"000{n}.png" for n in range(1, 6)]
    assert before.items() <= after.items()  # as they were, byte for byte
    assert len(set(after.values())) == 5


def test_the_same_clip_again_adds_nothing(facet: Facet) -> None:
    write_clip(Path("clip.avi"), "sad", [0, 1, 1, 2, 0])
    source = ("--source", "clip.avi", "--emotion", "sad", "--every", 1)
    first = facet(*source)
    before = tree(Path("faces"))
    assert len(list(Path("faces/sad").iterdir())) == 3
    assert "left out: 1 almost the same as the one before, 1 already there" in first.output
    again = facet(*source)
    assert again.exit_code == 0
    assert tree(Path("faces")) == before


def test_a_removed_picture_is_missing_and_its_number_stays_free(facet: Facet) -> None:
    write_images(Path("more"), "angry", range(6))
    write_images(Path("some"), "angry", range(3))
    facet("--source", "some", "--emotion", "angry", "--count", 3)
    Path("faces/angry/0002.png").unlink()
    facet("--source", "more", "--emotion", "angry", "--count", 3)
    assert sorted(p.name for p in Path("faces/angry").iterdir()) == [
        "0001.png", "0003.png", "0004.png",
    ]  # fmt: skip


def test_every_nth_picture_of_a_video(facet: Facet) -> None:
    write_clip(Path("clip.avi"), "happy", range(7))
    facet("--source", "clip.avi", "--emotion", "happy", "--every", 3, "--out", "third")
    facet("--source", "clip.avi", "--emotion", "happy", "--every", 1, "--out", "all")
    every, third = tree(Path("all/happy")), tree(Path("third/happy"))
    assert [every["0001.png"], every["0004.png"], every["0007.png"]] == list(
        dict(sorted(third.items())).values()
    )


def test_a_camera_that_stands_still_is_not_taken_again_and_again(facet: Facet) -> None:
    folder = Path("still")
    folder.mkdir()
    noise = np.random.default_rng(0)
    for n in range(5):
        face = drawn("neutral", 0) + noise.integers(0, 3, (96, 96))
        cv2.imwrite(str(folder / f"{n}.png"), face.clip(0, 255).astype(np.uint8))
    result = facet("--source", folder, "--emotion", "neutral")
    assert "left out: 4 almost the same" in result.output
    all_of_them = facet(
        "--source", folder, "--emotion", "neutral", "--least-change", 0, "--out", "all"
    )
    assert "almost" not in all_of_them.output
    assert len(list(Path("all/neutral").iterdir())) == 5


def test_a_folder_for_each_emotion_by_other_names(facet: Facet) -> None:
    write_images(Path("mine/Happiness"), "happy", range(2))
    write_clip(Path("mine/anger/clip.avi"), "angry", range(2))
    write_images(Path("mine/fear"), "sad", range(2))
    result = facet("--source", "mine", "--every", 1)
    assert "mine: no class of 'five', left out: fear" in result.output
    assert [frame.name for frame in load_frames("faces")] == [
        "angry/0001.png", "angry/0002.png", "happy/0001.png", "happy/0002.png",
    ]  # fmt: skip


def test_three_classes(facet: Facet) -> None:
    for emotion in ("happy", "sad", "neutral"):
        write_images(Path("mine") / emotion, emotion, [1])
    facet("--source", "mine", "--labels", "three")
    frames = load_frames("faces", labels=LABEL_SETS["three"])
    assert [(frame.name, frame.label) for frame in frames] == [
        ("negative/0001.png", "negative"),
        ("neutral/0001.png", "neutral"),
        ("positive/0001.png", "positive"),
    ]


def test_classes_that_are_not_emotions(facet: Facet) -> None:
    for number, name in enumerate(("open", "Closed", "clsed")):
        write_images(Path("eyes", name), "happy", range(2 * number, 2 * number + 2))
    done = facet("--source", "eyes", "--labels", "open,closed", "--count", 2)
    assert "left out: clsed (did you mean closed?)" in done.output
    assert {path.split("/")[0] for path in tree(Path("faces"))} == {
        *("open", "closed", "capture.json")
    }
    again = facet("--source", "eyes", "--count", 2)  # the labels of the set that is there
    assert again.exit_code == 0, again.output
    refused = facet("--source", "eyes", "--labels", "five")
    assert "choose another --out, or --labels open,closed" in one_line(refused)


def test_linked_folders_and_other_formats_are_taken(facet: Facet) -> None:
    write_images(Path("elsewhere"), "happy", range(1))
    _, gif = cv2.imencode(".gif", cv2.cvtColor(drawn("happy", 1), cv2.COLOR_GRAY2BGR))
    Path("elsewhere/b.GIF").write_bytes(gif.tobytes())
    Path("mine").mkdir()
    Path("mine/happy").symlink_to("../elsewhere")
    facet("--source", "mine")
    assert len(list(Path("faces/happy").iterdir())) == 2


def test_a_square_that_the_user_chose(facet: Facet) -> None:
    picture = room(drawn("surprised", 4))
    Path("one").mkdir()
    cv2.imwrite("one/picture.png", picture)
    facet("--source", "one", "--emotion", "surprised", "--crop", "30,10,64", "--size", 64)
    [frame] = load_frames("faces")
    assert np.array_equal(frame.image, picture[10:74, 30:94])


def test_the_manifest_lists_the_pictures_and_their_sources(facet: Facet) -> None:
    write_clip(Path("private/clip.avi"), "happy", range(3))
    write_images(Path("pictures"), "sad", range(1))
    facet("--source", "private/clip.avi", "--emotion", "happy", "--every", 1, "--count", 9)
    facet("--source", "pictures", "--emotion", "sad", "--crop", "8,8,80", "--count", 9)
    assert json.loads(Path("faces/capture.json").read_text()) == {
        "label_set": "five",
        "labels": ["happy", "sad", "angry", "surprised", "neutral"],
        "size_px": 96,
        "wanted_per_class": 9,
        "pictures": {"happy": 3, "sad": 1, "angry": 0, "surprised": 0, "neutral": 0},
        "taken": [
            {
                "source": "clip.avi",
                "crop": "centre",
                "label": "happy",
                "first": "0001.png",
                "last": "0003.png",
                "pictures": 3,
            },
            {
                "source": "pictures",
                "crop": "8,8,80",
                "label": "sad",
                "first": "0001.png",
                "last": "0001.png",
                "pictures": 1,
            },
        ],
    }


def test_the_same_recording_gives_the_same_set(facet: Facet) -> None:
    write_clip(Path("clip.avi"), "happy", range(4))
    for out in ("one", "two"):
        facet("--source", "clip.avi", "--emotion", "happy", "--every", 1, "--out", out)
    assert tree(Path("one")) == tree(Path("two"))


def test_an_existing_set_determines_labels_and_size(facet: Facet) -> None:
    write_images(Path("scared"), "surprised", range(2))
    first = ("--labels", "seven", "--size", 48, "--count", 1)
    facet("--source", "scared", "--emotion", "fear", *first)
    facet("--source", "scared", "--emotion", "fear", "--count", 2)
    frames = load_frames("faces", labels=LABEL_SETS["seven"])
    assert [(frame.label, frame.image.shape) for frame in frames] == [("afraid", (48, 48))] * 2


def test_a_contact_sheet(facet: Facet) -> None:
    write_images(Path("mine/happy"), "happy", range(3))
    write_images(Path("mine/sad"), "sad", range(1))
    result = facet("--source", "mine", "--sheet", "sheet.png")
    assert "contact sheet: sheet.png" in result.output
    sheet = cv2.imread("sheet.png", cv2.IMREAD_GRAYSCALE)
    assert sheet is not None
    for row, emotion, people in ((0, "happy", 3), (1, "sad", 1)):
        for person in range(people):
            top, left = 26 + row * (96 + 26 + 6), 6 + person * (96 + 6)  # caption and gaps
            shown = sheet[top : top + 96, left : left + 96]
            assert np.array_equal(shown, drawn(emotion, person)), (emotion, person)


def test_check_reports_missing_pictures(facet: Facet) -> None:
    for emotion in EMOTIONS:
        write_images(Path("mine") / emotion, emotion, range(2))
    facet("--source", "mine", "--count", 2)
    complete = facet("--check", "--count", 2)
    assert complete.exit_code == 0
    Path("faces/sad/0001.png").unlink()
    assert one_line(facet("--check", "--count", 2)).endswith("pictures are missing: 1 sad")
    Path("faces/angry/0001.png").write_bytes(b"\x89PNG and no more")
    assert "faces/angry/0001.png: not an image" in one_line(facet("--check", "--count", 2))
