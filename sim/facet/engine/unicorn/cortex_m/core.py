"""The Cortex-M4F: Unicorn's instructions with the architecture's exceptions around them."""

from __future__ import annotations

from collections.abc import Callable

from facet.clock import ClockSignal
from facet.engine.armv7m import bit_band, faults, scb
from facet.engine.armv7m import exceptions as ex
from facet.engine.armv7m.dwt import Dwt
from facet.engine.armv7m.faults import Fault
from facet.engine.armv7m.nvic import Nvic
from facet.engine.armv7m.systick import SysTick
from facet.engine.protocol import EngineListener, MemoryRegion
from facet.engine.unicorn.block_cpu import Deadline, MemoryFault
from facet.engine.unicorn.cortex_m import frame
from facet.engine.unicorn.cpu import ArmCpu, Trap, Waits
from facet.timeline import EventQueue, Stop

# The private peripheral bus without the page at 0xE004_2000, which ST gives to DBGMCU.
_PPB_WINDOWS = ((0xE000_0000, 0x4_2000), (0xE004_3000, 0xB_D000))
_DWT, _SCS = 0xE000_1000, 0xE000_E000
_ITM = range(0xE000_0000, 0xE000_1000)
_EXC_RETURN_FIRST = 0xFFFF_FFE0
_EXC_RETURN = frozenset(0xFFFF_FFE0 | frame | to for frame in (0, 0x10) for to in (0x1, 0x9, 0xD))
"""ARM DDI 0403E, table B1-8 and B1-9: frame with or without FP registers, mode and stack."""

_FAULT_OF_TRAP = {"no-fpu": faults.NO_FPU, "divide-by-zero": faults.DIVIDE_BY_ZERO}


class CortexM4:
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
    ) -> None:
        self.cpu = ArmCpu(flash_base, flash_size)
        self.nvic = Nvic(interrupts)
        self.scb = scb.Scb(self.nvic, self)
        self.systick = SysTick(hclk, events, self._systick_wrapped)
        self.dwt = Dwt(lambda: self.cycles)
        self._waiting: Waits | None = None
        self._event_register = False
        self._locked_up = False
        self._unknown_seen: set[int] = set()
        for base, size in _PPB_WINDOWS:
            self.cpu.map_io(base, size, self._read_ppb, self._write_ppb)

    # -- the engine's protocol
    @property
    def cycles(self) -> int:
        """Core cycles while awake."""
        return self.cpu.cycles

    @property
    def instructions(self) -> int:
        """Instructions executed."""
        return int(self.cpu.hook.core.instructions)

    @property
    def pc(self) -> int:
        """The program counter; within a block, its start."""
        return self.cpu["PC"]

    @property
    def sleep_deep(self) -> bool:
        """SCR.SLEEPDEEP."""
        return self.scb.sleep_deep

    def map_memory(self, region: MemoryRegion) -> None:
        """Adds memory, with its bit-band alias."""
        self.cpu.map_memory(region)
        if region.base in bit_band.SRAM:
            read, write = bit_band.through(self._read_word_of_memory, self._write_word_of_memory)
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

    def read_memory(self, address: int, size: int) -> bytes:
        """Reads memory; IndexError where there is none."""
        return self.cpu.memory.read(address, size)

    def write_memory(self, address: int, data: bytes) -> None:
        """Writes memory; IndexError where there is none."""
        self.cpu.write_memory(address, data)

    def _read_word_of_memory(self, address: int, size: int) -> int:
        return int.from_bytes(self.cpu.memory.read(address, size), "little")

    def _write_word_of_memory(self, address: int, size: int, value: int) -> None:
        self.cpu.memory.write(address, value.to_bytes(size, "little"))

    def set_flash_timing(self, wait_states: int, cache: bool, prefetch: bool) -> None:
        """The flash interface was set up anew (FLASH_ACR)."""
        core = self.cpu.hook.core
        core.wait_states, core.cache_enabled, core.prefetch_enabled = wait_states, cache, prefetch
        if not cache:
            self.cpu.hook.flush_cache()

    def set_interrupt(self, line: int, active: bool) -> None:
        """Drives an NVIC input."""
        if self.nvic.set_level(line, active):
            if self.scb.send_event_on_pend:
                self._event_register = True
            self.cpu.stop_soon()

    def send_event(self) -> None:
        """Sets the event register."""
        self._event_register = True
        self.cpu.stop_soon()

    def reconsider(self) -> None:
        """Makes `run` return at the next block."""
        self.cpu.stop_soon()

    def locate_access(self, address: int, write: bool) -> int:
        """The instruction that is accessing `address`."""
        return self.cpu.locate_access(address, write)

    def reset(self) -> None:
        """System reset: SP and PC from the vector table at address 0 (ARM DDI 0403E, B1.5.5)."""
        self.nvic.reset()
        self.scb.reset()
        self.systick.reset()
        self.dwt.reset()
        self._waiting = None
        self._event_register = False
        self._locked_up = False
        cpu = self.cpu
        for name in ("PRIMASK", "BASEPRI", "FAULTMASK", "CONTROL"):
            cpu[name] = 0
        cpu["XPSR"] = 0x0100_0000
        cpu["LR"] = 0xFFFF_FFFF
        vectors = cpu.memory.read(self.scb.vtor, 8)
        if vectors == b"\xff" * len(vectors):
            self._lock_up(
                f"the vector table at {self.scb.vtor:#010x} is erased flash; the firmware is not "
                "linked to start there"
            )
        cpu["MSP"] = int.from_bytes(vectors[:4], "little") & ~3
        cpu["PC"] = int.from_bytes(vectors[4:], "little") | 1
        cpu.branch_breaks()
        self.cpu.deny_fpu(True)
        self.cpu.trap_divisions(False)

    @property
    def can_run(self) -> bool:
        """Whether the core executes, or its wait is over.

        WFI ends when an exception would preempt if PRIMASK were clear, WFE on an event too.
        """
        if self._locked_up:
            return False
        if self._waiting is None or self._takeable(primask=0) is not None:
            return True
        return self._waiting.for_event and self._event_register

    def end_wait(self) -> None:
        """Ends the wait; a WFE uses up the event."""
        if self._waiting is not None and self._waiting.for_event:
            self._event_register = False
        self._waiting = None

    def refuse_wait(self) -> None:
        """The chip ignores the wait: the core goes on."""
        self._waiting = None

    def run(self, until_cycle: int) -> Stop:
        """Runs instructions and takes exceptions until `until_cycle`, a wait, or a lock-up."""
        while True:
            if self._locked_up:
                return Stop.LOCKUP
            if not self.can_run:
                return Stop.WAIT
            self.end_wait()
            self._take_pending()
            if self._locked_up:
                return Stop.LOCKUP
            if self.cpu.cycles >= until_cycle:
                return Stop.DEADLINE
            self._note_masked()
            outcome = self.cpu.run(until_cycle)
            if isinstance(outcome, Deadline):
                return Stop.DEADLINE
            if isinstance(outcome, Waits):
                if outcome.for_event and self._event_register:
                    self._event_register = False
                    continue
                self._waiting = outcome
            elif isinstance(outcome, MemoryFault):
                self._memory_fault(outcome)
            else:
                self._trapped(outcome)
            if self.cpu.stop_wanted:  # an event was planned in the block that ended so
                return Stop.DEADLINE

    # -- exceptions
    def _take_pending(self) -> None:
        number = self._takeable()
        if number is not None:
            self._enter(number, self.cpu["PC"])

    def _takeable(self, primask: int | None = None) -> int | None:
        """The exception that preempts what runs now, with this PRIMASK or the core's own."""
        if self.nvic.best() is None:  # mostly so, and the masks need not be looked at
            return None
        cpu = self.cpu
        primask = cpu["PRIMASK"] if primask is None else primask
        return self.nvic.to_take(primask, cpu["BASEPRI"], cpu["FAULTMASK"])

    def _note_masked(self) -> None:
        self.cpu.hook.core.interrupt_pending = self.nvic.best() is not None

    def _enter(self, number: int, return_address: int) -> None:
        cpu = self.cpu
        try:
            exc_return = frame.push(cpu, return_address, bool(self.scb.fpccr >> 31))
        except frame.NoStackError as error:
            self._stacking_failed(number, error.address)
            return
        cpu.spend(ex.ENTRY_CYCLES)
        self._vector(number, exc_return)

    def _vector(self, number: int, exc_return: int) -> None:
        cpu = self.cpu
        self.nvic.activate(number)
        handler = int.from_bytes(cpu.memory.read(self.scb.vtor + 4 * number, 4), "little")
        stack = cpu["MSP"]
        cpu["XPSR"] = (cpu["XPSR"] & 0xF800_0000 & ~0x0600_FC00) | 0x0100_0000 | number
        cpu["CONTROL"] &= 1  # SPSEL and FPCA are cleared
        cpu["MSP"] = stack
        cpu["LR"] = exc_return
        cpu["PC"] = handler | 1
        self._event_register = True
        cpu.branch_breaks()
        if not handler & 1:
            self._fault(faults.NOT_THUMB_HANDLER)

    def _return(self, exc_return: int) -> None:
        cpu = self.cpu
        number = cpu["XPSR"] & 0x1FF
        if number not in self.nvic.active or exc_return not in _EXC_RETURN:
            cpu["PC"] = cpu["PC"] | 1
            self._fault(faults.illegal_return(exc_return))
            return
        self.nvic.deactivate(number)
        if number != ex.NMI:
            cpu["FAULTMASK"] = 0
        following = self._takeable()
        if following is not None:  # tail-chaining: the frame stays where it is
            cpu.spend(ex.TAIL_CHAIN_CYCLES)
            self._vector(following, exc_return)
            return
        try:
            frame.pop(cpu, exc_return)
        except frame.NoStackError as error:
            self._fault(faults.no_frame(error.address))
            return
        cpu.spend(ex.RETURN_CYCLES)
        cpu.branch_breaks()
        if self.scb.sleep_on_exit and not self.nvic.active:
            self._waiting = Waits(for_event=False)

    def _trapped(self, trap: Trap) -> None:
        cpu = self.cpu
        pc = cpu["PC"]
        if trap.kind == "exception-return":
            # Bit 0 went to the Thumb state; every EXC_RETURN has it set.
            self._return(pc | 1)
        elif trap.kind == "svc":
            self.nvic.pending.add(ex.SVCALL)
            if self.nvic.group_of(ex.SVCALL) >= self._running():
                self.nvic.pending.discard(ex.SVCALL)
                self._fault(faults.SVC_MASKED, pc - 2)
        elif trap.kind == "bkpt":
            self.scb.hfsr |= scb.HFSR_DEBUGEVT
            self._fault(faults.BKPT)
        elif trap.kind == "not-thumb":
            self._fault(faults.not_thumb(pc), self._last_call())
        else:
            self._fault(_FAULT_OF_TRAP.get(trap.kind, faults.UNDEFINED))

    def _memory_fault(self, fault: MemoryFault) -> None:
        address = fault.address
        if fault.fetch:
            if address >= _EXC_RETURN_FIRST:
                self._return(address | 1)
                return
            self.cpu["PC"] = address | 1
            self._fault(faults.fetch(address), self._last_call())
            return
        self.scb.bfar = address
        region = self.cpu.memory.region_of(address)
        self._fault(faults.data(address, fault.write, region, self.cpu["SP"]))

    def _running(self) -> int:
        cpu = self.cpu
        return self.nvic.execution_priority(cpu["PRIMASK"], cpu["BASEPRI"], cpu["FAULTMASK"])

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
        number = fault.number
        self.scb.cfsr |= fault.status
        self.listener.fault("fault", fault.text, blamed or pc)
        running = self._running()
        if number != ex.HARD_FAULT and (
            number not in self.nvic.enabled or self.nvic.group_of(number) >= running
        ):
            self.scb.hfsr |= scb.HFSR_FORCED
            number = ex.HARD_FAULT
        if running <= -1:
            self._lock_up(f"{ex.name(number)} within HardFault or NMI: {fault.message}")
            return
        self._enter(number, pc)

    def _stacking_failed(self, number: int, address: int) -> None:
        pc = self.cpu["PC"]
        message = (
            f"stack overflow: no memory for {ex.name(number)}'s frame at {address:#010x} "
            f"(SP is {self.cpu['SP']:#010x})"
        )
        self.listener.fault("fault", message, pc)
        self.scb.cfsr |= scb.STKERR
        if self._running() <= -1:
            self._lock_up(message)
            return
        fault = ex.BUS_FAULT
        if fault not in self.nvic.enabled or self.nvic.group_of(fault) >= self._running():
            self.scb.hfsr |= scb.HFSR_FORCED
            fault = ex.HARD_FAULT
        # The frame is lost, but the handler is entered all the same (ARM DDI 0403E, B1.5.15): the
        # stack pointer has moved, so a handler that pushes on the same stack faults again.
        self.cpu["MSP"] = address
        self._vector(fault, 0xFFFF_FFF9)

    def _lock_up(self, message: str) -> None:
        self._locked_up = True
        self.listener.fault("lock-up", f"the core is locked up: {message}", self.cpu["PC"])

    def _systick_wrapped(self) -> None:
        self.nvic.pending.add(ex.SYSTICK)
        self.cpu.stop_soon()

    # -- what the SCB sets off
    def system_reset(self) -> None:
        """AIRCR.SYSRESETREQ: the chip resets at the end of the block."""
        self.listener.core_reset_requested()
        self.cpu.stop_soon()

    def fpu_access_changed(self, enabled: bool) -> None:
        """CPACR was written."""
        self.cpu.deny_fpu(not enabled)

    def traps_changed(self, division_by_zero: bool, unaligned: bool) -> None:
        """CCR was written."""
        self.cpu.trap_divisions(division_by_zero)
        # FIDELITY: unaligned LDM, STM, LDRD, STRD, VLDR and VSTR are carried out; silicon takes a
        # UsageFault (UNALIGNED); hides a cast of a byte buffer to a wider type.
        if unaligned:
            self.listener.fault(
                "not-modelled",
                "SCB_CCR.UNALIGN_TRP set: Facet does not trap unaligned accesses",
                self.cpu.locate_access(0xE000_ED14, True),
            )

    def unknown_register(self, address: int, write: bool) -> None:
        """A register of the private peripheral bus that the model lacks, named once."""
        if address not in self._unknown_seen:
            self._unknown_seen.add(address)
            self.listener.fault(
                "not-modelled",
                f"{_ppb_name(address)} {'written' if write else 'read'} ({address:#010x}): "
                "Facet has no model of it",
                self.cpu.locate_access(address, write),
            )

    # -- the private peripheral bus
    def _read_ppb(self, address: int, size: int) -> int:
        word = self._read_word(address & ~3)
        return word >> 8 * (address & 3) & ((1 << 8 * size) - 1)

    def _read_word(self, address: int) -> int:
        if 0xE000_E010 <= address < 0xE000_E020:
            return self.systick.read(address - 0xE000_E010)
        if 0xE000_E100 <= address < 0xE000_E500:
            return self.nvic.read(address - 0xE000_E100)
        if address == 0xE000_EDFC:
            return self.scb.demcr
        if address in (_DWT, _DWT + 4):
            return self.dwt.read(address - _DWT)
        if _DWT <= address < _DWT + 0x60 or address in _ITM:
            return 0
        if _SCS <= address < _SCS + 0x1000:
            return self.scb.read(address - _SCS)
        self.unknown_register(address, False)
        return 0

    def _write_ppb(self, address: int, size: int, value: int) -> None:
        if 0xE000_E400 <= address < 0xE000_E4F0 and size < 4:
            for n in range(size):
                self.nvic.write_priority(
                    ex.FIRST_INTERRUPT + address - 0xE000_E400 + n, value >> 8 * n & 0xFF
                )
        elif 0xE000_ED18 <= address < 0xE000_ED24 and size < 4:
            for n in range(size):
                self.nvic.write_priority(4 + address - 0xE000_ED18 + n, value >> 8 * n & 0xFF)
        else:
            if size < 4:  # other registers take words only; the other lanes keep what they hold
                shift, lane = 8 * (address & 3), (1 << 8 * size) - 1
                old = self._read_word(address & ~3)
                value = old & ~(lane << shift) | (value & lane) << shift
            self._write_word(address & ~3, value)
        self.cpu.stop_soon()  # an exception may have become takeable

    def _write_word(self, address: int, value: int) -> None:
        if 0xE000_E010 <= address < 0xE000_E020:
            self.systick.write(address - 0xE000_E010, value)
        elif 0xE000_E100 <= address < 0xE000_E500:
            self.nvic.write(address - 0xE000_E100, value)
        elif address == 0xE000_EDFC:
            self.scb.demcr = value
            self.dwt.set_trace(bool(value >> 24 & 1))
        elif address in (_DWT, _DWT + 4):
            self.dwt.write(address - _DWT, value)
        elif _DWT <= address < _DWT + 0x60 or address in _ITM:
            pass  # comparators and the instrumentation trace: nobody listens
        elif _SCS <= address < _SCS + 0x1000:
            self.scb.write(address - _SCS, value)
        else:
            self.unknown_register(address, True)


def _ppb_name(address: int) -> str:
    for first, last, label in (
        (0xE000_ED90, 0xE000_EDBF, "MPU"),
        (0xE000_2000, 0xE000_2FFF, "FPB"),
        (0xE000_EDF0, 0xE000_EDFF, "DCB"),
        (0xE004_0000, 0xE004_0FFF, "TPIU"),
        (0xE004_1000, 0xE004_1FFF, "ETM"),
    ):
        if first <= address <= last:
            return label
    return "a core register"
