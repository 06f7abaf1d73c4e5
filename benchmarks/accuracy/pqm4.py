"""pqm4's programs: cycles read on a NUCLEO-L4R5ZI without wait states (mupq/pqm4)."""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.accuracy.bench_core import BenchCore
from benchmarks.accuracy.figures import Comparison
from facet.cycles.timing import STM32L4
from facet.engine.protocol import MemoryRegion
from facet.errors import FacetError
from facet.firmware.elf import Firmware

HZ = 20_000_000  # what pqm4 sets this board to for its measurements: no wait states
MOST_CYCLES = 4_000_000_000
MOST_SPREAD = 0.02
"""Phases whose cycles vary more than this on silicon (rejection sampling) are left out."""

FITTED = re.compile(
    r"ml-kem|ml-dsa|haetae|hawk|perk|fndsa|sphincs|cross-.*-sdpg|aimer|mayo1$|mqom.*gf251|mirith.*opt$"
)
"""Programs that were looked at while the model's numbers were chosen; all others were not."""

_FLASH, _SRAM = 0x0800_0000, 0x2000_0000
_RCC_CR, _RCC_CFGR, _RCC_CRRCR = 0x4002_1000, 0x4002_1008, 0x4002_1098
_LPUART_ISR, _LPUART_TDR = 0x4000_801C, 0x4000_8028
_RNG_SR, _RNG_DR = 0x5006_0804, 0x5006_0808
_PHASES = ("keypair", "encaps", "decaps", "sign", "verify")
_ELF_NAME = re.compile(r"(?:mupq_)?(?:pqclean_)?crypto_(?:kem|sign)_(.+)_([^_]+)_speed")


@dataclass(frozen=True)
class Published:
    """One phase on silicon: cycles."""

    mean: float
    low: float
    high: float

    @property
    def spread(self) -> float:
        """How far its runs lie apart, relative."""
        return (self.high - self.low) / self.mean


def published(table: Path) -> dict[tuple[str, str], tuple[Published, ...]]:
    """The speed part of benchmarks.csv, by scheme and implementation."""
    found: dict[tuple[str, str], tuple[Published, ...]] = {}
    with table.open(newline="") as lines:
        for row in csv.reader(lines):
            if row and row[0] == "Memory Evaluation":
                break
            scheme = re.match(r"(\S+) \(\d+ executions\)", row[0]) if row else None
            if scheme:
                values = [float(value) for value in row[2:11]]
                found[scheme[1], row[1]] = tuple(
                    Published(*values[start : start + 3]) for start in (0, 3, 6)
                )
    return found


def compare(root: Path, report: Callable[[str], None]) -> Iterator[Comparison]:
    """Runs each program that was built in pqm4's `elf` folder.

    Args:
        root: a checkout with programs built by pqm4's own makefile for nucleo-l4r5zi.
        report: called with what runs next.

    Raises:
        FacetError: there is no table or no program, or a program fails.
    """
    table = root / "benchmarks.csv"
    programs = sorted((root / "elf").glob("*_speed.elf"))
    if not table.exists() or not programs:
        raise FacetError(
            f"{root}: no benchmarks.csv or no elf/*_speed.elf; build pqm4's speed programs there "
            "with its own makefile, PLATFORM=nucleo-l4r5zi"
        )
    silicon = published(table)
    for elf in programs:
        name = _ELF_NAME.fullmatch(elf.stem)
        if name is None or (name[1], name[2]) not in silicon:
            continue
        scheme, implementation = name[1], name[2]
        report(f"{scheme} {implementation}")
        fitted = FITTED.match(f"{scheme} {implementation}" if "mirith" in scheme else scheme)
        for index, (phase, cycles) in enumerate(run(elf)):
            figure = silicon[scheme, implementation][index]
            if figure.spread <= MOST_SPREAD:
                yield Comparison(
                    f"{scheme} {implementation}", phase, figure.mean, cycles, fitted is not None
                )


def run(elf: Path) -> list[tuple[str, int]]:
    """Runs a program; the mean cycles that it prints for each of its phases, in order.

    Raises:
        FacetError: it printed no cycles.
    """
    firmware = Firmware(elf, "EM_ARM", "a Cortex-M4")
    said = bytearray()
    numbers = random.Random(1)

    def write(address: int, value: int) -> None:
        if address == _LPUART_TDR:
            said.append(value & 0xFF)
            if value == ord("#"):
                bench.stop()

    bench = BenchCore(
        [
            MemoryRegion("flash", _FLASH, 2 << 20, writable=False),
            MemoryRegion("flash", 0, 2 << 20, writable=False, alias_of=_FLASH),
            MemoryRegion("SRAM", _SRAM, 640 << 10, writable=True),
        ],
        STM32L4,
        HZ,
        {
            # The oscillators are ready at once; the clock is the one that was chosen.
            _RCC_CR: lambda value: value | (value & 0x0100_0000) << 1 | (value & 0x0100) << 2,
            _RCC_CFGR: lambda value: value & ~0xC | (value & 3) << 2,
            _RCC_CRRCR: lambda value: value | 2,
            _LPUART_ISR: lambda _: 0x0060_00C0,  # ready to send
            _RNG_SR: lambda _: 1,
            _RNG_DR: lambda _: numbers.getrandbits(32),
        },
        write,
    )
    for segment in firmware.segments:
        bench.core.write_memory(segment.address, segment.data)
    bench.core.reset()
    try:
        bench.run(MOST_CYCLES)
    except FacetError as error:
        raise FacetError(f"{elf}: {error}") from None
    return _phases(said.decode("ascii", "replace"), elf)


def _phases(said: str, elf: Path) -> list[tuple[str, int]]:
    found: dict[str, list[int]] = {}
    for phase, cycles in re.findall(r"(\w+) cycles:\s*(\d+)", said):
        if phase in _PHASES:
            found.setdefault(phase, []).append(int(cycles))
    if not found:
        raise FacetError(f"{elf}: it printed no cycles, but {said[:80]!r}")
    return [(phase, round(sum(values) / len(values))) for phase, values in found.items()]
