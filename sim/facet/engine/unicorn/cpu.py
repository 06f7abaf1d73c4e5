"""A bare Cortex-M4F in Unicorn: registers, memory, blocks with their cycles, and why it stopped.

Unicorn has no interrupt controller for the M profile; `cortex_m` adds it. What Unicorn 2.1 does,
as tried here: WFI returns from emu_start with the PC after it, WFE fails with UC_ERR_EXCEPTION and
the PC after it; an exception return arrives as interrupt 8, SVC as 2 (PC after it), BKPT as 7 (PC
on it); a stop from within the block hook comes before the block runs; the PC inside an I/O
callback is the start of the block.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import capstone
import unicorn
from capstone import arm
from unicorn import arm_const

from facet.cycles.cortex_m4 import CortexM4Costs
from facet.engine.unicorn.block_cpu import BlockCountingCpu, Deadline, MemoryFault
from facet.engine.unicorn.block_hook import IN_FLASH, MAY_UNMASK, Block
from facet.engine.unicorn.divide_trap import DivideTrap

_WFI, _WFE = b"\x30\xbf", b"\x20\xbf"
_NPRIV = 1  # CONTROL: thread mode is unprivileged
_THUMB = 1 << 24  # XPSR.T

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
class Waits:
    """The core executed WFI (or WFE)."""

    for_event: bool


@dataclass(frozen=True)
class Trap:
    """An SVC, BKPT, exception return, or an instruction that the core does not carry out."""

    kind: str


Outcome = Deadline | Waits | Trap | MemoryFault

_PREFETCH_ABORT = 3
_TRAPS = {1: "undefined", 2: "svc", 7: "bkpt", 8: "exception-return"}


class ArmCpu(BlockCountingCpu):
    """The core and its memories.

    Args:
        flash_base: where the code lies whose fetches wait for the flash.
        flash_size: its length in bytes.
    """

    def __init__(self, flash_base: int, flash_size: int) -> None:
        super().__init__(
            unicorn.UC_ARCH_ARM,
            unicorn.UC_MODE_THUMB | unicorn.UC_MODE_MCLASS,
            arm_const.UC_CPU_ARM_CORTEX_M4,
            _REGISTERS,
        )
        self._costs = CortexM4Costs()
        self._decoder = capstone.Cs(
            capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS
        )
        self._decoder.detail = True
        self._fpu_denied = False
        self._denied_at: int | None = None
        self._unprivileged = 0
        self._divisions = DivideTrap(self._uc, self._decoder, self._divided_by_zero)
        self._by_zero = False
        self.hook.core.flash_base = flash_base
        self.hook.core.flash_size = flash_size
        self._flash = range(flash_base, flash_base + flash_size)

    # -- registers
    def __getitem__(self, register: str) -> int:
        value = super().__getitem__(register)
        return value | self._unprivileged if register == "CONTROL" else value

    def __setitem__(self, register: str, value: int) -> None:
        if register == "CONTROL":
            self._unprivileged = value & _NPRIV
            value &= ~_NPRIV
        super().__setitem__(register, value)

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

    # -- running
    def run(self, until_cycle: int) -> Outcome:
        """Runs from the present PC until something is to be looked at."""
        self._by_zero = False
        self._drop_privilege()
        error = self._execute(self["PC"] | 1, until_cycle)
        while self._divisions.arm():
            error = self._execute(self["PC"] | 1, until_cycle)
        self._regain_privilege()
        self._raise_failure()
        if error is not None:
            if error.errno == unicorn.UC_ERR_EXCEPTION and self._code(self["PC"] - 2, 2) == _WFE:
                return Waits(for_event=True)
            self._trap = 1  # an instruction that QEMU does not know
        if self._denied_at is not None:
            self["PC"], self._denied_at = self._denied_at | 1, None
            return Trap("no-fpu")
        if self._memory_fault is not None:
            return self._memory_fault
        if self._trap == _PREFETCH_ABORT:  # from where QEMU's own memory map forbids to execute
            return MemoryFault(self["PC"], write=False, fetch=True)
        if self._by_zero:
            return Trap("divide-by-zero")
        if self._trap == 1 and not self["XPSR"] & _THUMB:
            return Trap("not-thumb")
        if self._trap is not None:
            return Trap(_TRAPS.get(self._trap, f"trap {self._trap}"))
        if self.hook.core.deadline_hit:
            return Deadline()
        return self._waiting()

    def deny_fpu(self, denied: bool) -> None:
        """Floating-point instructions trap from now on, or no longer do.

        FIDELITY: the trap comes before the block that holds the instruction, the PC shows the
        instruction; silicon runs what stands before it in the block; hides nothing but those few
        instructions' effects in a handler that looks at them.
        """
        if denied != self._fpu_denied:
            self._fpu_denied = denied
            self.hook.forget_blocks()

    def trap_divisions(self, trapped: bool) -> None:
        """Divisions by zero trap from now on (SCB_CCR.DIV_0_TRP), or give 0 again."""
        if trapped != self._divisions.on:
            self._divisions.on = trapped
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

    def _divided_by_zero(self) -> None:
        self._by_zero = True
        self._uc.emu_stop()

    def _cost_block(self, address: int, size: int, slot: Block) -> None:
        cost = self._costs.cost(self._code(address, size + 4), address, size)
        slot.address, slot.size = address, size
        if self._fpu_denied and cost.floating_point_at is not None:
            self._denied_at = cost.floating_point_at
            self._uc.emu_stop()
            slot.address = 1  # looked at again, should the FPU be allowed by then
        if self._divisions.on and self._divisions.found_in(self._code(address, size), address):
            self._uc.emu_stop()
            slot.address = 1  # comes here again, with its divisions armed
            return
        slot.half_cycles, slot.instructions = cost.half_cycles, cost.instructions
        slot.taken, slot.fallthrough, slot.entry = cost.taken, cost.fallthrough, cost.entry
        slot.flags = MAY_UNMASK * cost.may_unmask + IN_FLASH * (address in self._flash)

    def _waiting(self) -> Outcome:
        if self._code(self["PC"] - 2, 2) == _WFI:
            return Waits(for_event=False)
        return Deadline()


def _is_store(this: capstone.CsInsn) -> bool:
    return str(this.mnemonic).startswith(("str", "vstr", "stm", "vstm", "push"))
