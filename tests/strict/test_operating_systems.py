"""Register accesses of operating systems and vendors' start-up code work on the board."""

from __future__ import annotations

from pathlib import Path

import pytest

from facet.time import ms
from tests.strict.program import Run, needs_toolchain

pytestmark = [needs_toolchain, pytest.mark.usefixtures("each_engine")]

_TIMER = """
  #define TIM2(offset) REG(0x40000000 + offset)
  #define CR1 TIM2(0x00)
  #define DIER TIM2(0x0C)
  #define SR TIM2(0x10)
  #define EGR TIM2(0x14)
  #define CNT TIM2(0x24)
  #define PSC TIM2(0x28)
  #define ARR TIM2(0x2C)
  #define CCR1 TIM2(0x34)
"""


def test_a_tick_on_a_free_running_timers_compare(tmp_path: Path) -> None:
    """TIM2 counts 1 MHz; each handler sets the next compare, no output is on."""
    run = Run(
        f"""
        {_TIMER}
        void tim2(void) {{
          SR = ~2u;
          CCR1 = CCR1 + 1000;
          out[0]++;
        }}
        void reset(void) {{
          out[0] = 0;
          RCC_APB1ENR1 |= 1;
          PSC = 3;
          ARR = 0xFFFFFFFF;
          EGR = 1;
          SR = 0;
          CR1 = 1;
          CCR1 = CNT + 1000;
          DIER |= 2;
          NVIC_ISER0 = 1 << 28;
          for (;;) __asm volatile("wfi");
        }}
        """,
        tmp_path,
        ms(20),
    )
    assert run.rules == []
    assert run.out(0) == 19  # the first at 1 ms and some instructions


def test_a_delay_by_a_one_pulse_timer(tmp_path: Path) -> None:
    run = Run(
        f"""
        {_TIMER}
        void reset(void) {{
          RCC_APB1ENR1 |= 1;
          PSC = 3;
          ARR = 499;
          EGR = 1;
          SR = 0;
          CR1 = 1 | 1 << 3;
          while (!(SR & 1)) {{}}
          out[0] = 1 + (CR1 & 1);
          for (;;) {{}}
        }}
        """,
        tmp_path,
        ms(1),
    )
    assert run.out(0) == 1
    assert run.rules == []


_LSE_ON = """
  RCC_APB1ENR1 |= 1 << 28;
  PWR_CR1 |= 1 << 8;
  REG(0x40021090) |= 1;                 /* BDCR.LSEON */
  while (!(REG(0x40021090) & 2)) {}
"""


def test_msi_locked_to_the_crystal_feeds_the_pll(tmp_path: Path) -> None:
    """48.0051 MHz / 6 * 20 / 2 = 80.0085 MHz: nominal frequencies count."""
    run = Run(
        f"""
        void reset(void) {{
          out[0] = 0;
          {_LSE_ON}
          FLASH_ACR = 0x704;
          RCC_CR = (RCC_CR & ~0xF0u) | 11 << 4 | 1 << 3;
          RCC_CR |= 1 << 2;
          RCC_PLLCFGR = 1 | 5 << 4 | 20 << 8 | 1 << 24;
          RCC_CR |= 1 << 24;
          while (!(RCC_CR & 1 << 25)) {{}}
          RCC_CFGR = 3;
          while ((RCC_CFGR & 0xC) != 0xC) {{}}
          out[0] = 1;
          for (;;) {{}}
        }}
        """,
        tmp_path,
        lse_startup=ms(1),
    )
    assert run.out(0) == 1
    assert run.rules == []
    assert 80_000_000 < run.machine.chip.hclk.hz < 80_010_000


def test_a_calendar_without_a_day_of_the_week_counts_on(tmp_path: Path) -> None:
    run = Run(
        f"""
        #define RTC(offset) REG(0x40002800 + offset)
        void reset(void) {{
          {_LSE_ON}
          REG(0x40021090) |= 1 << 8 | 1 << 15;
          RTC(0x24) = 0xCA; RTC(0x24) = 0x53;
          RTC(0x0C) |= 1 << 7;
          while (!(RTC(0x0C) & 1 << 6)) {{}}
          RTC(0x04) = 0x00050228;
          RTC(0x00) = 0x00235957;
          RTC(0x0C) &= ~(1u << 7); /* HERE */
          while (!(RTC(0x0C) & 1 << 5)) {{}}
          out[0] = RTC(0x00);
          out[1] = RTC(0x04);
          RTC(0x24) = 0xFF;
          for (;;) {{}}
        }}
        """,
        tmp_path,
        lse_startup=ms(1),
    )
    assert run.out(0) == 0x235957
    assert run.out(1) == 0x05_0228
    run.blames("rtc-calendar", "DR.WDU=0 is forbidden")
    assert run.rules == ["rtc-calendar"]


def test_random_numbers_for_a_stack_canary(tmp_path: Path) -> None:
    """The RNG clocked from MSI, two numbers that must differ (RM0351 27.3.5)."""
    run = Run(
        """
        #define RNG_CR REG(0x50060800)
        #define RNG_SR REG(0x50060804)
        #define RNG_DR REG(0x50060808)
        void reset(void) {
          RCC_AHB2ENR |= 1 << 18;
          REG(0x40021088) |= 3 << 26; /* CCIPR.CLK48SEL: MSI */
          RNG_CR = 1 << 2;
          for (int i = 0; i < 2; i++) {
            while (!(RNG_SR & 1)) {}
            out[i] = RNG_DR;
          }
          for (;;) {}
        }
        """,
        tmp_path,
    )
    assert run.rules == []
    assert 0 not in (run.out(0), run.out(1))
    assert run.out(0) != run.out(1)


def test_the_data_cache_is_flushed_by_the_flash_driver(tmp_path: Path) -> None:
    run = Run(
        """
        void reset(void) {
          FLASH_ACR &= ~(1u << 10);
          FLASH_ACR |= 1 << 12;
          FLASH_ACR |= 1 << 10;
          for (;;) {}
        }
        """,
        tmp_path,
    )
    assert run.rules == []


def test_every_peripheral_is_reset_at_80_mhz(tmp_path: Path) -> None:
    """Start-up code writes ~0 to the reset registers; the wait states stay."""
    run = Run(
        """
        void reset(void) {
          FLASH_ACR = 0x704;
          RCC_PLLCFGR = 1 | 40 << 8 | 1 << 24;
          RCC_CR |= 1 << 24;
          while (!(RCC_CR & 1 << 25)) {}
          RCC_CFGR = 3;
          while ((RCC_CFGR & 0xC) != 0xC) {}
          for (uint32_t at = 0x40021028; at <= 0x40021040; at += 4)
            if (at != 0x40021034) {
              REG(at) = ~0u;
              REG(at) = 0;
            }
          out[0] = FLASH_ACR & 7;
          for (;;) {}
        }
        """,
        tmp_path,
    )
    assert run.rules == []
    assert run.out(0) == 4
