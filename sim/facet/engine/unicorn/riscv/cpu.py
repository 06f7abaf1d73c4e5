"""A bare RV32IMC core in Unicorn: registers, memory, blocks with their cycles, why it stopped.

What Unicorn 2.1.4 does, as tried here:

- ECALL arrives as interrupt 8 from any mode, an instruction that QEMU does not know as 2, both with
  the PC behind it (four bytes on, and outside of the block, at a 16-bit word of zeros); EBREAK,
  short or long, fails with UC_ERR_INSN_INVALID and the PC on it.
- No exception is delivered: mepc, mcause and PC are ours to write. MRET works, and sets mstatus.MPP
  to user mode as the privileged architecture says.
- WFI returns from emu_start with the PC behind it, but does not end its block.
- A CSR instruction ends its block. A custom CSR arrives as interrupt 2; one that QEMU has and the
  chip lacks (mcycle, mie, ...) is carried out, mcycle with the host's time in it. An E31, the
  smallest model, carries out atomic instructions, and SFENCE.VMA as nothing.
- reg_read and reg_write of a CSR obey the privilege of the moment: garbage in user mode.
- A stop from within the block hook comes before the block runs. In an I/O callback the PC is on the
  load or store; a stop from there takes effect at once, with the PC still on the instruction, so
  that a store would be made twice.
- Memory that cannot be read stops the first read of a page only, and none once code from that page
  has run; memory that cannot be written stops every write, and data memory every fetch.
- Two mappings of the same host memory know nothing of each other's translated code.
- A hook on one instruction (UC_HOOK_CODE) that stops comes before the instruction, but only in
  blocks that are translated after it was added.

So each instruction that QEMU would carry out in another way than the chip does gets a hook when its
block is first met, and the core looks at it: such a place is a `Site`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import unicorn
from unicorn import riscv_const

from facet.cycles.rv32imc import block_cost
from facet.engine.protocol import MemoryRegion
from facet.engine.unicorn.block_cpu import BlockCountingCpu, Deadline, MemoryFault
from facet.engine.unicorn.block_hook import CACHED, MAY_UNMASK, Block
from facet.isa.rv32 import Instruction, Kind, decode, instructions

MACHINE, USER = 3, 0
_ECALL, _ILLEGAL = 8, 2  # numbers of Unicorn's interrupts

_REGISTERS = {
    **{f"X{n}": getattr(riscv_const, f"UC_RISCV_REG_X{n}") for n in range(32)},
    "PC": riscv_const.UC_RISCV_REG_PC,
    "PRIV": riscv_const.UC_RISCV_REG_PRIV,
    "MSTATUS": riscv_const.UC_RISCV_REG_MSTATUS,
    "MSCRATCH": riscv_const.UC_RISCV_REG_MSCRATCH,
    "MEPC": riscv_const.UC_RISCV_REG_MEPC,
    "MCAUSE": riscv_const.UC_RISCV_REG_MCAUSE,
    "MTVAL": riscv_const.UC_RISCV_REG_MTVAL,
}


@dataclass(frozen=True)
class Waits:
    """The core executed WFI; the PC is behind it."""


@dataclass(frozen=True)
class Site:
    """The core is to carry out `instruction`; the PC is on it."""

    instruction: Instruction


Outcome = Deadline | Waits | Site | MemoryFault


class Rv32Cpu(BlockCountingCpu):
    """The core and its memories.

    Args:
        instruction_bus: addresses that the instruction bus serves: data moves over it in aligned
            words only.
        data_bus: addresses that the data bus serves: no code runs there.
    """

    def __init__(self, instruction_bus: range, data_bus: range) -> None:
        super().__init__(
            unicorn.UC_ARCH_RISCV,
            unicorn.UC_MODE_RISCV32,
            riscv_const.UC_CPU_RISCV32_SIFIVE_E31,
            _REGISTERS,
        )
        self.instruction_bus, self.data_bus = instruction_bus, data_bus
        self._cached: Sequence[range] = ()
        self._hooked: dict[int, int] = {}  # Unicorn's handle of the hook at each site
        self._new_sites: dict[int, int] = {}  # address and size
        self._at_site = False

    def map_memory(self, region: MemoryRegion) -> None:
        """Adds memory; what the bus at its addresses does not do is for `MemoryFault` to tell."""
        access = unicorn.UC_PROT_READ | unicorn.UC_PROT_EXEC
        if region.writable:
            access |= unicorn.UC_PROT_WRITE
        if region.base in self.data_bus:
            access &= ~unicorn.UC_PROT_EXEC
        elif region.base in self.instruction_bus:
            access = unicorn.UC_PROT_EXEC
        self._uc.mem_map_ptr(region.base, region.size, access, self.memory.add(region))

    def write_memory(self, address: int, data: bytes) -> None:
        """Stores `data`, in read-only regions too; IndexError where there is no memory."""
        self.memory.write(address, data)
        region = self.memory.region_of(address)
        if region is not None and not region.writable:
            self.code_changed()

    def code_changed(self) -> None:
        """Forgets all translated code (FENCE.I)."""
        for hook in self._hooked.values():
            self._uc.hook_del(hook)
        self._hooked.clear()
        self._uc.ctl_flush_tb()
        self.hook.forget_blocks()

    def set_cached(self, windows: Sequence[range]) -> None:
        """Code at these addresses is fetched through the flash cache."""
        if windows != self._cached:
            self._cached = windows
            self.hook.forget_blocks()

    # -- running
    def run(self, until_cycle: int) -> Outcome:
        """Runs from the present PC until something is to be looked at."""
        self._at_site = False
        error = self._execute(self["PC"], until_cycle)
        while self._new_sites:
            self._hook_sites()
            error = self._execute(self["PC"], until_cycle)
        self._raise_failure()
        if self._memory_fault is not None:
            return self._memory_fault
        if self._at_site:
            return Site(self.instruction())
        if self._trap is not None:
            self["PC"] = self._trapping_instruction()
            return Site(self.instruction())
        if error is not None:
            return Site(self.instruction())
        if self.hook.core.deadline_hit:
            return Deadline()
        return self._waiting()

    def instruction(self) -> Instruction:
        """The instruction that the PC is on."""
        return self._instruction_at(self["PC"])

    def _instruction_at(self, address: int) -> Instruction:
        return decode(int.from_bytes(self._code(address, 4)[:4], "little"))

    def _trapping_instruction(self) -> int:
        """The instruction of the block under way that ends where the PC is now, or is all zeros."""
        end = self["PC"]
        start = int(self.hook.core.last_address)
        for address, this in instructions(self._code(start, end - start), start):
            if this.word == 0 or address + this.size == end:
                return address
        return end

    def _waiting(self) -> Outcome:
        if self._instruction_at((self["PC"] - 4) & 0xFFFF_FFFF).kind is Kind.WFI:
            return Waits()
        return Deadline()

    # -- sites
    def _cost_block(self, address: int, size: int, slot: Block) -> None:
        cost = block_cost(self._code(address, size)[:size], address)
        new = {at: this.size for at, this in cost.sites if at not in self._hooked}
        if new:
            self._new_sites.update(new)
            self._uc.emu_stop()
            slot.address = 1  # comes here again, translated with its hooks
            return
        slot.address, slot.size = address, size
        slot.half_cycles, slot.instructions = cost.half_cycles, cost.instructions
        slot.taken, slot.fallthrough, slot.entry = cost.taken, cost.fallthrough, 0
        cached = any(address in window for window in self._cached)
        slot.flags = MAY_UNMASK * cost.may_unmask + CACHED * cached

    def _hook_sites(self) -> None:
        """Adds the hooks that `_cost_block` found missing, while the core stands still."""
        for address, size in self._new_sites.items():
            self._hooked[address] = self._uc.hook_add(
                unicorn.UC_HOOK_CODE, self._on_site, begin=address, end=address
            )
            self._uc.ctl_remove_cache(address, address + size)
        self._new_sites.clear()

    def _on_site(self, _uc: Any, _address: int, _size: int, _data: Any) -> None:
        self._at_site = True
        self._uc.emu_stop()
