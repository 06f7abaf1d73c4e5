"""The system control block's registers (ARM DDI 0403E, B3.2; STM32L4: PM0214, 4.4)."""

from __future__ import annotations

from typing import Protocol

from facet.engine.armv7m import exceptions as ex
from facet.engine.armv7m.nvic import Nvic

# Fault status bits within CFSR: MMFSR bits 7:0, BFSR 15:8, UFSR 31:16.
IACCVIOL, DACCVIOL, MMARVALID = 1 << 0, 1 << 1, 1 << 7
IBUSERR, PRECISERR, STKERR, UNSTKERR, BFARVALID = 1 << 8, 1 << 9, 1 << 12, 1 << 11, 1 << 15
UNDEFINSTR, INVSTATE, INVPC, NOCP, DIVBYZERO = 1 << 16, 1 << 17, 1 << 18, 1 << 19, 1 << 25
HFSR_VECTTBL, HFSR_FORCED, HFSR_DEBUGEVT = 1 << 1, 1 << 30, 1 << 31

_VECTKEY = 0x05FA
_SHCSR_ENABLES = {16: ex.MEM_MANAGE, 17: ex.BUS_FAULT, 18: ex.USAGE_FAULT}
_SHCSR_ACTIVE = {
    0: ex.MEM_MANAGE,
    1: ex.BUS_FAULT,
    3: ex.USAGE_FAULT,
    7: ex.SVCALL,
    8: ex.DEBUG_MONITOR,
    10: ex.PENDSV,
    11: ex.SYSTICK,
}
# Read-only identification of a Cortex-M4F r0p1 (ARM 100166, 4.1), by offset from 0xE000E000.
_IDENTITY = {
    0xD00: 0x410F_C241,  # CPUID
    0xD40: 0x0000_0030,  # ID_PFR0
    0xD44: 0x0000_0200,  # ID_PFR1
    0xD48: 0x0010_0000,  # ID_DFR0
    0xD50: 0x0010_0030,  # ID_MMFR0
    0xD58: 0x0100_0000,  # ID_MMFR2
    0xD60: 0x0110_1110,  # ID_ISAR0
    0xD64: 0x0211_2000,  # ID_ISAR1
    0xD68: 0x2123_2231,  # ID_ISAR2
    0xD6C: 0x0111_1131,  # ID_ISAR3
    0xD70: 0x0131_0132,  # ID_ISAR4
    0xF40: 0x1011_0021,  # MVFR0
    0xF44: 0x1100_0011,  # MVFR1
}


class ScbListener(Protocol):
    """What a write to the SCB sets off."""

    def system_reset(self) -> None:
        """AIRCR.SYSRESETREQ."""

    def fpu_access_changed(self, enabled: bool) -> None:
        """CPACR gave or took access to CP10 and CP11."""

    def traps_changed(self, division_by_zero: bool, unaligned: bool) -> None:
        """CCR.DIV_0_TRP and CCR.UNALIGN_TRP were written."""

    def unknown_register(self, address: int, write: bool) -> None:
        """There is no such register in the model."""


class Scb:
    """SCB registers, by offset from 0xE000E000.

    Args:
        nvic: holds the priorities and what is pending.
        listener: told of what a write sets off.
    """

    def __init__(self, nvic: Nvic, listener: ScbListener) -> None:
        self._nvic = nvic
        self._listener = listener
        self.reset()

    def reset(self) -> None:
        """Reset values of ARM DDI 0403E, table B3-4; VTOR 0: the boot alias of the flash."""
        self.vtor = 0
        self.scr = 0
        self.ccr = 0x200  # STKALIGN
        self.cfsr = self.hfsr = self.dfsr = 0
        self.mmfar = self.bfar = 0
        self.cpacr = 0
        self.fpccr = 0xC000_0000  # ASPEN, LSPEN
        self.fpcar = self.fpdscr = 0
        self.demcr = 0
        self.prigroup = 0

    @property
    def sleep_deep(self) -> bool:
        """SCR.SLEEPDEEP."""
        return bool(self.scr & 4)

    @property
    def sleep_on_exit(self) -> bool:
        """SCR.SLEEPONEXIT."""
        return bool(self.scr & 2)

    @property
    def send_event_on_pend(self) -> bool:
        """SCR.SEVONPEND."""
        return bool(self.scr & 16)

    @property
    def fpu_enabled(self) -> bool:
        """CPACR grants full access to CP10 and CP11."""
        return self.cpacr >> 20 & 0xF == 0xF

    def read(self, offset: int) -> int:
        """A word at 0xE000E000 + offset."""
        if offset in _IDENTITY:
            return _IDENTITY[offset]
        if offset == 0xD04:
            return self._icsr()
        if offset == 0xD08:
            return self.vtor
        if offset == 0xD0C:
            return 0xFA05_0000 | self.prigroup << 8
        if offset == 0xD10:
            return self.scr
        if offset == 0xD14:
            return self.ccr
        if offset in (0xD18, 0xD1C, 0xD20):
            first = 4 + (offset - 0xD18)
            return sum(self._nvic.priority.get(first + n, 0) << 8 * n for n in range(4))
        if offset == 0xD24:
            return self._shcsr()
        fields = {
            0xD28: self.cfsr,
            0xD2C: self.hfsr,
            0xD30: self.dfsr,
            0xD34: self.mmfar,
            0xD38: self.bfar,
            0xD3C: 0,  # AFSR
            0xD88: self.cpacr,
            0xDFC: self.demcr,
            0xF34: self.fpccr,
            0xF38: self.fpcar,
            0xF3C: self.fpdscr,
            0x004: 0,  # ICTR: up to 32 lines and more are told by the chip's manual, not here
            0x008: 0,  # ACTLR
        }
        if offset not in fields:
            self._listener.unknown_register(0xE000_E000 + offset, False)
            return 0
        return fields[offset]

    def write(self, offset: int, value: int) -> None:
        """Writes a word at 0xE000E000 + offset."""
        if offset == 0xD04:
            self._write_icsr(value)
        elif offset == 0xD08:
            self.vtor = value & 0x3FFF_FF80
        elif offset == 0xD0C:
            self._write_aircr(value)
        elif offset == 0xD10:
            self.scr = value & 0x16
        elif offset == 0xD14:
            self.ccr = value & 0x31B
            self._listener.traps_changed(bool(value & 1 << 4), bool(value & 1 << 3))
        elif offset in (0xD18, 0xD1C, 0xD20):
            for n in range(4):
                self._nvic.write_priority(4 + (offset - 0xD18) + n, value >> 8 * n & 0xFF)
        elif offset == 0xD24:
            for place, number in _SHCSR_ENABLES.items():
                if value >> place & 1:
                    self._nvic.enabled.add(number)
                else:
                    self._nvic.enabled.discard(number)
        elif offset == 0xD28:
            self.cfsr &= ~value
        elif offset == 0xD2C:
            self.hfsr &= ~value
        elif offset == 0xD30:
            self.dfsr &= ~value
        elif offset == 0xD34:
            self.mmfar = value
        elif offset == 0xD38:
            self.bfar = value
        elif offset == 0xD88:
            self.cpacr = value & 0x00F0_0000
            self._listener.fpu_access_changed(self.fpu_enabled)
        elif offset == 0xF34:
            self.fpccr = value
        elif offset == 0xF38:
            self.fpcar = value
        elif offset == 0xF3C:
            self.fpdscr = value
        elif offset == 0xF00:  # STIR
            self._nvic.pending.add(ex.FIRST_INTERRUPT + (value & 0x1FF))
        elif offset not in (0xD3C, 0x008):
            self._listener.unknown_register(0xE000_E000 + offset, True)

    def _icsr(self) -> int:
        nvic = self._nvic
        pending = nvic.best()
        return (
            (nvic.active[-1] if nvic.active else 0)
            | (0x800 if len(nvic.active) <= 1 else 0)
            | (pending or 0) << 12
            | (1 << 22 if any(n >= ex.FIRST_INTERRUPT for n in nvic.pending) else 0)
            | (1 << 26 if ex.SYSTICK in nvic.pending else 0)
            | (1 << 28 if ex.PENDSV in nvic.pending else 0)
            | (1 << 31 if ex.NMI in nvic.pending else 0)
        )

    def _write_icsr(self, value: int) -> None:
        pending = self._nvic.pending
        for place, number in ((31, ex.NMI), (28, ex.PENDSV), (26, ex.SYSTICK)):
            if value >> place & 1:
                pending.add(number)
        for place, number in ((27, ex.PENDSV), (25, ex.SYSTICK)):
            if value >> place & 1:
                pending.discard(number)

    def _write_aircr(self, value: int) -> None:
        if value >> 16 != _VECTKEY:
            return
        self.prigroup = value >> 8 & 7
        self._nvic.group_shift = self.prigroup + 1
        if value & 4:
            self._listener.system_reset()

    def _shcsr(self) -> int:
        value = sum(1 << p for p, n in _SHCSR_ENABLES.items() if n in self._nvic.enabled)
        value |= sum(1 << p for p, n in _SHCSR_ACTIVE.items() if n in self._nvic.active)
        return value | (1 << 15 if ex.SVCALL in self._nvic.pending else 0)
