"""Archives that are damaged or built to take all memory: refused in one line, nothing allocated."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facet.dataset import load_frames
from facet.dataset.npz_file import read_arrays
from facet.errors import FacetError


def npy(header: str, data: bytes = b"", version: bytes = b"\x01\x00") -> bytes:
    """An array's file with a header of one's own."""
    text = (header + "\n").encode("latin-1")
    return b"\x93NUMPY" + version + struct.pack("<H", len(text)) + text + data


def archive(path: Path, images: bytes, **more: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("images.npy", images)
        for name, data in more.items():
            file.writestr(f"{name}.npy", data)
    return path


def array_file(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("images", "complaint"),
    [
        (npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2**51,)}"), "not a readable"),
        (
            npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2251799813685248, 1, 1)}"),
            "its shape .* needs 2,251,799,813,685,248",
        ),
        (npy("{'descr': '|u1', 'fortran_order': False, 'shape': (-1, 48, 48)}"), "has the shape"),
        (npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}"), "has objects"),
        (npy("{'descr': '|u1', 'fortran_order': False, 'shape': ("), "not a readable"),
        (npy("'" * 100), "not a readable"),
        (npy("(" * 5000), "not a readable"),
        (npy("{'descr': '<f9', 'fortran_order': False, 'shape': (1,)}"), "not a readable"),
        (npy("{}", version=b"\x09\x00"), "unknown format"),
        (b"", "not a readable"),
        (b"\x93NUM", "not a readable"),
    ],
)
def test_headers_that_lie(tmp_path: Path, images: bytes, complaint: str) -> None:
    path = archive(tmp_path / "a.npz", images)
    with pytest.raises(FacetError, match=complaint) as error:
        load_frames(path)
    assert "a.npz" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    """Two gigabytes of zeros in two megabytes."""
    header = npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2147483648, 1, 1)}")
    path = tmp_path / "bomb.npz"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file,
        file.open("images.npy", "w", force_zip64=True) as entry,
    ):
        entry.write(header)
        for _ in range(2048):
            entry.write(bytes(1 << 20))
    with pytest.raises(FacetError, match="at most 1,073,741,824 are read"):
        load_frames(path)


def test_arrays_that_are_not_needed_are_not_read(tmp_path: Path) -> None:
    good = array_file(np.full((1, 48, 48), 9, np.uint8))
    label = array_file(np.array(["happy"]))
    path = archive(tmp_path / "a.npz", good, label=label, extra=b"\x93NUMPY damaged")
    assert len(load_frames(path)) == 1
    arrays, names = read_arrays(path, {"label"})
    assert list(arrays) == ["label"]
    assert names == ["images", "label", "extra"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data[:100],
        lambda data: b"PK\x03\x04" + data[4:200],
        lambda data: data.replace(b"images.npy", b"images\xff\xff\xff\xff"),
        lambda data: data[:60] + bytes(reversed(data[60:200])) + data[200:],
    ],
)
def test_damaged_archives(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "a.npz"
    rng = np.random.default_rng(0)
    np.savez_compressed(
        path, images=rng.integers(0, 256, (3, 48, 48), np.uint8), fer=np.zeros(3, int)
    )
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(FacetError, match=r"a\.npz: "):
        load_frames(path)


def test_an_encrypted_archive_and_an_unknown_compression(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.npz", array_file(np.zeros((1, 48, 48), np.uint8)))
    data = bytearray(path.read_bytes())
    central = data.rindex(b"PK\x01\x02")
    for offset, value in ((8, 1), (10, 99)):  # flags: encrypted; method: none that exists
        changed = bytearray(data)
        changed[central + offset] = value
        path.write_bytes(changed)
        with pytest.raises(FacetError, match="not a readable"):
            load_frames(path)


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"label": np.zeros(2)}, "'label' needs 'label_names'"),
        ({"label": np.zeros((2, 1), int), "label_names": ["happy"]}, "must be whole numbers"),
        ({"label": np.array([0, 1]), "label_names": ["happy"]}, "values outside 0..0"),
        ({"label": np.array([0, 0]), "label_names": [["happy"]]}, "'label_names' must be names"),
        (
            {"label": np.array(["happy"] * 2), "usage": np.array(["x", "y"])},
            "'usage' has 'x', which is",
        ),
        ({"label": np.array(["happy"] * 2), "usage": np.array([0, 7])}, "'usage' must be 0, 1"),
        ({"ferplus": np.full((2, 10), 0.1)}, "'ferplus' must be numbers of votes"),
        ({"ferplus": np.full((2, 10), -1)}, "'ferplus' must be numbers of votes"),
        ({"label": np.array(["happy"] * 2), "subject": np.zeros((2, 2))}, "'subject' must be"),
    ],
)
def test_arrays_of_the_wrong_kind(tmp_path: Path, more: dict[str, Any], complaint: str) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, images=np.zeros((2, 48, 48), np.uint8), **more)
    with pytest.raises(FacetError, match=complaint):
        load_frames(path)


def test_other_files_under_that_name(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.save(path.with_suffix(".npy"), np.zeros(3))
    path.with_suffix(".npy").rename(path)
    with pytest.raises(FacetError, match=r"a single array, not an .npz archive"):
        load_frames(path)
    path.write_bytes(zlib.compress(bytes(1000)))
    with pytest.raises(FacetError, match=r"not a readable .npz archive"):
        load_frames(path)
    packed = tmp_path / "faces.zip"
    packed.write_bytes(b"PK\x03\x04")
    with pytest.raises(FacetError, match=r"faces\.zip: a packed archive: unpack it"):
        load_frames(packed)


@pytest.mark.parametrize(
    ("name", "beginning", "cure"),
    [
        ("faces.csv.gz", b"\x1f\x8b\x08", "a packed file: unpack it"),
        ("faces.tar.xz", b"\xfd7zXZ\0", "a packed file: unpack it"),
        ("faces.tar", b"happy/", "a packed file: unpack it"),
        ("faces.npy", b"\x93NUMPY\x01", "a single array: store it as 'images'"),
        ("faces.heic", b"x", "a format that is not read: convert it"),
        ("faces.parquet", b"PAR1", "not a data set that is read: give a folder"),
    ],
)
def test_files_that_are_not_read_come_with_a_cure(
    tmp_path: Path, name: str, beginning: bytes, cure: str
) -> None:
    (tmp_path / name).write_bytes(beginning)
    with pytest.raises(FacetError, match=cure):
        load_frames(tmp_path / name)
