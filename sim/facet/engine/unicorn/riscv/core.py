"""The ESP32-C3's core: Unicorn's instructions with the chip's traps and bus rules around them.

Sources: ESP32-C3 Technical Reference Manual, chapter 1 (ESP-RISC-V CPU) and 8 (Interrupt Matrix);
The RISC-V Instruction Set Manual, volume II (20211203), 3.1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from facet.cycles.parts import Parts
from facet.engine.protocol import EngineListener, MemoryRegion
from facet.engine.rv32 import csr, exceptions
from facet.engine.unicorn import native
from facet.engine.unicorn.profiled import ProfiledCore
from facet.engine.unicorn.riscv.buses import DATA_BUS, DATA_FLASH, INSTRUCTION_BUS
from facet.engine.unicorn.riscv.cpu import MACHINE, USER, Rv32Cpu
from facet.isa.rv32 import SP, Instruction, Kind
from facet.timeline import Stop

_MIE, _MPP, _MPP_SHIFT = 1 << 3, 3 << 11, 11
_WRITES = frozenset({20, 22})  # Unicorn's UC_MEM_WRITE_UNMAPPED, UC_MEM_WRITE_PROT
_FETCHES = frozenset({21, 24})
_TRAP_ERROR = 0x100  # an error of Unicorn's: the PC is on the instruction

_STACK_REACH = 1024  # bytes from SP within which a store to nowhere is called a stack overflow


class Rv32Core(ProfiledCore):
    """One core, a `facet.engine.protocol.Rv32Engine`.

    The interrupt matrix is the chip's: `set_interrupt` passes a peripheral's source on to
    `route_interrupt`, and the matrix answers by `offer_interrupt` with the CPU interrupt that comes
    first by enables, priorities and threshold.

    Args:
        reset_vector: where the core starts after `reset`.
    """

    listener: EngineListener

    def __init__(self, reset_vector: int) -> None:
        self.reset_vector = reset_vector
        self.route_interrupt: Callable[[int, bool], None] = lambda _source, _active: None
        """Called with a source's number and level; the chip's interrupt matrix."""
        self.why_unmapped: Callable[[int], tuple[str, str] | None] = lambda _address: None
        """The rule that an access to an address without memory breaks, and the reason, where the
        chip knows one."""
        self.describe_hole: Callable[[int], str | None] = lambda _address: None
        """Why memory has no code at an address, where the chip knows."""
        self.cpu: Rv32Cpu = Rv32Cpu(INSTRUCTION_BUS, DATA_BUS, DATA_FLASH)
        counter = csr.PerformanceCounter(
            lambda: self.cycles, lambda: self.instructions, self._not_modelled
        )
        self._csrs = csr.ControlRegisters(counter, self._not_modelled)
        self._core = self.cpu.core
        self._locked_up = False
        self.reconsider = self.cpu.reconsider
        self._trap_loop = exceptions.TrapLoop()

    # -- the engine's protocol
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
        """Never: the chip's sleep modes are entered by RTC_CNTL, see `hold`."""
        return False

    def map_memory(self, region: MemoryRegion) -> None:
        """Adds memory."""
        self.cpu.map_memory(region)

    def map_io(
        self,
        base: int,
        size: int,
        read: Callable[[int, int], int],
        write: Callable[[int, int, int], None],
    ) -> None:
        """Adds a window of peripherals."""
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

    def set_interrupt(self, line: int, active: bool) -> None:
        """Drives an input of the interrupt matrix: a source, by its number in the TRM, 8.3.1."""
        self.route_interrupt(line, active)

    def offer_interrupt(self, number: int) -> None:
        """The matrix says which CPU interrupt (1 to 31) is to be taken; 0: none."""
        self._core.offered = number
        self._core.masked = bool(number)
        self._core.attention |= bool(number)

    def reset(self, caught: bool = False) -> None:
        """System reset: registers and traps; the matrix and the memories are the chip's."""
        del caught  # the ROM at the reset vector is always there
        cpu = self.cpu
        cpu["PRIV"] = MACHINE
        for register in ("MSTATUS", "MSCRATCH", "MEPC", "MCAUSE", "MTVAL"):
            cpu[register] = 0
        for n in range(1, 32):
            cpu[f"X{n}"] = 0
        cpu["PC"] = self.reset_vector
        cpu.native.call("branch_breaks")
        cpu.native.call("profile_reset")
        cpu.code_changed()
        self.flush_flash_cache()
        self._csrs.reset()
        self._core.mtvec = self._csrs.mtvec
        self._core.waiting = self._core.held = 0
        self._locked_up = False
        self._trap_loop.reset()

    def start(self, entry: int, stack: int | None) -> None:
        """A debugger starts the core at `entry`."""
        if stack is not None:
            self.cpu[f"X{SP}"] = stack
        self.cpu["PC"] = entry
        self.cpu.native.call("branch_breaks")
        self.cpu.code_changed()

    @property
    def can_run(self) -> bool:
        """Whether the core executes; an offered interrupt ends WFI, even while mstatus.MIE=0."""
        return not self._locked_up and bool(self.cpu.native.call("can_run"))

    def end_wait(self) -> None:
        """Ends the wait."""
        self._core.waiting = 0

    def refuse_wait(self) -> None:
        """The chip ignores the wait: the core goes on."""
        self._core.waiting = self._core.held = 0

    def run(self, until_cycle: int) -> Stop:
        """Runs instructions and takes traps until `until_cycle`, a wait, or a lock-up."""
        self.cpu.follow_mapping()
        self._core.reconsider = 0
        while not self._locked_up:
            stop = self.cpu.run(until_cycle)
            if stop == native.STOP_DEADLINE:
                return Stop.DEADLINE
            if stop == native.STOP_WAIT:
                return Stop.WAIT
            if stop == native.STOP_MEMORY:
                address, kind = int(self._core.fault_address), int(self._core.fault_kind)
                if not self.cpu.follow_mapping():
                    self._memory_fault(address, kind)
                elif kind in _FETCHES:
                    self.cpu["PC"] = address  # what the block before has mapped
            else:
                if stop == native.STOP_TRAP and self._core.trap != _TRAP_ERROR:
                    self.cpu.step_back_to_trap()
                self._carry_out(self.cpu.instruction())
        return Stop.LOCKUP

    # -- what the chip asks for besides
    @property
    def held(self) -> bool:
        """Whether `hold` stopped the core."""
        return bool(self._core.held)

    def hold(self) -> None:
        """Stops the core at the end of its block, as for a sleep entered by a register."""
        self._core.held = 1
        self._core.attention = 1

    def release(self) -> None:
        """Lets a held core go on."""
        self._core.held = 0

    def set_flash_cache(self, windows: Sequence[range], line_fill_cycles: int) -> None:
        """Code in `windows` is fetched through the flash cache.

        Args:
            windows: addresses.
            line_fill_cycles: what a miss costs; see facet.cycles.rv32imc.line_fill_cycles.
        """
        self.cpu.set_cached(windows)
        self.cpu.model.set_line_fill(line_fill_cycles)

    def set_cycle_parts(self, parts: Parts) -> None:
        """Chooses what the cycle count takes in."""
        self.cpu.model.set_parts(parts)

    def remap(self, windows: Callable[[], Sequence[MemoryRegion]]) -> None:
        """Shows other pieces of memory in the chip's windows from the next basic block on."""
        self.cpu.remap(windows)

    def flush_flash_cache(self) -> None:
        """Empties the flash cache (EXTMEM_ICACHE_SYNC)."""
        self.cpu.flush_flash_cache()

    # -- traps
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
        pc = self.cpu["PC"]
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
        self.cpu.native.call("rv_enter_trap", cause, value & 0xFFFF_FFFF, vector)

    def _in_handler(self) -> bool:
        """Whether a trap handler runs: machine mode, entered from machine mode, without MIE."""
        if self.cpu["PRIV"] != MACHINE:
            return False
        return self.cpu["MSTATUS"] & (_MIE | _MPP) == MACHINE << _MPP_SHIFT

    def _memory_fault(self, address: int, kind: int) -> None:
        region = self.cpu.memory.region_of(address)
        write = kind in _WRITES
        if kind in _FETCHES:
            self.cpu["PC"] = address
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
        this = self.cpu.instruction()
        cause = exceptions.STORE_FAULT if write else exceptions.LOAD_FAULT
        verb = "write to" if write else "read of"
        rule = "fault"
        if region is None:
            rule, where = self._unmapped(address)
            message = f"{verb} {address:#010x}, where {where}"
            pointer = self.cpu[f"X{SP}"]
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
        link = self.cpu["X1"]
        if link == target or self.cpu.memory.region_of(link) is None:
            return None
        return link - 2  # within the call, be it of two or four bytes

    def _over_instruction_bus(self, this: Instruction, address: int, write: bool) -> bool:
        """Moves a word between a register and memory on the instruction bus; False if it is none.

        Source: ESP-IDF Programming Guide, ESP32-C3, "Memory Types" (instruction memory "can only
        be read or written via 4-byte aligned words").

        FIDELITY:
            model: A read is checked only when it is the first of its 4 KB page and no code has run
                there yet.
            silicon: Every read is checked.
            hides: A table that lies among code.
        """
        cpu = self.cpu
        if this.width != 4 or address & 3:
            return False
        if write:
            cpu.memory.write(address, cpu[f"X{this.rs2}"].to_bytes(4, "little"))
        else:
            self._set_rd(this, int.from_bytes(cpu.memory.read(address, 4), "little"))
        self._go_past(this)
        return True

    # -- instructions
    def _carry_out(self, this: Instruction) -> None:
        if this.kind is Kind.CSR:
            self._access_csr(this)
        elif this.kind is Kind.ECALL:
            cause = exceptions.ECALL_U if self.cpu["PRIV"] == USER else exceptions.ECALL_M
            self.cpu.native.call("rv_enter_trap", cause, 0, self._csrs.mtvec & ~1)
        elif this.kind is Kind.EBREAK:
            self._exception(
                exceptions.BREAKPOINT, self.cpu["PC"], "EBREAK with no debugger connected"
            )
        elif this.kind is Kind.FENCE_I:
            self.cpu.code_changed()
            self._go_past(this)
        elif (hole := self.describe_hole(self.cpu["PC"])) is not None:
            pc = self.cpu["PC"]
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
        if self.cpu["PRIV"] < number >> 8 & 3:
            self._illegal_csr(this, "is not to be had in user mode")
            return
        operand = this.rs1 if this.funct3 & 4 else self.cpu[f"X{this.rs1}"]
        try:
            old = self._csrs.read(number)
            if operation == 1:
                self._csrs.write(number, operand)
            elif this.rs1:
                self._csrs.write(number, old | operand if operation == 2 else old & ~operand)
        except csr.NoSuchCsrError:
            self._illegal_csr(this, "does not exist on the ESP32-C3, or is read-only")
            return
        self._core.mtvec = self._csrs.mtvec
        self._set_rd(this, old)
        self._go_past(this)

    def _illegal_csr(self, this: Instruction, why: str) -> None:
        self._exception(exceptions.ILLEGAL, this.word, f"{csr.name(this.offset)} {why}")

    def _set_rd(self, this: Instruction, value: int) -> None:
        if this.rd:
            self.cpu[f"X{this.rd}"] = value

    def _go_past(self, this: Instruction) -> None:
        self.cpu["PC"] = self.cpu["PC"] + this.size

    def _not_modelled(self, message: str) -> None:
        self.listener.fault("not-modelled", message, self.pc)
