"""Enable and reset bits of the peripherals in the RCC (RM0351 6.4.10 to 6.4.21)."""

from __future__ import annotations

from facet.chip.peripheral import ChipServices, GateBit, Peripheral
from facet.chip.stm32l4 import clock_gates
from facet.chip.stm32l4.rcc_registers import RccRegisters


class GatedPeripherals(RccRegisters):
    """The part of the RCC that gates and resets the other peripherals."""

    def __init__(self, name: str, base: int, chip: ChipServices) -> None:
        super().__init__(name, base, chip)
        self._resets: dict[str, dict[int, Peripheral]] = {}

    def attach(self, peripheral: Peripheral, gate: str | None = None) -> None:
        """Connects `peripheral` to its enable bit and its reset bit.

        Args:
            gate: the bit's name without EN where it is not the peripheral's own name.
        """
        found = clock_gates.gate_of(gate or peripheral.name)
        if found is None:
            return
        bus, name = found
        enable, reset = clock_gates.REGISTERS[bus]
        state, field = self.registers[enable], f"{name}EN"
        mask = state.declaration.fields[field].mask
        peripheral.gate_bits = (GateBit(state, mask, mask),)
        peripheral.gate_name = f"RCC_{enable}.{field}"
        number = clock_gates.GATES[bus][name]
        if name not in clock_gates.SET_ONLY and name != "FLASH":
            self._resets.setdefault(reset, {})[number] = peripheral

    def gate_rtc(self, rtc: Peripheral) -> None:
        """Connects the RTC's bus interface to APB1ENR1.RTCAPBEN, on a chip that has the bit."""
        state = self.APB1ENR1
        mask = state.declaration.fields["RTCAPBEN"].mask
        rtc.gate_bits = (GateBit(state, mask, mask),)
        rtc.gate_name = "RCC_APB1ENR1.RTCAPBEN"

    def _reset_written(self, register: str) -> None:
        held = self.registers[register].value
        for number, peripheral in self._resets.get(register, {}).items():
            if held >> number & 1:
                peripheral.reset()

    def write_AHB1RSTR(self, value: int, old: int) -> None:
        """Resets peripherals.

        FLASHRST acts only while the flash is powered down (RM0351 6.4.10). Start-up code in flash
        that resets all peripherals therefore keeps its wait states.
        """
        self._reset_written("AHB1RSTR")

    def write_AHB2RSTR(self, value: int, old: int) -> None:
        """Resets peripherals."""
        self._reset_written("AHB2RSTR")

    def write_APB1RSTR1(self, value: int, old: int) -> None:
        """Resets peripherals."""
        self._reset_written("APB1RSTR1")

    def write_APB1RSTR2(self, value: int, old: int) -> None:
        """Resets peripherals."""
        self._reset_written("APB1RSTR2")

    def write_APB2RSTR(self, value: int, old: int) -> None:
        """Resets peripherals."""
        self._reset_written("APB2RSTR")
