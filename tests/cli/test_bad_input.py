"""Wrong input of a user: one clear line, exit code 2, nothing half-written."""

from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

from facet.cli.params import unescape
from facet.files import write_files
from facet.model.bundle import find
from tests.cli import programs

Facet = Callable[..., Result]
Built = Callable[[str], Path]


def one_line(result: Result) -> str:
    """The complaint: a single line, without a traceback."""
    assert result.exit_code == 2
    lines = result.output.strip().splitlines()
    assert len(lines) == 1, result.output
    assert lines[0].startswith("facet: ")
    return lines[0]


def test_no_such_board(facet: Facet, built: Built) -> None:
    line = one_line(facet("run", built(programs.HELLO), "--board", "nucleo_l999zz"))
    assert "nucleo_l999zz" in line
    assert "nucleo_l476rg" in line  # what there is


def test_no_such_firmware(facet: Facet, tmp_path: Path) -> None:
    assert "none.elf" in one_line(facet("run", tmp_path / "none.elf"))


def test_an_elf_for_another_machine(facet: Facet) -> None:
    line = one_line(facet("run", sys.executable))
    assert "EM_ARM" in line
    assert "--board" in line


def test_not_an_elf(facet: Facet, tmp_path: Path) -> None:
    (tmp_path / "firmware.bin").write_bytes(b"\x00\x80\x00\x20" * 64)
    line = one_line(facet("run", tmp_path / "firmware.bin"))
    assert "not an ELF file" in line
    assert "reset vector 0x20008000" in line
    (tmp_path / "notes.txt").write_text("not a program")
    assert "stack pointer" in one_line(facet("run", tmp_path / "notes.txt"))
    line = one_line(facet("run", tmp_path / "notes.txt", "--board", "esp32c3_devkitm"))
    assert "this begins with 6e 6f 74" in line


def test_a_truncated_elf(facet: Facet, built: Built, tmp_path: Path) -> None:
    whole = built(programs.HELLO).read_bytes()
    for length in (20, 100, len(whole) // 2):
        (tmp_path / "cut.elf").write_bytes(whole[:length])
        assert "cut.elf" in one_line(facet("run", tmp_path / "cut.elf"))


def test_a_button_that_the_board_lacks(facet: Facet, built: Built) -> None:
    line = one_line(facet("run", built(programs.HELLO), "--press", "B7@1ms"))
    assert "B7" in line
    assert "B1" in line


def test_a_log_that_cannot_be_written(facet: Facet, built: Built, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    log = tmp_path / "file" / "uart.bin"
    line = one_line(facet("run", built(programs.HELLO), "--uart-out", log))
    assert str(log) in line


@pytest.mark.parametrize(
    "action", [("--press", "B1@5s"), ("--send", "a@1ms"), ("--send", "a@100us", "--send", "b@2ms")]
)
def test_an_action_after_the_end_of_the_run_is_refused(
    action: tuple[str, ...], facet: Facet, built: Built
) -> None:
    line = one_line(facet("run", built(programs.HELLO), "--for", "1ms", *action))
    assert f"{action[-2]} {action[-1][0]}" in line
    assert "the run ends at 1.000 ms, before that; give a longer --for" in line


@pytest.mark.parametrize("text", [r"\xZZ", r"\x4", r"\x", r"a\x1gb"])
def test_a_byte_without_two_digits_is_refused(text: str, facet: Facet, built: Built) -> None:
    result = facet("run", built(programs.HELLO), "--for", "1ms", "--send", f"{text}@1us")
    assert result.exit_code == 2
    assert "needs two hex digits" in result.output


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        (r"a\n\x1b\\", b"a\n\x1b\\"),
        (r"\\x41", b"\\x41"),  # an escaped backslash, then text
        (r"\x41\xff", b"A\xff"),
        ("é\\", "é\\".encode()),
        (r"\q", rb"\q"),
    ],
)
def test_escapes_of_a_text_to_send(typed: str, sent: bytes) -> None:
    assert unescape(typed) == sent


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (("eval", "--dataset", ""), "--dataset"),
        (("eval", "--dataset="), "--dataset"),
        (("eval", "--dataset", "drawn", "--json", " "), "--json"),
        (("sim", "--out", ""), "--out"),
        (("sim", "--firmware", ""), "--firmware"),
        (("run", "", "--for", "1ms"), "argument 2"),
        (("run", "x.elf", "--uart-out", ""), "--uart-out"),
        (("check", ""), "argument 2"),
        (("models", "--folder", ""), "--folder"),
        (("faces", "--out", ""), "--out"),
        (("capture", "--source", "", "--out", "x"), "--source"),
        (("export", "edge-impulse", "--dataset", "drawn", "--out", ""), "--out"),
        (("import", "edge-impulse", "", "--out", "x"), "argument 3"),
        (("init", ""), "argument 2"),
    ],
)
def test_an_empty_value_is_refused_before_anything_is_read_or_written(
    words: tuple[str, ...],
    where: str,
    facet: Facet,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "happy").mkdir()
    monkeypatch.chdir(tmp_path)
    assert f"{where} is empty: give a value" in one_line(facet(*words))
    assert [path.name for path in tmp_path.iterdir()] == ["happy"]


@pytest.mark.parametrize("place", ["/proc/facet-out", "/sys/facet-out"])
def test_a_place_that_takes_no_files_is_refused_before_the_run(
    place: str, facet: Facet, built: Built
) -> None:
    line = one_line(facet("run", built(programs.HELLO), "--for", "1ms", "--uart-out", place))
    assert f"{place} cannot be written" in line
    line = one_line(facet("sim", "--firmware", built(programs.HELLO), "--out", place))
    assert f"{place}/uart.log cannot be written" in line


@pytest.mark.parametrize("command", ["sim", "eval"])
class TestData:
    """Data that cannot be shown; both commands that show frames print the same error."""

    def test_an_empty_folder(self, facet: Facet, command: str, tmp_path: Path) -> None:
        out = tmp_path / "out"
        (tmp_path / "faces").mkdir()
        options = ("--out", out) if command == "sim" else ("--json", out)
        line = one_line(facet(command, "--dataset", tmp_path / "faces", *options))
        assert "faces" in line
        assert not out.exists()

    def test_an_image_that_cannot_be_read(self, facet: Facet, command: str, tmp_path: Path) -> None:
        (tmp_path / "happy.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
        assert "happy.png" in one_line(facet(command, "--dataset", tmp_path))

    def test_an_npz_without_labels(self, facet: Facet, command: str, tmp_path: Path) -> None:
        archive = tmp_path / "faces.npz"
        np.savez(archive, images=np.zeros((4, 48, 48), np.uint8), usage=np.ones(4, np.uint8))
        line = one_line(facet(command, "--dataset", archive))
        assert "faces.npz" in line
        assert "ferplus" in line  # what it should have

    def test_no_such_data(self, facet: Facet, command: str, tmp_path: Path) -> None:
        assert "none.npz" in one_line(facet(command, "--dataset", tmp_path / "none.npz"))


class TestModel:
    """Models that the firmware cannot take; more of them in tests/firmware."""

    @pytest.fixture
    def changed(self, tmp_path: Path) -> Callable[[Callable[[bytes], bytes]], Path]:
        """The default model, with something done to its bytes."""

        def change(how: Callable[[bytes], bytes]) -> Path:
            good = find("facet-small")
            (tmp_path / "net.tflite").write_bytes(how(good.tflite.read_bytes()))
            (tmp_path / "net.json").write_bytes(good.card.read_bytes())
            return tmp_path / "net.tflite"

        return change

    def test_a_truncated_one(
        self, facet: Facet, changed: Callable[..., Path], tmp_path: Path
    ) -> None:
        model, out = changed(lambda data: data[: len(data) // 2]), tmp_path / "out"
        line = one_line(facet("sim", "--model", model, "--out", out))
        assert "cut short" in line
        assert not out.exists()

    def test_one_that_the_flash_cannot_hold(
        self, facet: Facet, changed: Callable[..., Path]
    ) -> None:
        model = changed(lambda data: data + bytes(1 << 20))
        line = one_line(facet("eval", "--dataset", "drawn", "--limit", "1", "--model", model))
        bytes_taken = f"{model.stat().st_size:,}"
        assert f"does not fit onto NUCLEO-L476RG: it takes {bytes_taken} bytes of flash" in line
        assert "esp32c3_devkitm has room for it" in line

    def test_no_such_model(self, facet: Facet) -> None:
        line = one_line(facet("sim", "--model", "facet-huge"))
        assert "facet-huge" in line
        assert "facet-small" in line

    def test_not_a_tflite(self, facet: Facet, tmp_path: Path) -> None:
        (tmp_path / "net.tflite").write_bytes(b"PK\x03\x04" * 100)
        assert "TFL3" in one_line(facet("sim", "--model", tmp_path / "net.tflite"))

    def test_no_card(self, facet: Facet, tmp_path: Path) -> None:
        (tmp_path / "net.tflite").write_bytes(b"\x1c\x00\x00\x00TFL3" + bytes(100))
        assert "net.json" in one_line(facet("sim", "--model", tmp_path / "net.tflite"))

    def test_no_toolchain(self, facet: Facet, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "/nonexistent")
        line = one_line(facet("sim"))
        assert "arm-none-eabi-g++" in line
        assert "apt install" in line


class TestNoSpace:
    """A disk that fills up while results are written."""

    @pytest.fixture
    def full_disk(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The second file meets a full disk after its first half."""
        write_bytes = Path.write_bytes
        written: list[Path] = []

        def write(path: Path, data: bytes) -> int:
            written.append(path)
            if len(written) < 2:
                return write_bytes(path, data)
            write_bytes(path, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(Path, "write_bytes", write)

    @pytest.mark.usefixtures("full_disk")
    def test_leaves_no_folder_of_its_own(self, facet: Facet, tmp_path: Path) -> None:
        out = tmp_path / "out" / "faces"
        line = one_line(facet("faces", "--count", "1", "--size", "16", "--out", out))
        assert "No space left" in line
        assert str(out) in line
        assert list(tmp_path.iterdir()) == []

    def test_leaves_what_was_there(
        self, facet: Facet, tmp_path: Path, request: pytest.FixtureRequest
    ) -> None:
        write_files(tmp_path, {"sheet.png": b"the old sheet", "mine.txt": b"my notes"})
        request.getfixturevalue("full_disk")
        one_line(facet("faces", "--count", "1", "--size", "16", "--out", tmp_path))
        left = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
        assert left == {"sheet.png": b"the old sheet", "mine.txt": b"my notes"}


def test_the_installed_command_ends_with_the_same_code(tmp_path: Path) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "facet", "run", str(tmp_path / "none.elf")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 2
    assert finished.stdout == ""
    assert finished.stderr.count("\n") == 1
