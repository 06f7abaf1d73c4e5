"""The Cortex-M4F: Unicorn's instructions with the architecture's exceptions around them.

Exceptions, the choice among them, waits and most reads of registers are carried out in C (see
``native/``); what is here sets them up, carries out what a register write causes, and names faults.

Length: one class implements the engine's contract; its MPU, NVIC, SCB, DWT and faults have modules.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Final

from facet.clock import ClockSignal
from facet.cycles.parts import Parts
from facet.cycles.timing import STM32L4, Timing
from facet.engine.armv7m import bit_band, dwt, faults, mpu, scb, scs, systick, vectors
from facet.engine.armv7m import exceptions as ex
from facet.engine.armv7m.faults import Fault
from facet.engine.armv7m.vectors import start_vectors
from facet.engine.protocol import EngineInfo, EngineListener, MemoryRegion
from facet.engine.unicorn import native
from facet.engine.unicorn.cortex_m.cpu import ArmCpu
from facet.engine.unicorn.cortex_m.nvic import NativeNvic
from facet.engine.unicorn.cpu import info
from facet.engine.unicorn.profiled import ProfiledCore
from facet.isa import thumb
from facet.timeline import EventQueue, Stop

_CYCCNT, _SYSTICK = 0, 1  # of the native counters
_TRAP_SVC, _TRAP_PREFETCH_ABORT, _TRAP_BKPT = 2, 3, 7
_WRITES: Final = frozenset({20, 22})  # Unicorn's UC_MEM_WRITE_UNMAPPED, UC_MEM_WRITE_PROT
_FETCHES: Final = frozenset({21, 24})
_EXC_RETURN_FIRST = 0xFFFF_FFE0
_TO_MSP = 0xFFFF_FFF9
_THUMB = 1 << 24  # XPSR.T


class CortexM4(ProfiledCore):
    """One core, a `facet.engine.protocol.CortexMEngine`.

    Args:
        flash_base, flash_size: the memory whose fetches wait for the flash interface.
        interrupts: how many NVIC inputs the chip has.
        hclk: the core's clock.
        events: the board's event queue.
    """

    listener: EngineListener

    def __init__(
        self,
        flash_base: int,
        flash_size: int,
        interrupts: int,
        hclk: ClockSignal,
        events: EventQueue,
        timing: Timing = STM32L4,
    ) -> None:
        self.cpu: ArmCpu = ArmCpu(flash_base, flash_size, timing)
        self._core = self.cpu.core
        self._parts = Parts.FULL
        self.nvic = NativeNvic(self.cpu.native, interrupts)
        self.scb = scb.Scb(self.nvic, self)
        self._systick_shown = False
        self._systick_read = False  # in the run under way
        self._systick = systick.SysTick(hclk, events, self._systick_wrapped, self._hide_systick)
        self._dwt = dwt.Dwt(lambda: self.cpu.cycles)
        self._mpu = mpu.Mpu(self._mpu_changed)
        self._scs = scs.SystemControlSpace(self.scb, self._systick, self._dwt, self._mpu, self)
        self._locked_up = False
        self._unknown_seen: set[int] = set()
        self.reconsider = self.cpu.reconsider
        self.set_interrupt: Callable[[int, bool], None] = self.cpu.native.function("set_interrupt")
        """Drives an NVIC input."""
        self._can_run = self.cpu.native.function("can_run")
        self._end_wait = self.cpu.native.function("end_wait")
        for base, size in scs.PPB_WINDOWS:
            self.cpu.map_io(base, size, self._read_scs, self._write_scs)

    # -- the engine's protocol
    @property
    def info(self) -> EngineInfo:
        """What executes, and how it counts cycles."""
        return info(self._parts)

    @property
    def cycles(self) -> int:
        """Core cycles while awake; up to the access, within one."""
        return self.cpu.cycles

    @property
    def instructions(self) -> int:
        """Instructions executed."""
        return int(self._core.instructions)

    @property
    def skipped_instructions(self) -> int:
        """Those of them that a waiting loop would have executed, see `skip_waiting_loops`."""
        return int(self._core.skipped_instructions)

    def skip_waiting_loops(self, skip: bool) -> None:
        """Counts the rounds of loops that only wait without running them, or runs them all."""
        self._core.skip_spinning = skip

    @property
    def pc(self) -> int:
        """The instruction under way."""
        return self.cpu.pc

    @property
    def sleep_deep(self) -> bool:
        """SCR.SLEEPDEEP."""
        return self.scb.sleep_deep

    def map_memory(self, region: MemoryRegion) -> None:
        """Adds memory, with its bit-band alias."""
        self.cpu.map_memory(region)
        if region.base in bit_band.SRAM:
            memory = self.cpu.memory
            read, write = bit_band.through(*bit_band.words(memory.read, memory.write))
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
        self.cpu.map_io(base, size, read, write, shared=True)

    def register_words(self, count: int) -> memoryview:
        """Memory from which the native part reads registers."""
        return self.cpu.register_words(count)

    def share_register(
        self,
        address: int,
        word: int,
        visible: int,
        gates: Sequence[tuple[int, int, int]],
        pure: bool,
    ) -> None:
        """Lets the native part read a register."""
        self.cpu.share_register(address, word, visible, gates, pure)

    def read_memory(self, address: int, size: int) -> bytes:
        """Reads memory; IndexError where there is none."""
        return self.cpu.memory.read(address, size)

    def write_memory(self, address: int, data: bytes) -> None:
        """Writes memory; IndexError where there is none."""
        self.cpu.write_memory(address, data)

    def set_flash_timing(
        self, wait_states: int, code_cache: bool, data_cache: bool, prefetch: bool
    ) -> None:
        """The flash interface has other settings from now on (FLASH_ACR)."""
        self.cpu.model.set_flash(wait_states, prefetch, code_cache, data_cache)

    def set_bridge(self, number: int, base: int, size: int, wait_cycles: int) -> None:
        """Places a bus that an access waits for."""
        self.cpu.native.call("set_bridge", number, base, size, wait_cycles)

    def flush_flash_caches(self, code: bool, data: bool) -> None:
        """Empties the flash interface's caches (FLASH_ACR.ICRST, DCRST)."""
        if code:
            self.cpu.model.flush_code()
        if data:
            self.cpu.model.flush_data()

    def set_cycle_parts(self, parts: Parts) -> None:
        """Chooses what the cycle count takes in."""
        self._parts = parts
        self.cpu.model.set_parts(parts)

    def send_event(self) -> None:
        """Sets the event register."""
        self.cpu.native.call("send_event")

    def reset(self, caught: bool = False) -> None:
        """System reset: SP and PC from the vector table at address 0 (ARM DDI 0403E, B1.5.5)."""
        cpu = self.cpu
        self.scb.reset()
        self._systick.reset()
        self._dwt.reset()
        self._mpu.reset()
        self._mpu_changed()
        cpu.native.call("reset_nvic")
        self._locked_up = False
        for name in ("PRIMASK", "BASEPRI", "FAULTMASK", "CONTROL"):
            cpu[name] = 0
        cpu["XPSR"] = _THUMB
        cpu["LR"] = 0xFFFF_FFFF
        start = start_vectors(cpu.memory.read(self.scb.vtor, vectors.SIZE), self.scb.vtor)
        if start.problem is not None and not caught:
            self._lock_up(start.problem)
        cpu["MSP"] = start.stack
        cpu["PC"] = start.entry | 1
        cpu.native.call("branch_breaks")
        cpu.native.call("profile_reset")
        self.settings_changed()
        self._show_cyccnt()

    def start(self, entry: int, stack: int | None) -> None:
        """A debugger starts the core at `entry`."""
        if stack is not None:
            self.cpu["MSP"] = stack
        self.cpu["PC"] = entry | 1
        self.cpu.native.call("branch_breaks")

    @property
    def can_run(self) -> bool:
        """Whether the core executes, or its wait is over."""
        return not self._locked_up and bool(self._can_run())

    def end_wait(self) -> None:
        """Ends the wait; a WFE uses up the event."""
        self._end_wait()

    def refuse_wait(self) -> None:
        """The chip ignores the wait: the core goes on."""
        self._core.waiting = 0

    def run(self, until_cycle: int) -> Stop:
        """Runs instructions and takes exceptions until `until_cycle`, a wait, or a lock-up."""
        if self._systick_shown:  # it counted while the core slept
            self._hide_systick()
        self._systick_read = False
        self._core.reconsider = 0
        while not self._locked_up:
            stop = self.cpu.run(until_cycle)
            if stop == native.STOP_DEADLINE:
                return Stop.DEADLINE
            if stop == native.STOP_WAIT:
                return Stop.WAIT
            self._handle(stop)
        return Stop.LOCKUP

    # -- faults
    def _handle(self, stop: int) -> None:
        core = self._core
        if stop == native.STOP_MEMORY:
            self._memory_fault(int(core.fault_address), int(core.fault_kind))
        elif stop == native.STOP_TRAP:
            self._trapped(int(core.trap))
        elif stop == native.STOP_SITE:
            self._fault(
                faults.DIVIDE_BY_ZERO
                if core.at_site - 1 == native.SITE_DIVIDE
                else faults.UNALIGNED
            )
        elif stop == native.STOP_REFUSED:
            assert self.cpu.denied_at is not None
            self.cpu["PC"], self.cpu.denied_at = self.cpu.denied_at | 1, None
            self._fault(faults.NO_FPU)
        elif stop == native.STOP_PROTECTION:
            self._protection(int(core.fault_address), int(core.protection))
        elif stop == native.STOP_UNPRIVILEGED:
            self.scb.bfar = address = int(core.fault_address)
            write = self._writes(self.cpu["PC"])
            self._fault(faults.unprivileged(address, write))
        elif stop == native.STOP_NO_STACK:
            self._no_stack(int(core.exception), int(core.fault_address), bool(core.protection))
        elif stop == native.STOP_BAD_RETURN:
            self.cpu["PC"] = self.cpu["PC"] | 1
            self._fault(faults.illegal_return(int(core.exc_return)))
        else:
            assert stop == native.STOP_NOT_THUMB, stop
            self._fault(faults.NOT_THUMB_HANDLER)

    def _trapped(self, trap: int) -> None:
        pc = self.cpu["PC"]
        if trap == _TRAP_SVC:
            self.scb.hfsr |= scb.HFSR_FORCED
            self._fault(faults.SVC_MASKED, pc - 2)
        elif trap == _TRAP_BKPT:
            self.scb.hfsr |= scb.HFSR_DEBUGEVT
            self._fault(faults.BKPT)
        elif trap == _TRAP_PREFETCH_ABORT:  # from where QEMU's own memory map forbids to execute
            self._memory_fault(pc, next(iter(_FETCHES)))
        elif not self.cpu["XPSR"] & _THUMB:
            self._fault(faults.not_thumb(pc), self._last_call())
        else:
            self._fault(faults.UNDEFINED)

    def _memory_fault(self, address: int, kind: int) -> None:
        if kind in _FETCHES:
            self.cpu["PC"] = address | 1
            self._fault(faults.fetch(address), self._last_call())
            return
        self.scb.bfar = address
        region = self.cpu.memory.region_of(address)
        self._fault(faults.data(address, kind in _WRITES, region, self.cpu["SP"]))

    def _protection(self, address: int, access: int) -> None:
        if access == mpu.EXECUTE:
            self.cpu["PC"] = address | 1
        else:
            self.scb.mmfar = address
        fault = faults.protection(address, access, self._mpu.describe(address))
        self._fault(fault, self._last_call() if access == mpu.EXECUTE else None)

    def _writes(self, pc: int) -> bool:
        """Whether the instruction at `pc` stores."""
        decoded = thumb.decode(self.cpu.memory.read(pc, 4), pc)
        access = thumb.access(decoded[0]) if decoded else None
        return access is not None and access.store

    def _last_call(self) -> int | None:
        """The call that set LR, to blame for a jump into nowhere; None where LR names none."""
        link = self.cpu["LR"]
        return None if link >= _EXC_RETURN_FIRST else (link & ~1) - 2

    def _fault(self, fault: Fault, blamed: int | None = None) -> None:
        """Takes a fault, escalated where it is disabled or cannot preempt.

        Args:
            fault: the fault.
            blamed: the instruction to report where that is not the one that the PC is on.
        """
        pc = self.cpu["PC"]
        self.scb.cfsr |= fault.status
        self.listener.fault("fault", fault.text, blamed or pc)
        number = self._escalated(fault.number)
        if number is None:
            self._lock_up(f"{ex.name(ex.HARD_FAULT)} within HardFault or NMI: {fault.message}")
            return
        self._entered(int(self.cpu.native.call("enter", number, pc)))

    def _escalated(self, number: int) -> int | None:
        """The exception that a fault becomes; None where the core locks up."""
        running = self.nvic.execution_priority()
        if number != ex.HARD_FAULT and (
            not self.nvic.is_enabled(number) or self.nvic.group_of(number) >= running
        ):
            self.scb.hfsr |= scb.HFSR_FORCED
            number = ex.HARD_FAULT
        return None if running <= -1 and number == ex.HARD_FAULT else number

    def _entered(self, stop: int) -> None:
        if stop != native.STOP_DEADLINE:
            self._handle(stop)

    def _no_stack(self, number: int, address: int, protected: bool) -> None:
        """An exception frame has no memory: of the entry of `number`, or of a return (0)."""
        if not number:
            self._fault(faults.no_frame(address, protected))
            return
        why = "the MPU does not allow" if protected else "no memory for"
        message = (
            f"stack overflow: {why} {ex.name(number)}'s frame at {address:#010x} "
            f"(SP is {self.cpu['SP']:#010x})"
        )
        self.listener.fault("fault", message, self.cpu["PC"])
        self.scb.cfsr |= scb.MSTKERR if protected else scb.STKERR
        fault = self._escalated(ex.MEM_MANAGE if protected else ex.BUS_FAULT)
        if fault is None:
            self._lock_up(message)
            return
        # The frame is lost, but the handler is entered all the same (ARM DDI 0403E, B1.5.15): the
        # stack pointer has moved, so a handler that pushes on the same stack faults again.
        self.cpu["MSP"] = address
        self._entered(int(self.cpu.native.call("enter_handler", fault, _TO_MSP)))

    def _lock_up(self, message: str) -> None:
        self._locked_up = True
        self.listener.fault("lock-up", f"the core is locked up: {message}", self.cpu["PC"])

    def _systick_wrapped(self) -> None:
        self.nvic.set_pending(ex.SYSTICK, True)

    # -- what register writes cause
    def system_reset(self) -> None:
        """AIRCR.SYSRESETREQ: the chip resets at the end of the block."""
        self.listener.core_reset_requested()
        self.reconsider()

    def settings_changed(self) -> None:
        """Passes the SCB's settings on to the native part."""
        scb_ = self.scb
        self.cpu.deny_fpu(not scb_.fpu_enabled)
        self.cpu.set_traps(scb_.traps_division, scb_.traps_unaligned)
        self.cpu.native.call(
            "configure_nvic",
            self.nvic.lines,
            scb_.prigroup + 1,
            scb_.vtor,
            int(scb_.sleep_on_exit),
            int(scb_.send_event_on_pend),
            int(scb_.saves_fpu_state),
            int(scb_.user_may_pend),
        )

    def _mpu_changed(self) -> None:
        regions = (ctypes.c_uint32 * (2 * mpu.REGIONS))()
        for n, region in enumerate(self._mpu.regions):
            regions[2 * n], regions[2 * n + 1] = region.base, region.attributes
        self.cpu.native.call("set_mpu", self._mpu.control, regions)

    def trace_changed(self, enabled: bool) -> None:
        """DEMCR.TRCENA was written."""
        self._dwt.set_trace(enabled)

    def _read_scs(self, address: int, size: int) -> int:
        if address & ~3 == systick.CVR_ADDRESS:
            if self._systick_read:  # showing it takes longer than a read
                self._show_systick()
            self._systick_read = True
        return self._scs.read(address, size)

    def _write_scs(self, address: int, size: int, value: int) -> None:
        self._scs.write(address, size, value)
        self._show_cyccnt()

    def _show_cyccnt(self) -> None:
        """Lets the native part read CYCCNT while it counts."""
        counter = native.Counter(0)
        if self._dwt.counting:
            start = -self._dwt.base & 0xFFFF_FFFF
            counter = native.Counter(dwt.CYCCNT_ADDRESS, 0, 0, start, 1 << 32, 1)
        self.cpu.native.call("set_counter", _CYCCNT, ctypes.byref(counter))

    def _show_systick(self) -> None:
        """Lets the native part read SYST_CVR until the core stops or the counter changes."""
        running = self._systick.running
        if running is not None:
            # The counter took its value some ticks ago; while the core runs a tick is a cycle.
            anchor = 2 * (self.cpu.cycles - running.ticks_ago) & 0xFFFF_FFFF_FFFF_FFFF
            counter = native.Counter(
                systick.CVR_ADDRESS, 1, anchor, running.value, running.period, running.divider
            )
            self.cpu.native.call("set_counter", _SYSTICK, ctypes.byref(counter))
            self._systick_shown = True

    def _hide_systick(self) -> None:
        self._systick_shown = False
        self.cpu.native.call("set_counter", _SYSTICK, ctypes.byref(native.Counter(0)))

    def unknown_register(self, address: int, write: bool) -> None:
        """A register of the private peripheral bus that the model lacks, named once."""
        if address not in self._unknown_seen:
            self._unknown_seen.add(address)
            self.listener.fault(
                "not-modelled",
                f"{scs.label_of(address)} {'written' if write else 'read'} ({address:#010x}): "
                "Facet has no model of it",
                self.cpu.pc,
            )
