"""System configuration controller (RM0351, section 9)."""

from __future__ import annotations

from collections.abc import Callable

from facet.chip.peripheral import ChipServices, Peripheral
from facet.chip.registers import Register, bit, bits

_PORTS = "ABCDEFGH"  # by EXTICRx.EXTIy


class Syscfg(Peripheral):
    """The SYSCFG; its bus clock also serves VREFBUF and the comparators."""

    size = 0x30  # VREFBUF and COMP follow it

    # FIDELITY:
    #   model: MEM_MODE is stored, and address 0 stays an alias of flash.
    #   silicon: Address 0 shows system memory, the FMC, SRAM1 or QUADSPI.
    #   hides: A firmware that remaps its vectors this way.
    MEMRMP = Register(0x00, MEM_MODE=bits(2, 0), FB_MODE=bit(8))
    CFGR1 = Register(
        0x04,
        0x7C00_0001,
        FWDIS=bit(0),
        BOOSTEN=bit(8),
        **{f"I2C_PB{n}_FMP": bit(n + 10) for n in range(6, 10)},
        **{f"I2C{n}_FMP": bit(n + 19) for n in range(1, 4)},
        FPU_IE=bits(31, 26),
    )
    EXTICR1 = Register(0x08, **{f"EXTI{n}": bits(4 * n + 2, 4 * n) for n in range(4)})
    EXTICR2 = Register(0x0C, **{f"EXTI{n + 4}": bits(4 * n + 2, 4 * n) for n in range(4)})
    EXTICR3 = Register(0x10, **{f"EXTI{n + 8}": bits(4 * n + 2, 4 * n) for n in range(4)})
    EXTICR4 = Register(0x14, **{f"EXTI{n + 12}": bits(4 * n + 2, 4 * n) for n in range(4)})
    SCSR = Register(0x18, SRAM2ER=bit(0), SRAM2BSY=bit(1, "ro"))
    CFGR2 = Register(
        0x1C, 0, "rs", CLL=bit(0), SPL=bit(1), PVDL=bit(2), ECCL=bit(3), SPF=bit(8, "rc_w1")
    )
    SWPR = Register(0x20, 0, "rs", **{f"P{n}WP": bit(n) for n in range(32)})
    SKR = Register(0x24, 0, "wo", KEY=bits(7, 0))

    def __init__(self, name: str, base: int, chip: ChipServices) -> None:
        super().__init__(name, base, chip)
        self.on_exti_ports: Callable[[], None] = lambda: None
        """Called after EXTICRx selected another port for a line."""

    def exti_port(self, line: int) -> str:
        """The port whose pin `line` (0..15) feeds the EXTI line of that number."""
        return _PORTS[self.registers[f"EXTICR{line // 4 + 1}"][f"EXTI{line}"]]

    def reset(self) -> None:
        """Carries out a reset: port A feeds the EXTI lines."""
        super().reset()
        self.on_exti_ports()

    def write_EXTICR1(self, value: int, old: int) -> None:
        """Selects the ports of EXTI lines."""
        self.on_exti_ports()

    def write_EXTICR2(self, value: int, old: int) -> None:
        """Selects the ports of EXTI lines."""
        self.on_exti_ports()

    def write_EXTICR3(self, value: int, old: int) -> None:
        """Selects the ports of EXTI lines."""
        self.on_exti_ports()

    def write_EXTICR4(self, value: int, old: int) -> None:
        """Selects the ports of EXTI lines."""
        self.on_exti_ports()

    def write_SCSR(self, value: int, old: int) -> None:
        """Reports an erase of SRAM2, which is not modelled."""
        if self.SCSR["SRAM2ER"]:
            self.SCSR["SRAM2ER"] = 0
            self.violation("not-modelled", "SCSR.SRAM2ER set: Facet does not erase SRAM2")
