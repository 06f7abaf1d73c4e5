"""The Cortex-M4F: Renode's core with the faults, waits and registers of the architecture around it.

Renode executes, enters and leaves exceptions. What it does not do is here: faults and their
escalation, lock-up, traps, and the registers of SysTick, DWT, MPU and SCB.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

from facet.clock import ClockSignal
from facet.cycles.parts import Parts
from facet.cycles.thumb import size_of
from facet.engine.armv7m import bit_band, dwt, faults, mpu, scb, scs, systick, vectors
from facet.engine.armv7m import exceptions as ex
from facet.engine.armv7m.faults import Fault
from facet.engine.armv7m.vectors import start_vectors
from facet.engine.protocol import MemoryRegion
from facet.engine.renode import shared
from facet.engine.renode.core import RenodeCore
from facet.engine.renode.cortex_m import branches, sites, skips
from facet.engine.renode.cortex_m.blocks import ThumbBlocks
from facet.engine.renode.cortex_m.nvic import RenodeNvic
from facet.engine.renode.cpu import RenodeCpu
from facet.engine.renode.loading import Renode
from facet.isa import thumb
from facet.timeline import EventQueue

# Renode's numbers of registers
_SP, _LR, _PC, _OTHER_SP, _XPSR = 13, 14, 15, 22, 25
# Renode's exceptions (tlib, arch/arm/cpu.h)
_UNDEFINED, _SVC, _BKPT, _NO_FPU, _NOT_THUMB = 1, 2, 7, 17, 18
# `configure`
_PRIGROUP, _VTOR, _SLEEP_ON_EXIT, _SEV_ON_PEND, _CPACR, _FPCCR, _USER_MAY_PEND = range(7)

_ACCESSES: Final = {shared.READ: mpu.READ, shared.WRITE: mpu.WRITE, shared.EXECUTE: mpu.EXECUTE}
_EXC_RETURN_FIRST = 0xFFFF_FFE0
_THUMB, _IPSR = 1 << 24, 0x1FF  # of XPSR


class RenodeCortexM4(RenodeCore):
    """One core, a `facet.engine.protocol.CortexMEngine`.

    Args:
        flash: the memory whose fetches wait for the flash interface.
        interrupts: how many NVIC inputs the chip has.
        hclk: the core's clock.
        events: the board's event queue.
    """

    CYCLES_PER_INSTRUCTION = Fraction(3, 2)
    """Cycles where the cycle model is not used: the mean over a decision of facet-small.

    FIDELITY:
        model: In Renode without `--cycles`, each instruction takes 1.5 cycles.
        silicon: The cycles depend on the instruction, the branch, the flash's wait states and its
            caches, as in facet.cycles.cortex_m4.
        hides: The time that code takes, and the order of events that are closer than that error.
    """

    def __init__(
        self, flash: range, interrupts: int, hclk: ClockSignal, events: EventQueue
    ) -> None:
        def make(renode: Renode, machine: Any, state: int) -> Any:
            return renode.shim("FacetCortexM", machine, renode.nvic(machine), interrupts, state)

        super().__init__()
        self._flash = flash
        self._blocks: ThumbBlocks | None = None
        self._flash_settings = 0, False, False, False  # wait states, prefetch, both caches
        self.cpu = RenodeCpu(make, self._find_site)
        self._state = self.cpu.state
        self.nvic = RenodeNvic(self.cpu.function, interrupts)
        self.scb = scb.Scb(self.nvic, self)
        self._systick = systick.SysTick(hclk, events, self._systick_wrapped)
        self._dwt = dwt.Dwt(lambda: self.cycles)
        self._mpu = mpu.Mpu(self._mpu_changed)
        self._scs = scs.SystemControlSpace(self.scb, self._systick, self._dwt, self._mpu, self)
        self._traps = False, False  # division by zero, every unaligned access
        self._unknown_seen: set[int] = set()
        self.reconsider = self.cpu.reconsider
        self._get, self._set = self.cpu.get, self.cpu.set
        self._read_word, self._write_word = bit_band.words(self.cpu.read, self.cpu.write)
        self._set_interrupt = self.cpu.function("set_interrupt")
        self._can_run = self.cpu.function("can_run")
        self._configure = self.cpu.function("configure")
        self.end_wait: Callable[[], None] = self.cpu.function("end_wait")
        self.send_event: Callable[[], None] = self.cpu.function("send_event")
        for base, size in scs.PPB_WINDOWS:
            self.cpu.map_io(base, size, self._scs.read, self._scs.write)

    # -- the engine's protocol
    def _costed(self) -> ThumbBlocks | None:
        return self._blocks

    @property
    def pc(self) -> int:
        """The instruction under way."""
        return int(self._state.pc if self._state.in_access else self._get(_PC))

    @property
    def sleep_deep(self) -> bool:
        """SCR.SLEEPDEEP."""
        return self.scb.sleep_deep

    def map_memory(self, region: MemoryRegion) -> None:
        """Adds memory, with its bit-band alias."""
        access = shared.READ | shared.EXECUTE | (shared.WRITE if region.writable else 0)
        self.cpu.map_memory(region, access)
        if region.base in bit_band.SRAM:
            read, write = bit_band.through(self._read_word, self._write_word)
            self.cpu.map_io(*bit_band.alias_of(region.base, region.size), read, write)

    def map_io(
        self,
        base: int,
        size: int,
        read: Callable[[int, int], int],
        write: Callable[[int, int, int], None],
    ) -> None:
        """Adds a window of peripherals, with their bit-band alias if it lies there."""
        if base == bit_band.PERIPHERALS.start:
            read, write = bit_band.with_alias(read, write)
        self.cpu.map_io(base, size, read, write)

    def set_flash_timing(
        self, wait_states: int, code_cache: bool, data_cache: bool, prefetch: bool
    ) -> None:
        """The flash interface has other settings (FLASH_ACR)."""
        self._flash_settings = wait_states, prefetch, code_cache, data_cache
        if self._blocks is not None:
            self._blocks.costs.model.set_flash(*self._flash_settings)

    def set_bridge(self, number: int, base: int, size: int, wait_cycles: int) -> None:
        """Places a bus that an access waits for."""
        self.cpu.bridges[number] = range(base, base + size), wait_cycles

    def flush_flash_caches(self, code: bool, data: bool) -> None:
        """Empties the flash interface's caches (FLASH_ACR.ICRST, DCRST)."""
        if self._blocks is not None and code:
            self._blocks.costs.model.flush_code()
        if self._blocks is not None and data:
            self._blocks.costs.model.flush_data()

    def set_cycle_parts(self, parts: Parts) -> None:
        """Counts cycles by the cycle model; called before the core has run."""
        if self._blocks is None:
            self._blocks = ThumbBlocks(self._flash, self.cpu.code, self._has_site, self.cpu.fail)
            self.cpu.count_cycles(self._blocks.costs)
            self._blocks.costs.model.set_flash(*self._flash_settings)
        self._parts = parts
        self._blocks.costs.model.set_parts(parts)

    def set_interrupt(self, line: int, active: bool) -> None:
        """Drives an NVIC input."""
        self._set_interrupt(line, int(active))

    def reset(self, caught: bool = False) -> None:
        """System reset: SP and PC from the vector table at address 0 (ARM DDI 0403E, B1.5.5)."""
        self.cpu.function("reset")()
        self.scb.reset()
        self._systick.reset()
        self._dwt.reset()
        self._mpu.reset()
        self._mpu_changed()
        self._locked_up = False
        self._set(_LR, 0xFFFF_FFFF)
        start = start_vectors(self.cpu.read(self.scb.vtor, vectors.SIZE), self.scb.vtor)
        if start.problem is not None and not caught:
            self._lock_up(start.problem)
        self._set(_SP, start.stack)
        self._set(_PC, start.entry & ~1)
        self.settings_changed()

    def start(self, entry: int, stack: int | None) -> None:
        """A debugger starts the core at `entry`."""
        if stack is not None:
            self._set(_SP, stack)
        self._set(_PC, entry & ~1)

    @property
    def can_run(self) -> bool:
        """Whether the core executes, or its wait is over."""
        return not self._locked_up and bool(self._can_run())

    def refuse_wait(self) -> None:
        """The chip ignores the wait: the core goes on."""
        self._state.waiting = 0

    # -- faults
    def _handle(self, stop: int) -> None:
        state = self._state
        address, access = int(state.fault_address), int(state.fault_access)
        if stop == shared.STOP_MEMORY:
            if state.denied:
                self._protection(address, _ACCESSES[access])
            else:
                self._memory_fault(address, access)
        elif stop == shared.STOP_TRAP:
            self._trapped(int(state.trap))
        elif stop == shared.STOP_SITE:
            divides = thumb.division(self._instruction()) is not None
            self._fault(faults.DIVIDE_BY_ZERO if divides else faults.UNALIGNED)
        elif stop == shared.STOP_UNPRIVILEGED:
            self.scb.bfar = address
            self._fault(faults.unprivileged(address, access == shared.WRITE))
        elif stop == shared.STOP_NO_STACK:
            self._no_stack(int(state.exception), address, bool(state.denied))
        elif stop == shared.STOP_BAD_RETURN:
            self._fault(faults.illegal_return(int(state.exc_return)))
        else:
            raise AssertionError(f"Renode stopped with {state.trap:#x}")

    def _instruction(self) -> Any:
        pc = self._get(_PC)
        return thumb.decode(self.cpu.code(pc, 4), pc)[0]

    def _trapped(self, trap: int) -> None:
        pc = self._get(_PC)
        if trap == _SVC:
            running = self.nvic.execution_priority()
            if self.nvic.group_of(ex.SVCALL) < running:
                self._enter(ex.SVCALL)
            else:
                self.scb.hfsr |= scb.HFSR_FORCED
                self._fault(faults.SVC_MASKED, pc - 2)
        elif trap == _BKPT:
            self.scb.hfsr |= scb.HFSR_DEBUGEVT
            self._fault(faults.BKPT)
        elif trap == _NO_FPU:
            self._fault(faults.NO_FPU)
        elif trap == _NOT_THUMB:
            target = branches.target(self._instruction(), self._get, self._read_word)
            self._set(_XPSR, self._get(_XPSR) & ~_THUMB)
            if target.pointer is not None:
                self._set(_SP, target.pointer)
            self._set(_PC, target.address)
            self._fault(faults.not_thumb(target.address), self._last_call())
        elif trap == _UNDEFINED:
            self._fault(faults.UNDEFINED if self._get(_XPSR) & _THUMB else self._not_thumb(pc))
        else:
            raise AssertionError(f"Renode took exception {trap} at {pc:#010x}")

    def _not_thumb(self, pc: int) -> Fault:
        """XPSR.T is clear, though not by a branch: by a vector or an exception's return."""
        vector = self._read_word(self.scb.vtor + 4 * (self._get(_XPSR) & _IPSR), 4)
        return faults.NOT_THUMB_HANDLER if vector & ~1 == pc else faults.not_thumb(pc)

    def _memory_fault(self, address: int, access: int) -> None:
        if access == shared.EXECUTE:
            self._set(_PC, address)
            self._fault(faults.fetch(address), self._last_call())
            return
        self.scb.bfar = address
        region = self.cpu.region_of(address)
        self._fault(faults.data(address, access == shared.WRITE, region, self._get(_SP)))

    def _protection(self, address: int, access: int) -> None:
        if access == mpu.EXECUTE:
            self._set(_PC, address)
        else:
            self.scb.mmfar = address
        fault = faults.protection(address, access, self._mpu.describe(address))
        self._fault(fault, self._last_call() if access == mpu.EXECUTE else None)

    def _last_call(self) -> int | None:
        """The call that set LR, to blame for a jump into nowhere; None where LR names none."""
        link = int(self._get(_LR))
        return None if link >= _EXC_RETURN_FIRST else (link & ~1) - 2

    def _fault(self, fault: Fault, blamed: int | None = None) -> None:
        """Takes a fault, escalated where it is disabled or cannot preempt.

        Args:
            fault: the fault.
            blamed: the instruction to report where that is not the one that the PC is on.
        """
        self.scb.cfsr |= fault.status
        self.listener.fault("fault", fault.text, blamed or self._get(_PC))
        number = self._escalated(fault.number)
        if number is None:
            self._lock_up(f"{ex.name(ex.HARD_FAULT)} within HardFault or NMI: {fault.message}")
            return
        self._enter(number)

    def _escalated(self, number: int) -> int | None:
        """The exception that a fault becomes; None where the core locks up."""
        running = self.nvic.execution_priority()
        if number != ex.HARD_FAULT and (
            not self.nvic.is_enabled(number) or self.nvic.group_of(number) >= running
        ):
            self.scb.hfsr |= scb.HFSR_FORCED
            number = ex.HARD_FAULT
        return None if running <= -1 and number == ex.HARD_FAULT else number

    def _enter(self, number: int) -> None:
        self.cpu.function("enter")(number)
        if self._state.trap == shared.STOP_NO_STACK:
            state = self._state
            self._no_stack(int(state.exception), int(state.fault_address), bool(state.denied))

    def _no_stack(self, number: int, address: int, protected: bool) -> None:
        """An exception frame has no memory: of the entry of `number`, or of a return (0)."""
        if not number:
            self._fault(faults.no_frame(address, protected))
            return
        why = "the MPU does not allow" if protected else "no memory for"
        message = (
            f"stack overflow: {why} {ex.name(number)}'s frame at {address:#010x} "
            f"(SP is {int(self._state.pointer):#010x})"
        )
        self.listener.fault("fault", message, int(self._state.pc))
        self.scb.cfsr |= scb.MSTKERR if protected else scb.STKERR
        self.nvic.set_active(number, False)
        fault = self._escalated(ex.MEM_MANAGE if protected else ex.BUS_FAULT)
        if fault is None:
            self._lock_up(message)
            return
        # The frame is lost, but the handler is entered all the same (ARM DDI 0403E, B1.5.15).
        self.cpu.function("enter_instead")(number, fault)

    def _lock_up(self, message: str) -> None:
        self._locked_up = True
        self.listener.fault("lock-up", f"the core is locked up: {message}", self._get(_PC))

    def _systick_wrapped(self) -> None:
        self.nvic.set_pending(ex.SYSTICK, True)

    # -- what register writes cause
    def system_reset(self) -> None:
        """AIRCR.SYSRESETREQ: the chip resets behind the instruction."""
        self.listener.core_reset_requested()
        self.reconsider()

    def settings_changed(self) -> None:
        """Passes the SCB's settings on to Renode."""
        scb_ = self.scb
        for setting, value in (
            (_PRIGROUP, scb_.prigroup),
            (_VTOR, scb_.vtor),
            (_SLEEP_ON_EXIT, int(scb_.sleep_on_exit)),
            (_SEV_ON_PEND, int(scb_.send_event_on_pend)),
            (_CPACR, scb_.cpacr),
            (_FPCCR, scb_.fpccr),
            (_USER_MAY_PEND, int(scb_.user_may_pend)),
        ):
            self._configure(setting, value)
        traps = scb_.traps_division, scb_.traps_unaligned
        if traps != self._traps:
            self._traps = traps
            self.cpu.forget_code()

    def _find_site(self, address: int, site: shared.Site) -> None:
        found = self._site(address)
        ctypes.memmove(ctypes.byref(site), ctypes.byref(found), ctypes.sizeof(found))
        site.longest = 1
        if self._blocks is not None and site.kind == shared.SITE_NONE:
            site.longest = self._blocks.longest(address)

    def _has_site(self, address: int) -> bool:
        return bool(self._site(address).kind != shared.SITE_NONE)

    def _site(self, address: int) -> shared.Site:
        code = self.cpu.code(address, 4)
        counting = self._blocks is not None
        found = sites.find(code[: size_of(code[:2])], address, *self._traps, counting)
        return sites.with_skip(found, skips.at(self.cpu.code, address)) if counting else found

    def _mpu_changed(self) -> None:
        regions = (ctypes.c_uint32 * (2 * mpu.REGIONS))()
        for n, region in enumerate(self._mpu.regions):
            regions[2 * n], regions[2 * n + 1] = region.base, region.attributes
        self.cpu.function("set_mpu")(self._mpu.control, ctypes.addressof(regions))

    def trace_changed(self, enabled: bool) -> None:
        """DEMCR.TRCENA was written."""
        self._dwt.set_trace(enabled)

    def unknown_register(self, address: int, write: bool) -> None:
        """A register of the private peripheral bus that the model lacks, named once."""
        if address not in self._unknown_seen:
            self._unknown_seen.add(address)
            self.listener.fault(
                "not-modelled",
                f"{scs.label_of(address)} {'written' if write else 'read'} ({address:#010x}): "
                "Facet has no model of it",
                self.pc,
            )
