"""A person before a camera, whose pictures are drawn."""

from __future__ import annotations

import io
import os
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from rich.console import Console

from facet.capture.crop import Centre
from facet.capture.display import HalfBlocks, Lines, light_advice, picture_columns, portable_graymap
from facet.capture.keyboard import Answer, Keyboard
from facet.capture.live import ANGLES, Sitting
from facet.capture.source import Camera
from facet.capture.store import Store
from facet.capture.take import Taker
from facet.dataset import EMOTIONS, GrayImage, load_frames
from facet.dataset.images import read_image
from facet.errors import FacetError
from tests.capture.conftest import Facet, drawn, one_line, room


class DrawnCamera:
    """Shows another person each time, and records the requests."""

    name = "camera 0"
    total: int | None = None

    def __init__(self, which: str = "0") -> None:
        self.reads = 0

    def read(self) -> GrayImage:
        """The next person."""
        self.reads += 1
        return room(drawn("happy", self.reads % 40))

    def close(self) -> None:
        """Nothing to switch off."""


Sit = Callable[..., Result]


@pytest.fixture
def sit(facet: Facet, monkeypatch: pytest.MonkeyPatch) -> Sit:
    """Runs `facet capture` with that camera, without waiting between pictures."""
    monkeypatch.setattr("facet.cli.capture.Camera", DrawnCamera)

    def run(*arguments: str | Path, lines: str) -> Result:
        return facet("--countdown", 0, "--interval", 0, *arguments, lines=lines)

    return run


def test_each_class_in_turn(sit: Sit) -> None:
    result = sit("--count", 8, lines="\n" * len(EMOTIONS))
    assert result.exit_code == 0, result.output
    for emotion in EMOTIONS:
        asked = result.output.index(f"{emotion}: 8 to take, 0 there. Show a {emotion} face")
        prompts = [result.output.index(f"{emotion}: {angle}") for angle in ANGLES]
        assert [asked, *prompts] == sorted([asked, *prompts])
    assert "complete" in result.output
    frames = load_frames("faces")
    assert sorted({frame.label for frame in frames if frame.label}) == sorted(EMOTIONS)
    assert len(frames) == 40


def test_one_class_only(sit: Sit) -> None:
    result = sit("--count", 2, "--emotion", "anger", lines="\n")
    assert result.exit_code == 0
    assert [frame.name for frame in load_frames("faces")] == ["angry/0001.png", "angry/0002.png"]


def test_skip_and_quit(sit: Sit) -> None:
    result = sit("--count", 2, lines="s\n\nwhat?\nq\n")  # "what?" answers nothing
    assert result.exit_code == 0
    assert [frame.name for frame in load_frames("faces")] == ["sad/0001.png", "sad/0002.png"]
    assert "8 pictures are missing; continue with --out faces" in result.output


def test_a_class_that_has_enough_is_not_asked_for(sit: Sit) -> None:
    sit("--count", 2, lines="\nq\n")
    result = sit("--count", 2, lines="\nq\n")
    assert "happy face" not in result.output
    assert "Show a sad face" in result.output


def test_ctrl_c_keeps_what_was_taken(sit: Sit, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(camera: DrawnCamera) -> GrayImage:
        camera.reads += 1
        if camera.reads > 5:
            raise KeyboardInterrupt
        return room(drawn("happy", camera.reads))

    with monkeypatch.context() as patched:
        patched.setattr(DrawnCamera, "read", read)
        stopped = sit("--count", 8, "--emotion", "happy", lines="\n")
    assert stopped.exit_code == 130
    assert "35 pictures are missing; continue with --out faces" in stopped.output
    assert '"happy": 5' in Path("faces/capture.json").read_text()
    went_on = sit("--count", 8, "--emotion", "happy", lines="\n")
    assert "happy: 3 to take, 5 there" in went_on.output
    assert len(load_frames("faces")) == 8


def test_without_a_key_the_command_waits_and_ends(sit: Sit) -> None:
    line = one_line(sit(lines=""))
    assert "standard input has ended" in line
    assert "--source" in line
    assert not Path("faces").exists()


def test_a_camera_that_is_unplugged(facet: Facet, monkeypatch: pytest.MonkeyPatch) -> None:
    class Unplugged:
        """OpenCV's camera, with OpenCV's names: three pictures and no more."""

        def __init__(self, _: object) -> None:
            self.left = 3

        def isOpened(self) -> bool:
            return True

        def read(self) -> tuple[bool, GrayImage | None]:
            self.left -= 1
            return (False, None) if self.left < 0 else (True, room(drawn("sad", self.left)))

        def release(self) -> None:
            pass

    monkeypatch.setattr("cv2.VideoCapture", Unplugged)
    monkeypatch.setattr("time.sleep", lambda _: None)
    result = facet("--countdown", 0, "--interval", 0, "--emotion", "sad", lines="\n")
    assert "camera 0 gives no picture: is it unplugged" in one_line(result)
    assert len(load_frames("faces")) == 3
    assert '"sad": 3' in Path("faces/capture.json").read_text()


class TestSitting:
    """Has its own clock: sixteen pictures a second, which floats count exactly."""

    class _Ready:
        """Presses ENTER after three pictures of preview."""

        def answer(self, idle: Callable[[], object]) -> Answer:
            for _ in range(3):
                idle()
            return Answer.GO

    def _sit(self, tmp_path: Path, camera: DrawnCamera, wanted: int) -> Taker:
        taker = Taker(Store.open(tmp_path / "faces"), "sad", "camera", Centre(), 2.0, wanted)
        sitting = Sitting(
            camera, self._Ready(), Lines(), 3.0, 0.25, now_s=lambda: camera.reads / 16
        )
        assert sitting.take(taker) is Answer.GO
        return taker

    def test_counts_down_and_keeps_its_pace(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        camera = DrawnCamera()
        assert self._sit(tmp_path, camera, 10).missing == 0
        output = capsys.readouterr().out
        countdown = [output.index(f"sad in {n} ...") for n in (3, 2, 1)]
        assert countdown == sorted(countdown)
        # Three pictures of preview, 3 s, the first to be kept and nine more, 0.25 s apart.
        assert camera.reads == 3 + 48 + 1 + 9 * 4

    def test_a_camera_that_hangs(self, tmp_path: Path) -> None:
        class Hangs(DrawnCamera):
            def read(self) -> GrayImage:
                self.reads += 1
                return room(drawn("sad", 0))

        with pytest.raises(FacetError, match="no new picture for 30 s"):
            self._sit(tmp_path, Hangs(), 10)
        assert len(list((tmp_path / "faces/sad").iterdir())) == 1


@pytest.mark.parametrize(
    ("light", "advice"),
    [
        (lambda face: face // 6, "too dark"),
        (lambda face: 255 - face // 8, "too bright"),
        (lambda face: 100 + face // 16, "little contrast"),
        (lambda face: face, "light is good"),
    ],
)
def test_advice_about_the_light(light: Callable[[GrayImage], GrayImage], advice: str) -> None:
    assert light_advice(light(drawn("happy", 3))).startswith(advice)


def test_a_picture_in_half_blocks() -> None:
    picture = np.array([[0, 255], [255, 0], [128, 128], [0, 0]], np.uint8)
    terminal = io.StringIO()
    console = Console(file=terminal, force_terminal=True, color_system="truecolor", width=20)
    console.print(HalfBlocks(picture), end="")
    first, second = terminal.getvalue().splitlines()
    black, white, gray = "4;4;4", "252;252;252", "132;132;132"
    assert f"38;2;{black};48;2;{white}m▀" in first
    assert f"38;2;{white};48;2;{black}m▀" in first
    assert second.count("▀") == 2
    assert f"38;2;{gray};48;2;{black}m" in second


@pytest.mark.parametrize(
    ("width", "height", "columns"), [(200, 60, 64), (80, 24, 32), (30, 60, 30), (80, 12, 0)]
)
def test_the_picture_leaves_room_for_the_text(width: int, height: int, columns: int) -> None:
    assert picture_columns(width, height) == columns


def test_the_window_gets_the_picture_as_it_is(tmp_path: Path) -> None:
    face = drawn("happy", 1)[:60]
    (tmp_path / "face.pgm").write_bytes(portable_graymap(face))
    assert np.array_equal(read_image(tmp_path / "face.pgm"), face)


@pytest.mark.parametrize(
    ("keys", "answer"),
    [(b"\n", Answer.GO), (b" ", Answer.GO), (b"xyS", Answer.SKIP), (b"q", Answer.QUIT)],
)
def test_keys_on_a_terminal(keys: bytes, answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = os.openpty()
    idle: list[int] = []

    def press() -> None:
        idle.append(1)
        if len(idle) == 3:
            os.write(ours, keys)

    with os.fdopen(ours, "wb", 0), os.fdopen(theirs, "r") as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        before = termios.tcgetattr(theirs)
        with Keyboard() as keyboard:
            os.write(ours, b"q")  # pressed before the question: no answer to it
            assert keyboard.answer(press) is answer
        assert termios.tcgetattr(theirs) == before
    assert len(idle) >= 3  # the preview ran on meanwhile


def test_the_camera_by_its_number_or_address(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []

    class Opens:
        def __init__(self, which: object) -> None:
            opened.append(which)

        def isOpened(self) -> bool:
            return True

    monkeypatch.setattr("cv2.VideoCapture", Opens)
    assert Camera("2").name == "camera 2"
    assert Camera("rtsp://anna:secret@door.example/x").name == "camera rtsp://door.example/x"
    assert opened == [2, "rtsp://anna:secret@door.example/x"]
