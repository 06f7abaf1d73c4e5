"""A profile as tables with bars for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from rich.table import Table

from facet.engine.profiling import CAUSE_MEANINGS, Cause
from facet.profile.result import Profile
from facet.report.tables import plain_table
from facet.text import printable, shortened

_BAR: Final = 20
"""Characters of a full bar."""

_EIGHTHS: Final = " ▏▎▍▌▋▊▉"
_LONGEST_NAME: Final = 52
_FUNCTIONS: Final = 15
_LINES: Final = 10
_SYMBOLS: Final = 10


def bar(part: float, whole: float, width: int = _BAR) -> str:
    """A bar that shows a share, in eighths of a character."""
    if whole <= 0:
        return ""
    eighths = round(8 * width * part / whole)
    return "█" * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")


def profile_tables(profile: Profile, functions: int = _FUNCTIONS) -> Iterator[Table]:
    """The parts of a profile, each as a table with a title."""
    yield _shares(
        "why the cycles passed",
        "cause",
        [
            (cause.label, profile.causes.get(cause.label, 0), CAUSE_MEANINGS[cause])
            for cause in Cause
            if profile.causes.get(cause.label)
        ],
        profile.cycles,
    )
    phases = [(phase.name, phase.cycles, "") for phase in profile.phases]
    yield _shares("phases, interrupts included", "phase", phases, profile.cycles)
    if profile.operators:
        yield _operators(profile)
    yield _functions(profile, functions)
    if profile.lines:
        lines = [
            (f"{e.file}:{e.line}" if e.file else "(no line)", e.cycles, "")
            for e in profile.lines[:_LINES]
        ]
        title = f"lines, {_of(len(lines), len(profile.lines))}"
        yield _shares(title, "line", lines, profile.cycles)
    if profile.interrupts:
        yield _interrupts(profile)
    yield _stacks(profile)
    if profile.memory:
        yield _memory(profile)
        if profile.memory.get("objects"):
            yield _objects(profile)
    if profile.arena:
        yield _arena(profile)


def _shares(title: str, what: str, rows: Sequence[tuple[str, int, str]], whole: int) -> Table:
    has_notes = any(note for _, _, note in rows)
    heads = [what, "cycles", "share", ""] + ([" "] if has_notes else [])
    table = plain_table(*heads, numbers=("cycles", "share"))
    table.title, table.title_justify = title, "left"
    for name, cycles, note in rows:
        row = [_short(name), f"{cycles:,}", _percent(cycles, whole), bar(cycles, whole)]
        table.add_row(*row, *([note] if has_notes else []))
    return table


def _operators(profile: Profile) -> Table:
    numbers = ("MACs", "cycles", "a MAC")
    table = plain_table("operator", "output", *numbers, "", "kernel", numbers=numbers)
    table.title, table.title_justify = "operators, cycles of one inference", "left"
    most = max(operator.cycles_per_run for operator in profile.operators)
    for operator in profile.operators:
        per_mac = operator.cycles_per_mac
        table.add_row(
            operator.title,
            "x".join(map(str, operator.output_shape[1:])),
            f"{operator.macs:,}" if operator.macs else "",
            f"{operator.cycles_per_run:,.0f}",
            f"{per_mac:.2f}" if per_mac is not None else "",
            bar(operator.cycles_per_run, most, _BAR // 2),
            _short(operator.kernel),
        )
    return table


def _functions(profile: Profile, most: int) -> Table:
    shown = profile.functions[:most]
    numbers = ("self", "share", "with calls", "calls")
    table = plain_table("function", *numbers, "", numbers=numbers)
    table.title = f"functions, {_of(len(shown), len(profile.functions))}"
    table.title_justify = "left"
    for function in shown:
        table.add_row(
            _short(function.name),
            f"{function.cycles:,}",
            _percent(function.cycles, profile.cycles),
            f"{function.inclusive:,}",
            f"{function.calls:,}" if function.calls else "",
            bar(function.cycles, profile.cycles),
        )
        for name, cycles in list(function.inlined.items())[:3]:
            if cycles * 50 > profile.cycles:
                table.add_row(
                    f"  inlined: {_short(name)}",
                    f"{cycles:,}",
                    _percent(cycles, profile.cycles),
                    style="dim",
                )
    return table


def _interrupts(profile: Profile) -> Table:
    numbers = ("entered", "cycles", "each")
    table = plain_table("interrupt", "handler", *numbers, numbers=numbers)
    table.title, table.title_justify = "interrupts, entry and return included", "left"
    for interrupt in profile.interrupts:
        each = interrupt.cycles / interrupt.count if interrupt.count else 0
        table.add_row(
            interrupt.name,
            _short(interrupt.handler),
            f"{interrupt.count:,}",
            f"{interrupt.cycles:,}",
            f"{each:,.1f}",
        )
    return table


def _stacks(profile: Profile) -> Table:
    table = plain_table(
        "thread", "cycles", "peak stack, bytes", numbers=("cycles", "peak stack, bytes")
    )
    table.title, table.title_justify = "threads of execution", "left"
    cycles = {thread.name: thread.cycles for thread in profile.threads}
    for stack in profile.stacks:
        table.add_row(_short(stack.thread), f"{cycles.get(stack.thread, 0):,}", f"{stack.bytes:,}")
    return table


def _memory(profile: Profile) -> Table:
    regions: list[dict[str, Any]] = profile.memory["regions"]
    table = plain_table("memory", "bytes", "of", "share", "", numbers=("bytes", "of", "share"))
    table.title, table.title_justify = "memory", "left"
    for region in regions:
        used, size = region["used"], region["size"]
        table.add_row(
            region["name"], f"{used:,}", f"{size:,}", _percent(used, size), bar(used, size)
        )
    for symbol in profile.memory["symbols"][:_SYMBOLS]:
        table.add_row(f"  {_short(symbol['name'])}", f"{symbol['bytes']:,}", style="dim")
    return table


def _objects(profile: Profile) -> Table:
    objects: list[dict[str, Any]] = profile.memory["objects"]
    regions = [region["name"] for region in profile.memory["regions"]]
    table = plain_table("object", "archive", *regions, numbers=regions)
    table.title = f"memory by object file, {_of(min(_SYMBOLS, len(objects)), len(objects))}"
    table.title_justify = "left"
    for entry in objects[:_SYMBOLS]:
        sizes = [entry["regions"].get(region, 0) for region in regions]
        cells = [f"{size:,}" if size else "" for size in sizes]
        table.add_row(_short(entry["object"]), _short(entry["archive"]), *cells)
    return table


def _arena(profile: Profile) -> Table:
    arena = profile.arena
    tensors = sorted(arena["tensors"], key=lambda t: (-t["bytes"], t["offset"]))[:_SYMBOLS]
    numbers = ("bytes", "offset")
    table = plain_table("tensor", "shape", *numbers, "operators", numbers=numbers)
    table.title = f"arena: {arena['used']:,} bytes, {arena['planned']:,} for tensors"
    table.title_justify = "left"
    for tensor in tensors:
        table.add_row(
            _short(tensor["name"] or str(tensor["index"])),
            "x".join(map(str, tensor["shape"][1:])),
            f"{tensor['bytes']:,}",
            f"{tensor['offset']:,}",
            f"{tensor['first']} to {tensor['last']}",
        )
    return table


def _short(name: str) -> str:
    return shortened(printable(name), _LONGEST_NAME)


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""


def _of(shown: int, number: int) -> str:
    return f"the first {shown} of {number}" if shown < number else f"all {number}"
