"""The Cortex-M4's cycle model on short sequences, measured by the program itself."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from facet.cycles.parts import Parts
from facet.time import ms
from tests.engine.bare_core import BareCore, build
from tests.engines_under_test import EngineUnderTest

pytestmark = pytest.mark.skipif(
    shutil.which("arm-none-eabi-gcc") is None, reason="needs arm-none-eabi-gcc (make setup)"
)

_HEAD = """
#include <stdint.h>
#define REG(a) (*(volatile uint32_t *)(a))
volatile uint32_t out[16];
static uint32_t data[16] __attribute__((aligned(16)));
void start(void);
void unexpected(void) { for (;;) {} }
__attribute__((section(".vectors"), used)) const void *const vectors[] = {
    (void *)0x20001000, start, unexpected, unexpected, unexpected, unexpected, unexpected};
/* ISB empties the queue; nothing before it or behind it is told apart by what stands between. */
#define CYCLES(body) ({ uint32_t before, after; \\
    __asm volatile("mov r4, %3 \\n movs r1, #0 \\n dsb \\n isb \\n" \\
                   "ldr %0, [%2] \\n dsb \\n isb \\n" \\
                   ".p2align 3 \\n" body "\\n dsb \\n isb \\n ldr %1, [%2] \\n isb" \\
                   : "=&r"(before), "=&r"(after) : "r"(0xE0001004), "r"(data) \\
                   : "r0", "r1", "r2", "r3", "r4", "r5", "cc", "memory"); \\
    after - before; })
static void count(void) { REG(0xE000EDFC) = 1 << 24; REG(0xE0001000) = 1; }
"""

Runner = Callable[[str], BareCore]


@pytest.fixture
def program(counting_engine: EngineUnderTest, tmp_path: Path) -> Runner:
    return lambda source: BareCore(build(_HEAD + source, tmp_path), counting_engine)


def _asm(body: str) -> str:
    return '"' + body.replace("; ", "\\n") + '"'


def _cycles(program: Runner, body: str) -> int:
    board = program(
        "#define ALONE __attribute__((noinline, aligned(16))) static uint32_t\n"
        f"ALONE nothing(void) {{ return CYCLES({_asm('nop; nop')}); }}"
        f"ALONE something(void) {{ return CYCLES({_asm('nop; nop; ' + body)}); }}"
        "void start(void) { count(); out[0] = nothing(); out[1] = something(); for (;;) {} }"
    )
    board.run(ms(2))
    return board.word("out", 1) - board.word("out", 0)


@pytest.mark.parametrize(
    ("body", "cycles"),
    [
        ("add r0, r1, r1", 1),
        ("mul r0, r1, r1", 1),
        ("umull r0, r2, r1, r1", 1),
        ("ldr r0, [r4]; mov r5, r5", 3),
        ("ldr r0, [r4]; nop; mov r5, r5", 3),  # a load takes the NOP behind it in
        ("ldr r0, [r4]; ldr r2, [r4]; ldr r3, [r4]; mov r5, r5", 5),  # n loads: n + 1
        ("ldr r0, [r4]; add r2, r0, r0", 5),  # needed at once: two more,
        ("ldr r3, [r4]; ldr r0, [r4]; add r2, r0, r0", 5),  # one where loads overlap
        ("ldr r0, [r4]; add r2, r1, r1", 3),
        ("add r2, r4, #0; ldr r3, [r2]; mov r5, r5", 5),  # an address that is just computed
        ("add r2, r4, #0; mov r5, r5; ldr r3, [r2]; mov r5, r5", 5),
        ("add r2, r4, r1; ldr r3, [r2, r1]; add r2, r4, r1; ldr r3, [r2, r1]", 8),
        ("ldm r4, {r2, r3}; ldr r3, [r3, r4]", 6),  # the last register that comes
        ("str r1, [r4]; mov r5, r5", 2),
        ("str r1, [r4, r1]; mov r5, r5", 3),
        ("str r1, [r4]; str r1, [r4]; mov r5, r5", 4),
        ("str r1, [r4]; ldr r0, [r4]; mov r5, r5", 5),
        ("str r1, [r4]; nop; ldr r0, [r4]; mov r5, r5", 5),  # no wait once the write is over
        ("str r1, [r4, r1]; ldr r0, [r4]; mov r5, r5", 5),
        ("ldr r0, [r4]; str r1, [r4]; mov r5, r5", 4),
        ("ldr r0, [r4, #2]; mov r5, r5", 4),  # unaligned: one access more
        ("ldr r0, [r4, #1]; mov r5, r5", 5),  # byte, halfword and byte
        ("ldrh r0, [r4, #1]; mov r5, r5", 4),
        ("ldm r4, {r0, r2, r3}; nop", 5),
        ("ldrd r2, r3, [r4]; nop", 4),
        ("stm r4, {r1, r2, r3}; nop", 7),  # each write takes the SRAM two cycles
        ("strd r1, r1, [r4]; nop", 5),
        ("b 1f; nop; nop; 1: nop", 3),
        ("cbz r1, 1f; nop; 1: nop", 4),
        ("cmp r1, #1; beq 1f; 1: nop", 3),
        ("ldr r0, [r4]; b 1f; nop; 1: nop", 5),
        (".rept 8; add.w r0, r1, r1; .endr", 8),
        ("mov r5, r5; .rept 8; add.w r0, r1, r1; .endr", 9),  # at 2 modulo 4: as fast
        ("mov r5, r5; .rept 40; add.w r0, r1, r1; .endr", 41),
        ("b 1f; nop; 1: .rept 8; add.w r0, r1, r1; .endr", 10),
        ("b 1f; 1: .rept 8; add.w r0, r1, r1; .endr", 11),  # a branch to 2 modulo 4: one more
        ("cmp r1, #1; itt eq; addeq r0, r1, r1; addeq r2, r1, r1", 3),  # each skipped one: 1
        ("cmp r1, #0; itt eq; ldreq r0, [r4]; ldreq r2, [r4]; mov r5, r5", 5),
        ("cmp r1, #1; itt eq; ldmeq r4, {r0, r2, r3}; addeq r2, r1, r1", 3),
        ("cmp r1, #1; ite eq; ldmeq r4, {r0, r2, r3}; ldrne r2, [r4]; mov r5, r5", 5),
        ("cmp r1, #1; ite eq; ldmeq r4, {r0, r2, r3}; addne r2, r1, r1", 3),
        ("cmp r1, #1; ite ne; ldmne r4, {r0, r2, r3}; addeq r2, r1, r1; nop", 7),
        ("cmp r1, #1; ite eq; ldmeq r4, {r0, r2}; ldmne r4, {r0, r2, r3}; nop", 7),
        ("cmp r1, #1; itt eq; ldmeq r4, {r0, r2}; ldmeq r4, {r0, r2, r3}; nop", 4),
        ("cmp r1, #1; itt eq; moveq r5, r5; stmeq r4, {r1, r2, r3}; nop", 4),
        ("cmp r1, #1; it eq; strdeq r1, r1, [r4]; nop", 3),
        ("push {r0, r2, r3}; cmp r1, #1; ite eq; popeq {r0, r2, r3}; addne sp, #12; nop", 10),
    ],
)
def test_a_sequence_costs_what_the_pipeline_says(program: Runner, body: str, cycles: int) -> None:
    assert _cycles(program, body) == cycles


@pytest.mark.parametrize(
    ("operation", "dividend", "divisor", "cycles"),
    [
        ("udiv", 0, 7, 2),
        ("udiv", 7, 0, 2),
        ("udiv", 3, 100, 3),
        ("udiv", 100, 100, 5),
        ("udiv", 0xFFFF_FFFF, 1, 12),
        ("sdiv", 0xFFFF_FF9C, 100, 5),  # -100
        ("sdiv", 1000, 0xFFFF_FFFD, 7),  # -3
    ],
)
def test_a_division_takes_two_to_twelve_cycles_by_its_operands(
    program: Runner, operation: str, dividend: int, divisor: int, cycles: int
) -> None:
    load = f"ldr r2, ={dividend:#x}; ldr r3, ={divisor:#x}; nop; nop"
    with_division = _cycles(program, f"{load}; {operation} r0, r2, r3; nop; nop; b 1f; .ltorg; 1:")
    without = _cycles(program, f"{load}; nop; nop; b 1f; .ltorg; 1:")
    assert with_division - without == cycles


_FLASH = """
__attribute__((noinline, aligned(64))) void run(void) {
  __asm volatile(BODY ::: "r0", "r1", "r2", "r3", "cc");
}
void start(void) {
  count();
  uint32_t before = REG(0xE0001004);
  run();
  out[0] = REG(0xE0001004) - before;
  before = REG(0xE0001004);
  run();
  out[1] = REG(0xE0001004) - before;
  for (;;) {}
}
"""


def _in_flash(
    program: Runner, body: str, *, prefetch: bool = True, data_cache: bool = True, waits: int = 4
) -> tuple[int, int]:
    """Cycles of a body in flash, first cold and then once more."""
    board = program(_FLASH.replace("BODY", '"' + body.replace("; ", "\\n") + '"'))
    board.core.set_flash_timing(waits, True, data_cache, prefetch)
    board.run(ms(50))
    return board.word("out", 0), board.word("out", 1)


def _stalls(program: Runner, body: str, **settings: bool) -> tuple[int, int]:
    with_waits = _in_flash(program, body, **settings)
    without = _in_flash(program, body, waits=0)
    return with_waits[0] - without[0], with_waits[1] - without[1]


def test_straight_code_waits_for_each_64_bit_word_less_what_was_read_ahead(
    program: Runner,
) -> None:
    first, _ = _in_flash(program, ".rept 1024; nop; .endr")
    assert first == pytest.approx(1284, abs=30)  # 256 words, 5 cycles each
    first, _ = _in_flash(program, ".rept 512; nop.w; .endr")
    assert first == pytest.approx(1284, abs=30)  # as many words, though of two instructions


def test_without_prefetch_each_word_waits_in_full(program: Runner) -> None:
    first, _ = _stalls(program, ".rept 1024; nop; .endr", prefetch=False)
    assert first == pytest.approx(256 * 4, abs=20)


def test_a_loop_larger_than_the_instruction_cache_waits_in_each_round(program: Runner) -> None:
    body = "mov r0, #10; .p2align 3; 1: .rept 508; nop.w; .endr; subs r0, #1; bne.w 1b"
    first, _ = _in_flash(program, body)
    assert first == pytest.approx(12_700, rel=0.03)


@pytest.mark.parametrize("size", [64, 900])
def test_a_loop_that_fits_waits_no_more_once_it_is_loaded(program: Runner, size: int) -> None:
    body = f"mov r0, #ROUNDS; .p2align 3; 1: .rept {size // 2}; nop; .endr; subs r0, #1; bne.w 1b"
    short, _ = _stalls(program, body.replace("ROUNDS", "2"))
    long, _ = _stalls(program, body.replace("ROUNDS", "40"))
    assert short == long > 0


_READ = (
    "movs r0, #0; mov.w r1, #1024; mov.w r3, #0x08000000; add.w r3, r3, #0x4000; "
    "1: ldr r2, [r3], #4; subs r1, #1; bne 1b"
)


def test_data_waits_once_a_64_bit_word_with_the_data_cache_and_at_each_read_without(
    program: Runner,
) -> None:
    with_cache, _ = _stalls(program, _READ)
    assert with_cache == pytest.approx(2048, abs=80)
    without, _ = _stalls(program, _READ, data_cache=False)
    assert without == pytest.approx(4096, abs=80)


def test_a_table_that_fits_the_data_cache_waits_once(program: Runner) -> None:
    body = _READ.replace("#1024", "#48")
    first, again = _stalls(program, body)
    assert first > 48 // 2 * 4
    assert again < 30  # code and table are there


@pytest.mark.parametrize(
    ("body", "cycles"),
    [
        ("", 1),
        ("ldr r0, [r1]", 4),  # SRAM and the counter's bus: no loads overlap
        ("ldr r0, [r1, #1]", 6),
        ("ldr r0, [r2]", 4),
        ("mov r5, r5; ldr r0, [r1]; mov r5, r5", 6),
    ],
)
def test_the_counter_tells_what_each_access_of_its_block_took(
    program: Runner, body: str, cycles: int
) -> None:
    board = program(
        "void start(void) { count(); uint32_t before, after; for (;;) {"
        '__asm volatile("mov.w r1, #0x20000000 \\n mov.w r2, #0x08000000 \\n b 1f \\n 1: "'
        f'"ldr %0, [%2] \\n" {_asm(body)} "\\n ldr %1, [%2]"'
        ': "=&r"(before), "=&r"(after) : "r"(0xE0001004) : "r0", "r1", "r2", "r5");'
        "out[0] = after - before; } }"
    )
    board.run(ms(2))
    assert board.word("out", 0) == cycles


def test_loads_overlap_only_in_one_memory(program: Runner) -> None:
    pointers = "mov.w r1, #0x20000000; mov.w r2, #0x08000000; mov.w r3, #0x10000000; "
    both = {
        "SRAM1": "ldr r0, [r1]; ldr r0, [r1]",
        "flash": "ldr r0, [r2]; ldr r0, [r2]",
        "SRAM1 and flash": "ldr r0, [r1]; ldr r0, [r2]",
        "flash and SRAM1": "ldr r0, [r2]; ldr r0, [r1]",
        "SRAM1 and SRAM2": "ldr r0, [r1]; ldr r0, [r3]",
    }
    alone, _ = _in_flash(program, pointers + "mov r5, r5", waits=0)
    cycles = {
        name: _in_flash(program, f"{pointers}{loads}; mov r5, r5", waits=0)[0] - alone
        for name, loads in both.items()
    }
    assert cycles == {
        "SRAM1": 3,
        "flash": 3,
        "SRAM1 and flash": 4,
        "flash and SRAM1": 4,
        "SRAM1 and SRAM2": 4,
    }


def test_a_pointer_in_memory_is_followed(program: Runner) -> None:
    body = "sub sp, #8; mov.w r3, #0x08000000; add.w r3, r3, #0x4000; str r3, [sp, #4]; "
    body += "mov.w r1, #64; b 1f; 1: ldr r3, [sp, #4]; ldr r2, [r3]; adds r3, #8; "
    body += "str r3, [sp, #4]; subs r1, #1; bne 1b; add sp, #8"
    first, _ = _stalls(program, body)
    assert first == pytest.approx(64 * 4, abs=40)  # each read is of another 64-bit word


def test_each_part_of_the_model_can_be_left_out(program: Runner) -> None:
    spent = []
    for parts in (Parts.CORE, Parts.FLASH, Parts.FULL):
        board = program(_FLASH.replace("BODY", '"' + _READ.replace("; ", "\\n") + '"'))
        board.core.set_flash_timing(4, True, True, True)
        board.core.set_cycle_parts(parts)
        board.run(ms(50))
        spent.append(board.word("out", 0))
    core, flash, full = spent
    assert core < flash < full
    assert full - flash == pytest.approx(2048, abs=20)
