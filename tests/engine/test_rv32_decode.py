"""The RV32IMC decoder agrees with Capstone, and its costs with arithmetic."""

from __future__ import annotations

import random
from collections.abc import Iterator

import capstone
import pytest

from facet.cycles.rv32imc import Step, describe, line_fill_cycles
from facet.isa.rv32 import Instruction, Kind, decode
from facet.isa.rv32_operands import operands

_KINDS = {
    Kind.LOAD: {"lb", "lh", "lw", "lbu", "lhu", "c.lw", "c.lwsp"},
    Kind.STORE: {"sb", "sh", "sw", "c.sw", "c.swsp"},
    Kind.JUMP: {"j", "jal", "jalr", "jr", "ret", "c.j", "c.jal", "c.jr", "c.jalr"},
    Kind.BRANCH: {
        *("beq", "bne", "blt", "bge", "bltu", "bgeu"),
        *("beqz", "bnez", "blez", "bgez", "bltz", "bgtz", "c.beqz", "c.bnez"),
    },
    Kind.MULTIPLY: {"mul"},
    Kind.MULTIPLY_HIGH: {"mulh", "mulhu", "mulhsu"},
    Kind.DIVIDE: {"div", "divu", "rem", "remu"},
    Kind.EBREAK: {"ebreak", "c.ebreak"},
}
_NOT_OF_THE_CORE = ("c.f", "c.unimp", "amo", "lr.", "sc.", "f")


def _expected(mnemonic: str) -> Kind:
    for kind, mnemonics in _KINDS.items():
        if mnemonic in mnemonics:
            return kind
    if mnemonic.startswith(_NOT_OF_THE_CORE) and not mnemonic.startswith("fence"):
        return Kind.UNKNOWN
    return Kind.ALU


def _compared(words: Iterator[int], size: int) -> Iterator[tuple[Instruction, capstone.CsInsn]]:
    """Our instruction and Capstone's, for the words that Capstone decodes."""
    oracle = capstone.Cs(capstone.CS_ARCH_RISCV, capstone.CS_MODE_RISCV32 | capstone.CS_MODE_RISCVC)
    for word in words:
        for theirs in oracle.disasm(word.to_bytes(size, "little"), 0, 1):
            yield decode(word), theirs


def _same_place(ours: Instruction, theirs: capstone.CsInsn) -> bool:
    shown = str(ours.offset) if abs(ours.offset) < 10 else f"{ours.offset:#x}"
    return f" {shown}(" in str(theirs.op_str)


def test_every_16_bit_instruction_is_of_the_kind_that_capstone_says() -> None:
    words = (word for word in range(0x10000) if word & 3 != 3)
    for ours, theirs in _compared(words, 2):
        assert ours.size == 2
        assert ours.kind is _expected(theirs.mnemonic), theirs
        if ours.kind in (Kind.LOAD, Kind.STORE):
            assert _same_place(ours, theirs), theirs


def test_32_bit_instructions_are_of_the_kind_that_capstone_says() -> None:
    draw = random.Random(4)
    opcodes = (0x03, 0x23, 0x33, 0x13, 0x63, 0x67, 0x6F, 0x37, 0x17, 0x2F, 0x07, 0x43)
    words = (draw.getrandbits(25) << 7 | opcode for opcode in opcodes for _ in range(1500))
    products = (1 << 25 | draw.getrandbits(18) << 7 | 0x33 for _ in range(500))
    for ours, theirs in _compared((*words, *products).__iter__(), 4):
        assert ours.size == 4
        assert ours.kind is _expected(theirs.mnemonic), theirs
        if ours.kind in (Kind.LOAD, Kind.STORE):
            assert _same_place(ours, theirs), theirs


def test_a_block_is_described_by_its_steps() -> None:
    loop = bytes.fromhex("03a30500 13030300 83a30500 e31a03fe")  # lw, addi, lw, bne
    block = describe(loop, 0x4038_0000)
    kinds = [block.steps[place] for place in range(0, len(block.steps), 8)]
    assert kinds == [Step.LOAD, Step.PLAIN, Step.LOAD, Step.BRANCH]
    assert block.instructions == 4


def test_what_stands_behind_a_wfi_is_not_of_its_block() -> None:
    code = bytes.fromhex("73005010 03a30500")  # wfi, lw
    assert describe(code, 0).instructions == 1


@pytest.mark.parametrize(
    ("word", "reads", "writes"),
    [
        (0x0005_A303, 1 << 11, 6),  # lw t1, 0(a1)
        (0x0073_02B3, 1 << 6 | 1 << 7, 5),  # add t0, t1, t2
        (0x0062_A023, 1 << 5 | 1 << 6, 0),  # sw t1, 0(t0)
        (0x1234_5337, 0, 6),  # lui t1
        (0x4188, 1 << 11, 10),  # c.lw a0, 0(a1)
        (0x952E, 1 << 10 | 1 << 11, 10),  # c.add a0, a1
        (0x852E, 1 << 11, 10),  # c.mv a0, a1
        (0xC502, 1 << 2, 0),  # c.swsp x0
    ],
)
def test_registers_of_an_instruction(word: int, reads: int, writes: int) -> None:
    uses = operands(word)
    assert (uses.reads, uses.writes) == (reads, writes)


@pytest.mark.parametrize(
    ("mode", "clocks"),
    # command 8; address 24 or over 2 or 4 wires; mode bits and dummies; 256 bits of data
    [("slow", 8 + 24 + 256), ("dio", 8 + 12 + 4 + 128), ("qio", 8 + 6 + 2 + 4 + 64)],
)
def test_a_cache_line_takes_as_long_as_its_bits_on_the_flash_bus(mode: str, clocks: int) -> None:
    assert line_fill_cycles(160_000_000, 80_000_000, mode) == 2 * clocks
    assert line_fill_cycles(20_000_000, 80_000_000, mode) == -(-clocks // 4)
