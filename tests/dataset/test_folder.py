"""Folders of images: labels, and a report of everything that is left out."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from facet.dataset import load, load_frames
from facet.dataset.images import read_image
from facet.dataset.labels import LABEL_SETS, LabelSet, label_set_of
from facet.dataset.names import FolderNames
from facet.errors import FacetError
from tests.dataset.conftest import Gray, Put, labels, names

EYES = LabelSet("own", ("open", "closed"))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


class TestLabels:
    def test_from_the_folder_or_the_name_of_the_file(
        self, put: Put, data: Path, faces: Gray
    ) -> None:
        put("happy/a.png", "Sadness/b.png", "fear/c.png", "anna_surprised_2.png", "somebody.png")
        frames = {frame.name: frame for frame in load_frames(data)}
        assert {name: frame.label for name, frame in frames.items()} == {
            "happy/a.png": "happy",
            "Sadness/b.png": "sad",
            "anna_surprised_2.png": "surprised",
            "somebody.png": None,
        }
        assert np.array_equal(frames["happy/a.png"].image, faces[0])

    def test_in_a_models_classes(self, put: Put, data: Path) -> None:
        put("Fear/a.png", "happy/a.png", "neutral/a.png")
        seven = load_frames(data, labels=LABEL_SETS["seven"])
        assert labels(seven) == ["afraid", "happy", "neutral"]
        three = load_frames(data, labels=LABEL_SETS["three"])
        assert labels(three) == ["negative", "positive", "neutral"]
        with pytest.raises(FacetError, match=r"the labels there are fear, happy, neutral"):
            load_frames(data, labels=LabelSet("own", ("sad", "angry")))

    def test_that_are_not_emotions(self, put: Put, data: Path) -> None:
        put("Open/a.png", "closed/b.png", "half open/c.png")
        selection = load(data, labels=EYES)
        assert labels(selection.frames) == ["open", "closed"]
        assert list(selection.left_out.lines()) == [
            "1 picture in 'half open': not a known label; did you mean 'open'? Rename it, or write "
            '--labels "half open=open"'
        ]

    def test_a_folder_decides_over_words_in_a_files_name(self, put: Put, data: Path) -> None:
        put("happy/fear_of_heights.png", "photos/sad_song.png")
        selection = load(data)
        assert names(selection.frames) == ["happy/fear_of_heights.png"]
        assert "1 picture in 'photos': not a known label" in list(selection.left_out.lines())

    @pytest.mark.parametrize(
        "path", ["happy/joyful/sad/1.png", "anna_sad_happy.png", "fear/sad/2.png"]
    )
    def test_two_labels_in_a_path_are_left_out(self, put: Put, data: Path, path: str) -> None:
        put(path, "happy/a.png")
        selection = load(data)
        assert names(selection.frames) == ["happy/a.png"]
        assert "two labels, " in next(selection.left_out.lines())

    def test_a_group_around_its_emotion_is_one_label(self, put: Put, data: Path) -> None:
        put("negative/sad/1.png", "positive/happy/2.png")
        assert labels(load_frames(data)) == ["sad", "happy"]
        assert labels(load_frames(data, labels=LABEL_SETS["three"])) == ["negative", "positive"]

    def test_one_picture_by_its_name(self, put: Put, data: Path) -> None:
        put("anna_happy.png", "IMG_1.png")
        assert labels(load_frames(data / "anna_happy.png")) == ["happy"]
        assert labels(load_frames(data / "IMG_1.png")) == [None]
        with pytest.raises(FacetError, match=r"IMG_1\.png: nothing labelled"):
            load(data / "IMG_1.png", unlabelled=False)


class TestLeftOut:
    def test_misspelt_folders_with_the_nearest_label(self, put: Put, data: Path) -> None:
        put("suprise/1.png", "suprise/2.png", "happyness/3.png", "1_surprise/4.png", "sad/5.png")
        put("happy faces/6.png")
        selection = load(data)
        assert labels(selection.frames) == ["sad"]
        assert selection.left_out.total == 5
        lines = list(selection.left_out.lines())
        assert lines[0].startswith("2 pictures in 'suprise': not a known label; did you mean 'surp")
        for folder, meant in (
            ("happyness", "happiness"),
            ("1_surprise", "surprise"),
            ("happy faces", "happy"),
        ):
            start = f"1 picture in '{folder}': not a known label; did you mean '{meant}'?"
            assert any(line.startswith(start) for line in lines), lines

    def test_emotions_that_the_model_lacks(self, put: Put, data: Path) -> None:
        put("happy/1.png", "fear/2.png", "fear/3.png", "contempt/4.png")
        assert list(load(data).left_out.lines()) == [
            "2 pictures in 'fear': 'fear' is not one of the classes",
            "1 picture in 'contempt': 'contempt' is not one of the classes",
        ]

    def test_hidden_files_other_files_and_formats_that_are_not_read(
        self, put: Put, data: Path
    ) -> None:
        put("happy/1.png", "happy/._1.png", ".cache/happy/2.png")
        for name in ("happy/3.HEIC", "happy/notes.txt", "happy/README"):
            (data / name).write_text("x")
        (data / "happy/gone.png").symlink_to(data / "nowhere.png")
        selection = load(data)
        assert names(selection.frames) == ["happy/1.png"]
        assert selection.left_out.total == 1
        assert sorted(selection.left_out.lines()) == [
            "1 file (*.txt): not a picture",
            "1 file without a suffix: not a picture",
            "1 link: a link to something that does not exist",
            "1 picture (*.heic): a format that is not read; convert them to PNG or JPEG",
            "2 files whose name begins with a dot: hidden",
        ]
        assert selection.left_out.as_json()["total"] == 1

    def test_nothing_labelled_is_an_error(self, put: Put, data: Path) -> None:
        put("suprise/1.png", "photos/2.png")
        with pytest.raises(FacetError, match=r"nothing labelled.*1 picture in 'suprise'.*surprise"):
            load(data)

    @pytest.mark.parametrize("name", ["not happy", "unhappy", "non-happy"])
    def test_a_negated_label_is_not_a_label(self, put: Put, data: Path, name: str) -> None:
        put("sad/1.png", f"{name}/2.png")
        assert f"1 picture in '{name}': not a known label" in list(load(data).left_out.lines())

    def test_a_negated_label_in_a_files_name_is_not_a_label(self, put: Put, data: Path) -> None:
        put("not_happy_1.png", "sad_2.png", "no_3_angry.png")
        found = {frame.name: frame.label for frame in load_frames(data)}
        assert found == {"not_happy_1.png": None, "sad_2.png": "sad", "no_3_angry.png": "angry"}
        assert labels(load_frames(data / "not_happy_1.png")) == [None]

    def test_a_label_of_the_option_that_is_not_a_class(self, put: Put, data: Path) -> None:
        put("sad/1.png", "happy/2.png", "3/3.png")
        names = FolderNames.parse("happy=banana,3=suprise")
        assert list(load(data, names=names).left_out.lines()) == [
            "1 picture in '3': --labels gives 'suprise', which is not one of the classes; did you "
            "mean 'surprise'?",
            "1 picture in 'happy': --labels gives 'banana', which is not one of the classes; write "
            "one of happy, sad, angry, surprised, neutral",
        ]

    def test_a_folder_of_the_option_that_does_not_exist_is_named(
        self, put: Put, data: Path
    ) -> None:
        put("sad/1.png", "lachend/2.png")
        assert load(data, names=FolderNames.parse("lachend=happy")).note == ""
        note = load(data, names=FolderNames.parse("nosuch=sad,lachend=happy")).note
        assert "no folder or file is named 'nosuch'" in note

    def test_folders_that_were_read_as_splits_are_named(self, put: Put, data: Path) -> None:
        put("happy_train/1.png", "happy_test/2.png")
        with pytest.raises(
            FacetError,
            match=r"the folders there are happy_test, happy_train \(happy_test, happy_train read",
        ):
            load(data)

    def test_an_empty_folder(self, tmp_path: Path) -> None:
        with pytest.raises(FacetError, match="no images in this folder"):
            load_frames(tmp_path)
        (tmp_path / "a.heic").write_bytes(b"x")
        with pytest.raises(
            FacetError, match=r"it has 1 picture \(\*\.heic\): a format that is not"
        ):
            load_frames(tmp_path)


class TestNumberedFolders:
    def test_need_labels(self, put: Put, data: Path) -> None:
        put(*(f"train/{n}/a.png" for n in range(1, 8)), *(f"test/{n}/a.png" for n in range(1, 8)))
        with pytest.raises(
            FacetError, match=r"numbered \(1, 2, 3, 4, 5, 6, 7\).*--labels surprise"
        ):
            load(data)

    @pytest.mark.parametrize(
        "text",
        [
            "surprise,fear,disgust,happiness,sadness,anger,neutral",
            "1=surprise, 2=fear, 3=disgust, 4=happy, 5=sad, 6=angry, 7=neutral",
            "raf-db",
        ],
    )
    def test_mean_what_the_labels_say(self, put: Put, data: Path, text: str) -> None:
        put(*(f"{n}/a.png" for n in range(1, 8)))
        found = load_frames_with(data, text, LABEL_SETS["seven"])
        assert found == ["surprised", "afraid", "disgusted", "happy", "sad", "angry", "neutral"]

    def test_are_counted_from_0_where_there_is_one(self, put: Put, data: Path) -> None:
        put("0/a.png", "1/b.png", "01_x/c.png")
        assert load_frames_with(data, "open,closed", EYES) == ["open", "closed"]

    @pytest.mark.parametrize(
        "text", ["sad,neutral,happy", "-1=sad,0=neutral,1=happy", "1=happy,-1=sad,0=neutral"]
    )
    @pytest.mark.parametrize(("minus", "plus"), [("-1", "1"), ("-01", "+1"), ("\u22121", "01")])
    def test_may_be_negative(self, put: Put, data: Path, text: str, minus: str, plus: str) -> None:
        put(f"{minus}/a.png", "0/b.png", f"{plus}/c.png")
        frames = load(data, labels=LABEL_SETS["five"], names=FolderNames.parse(text)).frames
        found = {frame.name: frame.label for frame in frames}
        assert found == {
            f"{minus}/a.png": "sad",
            "0/b.png": "neutral",
            f"{plus}/c.png": "happy",
        }

    @pytest.mark.parametrize("other", ["_1", "1-", "\uff11"])
    def test_differ_from_names_that_only_resemble_them(
        self, put: Put, data: Path, other: str
    ) -> None:
        put("1/a.png", f"{other}/b.png")
        assert load_frames_with(data, "1=happy", LABEL_SETS["five"]) == ["happy"]

    def test_with_a_fraction_keep_their_sign(self, put: Put, data: Path) -> None:
        put("-0.5/a.png", "0.5/b.png")
        assert load_frames_with(data, "0.5=happy,-0.5=sad", LABEL_SETS["five"]) == ["sad", "happy"]

    def test_with_a_gap_are_refused(self, put: Put, data: Path) -> None:
        put("-1/a.png", "1/b.png")
        with pytest.raises(FacetError, match="the folders -1, 1 are not in that order"):
            load_frames_with(data, "sad,happy", LABEL_SETS["five"])

    def test_may_be_a_models_classes(self, put: Put, data: Path) -> None:
        put("-1/a.png", "1/b.png")
        assert labels(load_frames(data, labels=label_set_of(["-1", "0", "1"]))) == ["-1", "1"]

    def test_whose_order_is_open_are_refused(self, put: Put, data: Path) -> None:
        put("1/a.png", "2/b.png")
        with pytest.raises(FacetError, match="the folders 1, 2 may be counted from 0 or from 1"):
            load_frames_with(data, "happy,sad,angry", LABEL_SETS["five"])
        put("9/c.png")
        with pytest.raises(FacetError, match="the folders 1, 2, 9 are not in that order"):
            load_frames_with(data, "happy,sad,angry", LABEL_SETS["five"])

    def test_other_folders_can_be_named_too(self, put: Put, data: Path) -> None:
        put("suprise/a.png", "lachend/b.png", "sad/c.png")
        text = "suprise=surprise,lachend=happy"
        assert load_frames_with(data, text, LABEL_SETS["five"]) == ["happy", "sad", "surprised"]

    def test_below_a_label_are_people(self, put: Put, data: Path) -> None:
        put("happy/001/a.png", "sad/002/b.png")
        assert load_frames_with(data, "happy,sad,angry", LABEL_SETS["five"]) == ["happy", "sad"]

    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            ("a,,b", "a name is empty"),
            ("1=a,2", "'2' must be folder=label"),
            ("1=a,01=b", "'01=b' must be folder=label, each folder once"),
            ("happy,joy", "'happy' and 'joy', mean the same"),
        ],
    )
    def test_labels_that_cannot_be_read(self, text: str, complaint: str) -> None:
        with pytest.raises(FacetError, match=complaint):
            FolderNames.parse(text)


def load_frames_with(data: Path, text: str, label_set: LabelSet) -> list[str | None]:
    return labels(load(data, labels=label_set, names=FolderNames.parse(text)).frames)


class TestFormats:
    @pytest.mark.parametrize(
        "suffix",
        [
            *("png", "PNG", "jpg", "JPEG", "jfif", "jpe", "tif", "tiff", "gif", "bmp", "dib"),
            *("webp", "pgm", "ppm", "pnm", "jp2"),
        ],
    )
    def test_are_read_in_any_case(self, put: Put, data: Path, suffix: str) -> None:
        put(f"happy/a.{suffix}")
        (frame,) = load_frames(data)
        assert frame.image.shape == (48, 48)

    def test_are_recognized_by_their_content_without_a_suffix(self, put: Put, data: Path) -> None:
        put("happy/scan")
        (data / "happy/b.jpg!large").write_bytes((data / "happy/scan").read_bytes())
        assert names(load_frames(data)) == ["happy/b.jpg!large", "happy/scan"]

    def test_an_unreadable_image_is_named(
        self, put: Put, data: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        put("happy/a.png")
        whole = (data / "happy/a.png").read_bytes()
        for damaged in (b"\x89PNG\r\n\x1a\nrest is missing", whole[:-40], b""):
            (data / "happy/broken.png").write_bytes(damaged)
            with pytest.raises(FacetError, match=r"happy/broken\.png: not an image"):
                load_frames(data)
        assert capfd.readouterr() == ("", "")  # neither OpenCV nor libpng writes to the terminal

    def test_a_huge_picture_is_refused_before_it_is_decoded(self, tmp_path: Path) -> None:
        path = tmp_path / "huge.png"
        path.write_bytes(png_of_zeros(32_000, 32_000))
        with pytest.raises(
            FacetError, match=r"huge\.png: too large to be read: a picture may have"
        ):
            read_image(path)

    def test_pixels_of_0_and_1_are_refused(self, put: Put, data: Path) -> None:
        put("happy/a.png", "sad/b.png")
        for name in ("happy/a.png", "sad/b.png"):
            cv2.imwrite(str(data / name), (read_image(data / name) > 127).astype(np.uint8))
        with pytest.raises(FacetError, match="no pixel is above 1 in any picture"):
            load(data)

    def test_one_picture_has_no_split(self, put: Put, data: Path) -> None:
        put("anna_happy.png")
        with pytest.raises(FacetError, match="no split 'test': one picture has none"):
            load(data / "anna_happy.png", "test")

    def test_a_device_is_not_a_picture(self, tmp_path: Path) -> None:
        with pytest.raises(FacetError, match="/dev/zero: cannot be read: it is a character device"):
            load_frames("/dev/zero")
        os.mkfifo(tmp_path / "pipe.png")
        with pytest.raises(FacetError, match=r"pipe\.png: cannot be read: it is a named pipe"):
            load_frames(tmp_path / "pipe.png")


def png_of_zeros(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    packer = zlib.compressobj(1)
    rows = b"".join(packer.compress(bytes(width + 1)) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "name",
    ["Training_3908.jpg", "PrivateTest_10131363.jpg", "fer0000007.png", "S010_004_00000017.png"],
)
def test_folders_with_pictures_of_fer2013_or_ck_plus_may_not_be_shown(
    put: Put, data: Path, name: str
) -> None:
    put("happy/anna.png")
    assert all(frame.may_show for frame in load_frames(data))
    put(f"sad/{name}")
    assert not any(frame.may_show for frame in load_frames(data))
