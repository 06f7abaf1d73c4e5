"""CMEmu's images: cycles read on a CC2652 (Cortex-M4) and on an STM32F100 (Cortex-M3).

mimuw-distributed-systems-group/cmemu, cmemu-tests/tests: for each program an image of the flash
and what CYCCNT counted on the chip. Both chips have other memory than the STM32L4. The STM32F100
runs without wait states; the CC2652's runs are those with its cache, line buffer and write buffer
on, in which its memory waits least, and stands in as flash of one wait state that is read ahead.
"""

from __future__ import annotations

import ast
import io
import re
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.accuracy.bench_core import BenchCore
from benchmarks.accuracy.figures import Comparison, Sequences
from benchmarks.accuracy.message_pack import unpack
from facet.cycles.timing import Timing
from facet.engine.protocol import MemoryRegion
from facet.errors import FacetError

MOST_CYCLES = 300_000_000
_EXIT_BYTES = 4
_CYCLES, _TIMES = "cyccnt", "times"

Configuration = dict[str, object]
Dump = dict[str, object]


@dataclass(frozen=True)
class Chip:
    """A chip whose dumps are compared.

    Attributes:
        folder: of its tests.
        hz: the core's clock, for SysTick.
        image_at: address of the image.
        regions: the memory, the one with the image first.
        timing: its memory.
        wait_states: of its flash, at best.
        least_cycles: of a program that is compared.
    """

    folder: str
    hz: int
    image_at: int
    regions: tuple[MemoryRegion, ...]
    timing: Timing
    wait_states: int = 0
    least_cycles: int = 0


CC2652 = Chip(
    "cc2652",
    48_000_000,
    0,
    (
        MemoryRegion("flash", 0, 0x5_8000, writable=False),
        MemoryRegion("GPRAM", 0x1100_0000, 0x2000, writable=True),
        MemoryRegion("SRAM", 0x2000_0000, 0x1_4000, writable=True),
    ),
    Timing(
        store_after_load=1, store_after_store=1, load_use=0, lone_load_use=0
    ),  # its SRAM takes an access each cycle
    wait_states=1,  # its cache gives 64 bits each two cycles: a taken branch takes three
    least_cycles=1000,  # shorter ones fetch most of their code for the first time
)
STM32F100 = Chip(
    "stm32f100rbt6",
    24_000_000,
    0x0800_0000,
    (
        MemoryRegion("flash", 0x0800_0000, 128 << 10, writable=False),
        MemoryRegion("flash", 0, 128 << 10, writable=False, alias_of=0x0800_0000),
        MemoryRegion("SRAM", 0x2000_0000, 0x4000, writable=True),
    ),
    Timing(
        store_after_load=1, store_after_store=1, load_use=0, lone_load_use=0, flash_load=1
    ),  # its flash has one port for code and data
)

_M3_ONLY = re.compile(r"mull|mla|smlal|umlal|piq_narrow|cond_reg_dep|ldrd_trigger")
"""Names of sequences with multiplications that take longer on a Cortex-M3."""


def compare(chip: Chip) -> Callable[[Path, Callable[[str], None]], Iterator[Comparison]]:
    """Gives what compares the chip's programs in a checkout of CMEmu."""

    def programs(root: Path, report: Callable[[str], None]) -> Iterator[Comparison]:
        for archive in _archives(root, chip, "benchmarks"):
            done: set[str] = set()
            for configuration, image, dump in _cases(archive):
                level = str(configuration.get("BENCHMARK_OPT_LEVEL", ""))
                if level in done or not _waits_least(chip, configuration):
                    continue
                published = _published(dump)
                if published is None or not chip.least_cycles <= published <= MOST_CYCLES:
                    continue
                done.add(level)
                report(f"{chip.folder} {archive.stem} {level}")
                address = int(str(_chunks(dump, _CYCLES)[0]["addr"]))
                counted = _run(chip, image, dump).word(address)
                yield Comparison(archive.stem, level, published, counted, fitted=False)

    return programs


def sequences(root: Path, report: Callable[[str], None]) -> Iterator[Sequences]:
    """Runs the STM32F100's sequences of instructions whose data is not in flash.

    Raises:
        FacetError: there are none, or one does not run.
    """
    for archive in _archives(root, STM32F100, "instructions"):
        if _M3_ONLY.search(archive.stem):
            continue
        report(f"{STM32F100.folder} {archive.stem}")
        published, predicted = [], []
        for configuration, image, dump in _cases(archive):
            placed = {value for value in configuration.values() if isinstance(value, str)}
            in_flash = configuration.get("code", "flash") == "flash"
            if not in_flash or ("sram" not in placed and _reads_flash(configuration)):
                continue
            if configuration.get("lbEn") is False or _M3_ONLY.search(str(configuration)):
                continue  # the chip has no line buffer: the same once more
            for chunk in _chunks(dump, _TIMES):
                content = bytes(_bytes(chunk))
                core = _run(STM32F100, image, dump).core
                here = core.read_memory(int(str(chunk["addr"])), len(content))
                published += _words(content)
                predicted += _words(here)
        if published:
            yield Sequences(archive.stem, tuple(published), tuple(predicted))


def _reads_flash(configuration: Configuration) -> bool:
    return any(value == "flash" for key, value in configuration.items() if key != "code")


def _waits_least(chip: Chip, configuration: Configuration) -> bool:
    if chip is STM32F100:
        return True
    return all(configuration.get(key) for key in ("lbEn", "wbEn", "cache_enabled"))


def _archives(root: Path, chip: Chip, kind: str) -> list[Path]:
    folder = f"cmemu-tests/tests/{chip.folder}/{kind}"
    archives = sorted((root / folder).rglob("*.tzst"))
    if not archives:
        raise FacetError(f"{root}: no {folder}/**/*.tzst")
    return archives


def _cases(archive: Path) -> Iterator[tuple[Configuration, bytes, Dump]]:
    try:
        packed = subprocess.run(
            ["zstd", "-dc", str(archive)], check=True, capture_output=True
        ).stdout
    except FileNotFoundError:
        raise FacetError("no zstd: install it (Debian: apt install zstd)") from None
    except subprocess.CalledProcessError as error:
        raise FacetError(f"{archive}: {error.stderr.decode().strip()}") from None
    with tarfile.open(fileobj=io.BytesIO(packed)) as files:
        for member in files.getmembers():
            if not member.name.endswith(".dump"):
                continue
            dump = unpack(_content(files, member.name))
            image = _content(files, member.name.removesuffix(".dump") + ".flash")
            yield ast.literal_eval(dump["configuration_name"]), image, dump


def _content(files: tarfile.TarFile, name: str) -> bytes:
    found = files.extractfile(name)
    assert found is not None, name
    return found.read()


def _chunks(dump: Dump, symbol: str) -> list[dict[str, object]]:
    chunks = dump["mem_dump"]
    assert isinstance(chunks, list)
    return [chunk for chunk in chunks if chunk["symbol_name"] == symbol]


def _bytes(chunk: dict[str, object]) -> list[int]:
    content = chunk["content"]
    assert isinstance(content, list)
    return content


def _words(content: bytes) -> list[int]:
    return [int.from_bytes(content[at : at + 4], "little") for at in range(0, len(content), 4)]


def _published(dump: Dump) -> int | None:
    """What the chip counted; None where the dump has no single count."""
    counts = _chunks(dump, _CYCLES)
    if len(counts) != 1 or len(_bytes(counts[0])) != 4:
        return None
    return int.from_bytes(bytes(_bytes(counts[0])), "little")


def _run(chip: Chip, image: bytes, dump: Dump) -> BenchCore:
    """Runs an image to its end."""
    bench = BenchCore(chip.regions, chip.timing, chip.hz, {})
    bench.core.write_memory(chip.image_at, image)
    bench.core.reset()
    if chip.wait_states:
        bench.core.set_flash_timing(chip.wait_states, False, False, prefetch=True)
    bench.start_cycle_counter()  # the start-up code, which is left out here, does it
    bench.core.cpu["PC"] = int(str(dump["emulator_main_addr"])) | 1
    # The image ends in a loop of its own: a breakpoint there ends the run.
    exit_address = int(str(dump["emulator_exit_addr"]))
    bench.core.write_memory(exit_address, b"\xfe\xe7" * (_EXIT_BYTES // 2))
    bench.run(2 * MOST_CYCLES, stop_at=exit_address)
    return bench
