"""Where the firmware's bytes go: a table at every build, and a clear word when they do not fit."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arena import measure_arena
from elftools.elf.elffile import ELFFile
from model_bundle.arena import peak_activation_bytes
from model_bundle.write import Bundle

# The largest parts are named down to this many.
_PARTS = 8


@dataclass(frozen=True)
class Region:
    """A memory of the chip as the linker script has it."""

    name: str
    start: int
    size: int


# stm32l476rg.ld
_FLASH = Region("flash", 0x08000000, 1024 * 1024)
_SRAM1 = Region("SRAM1", 0x20000000, 96 * 1024)
_SRAM2 = Region("SRAM2", 0x10000000, 32 * 1024)

_OVERFLOW = re.compile(r"region [`'](?P<region>\w+)' overflowed by (?P<bytes>\d+) bytes")


def link(target: list[Any], source: list[Any], env: Any) -> int:
    """Link; where a region overflows, say by how much and what the largest parts are."""
    command = shlex.split(
        env.subst(
            "$LINK -o $TARGET $LINKFLAGS $SOURCES $_LIBDIRFLAGS $_LIBFLAGS",
            target=target,
            source=source,
        )
    )
    result = subprocess.run(command, capture_output=True, text=True)
    overflow = _OVERFLOW.search(result.stderr)
    if result.returncode != 0 and overflow:
        _explain_overflow(command, str(target[0]), overflow["region"], int(overflow["bytes"]))
    else:
        sys.stderr.write(result.stderr)
    return result.returncode


def _explain_overflow(command: list[str], target: str, region: str, excess: int) -> None:
    # Linked all the same, only to be measured.
    oversize = Path(f"{target}.oversize")
    measured = [str(oversize) if word == target else word for word in command]
    subprocess.run([*measured, "-Wl,--noinhibit-exec"], capture_output=True)
    is_flash = region == "FLASH"
    try:
        parts = _largest_parts(oversize, in_flash=is_flash) if oversize.exists() else []
    finally:
        oversize.unlink(missing_ok=True)
    print(
        f"error: the firmware does not fit: {region} is {excess:,} bytes too small;"
        f" the largest parts: {_list(parts)}",
        file=sys.stderr,
    )


def _list(parts: list[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {size:,}" for name, size in parts)


def _largest_parts(elf: Path, in_flash: bool) -> list[tuple[str, int]]:
    parts: dict[tuple[str, int], int] = {}
    with elf.open("rb") as file:
        symbols = ELFFile(file).get_section_by_name(".symtab")
        for symbol in symbols.iter_symbols():
            if symbol["st_info"]["type"] not in ("STT_OBJECT", "STT_FUNC"):
                continue
            address, size = symbol["st_value"], symbol["st_size"]
            if (address >> 24 == _FLASH.start >> 24) == in_flash and size:
                parts[(symbol.name, address)] = size
    largest = sorted(parts.items(), key=lambda item: (-item[1], item[0]))[:_PARTS]
    names = _demangle([name for (name, _), _ in largest])
    return [(name, size) for name, (_, size) in zip(names, largest, strict=True)]


def _demangle(names: list[str]) -> list[str]:
    try:
        filtered = subprocess.run(
            ["arm-none-eabi-c++filt", "--no-params"],
            input="\n".join(names),
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        return names
    return filtered if len(filtered) == len(names) else names


@dataclass(frozen=True)
class _Use:
    """Bytes in each of the firmware's sections."""

    sections: dict[str, int]
    load: dict[str, int]  # what each section takes in flash

    def of(self, *names: str) -> int:
        return sum(self.sections.get(name, 0) for name in names)


def _measure(elf: Path) -> _Use:
    sections: dict[str, int] = {}
    load: dict[str, int] = {}
    with elf.open("rb") as file:
        for section in ELFFile(file).iter_sections():
            if section["sh_flags"] & 2 and section["sh_size"]:  # SHF_ALLOC
                sections[section.name] = section["sh_size"]
                if section["sh_type"] != "SHT_NOBITS":
                    load[section.name] = section["sh_size"]
    return _Use(sections, load)


class Report:
    """Prints the table, and refuses a model whose tensors do not fit into the arena."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    def __call__(self, target: list[Any], source: list[Any], env: Any) -> int:
        """SCons action: prints the table; an error where the model does not fit."""
        elf = Path(str(source[0]))
        use = _measure(elf)
        flash = sum(use.load.values())
        model, stack = use.of(".model"), use.of(".stack")
        arena, variables = use.of(".arena"), use.of(".data", ".bss")
        buffers = use.of(".sram2_bss")
        measured = measure_arena(elf)
        peak = peak_activation_bytes(self._bundle.model)
        needed = peak if measured.complaint else measured.used
        print(
            f"model  {self._bundle.name}, sha256 {self._bundle.sha256[:16]}\n"
            f"flash  {flash:>9,} of {_FLASH.size:>9,} bytes ({flash / _FLASH.size:.1%}):"
            f" program {flash - model:,}, model {model:,}\n"
            f"SRAM1  {variables + needed:>9,} of {_SRAM1.size:>9,} bytes"
            f" ({(variables + needed) / _SRAM1.size:.1%}):"
            f" variables {variables:,}, arena {needed:,} of {arena:,}\n"
            f"SRAM2  {stack + buffers:>9,} of {_SRAM2.size:>9,} bytes"
            f" ({(stack + buffers) / _SRAM2.size:.1%}): stack {stack:,}, buffers {buffers:,}",
            flush=True,
        )
        if measured.complaint is None:
            return 0
        elf.unlink()  # it would only report the same at each boot
        print(
            f"error: {self._bundle.path} does not fit into the arena of {arena:,} bytes, all that"
            f" SRAM1 has left beside {variables:,} bytes of variables: its tensors alone take"
            f" {peak:,} at once; make its first layers smaller"
            f" (TFLite Micro: {measured.complaint})",
            file=sys.stderr,
        )
        return 1
