"""The ROM's functions for pins, the GPIO matrix, interrupts and the analog bus."""

from __future__ import annotations

from pathlib import Path

from tests.chip.esp32c3.rom.evaluate import check

PRELUDE = """
#define OUT REG(0x60004004)
#define ENABLE REG(0x60004020)
#define PIN(n) REG(0x60004074 + 4 * (n))
#define IN_SEL(n) REG(0x60004154 + 4 * (n))
#define OUT_SEL(n) REG(0x60004554 + 4 * (n))
#define PAD(n) REG(0x60009004 + 4 * (n))
#define CPU_INT(offset) REG(0x600C2000 + (offset))
static uint32_t mie(void) {
  uint32_t status;
  __asm volatile(".option arch, +zicsr\\n csrr %0, mstatus" : "=r"(status));
  return status >> 3 & 1;
}
"""


def test_levels(tmp_path: Path) -> None:
    check(
        {
            "(rom_gpio_output_set(0x30, 0, 0x30, 0), OUT & 0x30)": 0x30,
            "ENABLE & 0x30": 0x30,
            "(rom_gpio_output_set(0, 0x10, 0, 0x20), OUT & 0x30)": 0x20,
            "ENABLE & 0x30 /* GPIO5 no more */": 0x10,
            "(rom_gpio_output_enable(6), ENABLE >> 6 & 1)": 1,
            "(rom_gpio_output_disable(6), ENABLE >> 6 & 1 /* off */)": 0,
            "rom_gpio_input_get() >> 9 & 1 /* BOOT, pulled up */": 1,
        },
        tmp_path,
        prelude=PRELUDE,
    )


def test_the_matrix(tmp_path: Path) -> None:
    check(
        {
            "(rom_gpio_matrix_in(5, 9, true), IN_SEL(9))": 1 << 6 | 1 << 5 | 5,
            "(rom_gpio_matrix_in(0x1F, 9, false), IN_SEL(9))": 1 << 6 | 0x1F,
            "(rom_gpio_matrix_out(5, 9, true, false), OUT_SEL(5))": 1 << 8 | 9,
            "(rom_gpio_matrix_out(5, 128, false, true), OUT_SEL(5))": 1 << 10 | 128,
            "ENABLE >> 5 & 1": 1,
        },
        tmp_path,
        prelude=PRELUDE,
    )


def test_pads(tmp_path: Path) -> None:
    check(
        {
            "(rom_gpio_pad_select_gpio(4), PAD(4) >> 12 & 7)": 1,
            "(rom_gpio_pad_set_drv(4, 3), PAD(4) >> 10 & 3)": 3,
            "(rom_gpio_pad_pullup(4), PAD(4) >> 7 & 3)": 0b10,
            "(rom_gpio_pad_pulldown(4), PAD(4) >> 7 & 3)": 0b01,
            "(rom_gpio_pad_input_enable(4), PAD(4) >> 9 & 1)": 1,
            "(rom_gpio_pad_input_disable(4), PAD(4) >> 9 & 1 /* off */)": 0,
            "(rom_gpio_pad_hold(3), REG(0x600080D0))": 1 << 3,
            "(rom_gpio_pad_unhold(3), REG(0x600080D0) /* let go */)": 0,
            "(rom_gpio_pad_hold(7), REG(0x600080D4))": 1 << 7,
            "(rom_gpio_pad_unhold(7), REG(0x600080D4) /* let go */)": 0,
            "(rom_gpio_pin_wakeup_enable(4, 5), PIN(4) >> 7 & 15)": 0b1101,
            "(rom_gpio_pin_wakeup_disable(), PIN(4) >> 10 & 1)": 0,
        },
        tmp_path,
        prelude=PRELUDE,
    )


def test_interrupts(tmp_path: Path) -> None:
    check(
        {
            "(intr_matrix_set(0, 21, 7), CPU_INT(4 * 21))": 7,
            "(esprv_intc_int_set_priority(7, 3), CPU_INT(0x114 + 4 * 7))": 3,
            "(esprv_intc_int_set_threshold(2), CPU_INT(0x194))": 2,
            "(esprv_intc_int_enable(0x80), CPU_INT(0x104))": 0x80,
            "(ets_isr_unmask(0x10), CPU_INT(0x104))": 0x90,
            "(ets_isr_mask(0x80), CPU_INT(0x104))": 0x10,
            "(esprv_intc_int_disable(0x10), CPU_INT(0x104))": 0,
            "(esprv_intc_int_set_type(7, 1), CPU_INT(0x108))": 0x80,
            "(esprv_intc_int_set_type(7, 0), CPU_INT(0x108))": 0,
            "(ets_intr_unlock(), mie())": 1,
            "(ets_intr_lock(), mie())": 0,
        },
        tmp_path,
        prelude=PRELUDE,
    )


def test_analog_registers(tmp_path: Path) -> None:
    check(
        {
            "(rom_i2c_writeReg(0x66, 0, 2, 0xA5), rom_i2c_readReg(0x66, 0, 2))": 0xA5,
            "rom_i2c_readReg(0x6A, 0, 2)": 0,
            "rom_i2c_readReg_Mask(0x66, 0, 2, 6, 4)": 0b010,
            "(rom_i2c_writeReg_Mask(0x66, 0, 2, 6, 4, 0b101), rom_i2c_readReg(0x66, 0, 2))": 0xD5,
        },
        tmp_path,
    )
