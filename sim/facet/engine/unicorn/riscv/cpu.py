"""A bare RV32IMC core in Unicorn: what its blocks cost, and where Unicorn differs from the chip.

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
- A stop from within the block hook comes before the block runs. A stop from within an access leaves
  the PC on the load or store, so that a store would be made twice.
- Memory that cannot be read stops the first read of a page only, and none once code from that page
  has run; memory that cannot be written stops every write, and data memory every fetch.
- Two mappings of the same host memory know nothing of each other's translated code.
- A hook on one instruction (UC_HOOK_CODE) that stops comes before the instruction, but only in
  blocks that are translated after it was added.

Each instruction that QEMU would carry out in another way than the chip does gets a hook when its
block is first met, and the core looks at it: such a place is a site.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import unicorn
from unicorn import riscv_const

from facet.cycles.native_model import CODE_CACHED
from facet.cycles.rv32imc import describe
from facet.engine.protocol import OFF_BUS, MemoryRegion
from facet.engine.unicorn import native
from facet.engine.unicorn.cpu import UnicornCpu
from facet.engine.unicorn.native import MAY_UNMASK, NO_REGISTER, Block, Site
from facet.isa.rv32 import Instruction, Kind, decode, instructions

_REGISTERS: Final = {
    "PC": riscv_const.UC_RISCV_REG_PC,
    "PRIV": riscv_const.UC_RISCV_REG_PRIV,
    "MSTATUS": riscv_const.UC_RISCV_REG_MSTATUS,
    "MEPC": riscv_const.UC_RISCV_REG_MEPC,
    "MCAUSE": riscv_const.UC_RISCV_REG_MCAUSE,
    "MTVAL": riscv_const.UC_RISCV_REG_MTVAL,
    **{f"X{n}": getattr(riscv_const, f"UC_RISCV_REG_X{n}") for n in range(32)},
    "MSCRATCH": riscv_const.UC_RISCV_REG_MSCRATCH,
}
"""Up to X31 in the order of the C side's enumeration ID_RV_PC, ID_PRIV ..."""


class Rv32Cpu(UnicornCpu):
    """The core and its memories.

    Args:
        instruction_bus: addresses that the instruction bus serves: data moves over it in aligned
            words only.
        data_bus: addresses that the data bus serves: no code runs there.
        data_flash: those of them where loads read flash through its cache.
    """

    def __init__(self, instruction_bus: range, data_bus: range, data_flash: range) -> None:
        super().__init__(
            unicorn.UC_ARCH_RISCV,
            unicorn.UC_MODE_RISCV32,
            riscv_const.UC_CPU_RISCV32_SIFIVE_E31,
            _REGISTERS,
            list(_REGISTERS)[:-1],
            None,
        )
        self.model.watch_flash(data_flash.start, len(data_flash))
        self.instruction_bus, self.data_bus = instruction_bus, data_bus
        self._cached: Sequence[range] = ()
        self._code_is_old = self._flash_is_new = False
        self._windows: list[MemoryRegion] = []
        self._new_windows: Callable[[], Sequence[MemoryRegion]] | None = None

    def map_memory(self, region: MemoryRegion) -> None:
        """Adds memory; what the bus at its addresses does not do is a memory fault."""
        if region.base >= OFF_BUS:
            self.memory.add(region)
            return
        access = unicorn.UC_PROT_READ | unicorn.UC_PROT_EXEC
        if region.writable:
            access |= unicorn.UC_PROT_WRITE
        if region.base in self.data_bus:
            access &= ~unicorn.UC_PROT_EXEC
        elif region.base in self.instruction_bus:
            access = unicorn.UC_PROT_EXEC
        self._map(region, access)

    def remap(self, windows: Callable[[], Sequence[MemoryRegion]]) -> None:
        """Makes `follow_mapping` show other pieces of memory.

        FIDELITY:
            model: Another mapping of the flash takes effect with the core's next basic block.
            silicon: It takes effect with the next access.
            hides: Nothing from a program that invalidates the cache in between.

        Args:
            windows: gives the pieces: aliases of memory that is there.
        """
        self._new_windows = windows
        self.reconsider()

    def follow_mapping(self) -> bool:
        """Carries out the latest `remap`; returns whether there was one."""
        windows, self._new_windows = self._new_windows, None
        if windows is not None:
            self.set_windows(windows())
        return windows is not None

    def set_windows(self, windows: Sequence[MemoryRegion]) -> None:
        """Shows pieces of memory at other addresses, in place of those of the last call.

        Args:
            windows: aliases of memory that is there.
        """
        for old in self._windows:
            self._unmap(old)
        self._windows = list(windows)
        for new in self._windows:
            self.map_memory(new)
        self.code_changed()

    def write_memory(self, address: int, data: bytes) -> None:
        """Stores `data`, in read-only regions too; IndexError where there is no memory.

        FIDELITY:
            model: Programmed data in flash can be read at once, programmed code runs after the
                cache was invalidated.
            silicon: Both need the invalidation.
            hides: A program that forgets to invalidate the cache before it reads data.
        """
        self.memory.write(address, data)
        region = self.memory.region_of(address)
        if region is None or region.writable:
            return
        if region.base >= OFF_BUS:
            self._flash_is_new = True
        else:
            self._code_is_old = True  # a peripheral may write, while the core runs
            self.reconsider()

    def flush_flash_cache(self) -> None:
        """Empties the flash cache: what was programmed is code from now on."""
        self.model.flush_cache()
        if self._flash_is_new:
            self._flash_is_new = False
            self._code_is_old = True
            self.reconsider()

    def code_changed(self) -> None:
        """Forgets all translated code (FENCE.I)."""
        self.remove_sites()
        self._uc.ctl_flush_tb()

    def set_cached(self, windows: Sequence[range]) -> None:
        """Code at these addresses is fetched through the flash cache."""
        if windows != self._cached:
            self._cached = windows
            self.native.call("forget_blocks")

    # -- running
    def run(self, until_cycle: int) -> int:
        """Runs until something is to be looked at; see `UnicornCpu.run`."""
        if self._code_is_old:
            self._code_is_old = False
            self.code_changed()
        return super().run(until_cycle)

    # -- instructions
    def instruction(self) -> Instruction:
        """The instruction that the PC is on."""
        return self._instruction_at(self["PC"])

    def _instruction_at(self, address: int) -> Instruction:
        return decode(int.from_bytes(self._code(address, 4)[:4], "little"))

    def step_back_to_trap(self) -> None:
        """Puts the PC, which Unicorn left behind a trapping instruction, on it."""
        end = self["PC"]
        start = int(self.core.last.address)
        for address, this in instructions(self._code(start, end - start), start):
            if this.word == 0 or address + this.size == end:
                self["PC"] = address
                return

    # -- blocks
    def _cost_block(self, address: int, size: int, slot: Block) -> None:
        block = describe(self._code(address, size)[:size], address)
        if self._needs_sites(
            {at: (Site(kind=native.SITE_PYTHON), this.size) for at, this in block.sites}
        ):
            self.refuse(slot)
            return
        slot.address, slot.size = address, size
        slot.instructions = block.instructions
        slot.flags = MAY_UNMASK * block.may_unmask
        cached = any(address in window for window in self._cached)
        cost = slot.cost
        cost.address, cost.size, cost.placement = address, size, CODE_CACHED * cached
        self.model.describe(cost, block)

    def _list_steps(self, address: int, size: int) -> list[native.Step]:
        steps = []
        code = self._code(address, size)[:size]
        known = describe(code, address).instructions
        for (at, this), _ in zip(instructions(code, address), range(known), strict=False):
            step = native.Step(offset=at - address, size=this.size, base=NO_REGISTER)
            step.index = NO_REGISTER
            if this.kind in (Kind.LOAD, Kind.STORE):
                store = this.kind is Kind.STORE
                step.flags = native.STEP_STORE | native.STEP_PLAIN if store else native.STEP_LOAD
                step.base, step.displacement, step.bytes = this.rs1, this.offset, this.width
            steps.append(step)
        return steps
