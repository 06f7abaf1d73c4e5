"""A hook that would never be called is an error when the model is made."""

from __future__ import annotations

import pytest

from facet.chip.peripheral import Peripheral
from facet.chip.registers import Register, bit
from tests.chip.fakes import FakeChip


def test_a_misspelt_write_hook_is_refused_with_the_class() -> None:
    with pytest.raises(TypeError, match=r"Uart: write_SRR would never be called.* register SRR"):

        class Uart(Peripheral):
            SR = Register(0x00, 0, "rw", RXNE=bit(5))

            def write_SRR(self, value: int, old: int) -> None: ...


def test_a_misspelt_read_hook_is_refused_with_the_class() -> None:
    with pytest.raises(TypeError, match="read_DRR would never be called"):

        class Uart(Peripheral):
            DR = Register(0x04)

            def read_DRR(self) -> int:
                return 0


def test_a_hook_for_a_register_of_a_base_class_is_accepted() -> None:
    class Timer(Peripheral):
        CR1 = Register(0x00)

    class WideTimer(Timer):
        def write_CR1(self, value: int, old: int) -> None: ...

    WideTimer("TIM2", 0x4000_0000, FakeChip())


@pytest.mark.parametrize("arguments", ["", ", value", ", value, old, number, more"])
def test_a_write_hook_with_other_arguments_is_refused(arguments: str) -> None:
    source = f"def write_CR1(self{arguments}): ...\n"
    members: dict[str, object] = {"CR1": Register(0x00)}
    exec(source, {}, members)
    with pytest.raises(TypeError, match=r"write_CR1 takes \d arguments; .*\(self, value, old\)"):
        type("Timer", (Peripheral,), members)


def test_a_read_hook_with_other_arguments_is_refused() -> None:
    with pytest.raises(TypeError, match="read_DR takes 2 arguments"):

        class Uart(Peripheral):
            DR = Register(0x04)

            def read_DR(self, value: int, old: int) -> int:
                return 0


def test_a_hook_of_a_row_for_one_register_is_refused() -> None:
    with pytest.raises(TypeError, match=r"read_DR must take \(self\), since DR is one register"):

        class Uart(Peripheral):
            DR = Register(0x04)

            def read_DR(self, number: int) -> int:
                return 0


@pytest.mark.parametrize("name", ["wirte_CR1", "on_CR1", "writes_CR1"])
def test_a_misspelt_prefix_is_refused(name: str) -> None:
    def method(self: Peripheral, value: int, old: int) -> None: ...

    members = {"CR1": Register(0x00), name: method}
    with pytest.raises(TypeError, match=f"{name} is not a hook"):
        type("Timer", (Peripheral,), members)


def test_a_misspelt_hook_of_a_row_is_refused_with_the_first_object() -> None:
    class Dma(Peripheral):
        def __init__(self, chip: FakeChip) -> None:
            super().__init__("DMA1", 0x4002_0000, chip)
            for number in (1, 2):
                self.add_numbered(Register(0x14 * number), "CCR{}", number)

        def write_CRR(self, number: int, value: int, old: int) -> None: ...

    with pytest.raises(TypeError, match=r"Dma: write_CRR would never be called.* row .*CRR"):
        Dma(FakeChip())


def test_two_registers_of_one_offset_are_refused() -> None:
    class Uart(Peripheral):
        SR = Register(0x00)
        DR = Register(0x00)

    with pytest.raises(ValueError, match=r"Uart.DR at 0x0: a register is there"):
        Uart("USART1", 0x4000_0000, FakeChip())
