"""A function's disassembly with the cycles of each instruction beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import capstone
import numpy as np

from facet.engine.profiling import Cause
from facet.errors import FacetError
from facet.firmware.elf import Firmware
from facet.profile.analyse import Analysis
from facet.profile.counts import Cycles
from facet.profile.debug_info import Line
from facet.profile.functions import nearest

_MOST_CAUSES = 3


@dataclass(frozen=True)
class AnnotatedInstruction:
    """An instruction of a function.

    Attributes:
        address: of it.
        text: mnemonic and operands.
        runs: how often it was executed.
        cycles: in all runs, by cause.
        line: of the source.
        inlined: the functions that it was inlined from, the outermost first.
    """

    address: int
    text: str
    runs: int
    cycles: Cycles
    line: Line | None
    inlined: tuple[str, ...]

    @property
    def total(self) -> int:
        """Cycles of all causes."""
        return int(self.cycles.sum())


def annotated(analysis: Analysis, name: str) -> list[AnnotatedInstruction]:
    """The instructions of a function.

    Args:
        analysis: of the run.
        name: its name or symbol, or the address of a function without one.

    Raises:
        FacetError: there is no such function; the nearest ones are named.
    """
    counted = analysis.counts.by_address()
    nothing = 0, np.zeros(len(Cause), np.int64)
    found = []
    for begin, end in _ranges(analysis, name, counted):
        for address, text in _disassembled(analysis, begin, end):
            runs, cycles = counted.get(address, nothing)
            found.append(
                AnnotatedInstruction(
                    address,
                    text,
                    runs,
                    cycles,
                    analysis.code.debug.line_at(address),
                    analysis.code.debug.inlined_at(address),
                )
            )
    return found


def annotation_lines(instructions: list[AnnotatedInstruction], total: int) -> Iterator[str]:
    """The annotation as text.

    Args:
        instructions: of one function.
        total: cycles of the run.
    """
    width = max((len(f"{i.total:,}") for i in instructions), default=1)
    runs_width = max((len(f"{i.runs:,}") for i in instructions), default=1)
    yield f"{'cycles':>{width}}  share  {'runs':>{runs_width}}  address     instruction"
    place: tuple[Line | None, tuple[str, ...]] = (None, ())
    for this in instructions:
        if (this.line, this.inlined) != place:
            place = this.line, this.inlined
            within = f"  inlined: {' > '.join(this.inlined)}" if this.inlined else ""
            yield f"{'':{width}}         {'':{runs_width}}  ; {this.line or '(no line)'}{within}"
        share = f"{100 * this.total / total:4.1f} %" if total and this.total else ""
        cycles = f"{this.total:,}" if this.runs else "."
        runs = f"{this.runs:,}" if this.runs else "."
        figures = f"{cycles:>{width}} {share:>6}  {runs:>{runs_width}}"
        yield f"{figures}  {this.address:#010x}  {this.text:<36} {_causes(this)}".rstrip()


def _causes(this: AnnotatedInstruction) -> str:
    """The causes of the waits, the largest first."""
    waits = [(int(this.cycles[cause]), cause) for cause in Cause if cause is not Cause.ISSUE]
    shown = sorted((wait for wait in waits if wait[0]), key=lambda wait: (-wait[0], wait[1]))
    return ", ".join(f"{cause.label} {cycles:,}" for cycles, cause in shown[:_MOST_CAUSES])


def _ranges(
    analysis: Analysis, name: str, counted: dict[int, tuple[int, Cycles]]
) -> list[tuple[int, int]]:
    """The addresses of a function's code."""
    table = analysis.code.table
    known = table.find(name)
    if known:
        return [(function.begin, function.end) for function in known]
    functions = {
        analysis.names.function_address(node, address) for node, address, _, _ in analysis.rows
    }
    names = {table.name_of(address): address for address in functions}
    if name in names and table.at(names[name]) is None:
        begin = names[name]
        own = [
            address
            for node, address, _, _ in analysis.rows
            if analysis.names.function_address(node, address) == begin
        ]
        return _stretches(sorted(set(own)), counted)
    if table.has_symbols:
        table.named(name)  # raises, with the nearest names
    raise FacetError(
        f"no code of {name!r} ran: without symbols a function is named by its address"
        f"{nearest(name, names)}"
    )


def _stretches(
    addresses: list[int], counted: dict[int, tuple[int, Cycles]]
) -> list[tuple[int, int]]:
    """Executed code of a function without a symbol, from instruction to instruction."""
    found: list[tuple[int, int]] = []
    for address in addresses:
        if address not in counted:
            continue
        if found and address - found[-1][1] <= 0:
            found[-1] = found[-1][0], address + 4
        else:
            found.append((address, address + 4))
    return found


def _disassembled(analysis: Analysis, begin: int, end: int) -> Iterator[tuple[int, str]]:
    is_arm = analysis.code.machine == "EM_ARM"
    decoder = (
        capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS)
        if is_arm
        else capstone.Cs(capstone.CS_ARCH_RISCV, capstone.CS_MODE_RISCV32 | capstone.CS_MODE_RISCVC)
    )
    code = analysis.code_at(begin, end - begin)
    at = 0
    firmware = analysis.code.firmware
    is_data = firmware.is_data if is_arm and isinstance(firmware, Firmware) else None
    while at < len(code):
        this = None
        if is_data is None or not is_data(begin + at):
            this = next(decoder.disasm(code[at:], begin + at, 1), None)
        if this is None:  # a literal among the code
            size = 4 if (begin + at) % 4 == 0 and len(code) - at >= 4 else 2
            word = int.from_bytes(code[at : at + size], "little")
            yield begin + at, f".word {word:#010x}" if size == 4 else f".short {word:#06x}"
            at += size
            continue
        yield begin + at, f"{this.mnemonic} {this.op_str}".rstrip()
        at += this.size
