"""One Thumb encoding, as far as cycles and addresses go."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

SP, LR, PC = 13, 14, 15


class Kind(IntEnum):
    """As in `native/m4_pipeline.h`."""

    ALU = 0
    LOAD = 1
    STORE = 2
    LOAD_MULTIPLE = 3
    STORE_MULTIPLE = 4
    BRANCH = 5
    BRANCH_IF = 6
    JUMP = 7
    JUMP_IF = 8
    LOAD_PC = 9
    TABLE_BRANCH = 10
    IT = 11


REGISTER_OFFSET, WRITES_BACK, NOP, DIVIDES = 1, 2, 4, 8
STEP = struct.Struct("<BBBBIII")  # M4Step


@dataclass(frozen=True)
class Access:
    """A load or store: base register (PC for a literal), index register or None, displacement.

    Attributes:
        registers: what it moves, a word each; empty where it moves less or something else.
    """

    base: int
    index: int | None
    shift: int
    displacement: int
    bytes: int
    load: bool
    aligned: bool
    post_indexed: bool
    writes_back: bool
    registers: tuple[int, ...]


@dataclass(frozen=True)
class Effect:
    """What an instruction makes of registers, as far as addresses are formed that way.

    Attributes:
        register: which one it writes.
        base, index, shift, offset: the sum that it writes; base None: the constant `offset`.
        keeps_low: MOVT: the lower half stays.
    """

    register: int
    base: int | None
    index: int | None = None
    shift: int = 0
    offset: int = 0
    keeps_low: bool = False


@dataclass(frozen=True)
class Thumb:
    """One encoding.

    Attributes:
        size: bytes.
        kind: how it runs.
        cycles: in execute; of a multiple access the words moved.
        flags: REGISTER_OFFSET, WRITES_BACK, NOP, DIVIDES.
        address_reads, reads, writes: registers as bits.
        access: where it loads or stores.
        effect: what it makes of an address, where that can be followed.
        it_length: of IT, how many instructions it makes conditional.
        it: of IT, its first condition and mask (ARM DDI 0403E, A7.7.38); else 0.
    """

    size: int
    kind: Kind
    cycles: int
    flags: int
    address_reads: int
    reads: int
    writes: int
    access: Access | None
    effect: Effect | None
    it_length: int
    it: int
    floating_point: bool
    may_unmask: bool

    def skips(self, number: int, holds: bool) -> bool:
        """Whether an IT skips its instruction `number`, from 0, by whether its condition holds."""
        first = self.it >> 4 & 1
        wanted = number == 0 or (self.it >> (4 - number) & 1) == first
        return wanted is not holds

    def step(self, kind: Kind, cycles: int) -> bytes:
        """The C structure of it."""
        return STEP.pack(
            self.size // 2, kind, cycles, self.flags, self.address_reads, self.reads, self.writes
        )
