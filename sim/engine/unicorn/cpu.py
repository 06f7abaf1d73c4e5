"""A bare Cortex-M4F in Unicorn: registers, memory, blocks with their cycles, and why it stopped.

Unicorn has no interrupt controller for the M profile; `cortex_m` adds it. What Unicorn 2.1 does,
as tried here: WFI returns from emu_start with the PC after it, WFE fails with UC_ERR_EXCEPTION and
the PC after it; an exception return arrives as interrupt 8, SVC as 2 (PC after it), BKPT as 7 (PC
on it); a stop from within the block hook comes before the block runs; the PC inside an I/O
callback is the start of the block.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import capstone
import unicorn
from capstone import arm
from unicorn import arm_const
from unicorn.unicorn_py3 import unicorn as binding

from sim.engine.protocol import MemoryRegion
from sim.engine.unicorn.block_hook import IN_FLASH, MAY_UNMASK, Block, BlockHook
from sim.engine.unicorn.memory import Memory
from sim.profile.cortex_m4 import CortexM4Costs

_UC_HOOK_BLOCK = unicorn.UC_HOOK_BLOCK
_FETCH_KINDS = (unicorn.UC_MEM_FETCH_UNMAPPED, unicorn.UC_MEM_FETCH_PROT)
_WRITE_KINDS = (unicorn.UC_MEM_WRITE_UNMAPPED, unicorn.UC_MEM_WRITE_PROT)
_WFI, _WFE = b"\x30\xbf", b"\x20\xbf"
_NOWHERE = 0xFFFF_FFFE  # emu_start's end address: never executed
_NPRIV = 1  # CONTROL: thread mode is unprivileged

_REGISTERS = {
    **{f"R{n}": getattr(arm_const, f"UC_ARM_REG_R{n}") for n in range(13)},
    "SP": arm_const.UC_ARM_REG_SP,
    "LR": arm_const.UC_ARM_REG_LR,
    "PC": arm_const.UC_ARM_REG_PC,
    "MSP": arm_const.UC_ARM_REG_MSP,
    "PSP": arm_const.UC_ARM_REG_PSP,
    "XPSR": arm_const.UC_ARM_REG_XPSR,
    "CONTROL": arm_const.UC_ARM_REG_CONTROL,
    "PRIMASK": arm_const.UC_ARM_REG_PRIMASK,
    "BASEPRI": arm_const.UC_ARM_REG_BASEPRI,
    "FAULTMASK": arm_const.UC_ARM_REG_FAULTMASK,
    "FPSCR": arm_const.UC_ARM_REG_FPSCR,
    **{f"S{n}": getattr(arm_const, f"UC_ARM_REG_S{n}") for n in range(32)},
}


@dataclass(frozen=True)
class Deadline:
    """The cycle to run to has come, or `reconsider` was called."""


@dataclass(frozen=True)
class Waits:
    """The core executed WFI (or WFE)."""

    for_event: bool


@dataclass(frozen=True)
class Trap:
    """An SVC, BKPT, exception return, undefined instruction, or one for an FPU that is off."""

    kind: str


@dataclass(frozen=True)
class MemoryFault:
    """An access to where there is nothing, or a write to read-only memory."""

    address: int
    write: bool
    fetch: bool


Outcome = Deadline | Waits | Trap | MemoryFault

_TRAPS = {1: "undefined", 2: "svc", 3: "prefetch-abort", 7: "bkpt", 8: "exception-return"}


class ArmCpu:
    """The core and its memories.

    Args:
        flash_base: where the code lies whose fetches wait for the flash.
        flash_size: its length in bytes.
    """

    def __init__(self, flash_base: int, flash_size: int) -> None:
        self._uc = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB | unicorn.UC_MODE_MCLASS)
        self._uc.ctl_set_cpu_model(arm_const.UC_CPU_ARM_CORTEX_M4)
        self.memory = Memory()
        self._costs = CortexM4Costs()
        self._decoder = capstone.Cs(
            capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS
        )
        self._decoder.detail = True
        self._trap: int | None = None
        self._memory_fault: MemoryFault | None = None
        self._failure: BaseException | None = None
        self._fpu_denied = False
        self._denied_at: int | None = None
        self._unprivileged = 0
        library = binding.uclib
        # The binding's own reg_read and reg_write take some 5 us a call, these under 1 us, and an
        # exception's entry and return make about sixty.
        self._handle = self._uc._uch
        self._word = ctypes.c_uint64()
        self._word_at = ctypes.byref(self._word)
        self._read_register, self._write_register = library.uc_reg_read, library.uc_reg_write
        self.hook = BlockHook(
            ctypes.cast(library.uc_emu_stop, ctypes.c_void_p).value or 0, self._cost_block
        )
        self.hook.core.flash_base = flash_base
        self.hook.core.flash_size = flash_size
        self._flash = range(flash_base, flash_base + flash_size)
        handle = ctypes.c_size_t()
        # begin > end: every address (Unicorn's own convention).
        status = library.uc_hook_add(
            self._uc._uch,
            ctypes.byref(handle),
            ctypes.c_int(_UC_HOOK_BLOCK),
            self.hook.function,
            self.hook.pointer,
            ctypes.c_uint64(1),
            ctypes.c_uint64(0),
        )
        if status != unicorn.UC_ERR_OK:
            raise unicorn.UcError(status)
        self._uc.hook_add(unicorn.UC_HOOK_INTR, self._on_interrupt)
        self._uc.hook_add(
            unicorn.UC_HOOK_MEM_UNMAPPED | unicorn.UC_HOOK_MEM_PROT, self._on_memory_fault
        )

    # -- memory map
    def map_memory(self, region: MemoryRegion) -> None:
        """Adds memory to the core's map."""
        access = unicorn.UC_PROT_READ | unicorn.UC_PROT_EXEC
        if region.writable:
            access |= unicorn.UC_PROT_WRITE
        host = self.memory.add(region)
        self._uc.mem_map_ptr(region.base, region.size, access, host)

    def write_memory(self, address: int, data: bytes) -> None:
        """Stores `data`, in read-only regions too; IndexError where there is no memory."""
        self.memory.write(address, data)
        region = self.memory.region_of(address)
        if region is not None and not region.writable:  # code that the core may have translated
            self._uc.ctl_remove_cache(address, address + len(data))

    def map_io(
        self,
        base: int,
        size: int,
        read: Callable[[int, int], int],
        write: Callable[[int, int, int], None],
    ) -> None:
        """Adds a window of registers: read(address, size), write(address, size, value).

        An exception that a callback raises stops the core and is raised by `run`.
        """

        def on_read(_uc: Any, offset: int, size: int, _data: Any) -> int:
            try:
                return read(base + offset, size)
            except BaseException as error:
                self._fail(error)
                return 0

        def on_write(_uc: Any, offset: int, size: int, value: int, _data: Any) -> None:
            try:
                write(base + offset, size, value)
            except BaseException as error:
                self._fail(error)

        self._uc.mmio_map(base, size, on_read, None, on_write, None)

    # -- registers
    def __getitem__(self, register: str) -> int:
        self._read_register(self._handle, _REGISTERS[register], self._word_at)
        value = self._word.value
        return value | self._unprivileged if register == "CONTROL" else value

    def __setitem__(self, register: str, value: int) -> None:
        if register == "CONTROL":
            self._unprivileged = value & _NPRIV
            value &= ~_NPRIV
        self._word.value = value
        self._write_register(self._handle, _REGISTERS[register], self._word_at)

    def _drop_privilege(self) -> None:
        """Gives the program the privilege that it asked for; see `_regain_privilege`."""
        if self._unprivileged:
            self._uc.reg_write(_REGISTERS["CONTROL"], self["CONTROL"])

    def _regain_privilege(self) -> None:
        """Lets us at the special registers while the core stands still.

        QEMU applies the rule for unprivileged code (MSP, PSP, CONTROL and the masks read as 0 and
        ignore writes) to our accesses as well. Only handler mode may clear CONTROL.nPRIV again.
        """
        control = int(self._uc.reg_read(_REGISTERS["CONTROL"]))
        self._unprivileged = control & _NPRIV
        if self._unprivileged:
            xpsr = self["XPSR"]
            self["XPSR"] = xpsr if xpsr & 0x1FF else xpsr | 1
            self._uc.reg_write(_REGISTERS["CONTROL"], control & ~_NPRIV)
            self["XPSR"] = xpsr

    # -- time
    @property
    def cycles(self) -> int:
        """Core cycles so far; within a block, those up to its end."""
        return int(self.hook.core.half_cycles) // 2

    def spend(self, cycles: int) -> None:
        """Adds cycles that no instruction takes: exception entry and return."""
        self.hook.core.half_cycles += 2 * cycles

    def stop_soon(self) -> None:
        """Makes `run` return before the next block."""
        self.hook.core.deadline = 0

    def run(self, until_cycle: int) -> Outcome:
        """Runs from the present PC until something is to be looked at."""
        core = self.hook.core
        core.deadline = 2 * until_cycle
        core.deadline_hit = 0
        self._trap = self._memory_fault = None
        self._drop_privilege()
        try:
            self._uc.emu_start(self["PC"] | 1, _NOWHERE)
        except unicorn.UcError as error:
            if self._failure is None and self._trap is None and self._memory_fault is None:
                if (
                    error.errno == unicorn.UC_ERR_EXCEPTION
                    and self._code(self["PC"] - 2, 2) == _WFE
                ):
                    return Waits(for_event=True)
                self._trap = 1  # an instruction that QEMU does not know
        finally:
            self._regain_privilege()
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure
        if self._denied_at is not None:
            self["PC"], self._denied_at = self._denied_at | 1, None
            return Trap("no-fpu")
        if self._memory_fault is not None:
            return self._memory_fault
        if self._trap is not None:
            return Trap(_TRAPS.get(self._trap, f"trap {self._trap}"))
        if core.deadline_hit:
            return Deadline()
        return self._waiting()

    def branch_breaks(self) -> None:
        """The next block is not reached by the last one's branch (an exception came between)."""
        self.hook.core.last_taken = self.hook.core.last_fallthrough = 0

    def deny_fpu(self, denied: bool) -> None:
        """Floating-point instructions trap from now on, or no longer do.

        FIDELITY: the trap comes before the block that holds the instruction, the PC shows the
        instruction; silicon runs what stands before it in the block; hides nothing but those few
        instructions' effects in a handler that looks at them.
        """
        if denied != self._fpu_denied:
            self._fpu_denied = denied
            self.hook.forget_blocks()

    def locate_access(self, address: int, write: bool) -> int:
        """The instruction of the block under way that accesses `address`.

        Inside an I/O callback Unicorn's PC is the block's start; the registers are up to date, so
        the instruction is the one whose effective address they give.
        """
        start, size = int(self.hook.core.last_address), int(self.hook.core.last_size)
        for this in self._decoder.disasm(self._code(start, size), start):
            if _is_store(this) != write:
                continue
            for operand in this.operands:
                if operand.type == arm.ARM_OP_MEM and self._effective(this, operand) == address:
                    return int(this.address)
        return start

    def _effective(self, this: capstone.CsInsn, operand: Any) -> int | None:
        def value(register: int) -> int:
            if register == 0:
                return 0
            if register == arm.ARM_REG_PC:
                return int(this.address + 4) & ~3
            name = this.reg_name(register).upper()
            alias = {"SB": "R9", "SL": "R10", "FP": "R11", "IP": "R12"}
            return self[alias.get(name, name)]

        memory = operand.mem
        index = value(memory.index) << memory.lshift if memory.index else 0
        displacement = 0 if this.post_index else memory.disp
        return (value(memory.base) + index + displacement) & 0xFFFF_FFFF

    # -- callbacks
    def _fail(self, error: BaseException) -> None:
        self._failure = self._failure or error
        self._uc.emu_stop()

    def _on_interrupt(self, _uc: Any, number: int, _data: Any) -> None:
        self._trap = number
        self._uc.emu_stop()

    def _on_memory_fault(
        self, _uc: Any, kind: int, address: int, _size: int, _value: int, _data: Any
    ) -> bool:
        self._memory_fault = MemoryFault(
            address & 0xFFFF_FFFF, kind in _WRITE_KINDS, kind in _FETCH_KINDS
        )
        return False

    def _cost_block(self, address: int, size: int, slot: Block) -> None:
        cost = self._costs.cost(self._code(address, size + 4), address, size)
        slot.address, slot.size = address, size
        if self._fpu_denied and cost.floating_point_at is not None:
            self._denied_at = cost.floating_point_at
            self._uc.emu_stop()
            slot.address = 1  # looked at again, should the FPU be allowed by then
        slot.half_cycles, slot.instructions = cost.half_cycles, cost.instructions
        slot.taken, slot.fallthrough, slot.entry = cost.taken, cost.fallthrough, cost.entry
        slot.flags = MAY_UNMASK * cost.may_unmask + IN_FLASH * (address in self._flash)

    def _code(self, address: int, size: int) -> bytes:
        for length in (size, size - 4):
            try:
                return self.memory.read(address, length)
            except IndexError:
                continue
        return b""

    def _waiting(self) -> Outcome:
        if self._code(self["PC"] - 2, 2) == _WFI:
            return Waits(for_event=False)
        return Deadline()


def _is_store(this: capstone.CsInsn) -> bool:
    return str(this.mnemonic).startswith(("str", "vstr", "stm", "vstm", "push"))
