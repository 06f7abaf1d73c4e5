"""`facet run` with programs for RAM, which a debugger writes there and starts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from click.testing import Result

from tests.chip.esp32c3 import images
from tests.cli import programs

Facet = Callable[..., Result]

SHOWS_ITS_STACK = """
void reset(void) {
  uint32_t stack;
  __asm volatile("mov %0, sp" : "=r"(stack));
  serial_on();
  say(stack > 0x20007F00 && stack <= 0x20008000 ? "hello from RAM\\r\\n" : "no stack\\r\\n");
  for (;;) {}
}
"""

STARTS_BEHIND_ITS_STACK = """
__attribute__((naked)) void reset(void) {
  __asm volatile("ldr sp, =_stack\\n b body");
}
void body(void) {
  serial_on();
  say("hello from RAM\\r\\n");
  for (;;) {}
}
"""

RESETS = """
void reset(void) {
  serial_on();
  say("hello from RAM\\r\\n");
  while (!(USART2_ISR & 1 << 6)) {}
  *(volatile uint32_t *)0xE000ED0C = 0x05FA0004; /* AIRCR.SYSRESETREQ */
  for (;;) {}
}
"""

IN_FLASH_WITH_DATA_IN_RAM = """
__attribute__((section(".filled"))) int filled = 42;
void reset(void) {
  serial_on();
  say(filled == 42 ? "filled\\r\\n" : "not filled\\r\\n");
  for (;;) {}
}
"""


def test_a_program_in_ram_starts_with_the_stack_of_its_vector_table(
    facet: Facet, tmp_path: Path
) -> None:
    elf = programs.build(SHOWS_ITS_STACK, tmp_path, base=0x2000_1000)
    result = facet("run", elf, "--for", "5ms")
    note = next(line for line in result.output.splitlines() if line.startswith("note: "))
    assert note == (
        "note: the program is for RAM: it is written there and started at 0x20001011, as a "
        "debugger does, with SP=0x20008000 from its vector table; the flash is empty, so that a "
        "reset ends it"
    )
    assert "hello from RAM\n" in result.output
    assert result.exit_code == 0


def test_a_program_in_ram_without_a_vector_table_sets_its_own_stack(
    facet: Facet, tmp_path: Path
) -> None:
    elf = programs.build(STARTS_BEHIND_ITS_STACK, tmp_path, base=0x1000_0000)  # SRAM2
    data = bytearray(elf.read_bytes())
    table = data.index((0x2000_8000).to_bytes(4, "little"))
    data[table : table + 4] = bytes(4)
    elf.write_bytes(data)
    result = facet("run", elf, "--for", "5ms")
    assert "started at 0x10000011, as a debugger does; the flash is empty" in result.output
    assert "hello from RAM\n" in result.output
    assert result.exit_code == 0


def test_a_reset_ends_a_program_in_ram(facet: Facet, tmp_path: Path) -> None:
    elf = programs.build(RESETS, tmp_path, base=0x2000_1000)
    result = facet("run", elf, "--for", "20ms")
    assert result.output.count("hello from RAM\n") == 1
    assert "locked up" in result.output  # the flash is empty: no vector, no stack
    assert result.exit_code == 1


def test_bytes_that_no_programmer_writes_are_named(facet: Facet, tmp_path: Path) -> None:
    result = facet("run", programs.build(IN_FLASH_WITH_DATA_IN_RAM, tmp_path), "--for", "5ms")
    assert (
        "note: 4 bytes at 0x20004000 are for RAM, which a programmer does not write: give their "
        "section a load address in flash (AT> FLASH) and copy it at the start\n"
    ) in result.output
    assert "not filled\n" in result.output
    assert result.exit_code == 0


def test_a_program_for_ram_of_an_esp32c3(facet: Facet, tmp_path: Path) -> None:
    elf = images.build_for_ram(images.SAYS_WHERE_IT_IS, tmp_path)
    result = facet("run", elf, "--board", "esp32c3_devkitm", "--for", "60ms")
    assert "note: the program is for RAM: it is written there over the ROM's download mode" in (
        result.output
    )
    assert "here: constant at 0x3fca0" in result.output
    assert result.exit_code == 0


def test_an_elf_file_for_no_memory_of_the_board_is_refused(facet: Facet, tmp_path: Path) -> None:
    elf = programs.build(SHOWS_ITS_STACK, tmp_path, base=0x6000_0000)
    result = facet("run", elf, "--for", "1ms")
    assert "at 0x60000000, where" in result.output
    assert "has no memory for them" in result.output
    assert result.exit_code == 2
