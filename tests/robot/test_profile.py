"""Limits of cycles and stacks in suites for any firmware."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli import programs
from tests.robot.test_any_firmware import run

_PROGRAM = """
__attribute__((noinline)) void blink(uint32_t n) { while (n--) GPIOA_ODR ^= 1 << 5; }
int main(void) { blink(10); return 0; }
void reset(void) { RCC_AHB2ENR |= 1; for (;;) main(); }
"""


@pytest.fixture
def firmware(tmp_path: Path) -> Path:
    return programs.build(_PROGRAM, tmp_path)


def test_limits_that_are_kept_pass(tmp_path: Path, firmware: Path) -> None:
    steps = """\
Profile The Firmware
Run The Board For 5ms
The Phase main Takes At Most 20000 Cycles
A Call Of blink Takes At Most 200 Cycles
The Stack Of main Takes At Most 64 Bytes"""
    assert run(tmp_path, firmware, steps) == ("PASS", "")


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("The Phase main Takes At Most 100 Cycles", "its limit is 100"),
        ("A Call Of blink Takes At Most 10 Cycles", "a call of blink took"),
        ("A Call Of blnk Takes At Most 10 Cycles", "the nearest are blink"),
        ("The Phase inference Takes At Most 10 Cycles", "no phase 'inference'"),
        ("The Operator 0 Takes At Most 10 Cycles", "no operator '0'"),
        ("The Stack Of idle Takes At Most 10 Bytes", "no thread 'idle': there are main"),
    ],
)
def test_limits_that_are_broken_or_wrong_say_so(
    tmp_path: Path, firmware: Path, step: str, message: str
) -> None:
    steps = f"Profile The Firmware\nRun The Board For 2ms\n{step}"
    status, text = run(tmp_path, firmware, steps)
    assert status == "FAIL"
    assert message in text


def test_limits_without_a_profile_say_what_is_missing(tmp_path: Path, firmware: Path) -> None:
    status, text = run(tmp_path, firmware, "The Phase main Takes At Most 100 Cycles")
    assert status == "FAIL"
    assert "nothing was profiled" in text
