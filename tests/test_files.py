"""Writing replaces regular files only, whole or not at all; reading is bounded."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from facet.errors import FacetError
from facet.files import check_writable, parse_json, read_file, write_file, write_files


def test_a_link_to_a_file_is_written_through(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere" / "real.json"
    target.parent.mkdir()
    target.write_bytes(b"old")
    target.chmod(0o640)
    link = tmp_path / "out.json"
    link.symlink_to(target)
    write_file(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.rglob("*")) == [
        "elsewhere",
        "out.json",
        "real.json",
    ]


def test_a_link_to_a_file_that_is_to_be_made(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "new")
    write_file(tmp_path / "link", b"new")
    assert (tmp_path / "new").read_bytes() == b"new"
    (tmp_path / "astray").symlink_to(tmp_path / "nowhere" / "new")
    with pytest.raises(
        FacetError,
        match=r"astray cannot be written: it is a link into .*/nowhere, which is not a folder",
    ):
        write_file(tmp_path / "astray", b"new")


@pytest.mark.parametrize("kind", ["fifo", "socket", "folder", "device", "link to a device", "loop"])
def test_what_is_not_a_regular_file_is_refused_and_stays(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "out"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
    elif kind == "folder":
        path.mkdir()
    elif kind == "loop":
        path.symlink_to(path)
    elif kind == "link to a device":
        path.symlink_to("/dev/null")
    else:
        path = Path("/dev/full")
    before = path.lstat()
    with pytest.raises(FacetError, match=r"out|/dev/full"):
        check_writable(path)
    with pytest.raises(FacetError, match=r"out|/dev/full"):
        write_file(path, b"x")
    assert (path.lstat().st_ino, path.lstat().st_mode) == (before.st_ino, before.st_mode)
    assert list(tmp_path.iterdir()) in ([path], [])


def test_standard_output_is_not_a_file_to_be_replaced() -> None:
    with pytest.raises(FacetError, match=r"/dev/stdout cannot be written: it is"):
        check_writable(Path("/dev/stdout"))


def test_one_bad_name_leaves_all_files_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    os.mkfifo(tmp_path / "b")
    with pytest.raises(FacetError, match="b cannot be written: it is a named pipe"):
        write_files(tmp_path, {"a": b"new", "b": b"new"})
    assert (tmp_path / "a").read_bytes() == b"old"


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/full"])
def test_a_device_is_not_read(path: str) -> None:
    with pytest.raises(FacetError, match="is a character device, not a file"):
        read_file(Path(path))


def test_a_file_beyond_the_bound_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(101))
    with pytest.raises(FacetError, match="more than 100 bytes"):
        read_file(tmp_path / "large", 100)
    assert read_file(tmp_path / "large", 101) == bytes(101)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no JSON"),
        ("[" * 100_000, "nested too deeply"),
        (b"\xff{}", "no JSON"),
        ('{"a": ' + "9" * 5000 + "}", "no JSON"),
    ],
)
def test_json_that_cannot_be_read(text: bytes | str, complaint: str) -> None:
    with pytest.raises(FacetError, match=f"card: .*{complaint}"):
        parse_json(text, "card")
    assert parse_json(b"\xef\xbb\xbf{}", "card") == {}
