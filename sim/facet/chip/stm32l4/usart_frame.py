"""The frames of the USARTs, UARTs and the LPUART: format, speed, order of the bits."""

from __future__ import annotations

from collections.abc import Callable

from facet.chip.peripheral import ChipServices
from facet.chip.stm32l4.usart_registers import UartRegisters
from facet.time import NEVER, PS_PER_S, Time


class UartFrames(UartRegisters):
    """The part of a USART that derives its frames from the registers.

    Args:
        kernel_hz: its kernel clock (RCC_CCIPR), 0 while that is stopped.
    """

    def __init__(
        self, name: str, base: int, chip: ChipServices, kernel_hz: Callable[[], int]
    ) -> None:
        super().__init__(name, base, chip)
        self._kernel_hz = kernel_hz

    @property
    def word_bits(self) -> int:
        """The number of bits between start and stop, parity included (CR1.M)."""
        return {0b00: 8, 0b01: 9, 0b10: 7}.get(self.CR1["M1"] << 1 | self.CR1["M0"], 8)

    @property
    def baud(self) -> int:
        """The present baud rate by BRR and the kernel clock; 0 while that is stopped."""
        divider = self._divider()
        return self._kernel_hz() * self._clocks_per_divider() // divider if divider else 0

    def _clocks_per_divider(self) -> int:
        """The factor of the kernel clock before the divider."""
        raise NotImplementedError

    def _divider(self) -> int:
        """The divider of BRR."""
        raise NotImplementedError

    def _bit_time(self, half_bits: int) -> Time:
        """The exact time of `half_bits` halves of a bit."""
        clock = 2 * self._kernel_hz() * self._clocks_per_divider()
        if clock == 0:
            return NEVER
        return Time(-(-half_bits * self._divider() * PS_PER_S // clock))

    def _frame_half_bits(self) -> int:
        stop_half_bits = (2, 1, 4, 3)[self.CR2["STOP"]]  # 1, 0.5, 2 and 1.5 bits
        return 2 * (1 + self.word_bits) + stop_half_bits

    def _parity(self, data: int) -> int:
        """The parity bit of `data` (CR1.PS: 0 even, 1 odd)."""
        return data.bit_count() & 1 ^ self.CR1["PS"]

    def _on_wire(self, data: int) -> int:
        """The word of TDR in the order of the wire, with the first bit lowest."""
        bits_ = self.word_bits
        word = data & ((1 << bits_) - 1)
        if self.CR1["PCE"]:
            word &= (1 << bits_ - 1) - 1
            word |= self._parity(word) << bits_ - 1
        return self._arranged(word)

    def _arranged(self, word: int) -> int:
        """Applies DATAINV and MSBFIRST; applied twice, it gives the word back."""
        bits_ = self.word_bits
        if self.CR2["DATAINV"]:
            word ^= (1 << bits_) - 1
        if self.CR2["MSBFIRST"]:
            word = int(f"{word:0{bits_}b}"[::-1], 2)
        return word
