"""Every error ends in one line and an exit code by its cause: the firmware, the input, or Facet."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest
from click.testing import Result

from facet.cli import boards
from facet.dataset.faces import draw_face
from tests.cli import programs
from tests.cli.test_bad_input import one_line
from tests.firmware_under_test import firmware

Facet = Callable[..., Result]
Built = Callable[[str], Path]


def shell(command: str) -> subprocess.CompletedProcess[str]:
    """Runs a command line with `facet` in it, as a user does."""
    return subprocess.run(
        [
            "bash",
            "-o",
            "pipefail",
            "-c",
            f'facet() {{ "{sys.executable}" -m facet "$@"; }}; {command}',
        ],
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
        timeout=120,
    )


class TestFaultsOfFacet:
    @pytest.fixture(autouse=True)
    def fault(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken() -> list[str]:
            raise KeyError("no such\nthing")

        monkeypatch.setattr(boards, "names", broken)

    def test_are_reported_as_such(self, facet: Facet) -> None:
        result = facet("boards")
        assert result.exit_code == 70
        first, second = result.stderr.splitlines()
        assert first.startswith(
            r"facet: internal error: KeyError: 'no such\nthing' (at facet/cli/boards.py:"
        )
        assert "a fault of Facet" in second
        assert "--debug" in second

    @pytest.mark.parametrize("where", ["before", "after"])
    def test_show_the_traceback_on_request(self, facet: Facet, where: str) -> None:
        result = facet(*(("--debug", "boards") if where == "before" else ("boards", "--debug")))
        assert result.exit_code == 70
        assert "Traceback (most recent call last)" in result.stderr
        assert "in broken" in result.stderr


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (MemoryError(), 2, "out of memory: take fewer frames or smaller files"),
        (PermissionError(13, "Permission denied", "/x/y"), 2, "/x/y: Permission denied"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (RecursionError("maximum recursion depth exceeded"), 70, "internal error: RecursionError"),
    ],
)
def test_other_errors(
    facet: Facet, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, line: str
) -> None:
    def broken() -> list[str]:
        raise error

    monkeypatch.setattr(boards, "names", broken)
    result = facet("boards")
    assert result.exit_code == code
    assert result.stderr.lstrip().startswith(f"facet: {line}")
    assert "Traceback" not in result.output


class TestStandardOutput:
    def test_that_is_full(self) -> None:
        done = shell("facet boards > /dev/full")
        assert (done.returncode, done.stderr) == (
            2,
            "facet: standard output: No space left on device\n",
        )

    def test_that_is_closed(self) -> None:
        done = shell("facet boards >&-")
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert "facet: standard output is closed" in done.stderr

    def test_whose_reader_has_ended(self) -> None:
        done = shell("facet models | true")
        assert done.returncode in (0, 141)
        assert done.stderr == ""

    def test_standard_error_that_is_closed(self) -> None:
        done = shell("facet boards 2>&-")
        assert done.returncode == 0
        assert "nucleo_l476rg" in done.stdout
        assert shell("facet run none.elf 2>&-").returncode == 2

    def test_that_cannot_show_a_character(self) -> None:
        done = shell("LC_ALL=C PYTHONUTF8=0 PYTHONIOENCODING=ascii facet models facet-small")
        assert done.returncode == 0, done.stderr


class TestNames:
    """Names of files hold any bytes but "/" and 0; they neither vanish nor break the output."""

    NAMES = ("[bold]x", "[-", "a\nb", "\x1b[31mred", ":smile:", os.fsdecode(b"\xff"))

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        (tmp_path / "happy/[").mkdir(parents=True)
        _, png = cv2.imencode(".png", draw_face("happy", 1, 48).gray)
        for name in self.NAMES:
            (tmp_path / "happy" / f"{name}.png").write_bytes(png.tobytes())
        (tmp_path / "happy/[/bold].png").write_bytes(png.tobytes())
        return tmp_path

    def test_in_tables_and_notes(self, facet: Facet, folder: Path, tmp_path: Path) -> None:
        result = facet(
            *("sim", "--firmware", firmware(), "--dataset", folder, "--out", tmp_path / "out")
        )
        assert result.exit_code == 0, result.output
        shown = [r"[bold]x", "[/bold]", "[-", r"a\nb", r"\x1b[31mred", ":smile:", r"\udcff"]
        for name in shown:
            assert result.output.count(f"happy/{name}.png") == 2, (name, result.output)
        assert (tmp_path / "out/faces.png").exists()

    def test_in_messages(self, facet: Facet, tmp_path: Path) -> None:
        for name in self.NAMES:
            path = tmp_path / f"{name}.npz"
            path.write_bytes(b"x")
            assert "not a readable .npz" in one_line(facet("eval", "--dataset", path))
        assert r"a\nb.elf" in one_line(facet("run", tmp_path / "a\nb.elf"))

    def test_with_a_null_character(self, facet: Facet) -> None:
        assert "no such file" in one_line(facet("sim", "--dataset", "a\0b"))


class TestFilesThatAreNot:
    @pytest.mark.parametrize("command", ["run", "sim", "eval"])
    def test_firmware(self, facet: Facet, command: str) -> None:
        options = {"run": (), "sim": ("--firmware",), "eval": ("--dataset", "drawn", "--firmware")}
        line = one_line(facet(command, *options[command], "/dev/zero"))
        assert "/dev/zero: cannot be read: it is a character device, not a file" in line

    @pytest.mark.parametrize("what", ["fifo", "/dev/full", "link to a fifo"])
    def test_results(self, facet: Facet, tmp_path: Path, what: str) -> None:
        path = tmp_path / "out" if what != "/dev/full" else Path(what)
        if what != "/dev/full":
            os.mkfifo(tmp_path / "fifo")
            path.symlink_to(tmp_path / "fifo")
        before = path.lstat()
        common = ("--firmware", firmware())
        for arguments in (
            ("eval", "--dataset", "drawn", *common, "--json", path),
            ("run", firmware(), "--uart-out", path),
        ):
            assert "give the name of a file" in one_line(facet(*arguments))
        assert path.lstat().st_ino == before.st_ino

    def test_a_results_folder_with_a_pipe_in_it(self, facet: Facet, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "uart.log")
        line = one_line(facet("sim", "--firmware", firmware(), "--out", tmp_path))
        assert "uart.log cannot be written: it is a named pipe; give the name of a file" in line

    def test_a_link_to_a_file_is_written_through(
        self, facet: Facet, built: Built, tmp_path: Path
    ) -> None:
        (tmp_path / "real.bin").write_bytes(b"old")
        (tmp_path / "link.bin").symlink_to("real.bin")
        elf = built(programs.HELLO)
        assert facet("run", elf, "--for", "5ms", "--uart-out", tmp_path / "link.bin").exit_code == 0
        assert (tmp_path / "link.bin").is_symlink()
        assert (tmp_path / "real.bin").read_bytes() == b"hello\r\n"


def test_durations_in_minutes_hours_and_days(facet: Facet, built: Built) -> None:
    elf = built(programs.HELLO)
    assert "0.006 s of virtual time" in facet("run", elf, "--for", "0.0001min").output
    result = facet("run", elf, "--for", "60d")
    assert result.exit_code == 2
    assert "the span '60d' is too long: at most 50d are simulated" in result.stderr
