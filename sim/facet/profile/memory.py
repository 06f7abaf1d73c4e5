"""What takes the flash and the RAM: by region, section, archive, object file and symbol."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from facet.engine.protocol import MemoryRegion
from facet.errors import FacetError
from facet.firmware.elf import Firmware, Section, demangled
from facet.profile.linker_map import LinkerMap, Piece

FILL: Final = "(fill, stacks and the linker script)"
"""The name of bytes that no object file has."""


@dataclass(frozen=True)
class _Span:
    """Bytes of a region, by offset."""

    region: str
    begin: int
    end: int


class _Memories:
    """The chip's memories; an address in an alias counts for the memory behind it."""

    def __init__(self, regions: Sequence[MemoryRegion]) -> None:
        self._regions = regions
        self._by_base = {region.base: region for region in regions if region.alias_of is None}

    @property
    def real(self) -> list[MemoryRegion]:
        """The regions without aliases."""
        return list(self._by_base.values())

    def span(self, address: int, size: int) -> _Span | None:
        """The bytes at an address; None where there is no memory."""
        for region in self._regions:
            offset = address - region.base
            if 0 <= offset < region.size:
                behind = region if region.alias_of is None else self._by_base[region.alias_of]
                return _Span(behind.name, offset, offset + size)
        return None


def memory_use(
    firmware: Firmware, regions: Sequence[MemoryRegion], linker_map: LinkerMap | None
) -> dict[str, Any]:
    """What a firmware takes of a chip's memories.

    Args:
        firmware: an ELF file.
        regions: the chip's memories.
        linker_map: of the same build; None where there is no map.

    Returns:
        ``regions`` with their size and what is used, ``sections``, ``objects`` and ``archives``
        (only with a map) and ``symbols``, each with its bytes by region, the largest first.

    Raises:
        FacetError: the map is of another build.
    """
    memories = _Memories(regions)
    sections = firmware.sections
    spans = {section.name: _spans(memories, section) for section in sections}
    used = {
        region.name: _union(
            span for section in spans.values() for span in section if span.region == region.name
        )
        for region in memories.real
    }
    found: dict[str, Any] = {
        "regions": [
            {"name": region.name, "size": region.size, "used": used[region.name]}
            for region in memories.real
            if used[region.name]
        ],
        "sections": [
            {"name": section.name, "bytes": section.size, "regions": _names(spans[section.name])}
            for section in sections
        ],
        "symbols": _symbols(firmware, sections, spans),
    }
    if linker_map is not None:
        _check_build(linker_map, sections, firmware)
        objects = _by_object(linker_map.pieces, sections, spans, used)
        found["objects"] = _rows(objects, ("archive", "object"))
        archives: dict[tuple[str, ...], dict[str, int]] = {}
        for (archive, name), regions_of in objects.items():
            whose = archive or ("(none)" if name == FILL else "(object files)")
            _add(archives.setdefault((whose,), {}), regions_of)
        found["archives"] = _rows(archives, ("archive",))
    return found


def _check_build(linker_map: LinkerMap, sections: Sequence[Section], firmware: Firmware) -> None:
    for section in sections:
        known = linker_map.sections.get(section.name)
        if known is not None and known != (section.address, section.size):
            raise FacetError(
                f"{linker_map.path} is not the map of {firmware.path}: {section.name} has "
                f"{section.size} bytes at {section.address:#010x} in the one and {known[1]} at "
                f"{known[0]:#010x} in the other; give the map of the same build"
            )


def _spans(memories: _Memories, section: Section) -> list[_Span]:
    """Where a section lies; initial values of RAM lie in flash as well."""
    places = {section.address}
    if section.load_address is not None:
        places.add(section.load_address)
    found = [memories.span(place, section.size) for place in sorted(places)]
    return [span for span in found if span is not None]


def _names(spans: Iterable[_Span]) -> list[str]:
    return [span.region for span in spans]


def _union(spans: Iterable[_Span]) -> int:
    """The bytes that at least one span has."""
    total = end = 0
    for span in sorted(spans, key=lambda span: span.begin):
        total += max(0, span.end - max(span.begin, end))
        end = max(end, span.end)
    return total


def _by_object(
    pieces: Sequence[Piece],
    sections: Sequence[Section],
    spans: dict[str, list[_Span]],
    used: dict[str, int],
) -> dict[tuple[str, ...], dict[str, int]]:
    """Bytes by region of each archive and object."""
    objects: dict[tuple[str, ...], dict[str, int]] = {}
    for piece in pieces:
        section = next((s for s in sections if s.holds(piece.address)), None)
        if section is None:
            continue
        bytes_of = objects.setdefault((piece.archive, piece.object), {})
        _add(bytes_of, dict.fromkeys(_names(spans[section.name]), piece.size))
    rest = {
        region: size - sum(bytes_of.get(region, 0) for bytes_of in objects.values())
        for region, size in used.items()
    }
    objects["", FILL] = {region: size for region, size in rest.items() if size}
    return objects


def _add(to: dict[str, int], more: dict[str, int]) -> None:
    for region, size in more.items():
        to[region] = to.get(region, 0) + size


def _rows(
    found: dict[tuple[str, ...], dict[str, int]], heads: tuple[str, ...]
) -> list[dict[str, Any]]:
    rows = [
        {**dict(zip(heads, key, strict=True)), "bytes": sum(sizes.values()), "regions": sizes}
        for key, sizes in found.items()
        if sizes
    ]
    return sorted(rows, key=lambda row: (-int(row["bytes"]), *(str(row[head]) for head in heads)))


def _symbols(
    firmware: Firmware, sections: Sequence[Section], spans: dict[str, list[_Span]]
) -> list[dict[str, Any]]:
    """The sized symbols; several names of the same bytes count once."""
    seen: set[tuple[int, int]] = set()
    rows = []
    for symbol in firmware.symbols.values():
        address = symbol.address & ~1
        section = next((s for s in sections if s.holds(address)), None)
        if not symbol.size or section is None or (address, symbol.size) in seen:
            continue
        seen.add((address, symbol.size))
        rows.append(
            {
                "name": demangled(symbol.name),
                "symbol": symbol.name,
                "bytes": symbol.size,
                "section": section.name,
                "regions": _names(spans[section.name]),
            }
        )
    return sorted(rows, key=lambda row: (-int(str(row["bytes"])), str(row["symbol"])))
