"""Reads of flash are recorded as they happen, and the models of data lines cost them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from benchmarks.flash_data import Accesses, Esp32C3SharedCache, Recorder, Stm32DataLines, pack
from facet.time import ms
from tests.engine.bare_core import BareCore, build

_WAIT_STATES = 4


def _reads(addresses: Iterable[int], size: int = 4) -> Accesses:
    return np.array([pack(address, size) for address in addresses], np.uint64)


def _blocks(addresses: Iterable[int]) -> Accesses:
    return np.array([pack(address, 32, code=True) for address in addresses], np.uint64)


def _hidden(model: Stm32DataLines | Esp32C3SharedCache) -> list[int]:
    return [hidden.cycles for hidden in model.hidden()]


def test_what_fits_into_the_stm32s_data_lines_waits_once() -> None:
    lines = Stm32DataLines(_WAIT_STATES)
    for _ in range(3):
        lines.feed(_reads(range(0, 256, 4)))
    assert lines.reads == 3 * 64
    assert (lines.line_misses, lines.word_misses) == (8, 32)
    assert _hidden(lines) == [8 * 4, 32 * 4, 8 * 19]  # four reads of 5 cycles, one of them counted


def test_a_stream_longer_than_the_stm32s_data_lines_always_waits() -> None:
    lines = Stm32DataLines(_WAIT_STATES)
    for _ in range(3):
        lines.feed(_reads(range(0, 256 + 32, 4)))
    assert lines.line_misses == 3 * 9


def test_the_line_used_last_stays_in_the_stm32s_data_lines() -> None:
    lines = Stm32DataLines(_WAIT_STATES)
    for line in range(1, 20):
        lines.feed(_reads([0, 32 * line]))
    assert lines.line_misses == 20  # line 0 once


def test_a_word_that_was_not_read_before_its_line_left_is_not_held() -> None:
    lines = Stm32DataLines(_WAIT_STATES)
    lines.feed(_reads([0, 8, 4]))
    assert (lines.line_misses, lines.word_misses) == (1, 2)


def test_a_read_across_two_lines_uses_both() -> None:
    lines = Stm32DataLines(_WAIT_STATES)
    lines.feed(_reads([30]))
    assert (lines.reads, lines.line_misses) == (1, 2)


def test_data_pushes_code_out_of_the_esp32c3s_cache() -> None:
    cache = Esp32C3SharedCache(100)
    code, weights = range(0, 4 << 10, 32), range(64 << 10, 80 << 10, 32)
    cache.feed(_blocks(code))
    assert _hidden(cache) == [0]
    cache.feed(_reads(weights))  # 16 KB: as much as the cache holds
    cache.feed(_blocks(code))
    assert (cache.data_misses, cache.code_misses, cache.code_alone_misses) == (512, 256, 128)
    assert _hidden(cache) == [(512 + 256 - 128) * 100]


def test_data_and_code_that_fit_share_the_esp32c3s_cache() -> None:
    cache = Esp32C3SharedCache(100)
    for _ in range(2):
        cache.feed(_blocks(range(0, 8 << 10, 32)))
        cache.feed(_reads(range(8 << 10, 16 << 10, 4)))
    assert (cache.data_misses, cache.code_misses, cache.code_alone_misses) == (256, 256, 256)


@pytest.mark.skipif(
    shutil.which("arm-none-eabi-gcc") is None, reason="needs arm-none-eabi-gcc (make setup)"
)
def test_every_read_of_a_table_in_flash_is_recorded(tmp_path: Path) -> None:
    board = BareCore(
        build(
            """
            const volatile int table[16] = {1};
            volatile int sum, passes;
            void start(void) {
              for (;;) {
                for (int i = 0; i < 16; i++) sum += table[i];
                passes++;
              }
            }
            __attribute__((section(".vectors"), used)) const void *const vectors[] = {
                (void *)0x20001000, start};
            void unexpected(void) {}
            """,
            tmp_path,
        )
    )
    board.run(ms(1))  # its code is translated before anybody looks
    passes = board.word("passes")
    table = board.firmware.symbols["table"].address
    recorder = Recorder(board.core.cpu)
    recorder.record_reads(table, 64)
    board.run(ms(2))
    reads = recorder.take()
    passes = board.word("passes") - passes
    assert passes > 10
    assert abs(len(reads) - 16 * passes) <= 16  # begun and ended amid a pass
    in_order = [pack(4 * (n % 16), 4) for n in range(16)]
    at = reads.tolist().index(in_order[0])
    assert reads.tolist()[at : at + 16] == in_order
