"""SPI1 and the flash behind it, command by command."""

from __future__ import annotations

import pytest

from facet.chip.esp32c3 import memory_map as mm
from facet.time import ms, us
from tests.chip.esp32c3.mcu import Mcu

USR, PROGRAM, WREN, READ = 1 << 18, 1 << 25, 1 << 30, 1 << 31
COMMAND, ADDRESS, DUMMY, ANSWER, DATA = (1 << n for n in (31, 30, 29, 28, 27))


@pytest.fixture
def mcu() -> Mcu:
    made = Mcu()
    made.host.memories[mm.FLASH_BASE] = bytearray(b"\xff" * mm.FLASH_SIZE)
    return made


def command(mcu: Mcu, bits: int) -> None:
    mcu.write("SPI1_CMD", bits)
    assert mcu.read("SPI1_CMD") == bits  # under way
    mcu.run(us(100))
    assert mcu.read("SPI1_CMD") == 0


def user_command(mcu: Mcu, code: int, answer_bits: int = 0, phases: int = 0) -> int:
    mcu.write("SPI1_USER", COMMAND | phases | (ANSWER if answer_bits else 0))
    mcu.write("SPI1_USER2", 7 << 28 | code)
    mcu.write("SPI1_MISO_DLEN", max(0, answer_bits - 1))
    command(mcu, USR)
    return mcu.read("SPI1_W0")


def program(mcu: Mcu, address: int, word: int) -> None:
    command(mcu, WREN)
    mcu.write("SPI1_ADDR", 4 << 24 | address)
    mcu.write("SPI1_W0", word)
    command(mcu, PROGRAM)
    mcu.run(ms(1))


def test_the_flash_tells_who_it_is(mcu: Mcu) -> None:
    assert user_command(mcu, 0x9F, 24) == 0x1640EF
    command(mcu, 1 << 28)  # FLASH_RDID
    assert mcu.read("SPI1_W0") == 0x1640EF
    assert mcu.rules == []


def test_what_is_programmed_is_read(mcu: Mcu) -> None:
    program(mcu, 0x1234, 0xCAFE_F00D)
    mcu.write("SPI1_ADDR", 4 << 24 | 0x1234)
    mcu.write("SPI1_W0", 0)
    command(mcu, READ)
    assert mcu.read("SPI1_W0") == 0xCAFE_F00D
    assert mcu.rules == []


def test_a_read_with_mode_bits_and_dummy_cycles(mcu: Mcu) -> None:
    """BBh: 24 bits of address, 8 of mode in one phase."""
    program(mcu, 0x1234, 0xCAFE_F00D)
    mcu.write("SPI1_ADDR", 0x1234 << 8)
    mcu.write("SPI1_USER1", 31 << 26 | 3)
    assert user_command(mcu, 0xBB, 32, ADDRESS | DUMMY) == 0xCAFE_F00D


def test_a_page_ends_where_it_begins(mcu: Mcu) -> None:
    program(mcu, 0x10FE, 0x4433_2211)
    assert mcu.host.memories[mm.FLASH_BASE][0x1000:0x1002] == b"\x33\x44"
    assert mcu.host.memories[mm.FLASH_BASE][0x10FE:0x1100] == b"\x11\x22"


def test_programming_without_write_enable_is_named(mcu: Mcu) -> None:
    mcu.write("SPI1_ADDR", 4 << 24)
    command(mcu, PROGRAM)
    assert mcu.rules == ["flash-write-disabled"]


def test_programming_what_is_not_erased_is_named(mcu: Mcu) -> None:
    program(mcu, 0, 0xFFFF_FF0F)
    program(mcu, 0, 0xFFFF_FFF0)
    assert mcu.rules == ["flash-not-erased"]
    assert mcu.host.memories[mm.FLASH_BASE][0] == 0


def test_a_command_while_the_flash_erases_is_named(mcu: Mcu) -> None:
    command(mcu, WREN)
    mcu.write("SPI1_ADDR", 0)
    command(mcu, 1 << 24)  # FLASH_SE
    command(mcu, 1 << 27)  # FLASH_RDSR answers
    assert mcu.read("SPI1_RD_STATUS") == 1
    assert mcu.rules == []
    command(mcu, READ)
    assert mcu.rules == ["flash-busy"]
    mcu.run(ms(46))
    command(mcu, 1 << 27)
    assert mcu.read("SPI1_RD_STATUS") == 0


def test_a_flash_that_is_powered_down_answers_to_nothing_else(mcu: Mcu) -> None:
    user_command(mcu, 0xB9)
    assert user_command(mcu, 0x9F, 24) == 0xFF_FFFF
    assert mcu.rules == ["flash-power-down"]
    user_command(mcu, 0xAB)
    assert user_command(mcu, 0x9F, 24) == 0x1640EF


def test_a_command_that_is_not_modelled_is_named(mcu: Mcu) -> None:
    user_command(mcu, 0x42)
    assert mcu.rules == ["not-modelled"]
    mcu.write("SPI1_USER", DATA)
    command(mcu, USR)
    assert mcu.rules == ["not-modelled"] * 2


def test_two_commands_at_once_are_named(mcu: Mcu) -> None:
    mcu.write("SPI1_CMD", WREN | READ)
    assert mcu.rules == ["spi1-commands"]
    mcu.write("SPI1_CMD", WREN)
    assert mcu.rules == ["spi1-commands", "spi1-busy"]
