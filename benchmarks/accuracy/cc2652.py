"""CMEmu's benchmarks: cycles read on a CC2652, a Cortex-M4 with other memory than the STM32L4's.

mimuw-distributed-systems-group/cmemu, cmemu-tests/tests/cc2652/benchmarks: an image of the flash
and what CYCCNT counted on the chip. Taken are the runs with the flash's cache, its line buffer and
the core's write buffer on, in which memory waits least: core rules only.
"""

from __future__ import annotations

import ast
import io
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.accuracy.bench_core import BenchCore
from benchmarks.accuracy.figures import Comparison
from benchmarks.accuracy.message_pack import unpack
from facet.cycles.cortex_m4 import Timing
from facet.engine.protocol import MemoryRegion
from facet.errors import FacetError

HZ = 48_000_000
MOST_CYCLES = 300_000_000
TIMING = Timing(store_after_load=1, load_after_store=1, store_after_store=1)
"""Its SRAM takes an access each cycle."""

_FLASH_BYTES = 0x5_8000
_EXIT_BYTES = 4
_CYCLES = "cyccnt"


def compare(root: Path, report: Callable[[str], None]) -> Iterator[Comparison]:
    """Runs each benchmark.

    Raises:
        FacetError: there are none, or one does not run.
    """
    archives = sorted((root / "cmemu-tests/tests/cc2652/benchmarks").rglob("*.tzst"))
    if not archives:
        raise FacetError(f"{root}: no cmemu-tests/tests/cc2652/benchmarks/**/*.tzst")
    for archive in archives:
        for configuration, image, dump in _cases(archive):
            if not all(configuration.get(key) for key in ("lbEn", "wbEn", "cache_enabled")):
                continue
            level = str(configuration.get("BENCHMARK_OPT_LEVEL", ""))
            report(f"{archive.stem} {level}")
            cycles = run(image, dump)
            if cycles is not None:
                counted, published = cycles
                yield Comparison(archive.stem, level, published, counted, fitted=False)


def _cases(archive: Path) -> Iterator[tuple[dict[str, object], bytes, dict[str, object]]]:
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


def run(image: bytes, dump: dict[str, object]) -> tuple[int, int] | None:
    """Cycles here and on the chip; None where the dump has no single count."""
    chunks = dump["mem_dump"]
    assert isinstance(chunks, list)
    counts = [chunk for chunk in chunks if chunk["symbol_name"] == _CYCLES]
    if len(counts) != 1 or len(counts[0]["content"]) != 4:
        return None
    published = int.from_bytes(bytes(counts[0]["content"]), "little")
    if published > MOST_CYCLES:
        return None
    bench = BenchCore(
        [
            MemoryRegion("flash", 0, _FLASH_BYTES, writable=False),
            MemoryRegion("GPRAM", 0x1100_0000, 0x2000, writable=True),
            MemoryRegion("SRAM", 0x2000_0000, 0x1_4000, writable=True),
        ],
        TIMING,
        HZ,
        {},
    )
    bench.core.write_memory(0, image)
    bench.core.reset()
    bench.start_cycle_counter()  # the start-up code, which is left out here, does it
    bench.core.cpu["PC"] = int(str(dump["emulator_main_addr"])) | 1
    # The image ends in a loop of its own: a breakpoint there ends the run.
    exit_address = int(str(dump["emulator_exit_addr"]))
    bench.core.write_memory(exit_address, b"\xfe\xe7" * (_EXIT_BYTES // 2))
    bench.run(2 * MOST_CYCLES, stop_at=exit_address)
    return bench.word(counts[0]["addr"]), published
