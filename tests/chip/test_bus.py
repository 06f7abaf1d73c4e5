"""The peripheral bus: mistakes of the firmware are violations, those of a model are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from facet.chip.peripheral import BusError, Peripheral
from facet.chip.registers import Register, bit
from facet.chip.stm32l4.spi import Spi
from facet.errors import InternalError
from facet.machine import Machine
from tests.chip.fakes import FakeChip
from tests.strict.program import Run, needs_toolchain

BASE = 0x4001_3000


class Faulty(Peripheral):
    """A model with a fault in each hook."""

    CR1 = Register(0x00, 0, "rw", SPE=bit(6))
    SR = Register(0x04)
    DR = Register(0x08)

    table = {0: "idle"}  # noqa: RUF012

    def write_CR1(self, value: int, old: int) -> None:
        self.violation("test", self.table[value])  # KeyError for any value but 0

    def read_SR(self) -> int:
        return self.CR1["SPEE"]  # a field that does not exist

    def read_DR(self) -> int:
        return int(list("abc")[3])  # IndexError

    def write_DR(self, value: int, old: int) -> None:
        raise BusError("nothing answers")


@pytest.fixture
def chip() -> FakeChip:
    chip = FakeChip()
    chip.bus.attach(Faulty("SPI1", BASE, chip))
    return chip


def test_a_key_error_in_a_write_hook_is_an_error_of_the_model(chip: FakeChip) -> None:
    with pytest.raises(InternalError) as raised:
        chip.bus.write(BASE, 4, 0x40)
    assert str(raised.value) == "SPI1_CR1, 0x40 written: the model failed with KeyError: 64"
    assert isinstance(raised.value.__cause__, KeyError)
    assert chip.violations == []


def test_an_unknown_field_in_a_read_hook_is_an_error_of_the_model(chip: FakeChip) -> None:
    with pytest.raises(InternalError, match=r"SPI1_SR, 4 bytes read: .* KeyError: 'SPEE'"):
        chip.bus.read(BASE + 4, 4)
    assert chip.violations == []


def test_any_other_error_is_an_error_of_the_model_too(chip: FakeChip) -> None:
    with pytest.raises(InternalError, match=r"SPI1_DR, 4 bytes read: .* IndexError"):
        chip.bus.read(BASE + 8, 4)


def test_a_bus_error_is_passed_on(chip: FakeChip) -> None:
    with pytest.raises(BusError, match="nothing answers"):
        chip.bus.write(BASE + 8, 4, 0)


def test_the_first_failed_access_is_reported(chip: FakeChip) -> None:
    """A model that accesses another peripheral, as a DMA does, is not named instead."""

    class Copier(Peripheral):
        CR = Register(0x00)

        def write_CR(self, value: int, old: int) -> None:
            self.chip.read_memory(BASE + 8, 4)

    chip.bus.attach(Copier("DMA1", 0x4002_0000, chip))
    with pytest.raises(InternalError, match=r"^SPI1_DR, 4 bytes read"):
        chip.bus.write(0x4002_0000, 4, 1)


def test_an_access_to_no_register_is_a_violation(chip: FakeChip) -> None:
    assert chip.bus.read(BASE + 0x40, 4) == 0
    chip.bus.write(BASE + 0x44, 4, 1)
    assert chip.violations == [
        ("no-such-register", "SPI1+0x40 read: the offset is reserved"),
        ("no-such-register", "SPI1+0x44 written: the offset is reserved"),
    ]


@needs_toolchain
def test_a_fault_of_a_model_ends_the_run_and_is_not_a_violation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same through the engine, with a program that does nothing wrong."""
    violations: list[str] = []

    def write_CR1(self: Spi, _value: int, _old: int) -> None:
        del self.table["mode"]  # type: ignore[attr-defined]

    def violation(_machine: Machine, rule: str, message: str) -> None:
        violations.append(f"{rule}: {message}")

    monkeypatch.setattr(Spi, "write_CR1", write_CR1)
    monkeypatch.setattr(Spi, "table", {}, raising=False)
    monkeypatch.setattr(Machine, "violation", violation)
    with pytest.raises(InternalError, match=r"SPI1_CR1, 0x4 written: .* KeyError: 'mode'"):
        Run("void reset(void) { RCC_APB2ENR = 1 << 12; SPI1_CR1 = 4; for (;;) {} }", tmp_path)
    assert violations == []
