"""The ESP32-C3's core apart from what executes: traps, bus rules and control registers.

Sources: ESP32-C3 Technical Reference Manual, chapter 1 (ESP-RISC-V CPU) and 8 (Interrupt Matrix);
The RISC-V Instruction Set Manual, volume II (20211203), 3.1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from facet.engine.protocol import EngineListener, MemoryRegion
from facet.engine.rv32 import csr, exceptions
from facet.isa.rv32 import SP, Instruction, Kind

MACHINE, USER = 3, 0

READ, WRITE, FETCH = 1, 2, 4
"""The kinds of access that memory refuses."""

_MIE, _MPP, _MPP_SHIFT = 1 << 3, 3 << 11, 11

_STACK_REACH = 1024  # bytes from SP within which a store to nowhere is called a stack overflow


class Registers(Protocol):
    """The registers of a core that executes RV32IMC: PC, PRIV, X1 to X31, MSTATUS, MTVAL ..."""

    def __getitem__(self, register: str) -> int:
        """A register's value."""

    def __setitem__(self, register: str, value: int) -> None:
        """Sets a register."""


class Memory(Protocol):
    """The core's memories."""

    def read(self, address: int, size: int) -> bytes:
        """`size` bytes from `address`; IndexError where there is no memory."""

    def write(self, address: int, data: bytes) -> None:
        """Stores `data`, in read-only regions too; IndexError where there is no memory."""

    def region_of(self, address: int) -> MemoryRegion | None:
        """The region that `address` lies in."""


class Rv32Traps:
    """Names exceptions, enters their traps, and carries out what the executing core does not.

    Args:
        registers, memory: of the executing core.
    """

    listener: EngineListener

    def __init__(self, registers: Registers, memory: Memory) -> None:
        self._registers = registers
        self._memory = memory
        self.why_unmapped: Callable[[int], tuple[str, str] | None] = lambda _address: None
        """The rule that an access to an address without memory breaks, and the reason, where the
        chip knows one."""
        self.describe_hole: Callable[[int], str | None] = lambda _address: None
        """Why memory has no code at an address, where the chip knows."""
        counter = csr.PerformanceCounter(
            lambda: self.cycles, lambda: self.instructions, self._not_modelled
        )
        self._csrs = csr.ControlRegisters(counter, self._not_modelled)
        self._locked_up = False
        self._trap_loop = exceptions.TrapLoop()

    # -- what the executing core gives
    @property
    def cycles(self) -> int:
        """Core cycles while awake; up to the access, within one."""
        raise NotImplementedError

    @property
    def instructions(self) -> int:
        """Instructions executed."""
        raise NotImplementedError

    @property
    def pc(self) -> int:
        """The instruction under way."""
        raise NotImplementedError

    def _instruction(self) -> Instruction:
        """The instruction that the PC is on."""
        raise NotImplementedError

    def _enter_trap(self, cause: int, value: int, vector: int) -> None:
        """Enters a trap at the PC, with values for mcause and mtval."""
        raise NotImplementedError

    def _mtvec_changed(self, mtvec: int) -> None:
        """mtvec was written."""
        raise NotImplementedError

    def _code_changed(self) -> None:
        """FENCE.I: code was written."""
        raise NotImplementedError

    # -- traps
    def _reset_traps(self) -> None:
        self._csrs.reset()
        self._mtvec_changed(self._csrs.mtvec)
        self._locked_up = False
        self._trap_loop.reset()

    def _exception(
        self,
        cause: int,
        value: int,
        message: str,
        blamed: int | None = None,
        rule: str = "fault",
    ) -> None:
        """A named exception at the PC.

        Args:
            cause: the exception's code, for mcause.
            value: for mtval.
            message: the end of the report's sentence.
            blamed: the instruction to report where that is not the one that the PC is on.
            rule: the rule to report.
        """
        pc = self._registers["PC"]
        named = f"{exceptions.NAMES[cause]}: {message}"
        if not self._trap_loop.repeats(cause, pc, self._in_handler()):
            self.listener.fault(rule, named, pc if blamed is None else blamed)
        vector = self._csrs.mtvec & ~1
        if self._trap_loop.is_endless:
            # Silicon goes round until a watchdog bites; here the core stops, and one still may.
            self._locked_up = True
            self.listener.fault(
                "lock-up", f"the trap handler at {vector:#010x} traps without end ({named})", pc
            )
        self._enter_trap(cause, value & 0xFFFF_FFFF, vector)

    def _in_handler(self) -> bool:
        """Whether a trap handler runs: machine mode, entered from machine mode, without MIE."""
        if self._registers["PRIV"] != MACHINE:
            return False
        return self._registers["MSTATUS"] & (_MIE | _MPP) == MACHINE << _MPP_SHIFT

    def _memory_fault(self, address: int, access: int) -> None:
        """Memory refused an access.

        Args:
            address: of the access.
            access: READ, WRITE or FETCH.
        """
        region = self._memory.region_of(address)
        write = access == WRITE
        if access == FETCH:
            self._registers["PC"] = address
            rule, where = (
                self._unmapped(address)
                if region is None
                else ("fault", f"only data is ({region.name})")
            )
            message = f"code fetched from {address:#010x}, where {where}"
            self._exception(
                exceptions.FETCH_FAULT, address, message, self._last_call(address), rule
            )
            return
        this = self._instruction()
        cause = exceptions.STORE_FAULT if write else exceptions.LOAD_FAULT
        verb = "write to" if write else "read of"
        rule = "fault"
        if region is None:
            rule, where = self._unmapped(address)
            message = f"{verb} {address:#010x}, where {where}"
            pointer = self._registers[f"X{SP}"]
            if -_STACK_REACH <= address - pointer < _STACK_REACH:
                message = f"stack overflow: SP is {pointer:#010x}, below its memory ({message})"
        elif write and not region.writable:
            message = f"{verb} {address:#010x}, where {region.name} is read-only"
        elif self._over_instruction_bus(this, address, write):
            return
        else:
            message = (
                f"{this.width}-byte {verb} {address:#010x} in {region.name}: the instruction bus "
                "moves data in aligned words only; use its address on the data bus"
            )
        self._exception(cause, address, message, rule=rule)

    def _unmapped(self, address: int) -> tuple[str, str]:
        """The rule that an access to an address without memory breaks, and the reason."""
        return self.why_unmapped(address) or ("fault", "there is nothing")

    def _last_call(self, target: int) -> int | None:
        """The call that set ra, to blame for a jump into nowhere; None where ra names none."""
        link = self._registers["X1"]
        if link == target or self._memory.region_of(link) is None:
            return None
        return link - 2  # within the call, be it of two or four bytes

    def _over_instruction_bus(self, this: Instruction, address: int, write: bool) -> bool:
        """Moves a word between a register and memory on the instruction bus; False if it is none.

        Source: ESP-IDF Programming Guide, ESP32-C3, "Memory Types" (instruction memory "can only
        be read or written via 4-byte aligned words").

        FIDELITY:
            model: In Unicorn a read is checked only when it is the first of its 4 KB page and no
                code has run there yet.
            silicon: Every read is checked.
            hides: A table that lies among code.
        """
        if this.width != 4 or address & 3:
            return False
        if write:
            self._memory.write(address, self._registers[f"X{this.rs2}"].to_bytes(4, "little"))
        else:
            self._set_rd(this, int.from_bytes(self._memory.read(address, 4), "little"))
        self._go_past(this)
        return True

    # -- instructions
    def _carry_out(self, this: Instruction) -> None:
        """Carries out an instruction that traps, or that the executing core does not know."""
        pc = self._registers["PC"]
        if this.kind is Kind.CSR:
            self._access_csr(this)
        elif this.kind is Kind.ECALL:
            cause = exceptions.ECALL_U if self._registers["PRIV"] == USER else exceptions.ECALL_M
            self._enter_trap(cause, 0, self._csrs.mtvec & ~1)
        elif this.kind is Kind.EBREAK:
            self._exception(exceptions.BREAKPOINT, pc, "EBREAK with no debugger connected")
        elif this.kind is Kind.FENCE_I:
            self._code_changed()
            self._go_past(this)
        elif (hole := self.describe_hole(pc)) is not None:
            blamed = self._last_call(pc)
            self.listener.fault("not-modelled", hole, pc if blamed is None else blamed)
            self._locked_up = True  # what silicon has here cannot be carried out
        else:
            digits = 2 * this.size
            self._exception(
                exceptions.ILLEGAL, this.word, f"{this.word:#0{digits + 2}x} is not of RV32IMC"
            )

    def _access_csr(self, this: Instruction) -> None:
        """CSRRW, CSRRS, CSRRC and their immediate forms (volume I, 9.1)."""
        number, operation = this.offset, this.funct3 & 3
        if self._registers["PRIV"] < number >> 8 & 3:
            self._illegal_csr(this, "is not to be had in user mode")
            return
        operand = this.rs1 if this.funct3 & 4 else self._registers[f"X{this.rs1}"]
        try:
            old = self._csrs.read(number)
            if operation == 1:
                self._csrs.write(number, operand)
            elif this.rs1:
                self._csrs.write(number, old | operand if operation == 2 else old & ~operand)
        except csr.NoSuchCsrError:
            self._illegal_csr(this, "does not exist on the ESP32-C3, or is read-only")
            return
        self._mtvec_changed(self._csrs.mtvec)
        self._set_rd(this, old)
        self._go_past(this)

    def _illegal_csr(self, this: Instruction, why: str) -> None:
        self._exception(exceptions.ILLEGAL, this.word, f"{csr.name(this.offset)} {why}")

    def _set_rd(self, this: Instruction, value: int) -> None:
        if this.rd:
            self._registers[f"X{this.rd}"] = value

    def _go_past(self, this: Instruction) -> None:
        self._registers["PC"] = self._registers["PC"] + this.size

    def _not_modelled(self, message: str) -> None:
        self.listener.fault("not-modelled", message, self.pc)
