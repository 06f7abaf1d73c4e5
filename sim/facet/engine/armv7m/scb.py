"""The system control block's registers (ARM DDI 0403E, B3.2; STM32L4: PM0214, 4.4)."""

from __future__ import annotations

from typing import Final, Protocol

from facet.engine.armv7m import exceptions as ex

# Fault status bits within CFSR: MMFSR bits 7:0, BFSR 15:8, UFSR 31:16.
IACCVIOL, DACCVIOL, MUNSTKERR, MSTKERR, MMARVALID = 1 << 0, 1 << 1, 1 << 3, 1 << 4, 1 << 7
IBUSERR, PRECISERR, STKERR, UNSTKERR, BFARVALID = 1 << 8, 1 << 9, 1 << 12, 1 << 11, 1 << 15
UNDEFINSTR, INVSTATE, INVPC, NOCP = 1 << 16, 1 << 17, 1 << 18, 1 << 19
UNALIGNED, DIVBYZERO = 1 << 24, 1 << 25
HFSR_VECTTBL, HFSR_FORCED, HFSR_DEBUGEVT = 1 << 1, 1 << 30, 1 << 31

BASE: Final = 0xE000_E000

_VECTKEY = 0x05FA
_ICTR, _ACTLR = 0x004, 0x008
_VTOR, _AIRCR, _SCR, _CCR = 0xD08, 0xD0C, 0xD10, 0xD14
_SHPR1, _SHPR2, _SHPR3, _SHCSR = 0xD18, 0xD1C, 0xD20, 0xD24
_CFSR, _HFSR, _DFSR, _MMFAR, _BFAR, _AFSR = 0xD28, 0xD2C, 0xD30, 0xD34, 0xD38, 0xD3C
_CPACR, _STIR, _FPCCR, _FPCAR, _FPDSCR = 0xD88, 0xF00, 0xF34, 0xF38, 0xF3C
_DHCSR, _DCRSR, _DCRDR, _DEMCR = 0xDF0, 0xDF4, 0xDF8, 0xDFC

WRITE_1_TO_CLEAR: Final = frozenset({_CFSR, _HFSR, _DFSR})
"""Registers in which a 0 leaves a bit alone: a narrow store touches its lanes only."""

_CCR_BITS = 0x31B  # NONBASETHRDENA, USERSETMPEND, UNALIGN_TRP, DIV_0_TRP, BFHFNMIGN, STKALIGN
_CCR_USERSETMPEND, _CCR_UNALIGN_TRP, _CCR_DIV_0_TRP = 1 << 1, 1 << 3, 1 << 4
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
_SHCSR_PENDING = {12: ex.USAGE_FAULT, 13: ex.MEM_MANAGE, 14: ex.BUS_FAULT, 15: ex.SVCALL}
_SHPR_NUMBERS = frozenset(
    {
        *(ex.MEM_MANAGE, ex.BUS_FAULT, ex.USAGE_FAULT),
        *(ex.SVCALL, ex.DEBUG_MONITOR, ex.PENDSV, ex.SYSTICK),
    }
)
_DHCSR_UNDEBUGGED = 0x0101_0000  # S_RETIRE_ST and S_REGRDY; C_DEBUGEN is 0
# Read-only identification of a Cortex-M4F r0p1 (ARM 100166, 4.1), by offset from 0xE000E000.
_IDENTITY = {
    0xD00: 0x410F_C241,  # CPUID
    0xD40: 0x0000_0030,  # ID_PFR0
    0xD44: 0x0000_0200,  # ID_PFR1
    0xD48: 0x0010_0000,  # ID_DFR0
    0xD4C: 0,  # ID_AFR0
    0xD50: 0x0010_0030,  # ID_MMFR0
    0xD54: 0,  # ID_MMFR1
    0xD58: 0x0100_0000,  # ID_MMFR2
    0xD5C: 0,  # ID_MMFR3
    0xD60: 0x0110_1110,  # ID_ISAR0
    0xD64: 0x0211_2000,  # ID_ISAR1
    0xD68: 0x2123_2231,  # ID_ISAR2
    0xD6C: 0x0111_1131,  # ID_ISAR3
    0xD70: 0x0131_0132,  # ID_ISAR4
    0xD78: 0,  # CLIDR: no caches
    0xD7C: 0x8000_0000,  # CTR
    0xF40: 0x1011_0021,  # MVFR0
    0xF44: 0x1100_0011,  # MVFR1
    0xF48: 0,  # MVFR2
}


class ExceptionControl(Protocol):
    """The state of the exceptions, as the SCB's registers show and change it."""

    lines: int
    """The number of interrupt inputs that the chip has."""

    def is_enabled(self, number: int) -> bool:
        """Whether an exception is enabled."""

    def is_pending(self, number: int) -> bool:
        """Whether an exception is pending."""

    def is_active(self, number: int) -> bool:
        """Whether an exception's handler has been entered and not left."""

    def set_enabled(self, number: int, enabled: bool) -> None:
        """Enables or disables an exception."""

    def set_pending(self, number: int, pending: bool) -> None:
        """Makes an exception pending, or no longer."""

    def set_active(self, number: int, active: bool) -> None:
        """Changes an exception's active state."""

    def priority(self, number: int) -> int:
        """The priority byte of an exception whose priority is configurable."""

    def set_priority(self, number: int, value: int) -> None:
        """Stores a priority byte; only the implemented upper bits stick."""


class ScbListener(Protocol):
    """What a write to the SCB causes."""

    def system_reset(self) -> None:
        """AIRCR.SYSRESETREQ."""

    def settings_changed(self) -> None:
        """VTOR, PRIGROUP, SCR, CCR, CPACR or FPCCR has another value."""

    def trace_changed(self, enabled: bool) -> None:
        """DEMCR.TRCENA was written."""


class Scb:
    """SCB registers, by offset from 0xE000E000.

    Args:
        control: the exceptions.
        listener: receives what a write causes.
    """

    def __init__(self, control: ExceptionControl, listener: ScbListener) -> None:
        self._control = control
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
        self.actlr = 0
        self.prigroup = 0

    # -- what the settings mean
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

    @property
    def saves_fpu_state(self) -> bool:
        """FPCCR.ASPEN: exception entry keeps the floating-point registers."""
        return bool(self.fpccr >> 31)

    @property
    def user_may_pend(self) -> bool:
        """CCR.USERSETMPEND: unprivileged code may write STIR."""
        return bool(self.ccr & _CCR_USERSETMPEND)

    @property
    def traps_division(self) -> bool:
        """CCR.DIV_0_TRP."""
        return bool(self.ccr & _CCR_DIV_0_TRP)

    @property
    def traps_unaligned(self) -> bool:
        """CCR.UNALIGN_TRP."""
        return bool(self.ccr & _CCR_UNALIGN_TRP)

    # -- accesses
    def read(self, offset: int) -> int | None:
        """The word at 0xE000E000 + offset; None where there is no register."""
        if offset in _IDENTITY:
            return _IDENTITY[offset]
        if offset in (_SHPR1, _SHPR2, _SHPR3):
            return sum(
                self._control.priority(number) << 8 * (number & 3)
                for number in range(4 + offset - _SHPR1, 8 + offset - _SHPR1)
                if number in _SHPR_NUMBERS
            )
        fields = {
            _ICTR: (self._control.lines + 31) // 32 - 1,
            _ACTLR: self.actlr,
            _VTOR: self.vtor,
            _AIRCR: 0xFA05_0000 | self.prigroup << 8,
            _SCR: self.scr,
            _CCR: self.ccr,
            _CFSR: self.cfsr,
            _HFSR: self.hfsr,
            _DFSR: self.dfsr,
            _MMFAR: self.mmfar,
            _BFAR: self.bfar,
            _AFSR: 0,
            _CPACR: self.cpacr,
            _STIR: 0,
            _FPCCR: self.fpccr,
            _FPCAR: self.fpcar,
            _FPDSCR: self.fpdscr,
            _DHCSR: _DHCSR_UNDEBUGGED,
            _DCRSR: 0,
            _DCRDR: 0,
            _DEMCR: self.demcr,
        }
        return self._shcsr() if offset == _SHCSR else fields.get(offset)

    def write(self, offset: int, value: int) -> bool:
        """Writes the word at 0xE000E000 + offset; False where there is no register."""
        if offset in (_SHPR1, _SHPR2, _SHPR3):
            for n in range(4):
                self.write_priority(4 + (offset - _SHPR1) + n, value >> 8 * n & 0xFF)
        elif offset == _AIRCR:
            self._write_aircr(value)
        elif offset == _SHCSR:
            self._write_shcsr(value)
        elif offset in WRITE_1_TO_CLEAR:
            self._clear_status(offset, value)
        elif offset == _DEMCR:
            self.demcr = value & 0x010F_07F1
            self._listener.trace_changed(bool(value >> 24 & 1))
        elif offset == _STIR:
            if value & 0x1FF < self._control.lines:
                self._control.set_pending(ex.FIRST_INTERRUPT + (value & 0x1FF), True)
        elif not self._store(offset, value):
            # Identification and status are read-only; the debug registers are a debugger's.
            return offset in _IDENTITY or offset in (_ICTR, _AFSR, _DHCSR, _DCRSR, _DCRDR)
        return True

    def write_priority(self, number: int, value: int) -> None:
        """Writes one byte of SHPR1 to SHPR3; bytes of no exception stay 0."""
        if number in _SHPR_NUMBERS:
            self._control.set_priority(number, value)

    def _store(self, offset: int, value: int) -> bool:
        names = {
            _VTOR: ("vtor", 0x3FFF_FF80),
            _SCR: ("scr", 0x16),
            _CCR: ("ccr", _CCR_BITS),
            _MMFAR: ("mmfar", 0xFFFF_FFFF),
            _BFAR: ("bfar", 0xFFFF_FFFF),
            _CPACR: ("cpacr", 0x00F0_0000),
            _FPCCR: ("fpccr", 0xC000_017B),
            _FPCAR: ("fpcar", 0xFFFF_FFF8),
            _FPDSCR: ("fpdscr", 0x07C0_0000),
            _ACTLR: ("actlr", 0x0000_0307),
        }
        if offset not in names:
            return False
        name, mask = names[offset]
        setattr(self, name, value & mask)
        if offset in (_VTOR, _SCR, _CCR, _CPACR, _FPCCR):
            self._listener.settings_changed()
        return True

    def _clear_status(self, offset: int, value: int) -> None:
        if offset == _CFSR:
            self.cfsr &= ~value
        elif offset == _HFSR:
            self.hfsr &= ~value
        else:
            self.dfsr &= ~value

    def _write_aircr(self, value: int) -> None:
        if value >> 16 != _VECTKEY:
            return
        self.prigroup = value >> 8 & 7
        self._listener.settings_changed()
        if value & 4:
            self._listener.system_reset()

    def _shcsr(self) -> int:
        control = self._control
        value = sum(1 << p for p, n in _SHCSR_ENABLES.items() if control.is_enabled(n))
        value |= sum(1 << p for p, n in _SHCSR_ACTIVE.items() if control.is_active(n))
        return value | sum(1 << p for p, n in _SHCSR_PENDING.items() if control.is_pending(n))

    def _write_shcsr(self, value: int) -> None:
        control = self._control
        for place, number in _SHCSR_ENABLES.items():
            control.set_enabled(number, bool(value >> place & 1))
        for place, number in _SHCSR_PENDING.items():
            control.set_pending(number, bool(value >> place & 1))
        for place, number in _SHCSR_ACTIVE.items():
            control.set_active(number, bool(value >> place & 1))
