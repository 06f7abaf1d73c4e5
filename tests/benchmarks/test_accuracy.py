"""The comparison with published cycles, on small programs and tables of our own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.accuracy import page, plot, pqm4
from benchmarks.accuracy.command import main
from benchmarks.accuracy.figures import Comparison, summary
from benchmarks.accuracy.message_pack import unpack
from facet.errors import FacetError

_TABLE = """Speed Evaluation,,,,,,,,,,
Key Encapsulation Schemes,,,,,,,,,,
Scheme,Implementation,a,b,c,d,e,f,g,h,i
toy-1 (10 executions),ref,{cycles},{cycles},{cycles},1000,500,1500,2000,2000,2000
Memory Evaluation,,,,,,,,,,
toy-1,ref,1,,,2,,,3,,
"""

# Prints as pqm4's programs do: cycles by SysTick on LPUART1 of an STM32L4R5.
_PROGRAM = """
#include <stdint.h>
#define REG(a) (*(volatile uint32_t *)(a))
void start(void);
__attribute__((section(".vectors"), used)) const void *const vectors[] = {
    (void *)0x20001000, start};
static void say(const char *text) { while (*text) REG(0x40008028) = *text++; }
static void number(uint32_t n) {
  char digits[12]; int at = 11; digits[at] = 0;
  do digits[--at] = '0' + n % 10; while (n /= 10);
  say(digits + at);
}
void start(void) {
  while (!(REG(0x40021000) | 1)) {}
  REG(0xE000E014) = 0xFFFFFF; REG(0xE000E018) = 0; REG(0xE000E010) = 5;
  for (volatile int n = 0; n < 10; n++) {}
  for (int phase = 0; phase < 3; phase++) {
    uint32_t before = REG(0xE000E018);
    __asm volatile("isb \\n mov r0, #1000 \\n .p2align 2 \\n 1: subs r0, #1 \\n bne 1b \\n isb"
                   ::: "r0", "cc");
    uint32_t spent = before - REG(0xE000E018);
    say(phase == 0 ? "keypair" : phase == 1 ? "encaps" : "decaps");
    say(" cycles:\\n"); number(spent); say("\\n");
  }
  say("#");
  for (;;) {}
}
"""
_SCRIPT = "SECTIONS { .text 0x08000000 : { KEEP(*(.vectors)) *(.text*) *(.rodata*) } }"


def _toy(root: Path, cycles: int) -> Path:
    """A folder as `make accuracy` takes it, with one program in pqm4's."""
    elf = root / "pqm4/elf/crypto_kem_toy-1_ref_speed.elf"
    elf.parent.mkdir(parents=True)
    (root / "toy.c").write_text(_PROGRAM)
    (root / "toy.ld").write_text(_SCRIPT)
    subprocess.run(
        [
            *("arm-none-eabi-gcc", "-O1", "-mcpu=cortex-m4", "-mthumb", "-ffreestanding"),
            *("-nostdlib", "-T", str(root / "toy.ld"), "-o", str(elf), str(root / "toy.c")),
        ],
        check=True,
    )
    (root / "pqm4/benchmarks.csv").write_text(_TABLE.format(cycles=cycles))
    return root


needs_gcc = pytest.mark.skipif(
    shutil.which("arm-none-eabi-gcc") is None, reason="needs arm-none-eabi-gcc (make setup)"
)


@needs_gcc
def test_a_program_is_run_and_its_cycles_stand_on_the_page(tmp_path: Path) -> None:
    sources, out = _toy(tmp_path / "sources", 3000), tmp_path / "out"
    result = CliRunner().invoke(main, ["--sources", str(sources), "--out", str(out)])
    assert result.exit_code == 0, result.output
    text = (out / "docs/accuracy.md").read_text()
    row = next(line for line in text.splitlines() if "toy-1 ref | keypair" in line)
    published, predicted = (int(cell.replace(",", "")) for cell in row.split("|")[3:5])
    assert published == 3000
    assert predicted == pytest.approx(3000, rel=0.02)  # 1000 rounds of 1 + 2
    assert "toy-1 ref | encaps" not in text  # it varies by more than 2 % on silicon
    assert (out / "docs/images/cycle-errors.svg").read_text().startswith("<svg")


def test_sources_without_any_program_are_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--sources", str(tmp_path)])
    assert result.exit_code == 1
    assert "none of the folders pqm4, cmemu, coremark" in result.output
    (tmp_path / "pqm4").mkdir()
    result = CliRunner().invoke(main, ["--sources", str(tmp_path)])
    assert "no benchmarks.csv or no elf/*_speed.elf" in result.output


def test_programs_that_the_model_was_fitted_on_are_distinguished() -> None:
    fitted = ("ml-kem-512", "cross-sha2-r-sdpg-1-fast", "mayo1", "mqom_cat1_gf251_fast")
    assert all(pqm4.FITTED.match(name) for name in fitted)
    others = ("mayo2", "cross-sha2-r-sdp-1-fast", "mqom_cat1_gf31_fast", "hqc-128", "mayo13")
    assert not any(pqm4.FITTED.match(name) for name in others)


def test_a_summary_has_mean_bias_and_worst() -> None:
    found = summary([Comparison("a", "", 100, 102, False), Comparison("b", "", 100, 96, False)])
    assert found is not None
    assert (found.mean, found.bias, found.worst) == pytest.approx((0.03, -0.01, -0.04))
    assert summary([]) is None


def test_groups_that_were_not_run_are_named_on_the_page() -> None:
    groups = {page.JUDGED: [], page.C3: [Comparison("x", "y", 10, 11, True)]}
    text = page.write(groups)
    assert f"| {page.JUDGED} | not run |" in text
    assert "the goals are not judged" in text
    assert "+10.00 %" in text
    judged = [Comparison("x", "", 100, 103, False), Comparison("y", "", 100, 97.1, False)]
    text = page.write({page.JUDGED: judged})
    assert "1.5 % (missed), a bias within 0.5 % (met), no error above 5 % (met)" in text
    assert "<circle" in plot.draw(groups)


def test_message_pack_is_read_and_a_cut_value_is_refused() -> None:
    packed = bytes([0x83, 0xA1, 0x61, 0x01, 0xA1, 0x62, 0xCD, 0x01, 0x02, 0xA1, 0x63, 0x92, 0xC3])
    assert unpack(packed + b"\xe0") == {"a": 1, "b": 258, "c": [True, -32]}
    with pytest.raises(FacetError, match="ends early"):
        unpack(packed)
