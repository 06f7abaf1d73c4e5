"""A bare Cortex-M4F in Unicorn: what its blocks cost, and where Unicorn differs from the core.

What Unicorn 2.1.4 does, as tried here: WFI returns from emu_start with the PC behind it; WFE and
YIELD fail with UC_ERR_INSN_INVALID and the PC behind them; SEV does nothing; BASEPRI keeps 8 bits;
unaligned LDM, LDRD and VLDR are carried out; an exception return arrives as interrupt 8, SVC as 2
(PC behind it), BKPT as 7 (PC on it). A stop from within the block hook comes before the block runs.
A stop from within an access leaves the PC on the instruction, whose result is not stored yet.
"""

from __future__ import annotations

import ctypes
from functools import cache, lru_cache
from typing import Final, NamedTuple

import unicorn
from unicorn import arm_const

from facet.cycles.cortex_m4 import CortexM4Blocks
from facet.cycles.native_model import CODE_IN_FLASH
from facet.cycles.skips import Skip
from facet.cycles.timing import STM32L4, Timing
from facet.engine.unicorn import native
from facet.engine.unicorn.cpu import UnicornCpu, as_bytes, registers_at
from facet.engine.unicorn.native import EXCLUSIVE, MAY_UNMASK, NO_REGISTER, Block
from facet.isa import thumb

_REGISTERS: Final = {
    "PC": arm_const.UC_ARM_REG_PC,
    "SP": arm_const.UC_ARM_REG_SP,
    "LR": arm_const.UC_ARM_REG_LR,
    "XPSR": arm_const.UC_ARM_REG_XPSR,
    "MSP": arm_const.UC_ARM_REG_MSP,
    "PSP": arm_const.UC_ARM_REG_PSP,
    "CONTROL": arm_const.UC_ARM_REG_CONTROL,
    "PRIMASK": arm_const.UC_ARM_REG_PRIMASK,
    "BASEPRI": arm_const.UC_ARM_REG_BASEPRI,
    "FAULTMASK": arm_const.UC_ARM_REG_FAULTMASK,
    "FPSCR": arm_const.UC_ARM_REG_FPSCR,
    **{f"R{n}": getattr(arm_const, f"UC_ARM_REG_R{n}") for n in range(13)},
    **{f"S{n}": getattr(arm_const, f"UC_ARM_REG_S{n}") for n in range(16)},
}
"""In the order of the C side's enumeration ID_PC, ID_SP ..."""


class ArmCpu(UnicornCpu):
    """The core and its memories.

    Args:
        flash_base: where the code lies whose fetches wait for the flash.
        flash_size: its length in bytes.
    """

    def __init__(self, flash_base: int, flash_size: int, timing: Timing = STM32L4) -> None:
        super().__init__(
            unicorn.UC_ARCH_ARM,
            unicorn.UC_MODE_THUMB | unicorn.UC_MODE_MCLASS,
            arm_const.UC_CPU_ARM_CORTEX_M4,
            _REGISTERS,
            list(_REGISTERS),
            timing,
        )
        self._blocks = CortexM4Blocks(self._constant, timing)
        self._fpu_denied = False
        self._misaligned: set[int] = set()  # blocks in which an address was not aligned
        self._traps_division = self._traps_unaligned = False
        self.denied_at: int | None = None
        """The floating-point instruction that was met while the FPU is denied."""
        self.model.place_flash(flash_base)
        self.model.watch_flash(flash_base, flash_size)
        self._flash = range(flash_base, flash_base + flash_size)
        self.native.call("set_monitor", _monitor_offset() if registers_at(self) else 0)

    # -- settings
    def deny_fpu(self, denied: bool) -> None:
        """Floating-point instructions trap from now on, or no longer do.

        FIDELITY:
            model: The trap comes before the block that holds the instruction; the PC shows the
                instruction.
            silicon: The instructions before it in the block are executed.
            hides: The effects of those few instructions, in a handler that looks at them.
        """
        if denied != self._fpu_denied:
            self._fpu_denied = denied
            self.native.call("forget_blocks")

    def set_traps(self, division: bool, unaligned: bool) -> None:
        """Chooses what traps: divisions by zero, unaligned LDR, STR, LDRH and STRH (SCB_CCR)."""
        if (division, unaligned) != (self._traps_division, self._traps_unaligned):
            self._traps_division, self._traps_unaligned = division, unaligned
            self.remove_sites()

    # -- blocks
    def _refused(self) -> bool:
        return super()._refused() and self.denied_at is None

    def _cost_block(self, address: int, size: int, slot: Block) -> None:
        code = self._code(address, size)[:size]
        block = self._blocks.describe(code, address)
        if self._fpu_denied and block.floating_point_at is not None:
            self.denied_at = block.floating_point_at
            self.refuse(slot)
            return
        found = _find(code, address, self._traps_division, self._traps_unaligned)
        sites = found.sites | {skip.address: (_skip_site(skip), _IT_BYTES) for skip in block.skips}
        if self.core.misaligned:  # one of the block's addresses is: find out at which instruction
            self._misaligned.add(address)
            self.core.misaligned = 0
        if address in self._misaligned:
            sites = sites | found.aligned
        if self._needs_sites(sites):
            self.refuse(slot)
            return
        checks = () if address in self._misaligned else found.checks
        slot.check_count = len(checks)
        for n, (register, constant, mask) in enumerate(checks):
            slot.checks[n] = register << 4 | constant << 2 | mask
        slot.address, slot.size = address, size
        slot.instructions = block.instructions
        cost = slot.cost
        cost.address, cost.size = address, size
        cost.placement = CODE_IN_FLASH * (address in self._flash)
        self.model.describe(cost, block)
        exclusive = any(thumb.is_load_exclusive(this) for this in thumb.decode(code, address))
        slot.flags = MAY_UNMASK * block.may_unmask + EXCLUSIVE * exclusive

    def _constant(self, address: int) -> int | None:
        """The word at an address of flash; None elsewhere."""
        if address & 3 or address not in self._flash:
            return None
        return int.from_bytes(self.memory.read(address, 4), "little")

    def _list_steps(self, address: int, size: int) -> list[native.Step]:
        code = self._code(address, size + 4)
        steps = []
        for this in thumb.decode(code, address):
            if this.address >= address + size:
                break
            step = native.Step(offset=this.address - address, size=this.size)
            access = thumb.access(this)
            if access is not None:
                step.flags = native.STEP_STORE if access.store else native.STEP_LOAD
                step.flags |= native.STEP_PLAIN * access.plain
                step.base, step.shift = access.base, access.shift
                step.index = NO_REGISTER if access.index is None else access.index
                step.displacement, step.bytes = access.displacement, access.size
            steps.append(step)
        return steps


_IT_BYTES = 2


class _Found(NamedTuple):
    """What a block holds that Unicorn does not carry out as the core does.

    Attributes:
        sites: instructions that need a hook, by address, with their size.
        checks: addresses that must be aligned, as register, constant and mask, known on entry.
        aligned: further sites, for the instructions that the checks are for.
    """

    sites: dict[int, tuple[native.Site, int]]
    checks: tuple[tuple[int, int, int], ...]
    aligned: dict[int, tuple[native.Site, int]]


@lru_cache(maxsize=65536)  # shared by all cores and kept between boots
def _find(code: bytes, address: int, division: bool, unaligned: bool) -> _Found:
    sites: dict[int, tuple[native.Site, int]] = {}
    aligned: dict[int, tuple[native.Site, int]] = {}
    checks: dict[tuple[int, int, int], None] = {}
    addresses = thumb.Addresses()
    decoded = thumb.decode(code, address)
    for this, conditional in zip(decoded, thumb.in_it_blocks(decoded), strict=True):
        site = None
        access = thumb.access(this)
        if access is not None:
            multiple = access.trap_alignment if unaligned else access.alignment
            if multiple > 1 and access.base not in (thumb.SP, thumb.PC):
                site = _alignment_site(access, multiple)
                known = addresses.of(access)
                if known is not None and len(checks) < native.CHECKS:
                    checks[known[0], known[1] & (multiple - 1), multiple - 1] = None
                    aligned[this.address] = site, this.size
                    site = None
        elif (operands := thumb.division(this)) is not None:
            dividend, divisor, signed = operands
            site = native.Site(
                kind=native.SITE_DIVIDE,
                base=dividend,
                value=divisor,
                special=int(signed),
                mask=int(division),
            )
        elif thumb.is_send_event(this):
            site = native.Site(kind=native.SITE_SEV)
        elif (written := thumb.written_basepri(this)) is not None:
            site = native.Site(kind=native.SITE_BASEPRI, value=written[0], special=written[1])
        if site is not None:
            sites[this.address] = site, this.size
        addresses.step(this, conditional)
    return _Found(sites, tuple(checks), aligned)


def _skip_site(skip: Skip) -> native.Site:
    return native.Site(
        kind=native.SITE_SKIP, value=skip.condition, base=skip.if_holds, index=skip.if_fails
    )


def _alignment_site(access: thumb.Access, multiple: int) -> native.Site:
    return native.Site(
        kind=native.SITE_ALIGN,
        base=access.base,
        index=NO_REGISTER if access.index is None else access.index,
        shift=access.shift,
        displacement=access.displacement & 0xFFFF_FFFF,
        mask=multiple - 1,
    )


_PROBE_AT = 0x1_0000
_PROBED = 0x1_0A80
_PROBE = b"\x51\xe8\x00\x0f\x00\xbf"  # LDREX R0, [R1]; NOP
_STATE_BYTES = 8192  # of Unicorn's CPU state from R0 on, which hold the monitor
_OPEN = b"\xff" * 8


@cache
def _monitor_offset() -> int:
    """How many bytes behind the registers Unicorn keeps the address of its exclusive monitor.

    A core of our own executes LDREX; the address that it used then stands in its state, and stood
    not before. 0 where it is not found, or found twice.
    """
    probe = UnicornCpu.__new__(ArmCpu)
    UnicornCpu.__init__(
        probe,
        unicorn.UC_ARCH_ARM,
        unicorn.UC_MODE_THUMB | unicorn.UC_MODE_MCLASS,
        arm_const.UC_CPU_ARM_CORTEX_M4,
        _REGISTERS,
        list(_REGISTERS),
        STM32L4,
    )
    at = registers_at(probe)
    if not at:
        return 0
    uc = probe._uc
    uc.mem_map(_PROBE_AT, 0x1000)
    uc.mem_write(_PROBE_AT, _PROBE)
    before = as_bytes(at, _STATE_BYTES)
    wanted = _PROBED.to_bytes(8, "little")
    probe["R1"] = _PROBED
    probe.core.deadline = 1 << 62
    probe.core.cost_block = native.CostBlock(_probe_block)
    uc.emu_start(_PROBE_AT | 1, _PROBE_AT + 4)
    after = as_bytes(at, _STATE_BYTES)
    places = [
        n
        for n in range(64, _STATE_BYTES - 8, 8)
        if after[n : n + 8] == wanted and before[n : n + 8] == _OPEN
    ]
    return places[0] if len(places) == 1 else 0


def _probe_block(address: int, size: int, slot: ctypes._Pointer[Block]) -> None:
    block = slot.contents
    block.address, block.size = address, size
    block.cost.address, block.cost.size = address, size
