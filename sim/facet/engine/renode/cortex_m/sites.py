"""Instructions that Renode carries out in another way than a Cortex-M4, found by their encoding."""

from __future__ import annotations

from functools import lru_cache

import capstone

from facet.engine.renode import shared
from facet.engine.renode.shared import NO_REGISTER, Site
from facet.isa import thumb

_WAIT_FOR_EVENT = (b"\x20\xbf", b"\xaf\xf3\x02\x80")
_FAULTMASK = 19


@lru_cache(maxsize=65536)  # shared by all cores and kept between boots
def find(code: bytes, address: int, division: bool, unaligned: bool, counting: bool) -> Site:
    """What is to be done at an instruction before Renode carries it out.

    Args:
        code: the instruction, two or four bytes.
        address: where it lies.
        division: whether a division by zero traps.
        unaligned: whether every unaligned access traps.
        counting: whether cycles are counted by the cycle model: those of a division depend on its
            operands.
    """
    decoded = thumb.decode(code, address)
    if not decoded:
        return Site()
    this = decoded[0]
    access = thumb.access(this)
    exclusive, result = _exclusive(this)
    if access is not None:
        multiple = access.trap_alignment if unaligned else access.alignment
        if exclusive or (multiple > 1 and access.base not in (thumb.SP, thumb.PC)):
            return Site(
                kind=shared.SITE_ALIGN,
                size=this.size,
                base=access.base,
                index=NO_REGISTER if access.index is None else access.index,
                shift=access.shift,
                displacement=access.displacement & 0xFFFF_FFFF,
                mask=multiple - 1,
                exclusive=exclusive,
                value=result,
            )
        return Site()
    if exclusive:
        nothing = NO_REGISTER
        kind = shared.SITE_ALIGN
        return Site(kind=kind, size=this.size, base=nothing, index=nothing, exclusive=exclusive)
    if (division or counting) and (operands := thumb.division(this)) is not None:
        dividend, divisor, is_signed = operands
        return Site(
            kind=shared.SITE_DIVIDE,
            size=this.size,
            base=dividend,
            value=divisor,
            mask=int(division),
            special=int(is_signed),
        )
    if thumb.is_send_event(this):
        return Site(kind=shared.SITE_SEND_EVENT, size=this.size)
    if bytes(this.bytes) in _WAIT_FOR_EVENT:
        return Site(kind=shared.SITE_WAIT_FOR_EVENT, size=this.size)
    if (written := thumb.written_basepri(this)) is not None:
        return Site(kind=shared.SITE_BASEPRI, size=this.size, value=written[0], special=written[1])
    if _clears_faultmask(this.bytes):
        return Site(kind=shared.SITE_SETTLE, size=this.size)
    return Site()


def with_skip(site: Site, cycles: int) -> Site:
    """A site with what the instruction takes less where an IT skips it."""
    if not cycles:
        return site
    found = Site.from_buffer_copy(site)
    found.skipped = cycles
    if found.kind == shared.SITE_NONE:
        found.kind = shared.SITE_SKIP
    return found


def _clears_faultmask(code: bytes) -> bool:
    """CPSIE F and MSR FAULTMASK (ARM DDI 0403E, B5.2.1 and B5.2.3)."""
    if len(code) == 2:
        return code[1] == 0xB6 and code[0] & 0xF1 == 0x61
    word = int.from_bytes(code, "little")
    return word & 0xFFF0 == 0xF380 and word >> 24 & 0xD0 == 0x80 and word >> 16 & 0xFF == _FAULTMASK


def _exclusive(this: capstone.CsInsn) -> tuple[int, int]:
    """What an instruction does to the exclusive monitor, and the register of STREX's result."""
    name = str(this.mnemonic)
    if name.startswith("ldrex"):
        return shared.LOAD_EXCLUSIVE, 0
    if name.startswith("strex"):
        return shared.STORE_EXCLUSIVE, thumb.number(this.operands[0].reg)
    return (shared.CLEAR_EXCLUSIVE, 0) if name.startswith("clrex") else (0, 0)
