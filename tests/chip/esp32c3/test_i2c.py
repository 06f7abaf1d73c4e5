"""I2C0's command lists on a bus with a part at 0x30."""

from __future__ import annotations

import pytest

from tests.chip.esp32c3.mcu import Mcu
from tests.chip.esp32c3.parts import I2cPart, wait

RSTART, STOP, CHECK = 6 << 11, 2 << 11, 1 << 8
WRITE, READ, NACK_IT = 1 << 11, 3 << 11, 1 << 10
START, UPGATE = 1 << 5, 1 << 11
NACK, TIME_OUT, COMPLETE = 1 << 10, 1 << 8, 1 << 7

pytestmark = pytest.mark.usefixtures("part")


@pytest.fixture
def part(mcu: Mcu) -> I2cPart:
    """The controller at 100 kHz on GPIO5 (SCL) and GPIO4 (SDA), a part with pull-ups."""
    found = I2cPart()
    mcu.wiring.plug_i2c(found, "GPIO5", "GPIO4")
    for pin in (4, 5):
        mcu.wiring.net(f"GPIO{pin}").pull("module", 1)
        mcu.write(f"IO_MUX_GPIO{pin}", 1 << 12 | 1 << 9)
        mcu.write(f"GPIO_PIN{pin}", 1 << 2)
    for pin, signal in ((5, 53), (4, 54)):
        mcu.write(f"GPIO_FUNC{pin}_OUT_SEL_CFG", signal)
        mcu.write(f"GPIO_FUNC{signal}_IN_SEL_CFG", 1 << 6 | pin)
    mcu.set("SYSTEM_PERIP_CLK_EN0", 1 << 7)
    mcu.write("I2C0_CTR", 0x213)
    mcu.write("I2C0_SCL_LOW_PERIOD", 199)
    mcu.write("I2C0_SCL_HIGH_PERIOD", 102 | 98 << 9)
    mcu.write("I2C0_TO", 1 << 5 | 15)
    mcu.write("I2C0_CTR", 0x213 | UPGATE)
    return found


def go(mcu: Mcu, data: bytes, *commands: int) -> int:
    """Fills the FIFO, runs a command list, returns the flags when it is over."""
    for byte in data:
        mcu.write("I2C0_DATA", byte)
    for number, command in enumerate(commands):
        mcu.write(f"I2C0_COMD{number}", command)
    mcu.write("I2C0_INT_CLR", 0xFFFF_FFFF)
    mcu.set("I2C0_CTR", START)
    wait(mcu)
    return mcu.read("I2C0_INT_RAW")


def test_a_register_is_written(mcu: Mcu, part: I2cPart) -> None:
    flags = go(mcu, b"\x60\x12\xab", RSTART, WRITE | CHECK | 3, STOP)
    assert flags & COMPLETE
    assert not flags & NACK
    assert part.registers[0x12] == 0xAB
    assert part.speeds == {100_000}
    assert not mcu.field("I2C0_SR", 4)
    assert mcu.field("I2C0_COMD2", 31)
    assert mcu.rules == []


def test_registers_are_read_after_a_repeated_start(mcu: Mcu) -> None:
    flags = go(
        mcu,
        b"\x60\x40\x61",
        *(RSTART, WRITE | CHECK | 2, RSTART, WRITE | CHECK | 1),
        *(READ | 1, READ | NACK_IT | 1, STOP),
    )
    assert flags & COMPLETE
    assert mcu.field("I2C0_SR", 8, 6) == 2
    assert (mcu.read("I2C0_DATA"), mcu.read("I2C0_DATA")) == (0x40, 0x41)
    assert mcu.rules == []


def test_the_end_interrupts(mcu: Mcu) -> None:
    mcu.write("I2C0_INT_ENA", COMPLETE)
    mcu.route_interrupt("I2C_EXT0", 12)
    go(mcu, b"\x60\x12\xab", RSTART, WRITE | CHECK | 3, STOP)
    assert mcu.taken == 12


def test_a_missing_part_gives_no_acknowledge(mcu: Mcu, part: I2cPart) -> None:
    flags = go(mcu, b"\x42\x00", RSTART, WRITE | CHECK | 2, STOP)
    assert flags & NACK
    assert part.stops == 1
    assert not mcu.field("I2C0_SR", 4)
    assert mcu.rules == []


def test_without_pull_ups_the_timeout_ends_the_wait(mcu: Mcu) -> None:
    for pin in (4, 5):
        mcu.wiring.net(f"GPIO{pin}").pull("module", None)
    flags = go(mcu, b"\x60\x12\xab", RSTART, WRITE | CHECK | 3, STOP)
    assert flags & TIME_OUT
    assert mcu.field("I2C0_SR", 4)
    assert mcu.rules == ["i2c-no-pull-up"]
    assert "GPIO5 (SCL) and GPIO4 (SDA) is not high" in mcu.host.violations[0][1]


def test_a_pin_that_is_not_open_drain_is_reported(mcu: Mcu) -> None:
    mcu.write("GPIO_PIN5", 0)
    go(mcu, b"\x60\x12\xab", RSTART, WRITE | CHECK | 3, STOP)
    assert mcu.rules == ["i2c-not-open-drain"]


def test_a_signal_without_an_input_pin_is_reported(mcu: Mcu) -> None:
    mcu.write("GPIO_FUNC53_IN_SEL_CFG", 0)
    go(mcu, b"\x60\x12\xab", RSTART, WRITE | CHECK | 3, STOP)
    assert mcu.rules == ["wrong-pin-function"]
    assert "GPIO_FUNC53_IN_SEL_CFG" in mcu.host.violations[0][1]


def test_registers_changed_without_an_update_are_reported(mcu: Mcu) -> None:
    mcu.write("I2C0_SCL_LOW_PERIOD", 250)
    go(mcu, b"\x60\x12\xab", RSTART, WRITE | CHECK | 3, STOP)
    assert mcu.rules == ["i2c-not-updated"]


def test_a_write_without_bytes_is_reported(mcu: Mcu) -> None:
    go(mcu, b"\x60", RSTART, WRITE | CHECK | 3, STOP)
    assert mcu.rules == ["i2c-fifo-empty"]


def test_a_list_without_an_end_is_reported(mcu: Mcu) -> None:
    go(mcu, bytes(7), RSTART, *[WRITE | 1] * 7)
    assert mcu.rules == ["i2c-no-stop"]


def test_a_list_without_a_start_is_reported(mcu: Mcu) -> None:
    go(mcu, b"\x60", WRITE | 1, STOP)
    assert mcu.rules == ["i2c-bad-command"]


def test_a_start_without_the_clock_is_reported(mcu: Mcu) -> None:
    mcu.write("I2C0_CLK_CONF", 0)
    go(mcu, b"\x60", RSTART, WRITE | 1, STOP)
    assert mcu.rules == ["i2c-no-clock"]


def test_a_second_list_waits_for_the_first(mcu: Mcu) -> None:
    mcu.write("I2C0_DATA", 0x60)
    for number, command in enumerate((RSTART, WRITE | CHECK | 1, STOP)):
        mcu.write(f"I2C0_COMD{number}", command)
    mcu.set("I2C0_CTR", START)
    mcu.set("I2C0_CTR", START)
    assert mcu.rules == ["i2c-busy"]


def test_the_fifo_holds_32_bytes(mcu: Mcu) -> None:
    for _ in range(33):
        mcu.write("I2C0_DATA", 1)
    assert mcu.rules == ["i2c-fifo-overrun"]
    assert mcu.field("I2C0_SR", 18, 6) == 32
