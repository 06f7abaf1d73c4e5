"""FER2013 as CSV, with FER+'s votes, as they are distributed and as other tools save them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from facet.dataset import load, load_frames
from facet.dataset.kaggle import open_kaggle
from facet.dataset.labels import FERPLUS_NAMES
from facet.errors import FacetError
from tests.dataset.conftest import Gray, labels

USAGES = ("Training", "PublicTest", "PublicTest", "PrivateTest", "PublicTest")
EMOTIONS = (3, 4, 0, 5, 6)


@pytest.fixture
def pixels(faces: Gray) -> list[str]:
    return [" ".join(map(str, face.ravel().tolist())) for face in faces[:5]]


@pytest.fixture
def table(pixels: list[str]) -> str:
    """Five rows, as Kaggle's fer2013.csv has them."""
    rows = [
        f"{emotion},{text},{usage}"
        for emotion, text, usage in zip(EMOTIONS, pixels, USAGES, strict=True)
    ]
    return "\n".join(["emotion,pixels,Usage", *rows]) + "\n"


@pytest.fixture
def folder(tmp_path: Path, table: str) -> Path:
    (tmp_path / "fer2013.csv").write_text(table)
    return tmp_path


def votes(
    usages: tuple[str, ...] = USAGES,
    numbers: tuple[int | None, ...] = (0, 1, 2, 3, 4),
    name: str = "surprise",
) -> str:
    """A fer2013new.csv in which all votes are for one emotion."""
    cast = ",".join("10" if column == name else "0" for column in FERPLUS_NAMES)
    rows = [
        f"{usage},{'' if number is None else f'fer{number:07}.png'},{cast}"
        for usage, number in zip(usages, numbers, strict=True)
    ]
    return "\n".join(["Usage,Image name," + ",".join(FERPLUS_NAMES), *rows]) + "\n"


def test_own_labels(folder: Path, faces: Gray) -> None:
    frames = load_frames(folder / "fer2013.csv", "public")
    assert labels(frames) == ["sad", "angry", "neutral"]
    assert np.array_equal(frames[0].image, faces[1])
    assert not any(frame.may_show for frame in frames)


FORMS: dict[str, Callable[[str], bytes]] = {
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "a byte order mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16, as Excel's Unicode text": lambda text: text.replace(",", "\t").encode("utf-16"),
    "semicolons": lambda text: text.replace(",", ";").encode(),
    "semicolons and Excel's first line": lambda text: (
        b"sep=;\r\n" + text.replace(",", ";").encode()
    ),
    "quoted fields": lambda text: "\n".join(
        ",".join(f'"{field}"' for field in line.split(",")) for line in text.splitlines()
    ).encode(),
    "blanks around the fields": lambda text: text.replace(",", ", ").encode(),
    "other case": lambda text: text.replace(
        "emotion,pixels,Usage", "Emotion,PIXELS,usage"
    ).encode(),
    "no line end": lambda text: text.rstrip("\n").encode(),
    "blank lines": lambda text: text.replace("\n", "\n\n").encode(),
    "another order of columns": lambda text: "\n".join(
        ",".join(reversed(line.split(","))) for line in text.splitlines()
    ).encode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_is_read_in_every_form(tmp_path: Path, table: str, form: str, faces: Gray) -> None:
    path = tmp_path / "fer2013.csv"
    path.write_bytes(FORMS[form](table))
    frames = load_frames(path, "public")
    assert labels(frames) == ["sad", "angry", "neutral"]
    assert np.array_equal(frames[2].image, faces[4])


def test_icml_face_data_has_blanks_before_its_names(tmp_path: Path, pixels: list[str]) -> None:
    rows = [f"{e}, {u}, {p}" for e, p, u in zip(EMOTIONS, pixels, USAGES, strict=True)]
    text = "\n".join(["emotion, Usage, pixels", *rows])
    (tmp_path / "icml_face_data.csv").write_text(text)
    for path in (tmp_path, tmp_path / "icml_face_data.csv"):
        assert labels(load_frames(path)) == ["sad", "angry", "neutral"]


def test_is_found_by_its_content_and_in_folders(folder: Path) -> None:
    expected = ["sad", "angry", "neutral"]
    (folder / "fer2013.csv").rename(folder / "faces")
    assert labels(load_frames(folder / "faces")) == expected
    (folder / "archive" / "fer2013").mkdir(parents=True)
    (folder / "faces").rename(folder / "archive/fer2013/FER2013.csv")
    assert labels(load_frames(folder / "archive")) == expected
    assert labels(load_frames(folder / "archive/fer2013")) == expected


def test_pictures_beside_it_are_pointed_out(folder: Path, faces: Gray) -> None:
    import cv2

    (folder / "happy").mkdir()
    cv2.imwrite(str(folder / "happy/a.png"), faces[0])
    assert (
        load(folder).note == f"{folder / 'fer2013.csv'} is read; the 1 pictures in {folder} are not"
    )


def test_without_usage_it_has_no_splits(tmp_path: Path, table: str) -> None:
    path = tmp_path / "train.csv"
    path.write_text("\n".join(line.rpartition(",")[0] for line in table.splitlines()))
    assert len(load_frames(path)) == 5


class TestVotes:
    def test_overrule_the_labels(self, folder: Path) -> None:
        (folder / "fer2013new.csv").write_text(votes())
        assert labels(load_frames(folder)) == ["surprised"] * 3
        assert labels(load_frames(folder / "fer2013new.csv")) == ["surprised"] * 3

    def test_of_images_without_a_face_have_no_name(self, folder: Path) -> None:
        (folder / "fer2013new.csv").write_text(votes(numbers=(0, None, 1, None, 2)))
        assert len(load_frames(folder)) == 3

    def test_of_another_number_of_rows(self, folder: Path) -> None:
        (folder / "fer2013new.csv").write_text(votes().rpartition("Pub")[0])
        with pytest.raises(FacetError, match=r"4 rows do not match the 5 of fer2013.csv"):
            load_frames(folder)

    def test_in_another_order_by_the_usage(self, folder: Path) -> None:
        usages = ("Training", "PublicTest", "PrivateTest", "PublicTest", "PublicTest")
        (folder / "fer2013new.csv").write_text(votes(usages))
        with pytest.raises(
            FacetError,
            match=r"fer2013new\.csv, line 4: Usage is PrivateTest, but row 3 of fer2013\.csv is of",
        ):
            load_frames(folder)

    @pytest.mark.parametrize("numbers", [(0, 2, 1, 3, 4), (0, 1, 1, 2, 3), (4, 3, 2, 1, 0)])
    def test_in_another_order_by_the_names(self, folder: Path, numbers: tuple[int, ...]) -> None:
        (folder / "fer2013new.csv").write_text(votes(numbers=numbers))
        with pytest.raises(FacetError, match=r"column 'Image name': .* another order than in FER"):
            load_frames(folder)

    def test_in_another_order_by_what_they_say(self, tmp_path: Path, pixels: list[str]) -> None:
        rows, cast = ["emotion,pixels"], [",".join(FERPLUS_NAMES)]
        for number in range(120):
            rows.append(f"{number % 7},{pixels[0]}")
            cast.append(",".join("10" if c == (number + 2) % 7 else "0" for c in range(10)))
        (tmp_path / "fer2013.csv").write_text("\n".join(rows))
        (tmp_path / "fer2013new.csv").write_text("\n".join(cast))
        with pytest.raises(FacetError, match="the votes and the labels are of different images"):
            open_kaggle(tmp_path)

    @pytest.mark.parametrize("bad", ["11", "-1", "x", "", "9" * 5000, "²"])
    def test_that_are_not_numbers_of_votes(self, folder: Path, bad: str) -> None:
        text = votes().replace(",10,", f",{bad},", 2)
        (folder / "fer2013new.csv").write_text(text)
        with pytest.raises(
            FacetError, match=r"line 2, column 'surprise': .* is not a number of 0 to 10"
        ):
            load_frames(folder)


class TestRefused:
    @pytest.mark.parametrize(
        ("row", "complaint"),
        [
            (
                "3,1 2 3,PublicTest",
                "line 7, column 'pixels': not 48 x 48 pixels: 3 numbers, not 2304",
            ),
            ("3,{0} 7,PublicTest", "column 'pixels': not 48 x 48 pixels: 2305 numbers"),
            ("7,{0},PublicTest", "line 7, column 'emotion': '7' is not a number of 0 to 6"),
            ("happy,{0},PublicTest", "column 'emotion': 'happy' is not a number"),
            (f"{'9' * 5000},{{0}},PublicTest", "column 'emotion': '9999"),
            ("²,{0},PublicTest", "column 'emotion': '²' is not a number"),
            ("3,{0},Exam", "line 7: 'usage' has 'Exam', which is not a split"),
            ("3,{0}", "line 7: 2 columns, but the first line has 3"),
            ("3,{0},PublicTest,9", "line 7: 4 columns, but the first line has 3"),
            ('3,"{0},PublicTest', "cannot be read as CSV"),
            ("3,\0,PublicTest", "NUL|not 48 x 48"),
        ],
    )
    def test_rows_by_line_and_column(
        self, folder: Path, pixels: list[str], row: str, complaint: str
    ) -> None:
        path = folder / "fer2013.csv"
        path.write_text(path.read_text() + row.format(pixels[0]) + "\n")
        with pytest.raises(FacetError, match=complaint) as error:
            load_frames(path)
        assert "fer2013.csv" in str(error.value)
        assert len(str(error.value)) < 400
        assert "\n" not in str(error.value)

    @pytest.mark.parametrize("bad", ["256", "-1", "1.0", "x", "+1", "1_0", "٣", "9" * 5000])
    def test_pixels_by_their_number(self, folder: Path, pixels: list[str], bad: str) -> None:
        words = pixels[0].split()
        words[16] = bad
        path = folder / "fer2013.csv"
        path.write_text(path.read_text() + f"3,{' '.join(words)},PublicTest\n")
        with pytest.raises(FacetError, match=r"line 7, column 'pixels': .* 17 is '") as error:
            load_frames(path)
        assert bad[:10] in str(error.value)

    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            ("emotion,image\n1,2\n", "no column 'pixels' in the first line; it has 'emotion', 'im"),
            ("pixels,Usage\n1,2\n", "no column 'emotion' in the first line"),
            ("", "no column 'emotion' in the first line; it has nothing"),
            ("emotion,pixels,Usage\n", "no rows below the first line"),
        ],
    )
    def test_tables_without_what_is_needed(self, tmp_path: Path, text: str, complaint: str) -> None:
        path = tmp_path / "fer2013.csv"
        path.write_text(text)
        with pytest.raises(FacetError, match=complaint):
            load_frames(path)

    def test_bytes_that_are_not_text(self, tmp_path: Path) -> None:
        path = tmp_path / "fer2013.csv"
        path.write_bytes(b"emotion,pixels,Usage\n\xff\xfe\x00,1,2\n")
        with pytest.raises(FacetError, match=r"fer2013\.csv: cannot be read as CSV"):
            load_frames(path)

    def test_a_line_without_an_end(self, tmp_path: Path) -> None:
        path = tmp_path / "fer2013.csv"
        path.write_text("emotion,pixels,Usage\n3," + "1 " * 1_000_000)
        with pytest.raises(FacetError, match="a line has 1,048,576 characters or more"):
            load_frames(path)
