"""An RV32 core with memory, a small interrupt matrix with a timer, and nothing else."""

from __future__ import annotations

import subprocess
from pathlib import Path

from facet.clock import ClockSignal
from facet.engine import engines
from facet.engine.protocol import MemoryRegion
from facet.firmware.elf import Firmware
from facet.time import PS_PER_S, ZERO, Time
from facet.timeline import Stop, Timeline
from tests.engines_under_test import EngineUnderTest

CPU_HZ = 20_000_000
UNICORN = EngineUnderTest("unicorn")
MATRIX = 0x600C_2000
"""+0 enable, +4 pending, +8 threshold, +0xC: cycles to a pulse of source 5, +0x10: hold the core,
+0x80 + 4 n: priority of n."""

_LINKER_SCRIPT = """
PROVIDE(irq3 = unexpected);
PROVIDE(irq7 = unexpected);
PROVIDE(exception = unexpected);
SECTIONS {
  .text 0x42000000 : { KEEP(*(.start)) *(.text*) }
  .rodata 0x3C008000 : { *(.rodata*) *(.srodata*) }
  .iram 0x40380000 : { *(.iram*) }
  .bss 0x3FC90000 (NOLOAD) : { *(.data*) *(.sdata*) *(.bss*) *(.sbss*) *(COMMON) }
}
"""


def build(source: str, folder: Path) -> Firmware:
    """Compiles C for RV32IMC; execution starts at the section `.start`."""
    (folder / "program.c").write_text(source)
    (folder / "program.ld").write_text(_LINKER_SCRIPT)
    elf = folder / "program.elf"
    subprocess.run(
        [
            *("riscv64-unknown-elf-gcc", "-g", "-O1", "-march=rv32imc", "-mabi=ilp32"),
            *("-ffreestanding", "-nostdlib", "-Wl,--build-id=none", "-Wl,--no-warn-rwx-segments"),
            *("-T", str(folder / "program.ld"), "-o", str(elf), str(folder / "program.c")),
        ],
        check=True,
    )
    return Firmware(elf, "EM_RISCV", "an RV32 core")


class BareRv32:
    """Runs a program at 20 MHz; `faults` is what the core reported, with the function."""

    def __init__(self, firmware: Firmware, engine: EngineUnderTest = UNICORN) -> None:
        self.faults: list[str] = []
        self._accesses: list[tuple[int, int]] = []
        self.firmware = firmware
        self.timeline = Timeline()
        self._enabled = self._pending = 0
        self._threshold = 1
        self._priority = [1] * 32
        self.core = engines.select(engine.name).rv32imc(0x4200_0000)
        self.core.listener = self
        if engine.cycles is not None:
            self.core.set_cycle_parts(engine.cycles)
        self.core.route_interrupt = self._source_changed
        clock = ClockSignal("CPU", lambda: self.now)
        clock.set_hz(CPU_HZ)
        self.timeline.drive(self.core, clock, self)
        for region in (
            MemoryRegion("flash (IROM)", 0x4200_0000, 0x10000, False),
            MemoryRegion("flash (DROM)", 0x3C00_0000, 0x10000, False, alias_of=0x4200_0000),
            MemoryRegion("SRAM1", 0x3FC8_0000, 0x20000, True),
            MemoryRegion("SRAM1 (IRAM)", 0x4038_0000, 0x20000, True, alias_of=0x3FC8_0000),
        ):
            self.core.map_memory(region)
        self.core.map_io(MATRIX, 0x1000, self._read, self._write)
        for segment in firmware.segments:
            self.core.write_memory(segment.address, segment.data)
        self.core.reset()
        self.timeline.release()

    @property
    def now(self) -> Time:
        """Virtual time."""
        return self.timeline.now

    def run(self, until: Time) -> Stop:
        """Runs to `until`, jumping over waits; stops early when locked up."""
        self._stop = Stop.DEADLINE
        self.timeline.run(until)
        return self._stop

    def core_stopped(self, stop: Stop) -> None:
        """The core waits or is locked up."""
        if stop is Stop.LOCKUP:
            self._stop = stop
            self.timeline.stop()

    def core_wakes(self) -> Time:
        """The core goes on at once."""
        return ZERO

    def word(self, symbol: str, index: int = 0) -> int:
        """A 32-bit variable of the program."""
        address = self.firmware.symbols[symbol].address + 4 * index
        return int.from_bytes(self.core.read_memory(address, 4), "little")

    @property
    def accesses(self) -> list[tuple[int, str | None]]:
        """The matrix's registers that were accessed, by offset, and the functions that did so."""
        return [(offset, self.firmware.source_line(pc).function) for offset, pc in self._accesses]

    def core_reset_requested(self) -> None:
        """The core has no way to ask for a reset."""
        raise AssertionError

    def fault(self, rule: str, message: str, pc: int) -> None:
        """The core reported something."""
        self.faults.append(f"{rule}: {message}, in {self.firmware.source_line(pc).function}")

    def _read(self, address: int, size: int) -> int:
        self._note(address, False)
        return self._pending if address == MATRIX + 4 else 0

    def _write(self, address: int, size: int, value: int) -> None:
        self._note(address, True)
        offset = address - MATRIX
        if offset == 0x0:
            self._enabled = value
        elif offset == 0x4:
            self._pending = value
        elif offset == 0x8:
            self._threshold = value
        elif offset == 0xC:
            after = Time(self.now + value * PS_PER_S // CPU_HZ)
            self.timeline.schedule_at(after, lambda: self.core.set_interrupt(5, True), "pulse")
        elif offset == 0x10:
            self.core.hold()
            after = Time(self.now + value * PS_PER_S // CPU_HZ)
            self.timeline.schedule_at(after, self.core.release, "release")
        elif offset >= 0x80:
            self._priority[(offset - 0x80) // 4] = value
        self._offer()

    def _note(self, address: int, write: bool) -> None:
        self._accesses.append((address - MATRIX, self.core.pc))

    def _source_changed(self, source: int, active: bool) -> None:
        """Source 5 goes to CPU interrupt 7, latched as an edge."""
        assert source == 5
        self._pending |= active << 7
        self._offer()

    def _offer(self) -> None:
        ready = [
            n
            for n in range(1, 32)
            if self._enabled & self._pending & 1 << n and self._priority[n] >= self._threshold
        ]
        self.core.offer_interrupt(max(ready, key=lambda n: (self._priority[n], -n), default=0))
