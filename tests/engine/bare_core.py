"""A core with memory, a clock and nothing else, for programs compiled on the spot."""

from __future__ import annotations

import subprocess
from pathlib import Path

from facet.clock import ClockSignal
from facet.engine.protocol import MemoryRegion
from facet.engine.unicorn.cortex_m.core import CortexM4
from facet.firmware.elf import Firmware
from facet.time import ZERO, Time
from facet.timeline import Stop, Timeline

HCLK_HZ = 4_000_000

_HANDLERS = ["nmi", "hard", "mem", "bus", "usage", "svc", "pendsv", "tick", "irq0", "irq1"]
_LINKER_SCRIPT = (
    "".join(f"PROVIDE({name} = unexpected);\n" for name in _HANDLERS)
    + """
SECTIONS {
  .text 0x08000000 : { KEEP(*(.vectors)) *(.text*) *(.rodata*) }
  .bss 0x20001000 (NOLOAD) : { *(.data*) *(.bss*) *(COMMON) }
}
"""
)


def build(source: str, folder: Path) -> Firmware:
    """Compiles C for a Cortex-M4F; `vectors` is its section of that name."""
    (folder / "program.c").write_text(source)
    (folder / "program.ld").write_text(_LINKER_SCRIPT)
    elf = folder / "program.elf"
    subprocess.run(
        [
            *("arm-none-eabi-gcc", "-g", "-O1", "-mcpu=cortex-m4", "-mthumb", "-mfpu=fpv4-sp-d16"),
            *("-mfloat-abi=hard", "-ffreestanding", "-nostdlib", "-Wl,--build-id=none"),
            *("-T", str(folder / "program.ld"), "-o", str(elf), str(folder / "program.c")),
        ],
        check=True,
    )
    return Firmware(elf, "EM_ARM", "a Cortex-M4")


class BareCore:
    """Runs a program at 4 MHz; `faults` is what the core reported."""

    def __init__(self, firmware: Firmware) -> None:
        self.faults: list[str] = []
        self.resets = 0
        self.firmware = firmware
        self.timeline = Timeline()
        self.hclk = ClockSignal("HCLK", lambda: self.now)
        self.core = CortexM4(0x0800_0000, 0x10000, 82, self.hclk, self.timeline.events)
        self.core.listener = self
        self.timeline.drive(self.core, self.hclk, self)
        self.hclk.set_hz(HCLK_HZ)
        for region in (
            MemoryRegion("flash", 0x0800_0000, 0x10000, False),
            MemoryRegion("flash", 0, 0x10000, False, alias_of=0x0800_0000),
            MemoryRegion("SRAM1", 0x2000_0000, 0x8000, True),
            MemoryRegion("SRAM2", 0x1000_0000, 0x8000, True),
        ):
            self.core.map_memory(region)
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

    def pulse(self, line: int, after: Time) -> None:
        """Drives an interrupt input high for a moment, `after` from now."""

        def pulse() -> None:
            self.core.set_interrupt(line, True)
            self.core.set_interrupt(line, False)

        self.timeline.schedule(after, pulse, f"IRQ {line}")

    def word(self, symbol: str, index: int = 0) -> int:
        """A 32-bit variable of the program."""
        address = self.firmware.symbols[symbol].address + 4 * index
        return int.from_bytes(self.core.read_memory(address, 4), "little")

    def core_reset_requested(self) -> None:
        """The program asked for a reset."""
        self.resets += 1

    def fault(self, rule: str, message: str, pc: int) -> None:
        """The core reported something."""
        self.faults.append(f"{rule}: {message}, in {self.firmware.source_line(pc).function}")
