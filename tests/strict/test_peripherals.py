"""Errors that would fail on the real board are reported with the source line."""

from __future__ import annotations

from pathlib import Path

from facet.state import MCU
from facet.time import ms
from tests.strict.program import Run, needs_toolchain

pytestmark = needs_toolchain

_SERIAL_PINS = """
  RCC_AHB2ENR |= 1;
  RCC_APB1ENR1 |= 1 << 17;
  GPIOA_MODER = (GPIOA_MODER & ~0xF0u) | 0xA0;
"""


def test_a_peripheral_without_its_clock(tmp_path: Path) -> None:
    run = Run(
        """
        void reset(void) {
          SPI1_CR1 = 0x344; /* HERE */
          for (;;) {}
        }
        """,
        tmp_path,
    )
    run.blames("unclocked-peripheral", "SPI1_CR1 written while RCC_APB2ENR.SPI1EN=0")


def test_80_mhz_without_flash_wait_states(tmp_path: Path) -> None:
    run = Run(
        """
        void reset(void) {
          RCC_PLLCFGR = 1 | 40 << 8 | 1 << 24; /* MSI 4 MHz * 40 / 2 */
          RCC_CR |= 1 << 24;
          while (!(RCC_CR & 1 << 25)) {}
          RCC_CFGR = 3; /* HERE */
          for (;;) {}
        }
        """,
        tmp_path,
    )
    run.blames("flash-latency", "HCLK is 80 MHz", "ACR.LATENCY=0", "4 wait states are needed")


def test_a_peripheral_that_facet_does_not_model(tmp_path: Path) -> None:
    run = Run(
        """
        void reset(void) {
          RCC_AHB2ENR |= 1 << 13;
          REG(0x50040008) = 1 << 28; /* HERE */
          for (;;) {}
        }
        """,
        tmp_path,
    )
    run.blames("not-modelled", "ADC written", "Facet has no model")


def test_a_peripheral_without_a_model_is_reported_once(tmp_path: Path) -> None:
    """COMP shares SYSCFG's kilobyte and its clock."""
    run = Run(
        """
        void reset(void) {
          RCC_APB2ENR |= 1;
          REG(0x40010200) = 1; /* HERE */
          for (;;) REG(0x40010204) |= REG(0x40010200);
        }
        """,
        tmp_path,
    )
    run.blames("not-modelled", "COMP written")
    assert len(run.rules) == 1


def test_external_memory_that_facet_does_not_model(tmp_path: Path) -> None:
    run = Run(
        """
        void reset(void) {
          REG(0xA0000000) = 1; /* HERE */
          for (;;) {}
        }
        """,
        tmp_path,
    )
    run.blames("not-modelled", "FMC written")


def test_an_address_without_memory_or_peripheral(tmp_path: Path) -> None:
    run = Run(
        """
        void reset(void) {
          REG(0x40002000) = 1; /* HERE */
          for (;;) {}
        }
        """,
        tmp_path,
    )
    run.blames("no-such-peripheral", "0x40002000")


def test_a_pin_in_the_wrong_alternate_function(tmp_path: Path) -> None:
    run = Run(
        f"""
        void reset(void) {{
          {_SERIAL_PINS}
          GPIOA_AFRL = 0x4400; /* I2C's number, not the USART's 7 */
          USART2_BRR = 35;
          USART2_CR1 = 0xD;
          USART2_TDR = 'x'; /* HERE */
          for (;;) {{}}
        }}
        """,
        tmp_path,
    )
    run.blames("wrong-pin-function", "USART2_TX")
    assert run.machine.terminal.data == b""


def test_a_wrong_baud_rate_reads_as_garbage(tmp_path: Path) -> None:
    run = Run(
        f"""
        void reset(void) {{
          {_SERIAL_PINS}
          GPIOA_AFRL = 0x7700;
          USART2_BRR = 417; /* 9600 baud from 4 MHz */
          USART2_CR1 = 0xD;
          USART2_TDR = 'x';
          for (;;) {{}}
        }}
        """,
        tmp_path,
    )
    assert run.rules == ["baud-rate"]
    message = run.machine.diagnostics.violations[0].message
    assert "9592 baud on PA2" in message
    assert "115200" in message
    assert run.machine.terminal.data != b"x"


def test_a_watchdog_that_is_not_fed(tmp_path: Path) -> None:
    run = Run(
        """
        void reset(void) {
          IWDG_KR = 0x5555;
          IWDG_RLR = 79; /* 80 periods of 32 kHz / 4: 10 ms */
          IWDG_KR = 0xCCCC;
          for (;;) {} /* HERE */
        }
        """,
        tmp_path,
        ms(15),
    )
    run.blames("watchdog", "not fed for 10.000 ms")


def test_a_pin_that_changes_in_standby_wakes_nothing(tmp_path: Path) -> None:
    """The EXTI has no supply there; only wake-up pins, the RTC, the watchdog and NRST count."""
    run = Run(
        """
        void reset(void) {
          RCC_AHB2ENR |= 4; RCC_APB1ENR1 |= 1 << 28; RCC_APB2ENR |= 1;
          GPIOC_MODER &= ~(3u << 26);
          REG(0x40010014) = 0x20;      /* SYSCFG_EXTICR4: PC13 */
          REG(0x40010400) |= 1 << 13;  /* EXTI_IMR1 */
          REG(0x4001040C) |= 1 << 13;  /* EXTI_FTSR1 */
          NVIC_ISER1 = 1 << 8;
          PWR_CR1 |= 3; PWR_SCR = 0x11F; SCB_SCR |= 4;
          __asm volatile("wfi");
          for (;;) {}
        }
        """,
        tmp_path,
    )
    button = run.machine.wiring.net("PC13")
    button.drive("finger", 0)
    run.machine.run(ms(30))
    assert run.rules == []
    assert str(run.machine.trace.present(MCU)) == "standby"
