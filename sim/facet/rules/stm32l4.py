"""Rules of the STM32L4 (RM0351; the STM32L432's RM0394 has the same sections)."""

from __future__ import annotations

from facet.rules.rule import errors, warnings

TITLE = "STM32L4"

RULES = (
    *errors(
        (
            "flash-latency",
            "The flash has fewer wait states than HCLK and the voltage range need: it returns "
            "wrong data.",
            "RM0351 3.3.3, table 9",
            "Raise FLASH_ACR.LATENCY before the frequency rises; lower it after it falls.",
        ),
        (
            "flash-key",
            "A wrong key was written: the register stays locked until reset, and the core takes a "
            "bus error.",
            "RM0351 3.3.5 and 3.4.2",
            "Write the two keys in order, once, and only while LOCK or OPTLOCK is set.",
        ),
        (
            "voltage-range",
            "SYSCLK is faster than the voltage range allows.",
            "RM0351 5.1.7",
            "Select range 1 and wait for PWR_SR2.VOSF=0 before the frequency is raised.",
        ),
        (
            "low-power-run",
            "SYSCLK is above 2 MHz in low-power run.",
            "RM0351 5.3.2",
            "Lower the frequency before PWR_CR1.LPR is set; wait for REGLPF=0 before it is raised.",
        ),
        (
            "msi-range-change",
            "MSIRANGE was changed while MSI was on and not ready.",
            "RM0351 6.4.1",
            "Wait for RCC_CR.MSIRDY first.",
        ),
        (
            "pll-out-of-range",
            "A PLL was started with its input, its oscillator or its output outside the limits.",
            "DS10198, PLL characteristics; RM0351 6.4.4",
            "Choose M, N and R so that each frequency that the message names is within its limits.",
        ),
        (
            "pll-source",
            "A PLL was started without a clock at its input: it never becomes ready.",
            "RM0351 6.2.5",
            "Select a source in PLLCFGR.PLLSRC, start it and wait until it is ready.",
        ),
        (
            "rtc-wakeup-timer",
            "The wake-up timer was started with WUT=0 and WUCKSEL=011, which is forbidden.",
            "RM0351 38.6.6",
            "Choose a longer period.",
        ),
        (
            "pin-not-bonded",
            "A pin that the package does not have was made an output or an alternate function.",
            "DS10198, pin definitions; DS11451, pin definitions",
            "Use a pin of the package.",
        ),
        (
            "rng-no-clock",
            "The random number generator was switched on without its 48 MHz clock: a number never "
            "comes.",
            "RM0351 27.3.1, 6.4.28",
            "Select a running clock in RCC_CCIPR.CLK48SEL: MSI, PLLQ, PLLSAI1Q, or HSI48 on the "
            "STM32L432.",
        ),
        (
            "rng-not-ready",
            "The data register of the random number generator was read before a number was ready.",
            "RM0351 27.6.3",
            "Wait for RNG_SR.DRDY=1.",
        ),
        (
            "stop-while-busy",
            "A Stop mode was entered during a transfer, which is stopped until the wake-up.",
            "RM0351 5.3.4",
            "Wait for the end of the transfer.",
        ),
        (
            "stop-while-transmitting",
            "A Stop mode was entered while a frame was being sent: the frame is cut.",
            "RM0351 40.5.2",
            "Wait for USART_ISR.TC=1 before WFI.",
        ),
        (
            "dma-bus-error",
            "A DMA channel accessed an address without memory or peripheral: it stops with TEIF.",
            "RM0351 11.4.6",
            "Correct CMAR, CPAR and CNDTR.",
        ),
        (
            "dma-request-not-selected",
            "A channel points at a peripheral's data register, but CSELR selects another request: "
            "it is never served.",
            "RM0351 11.3.2, 11.6.7",
            "Set CSELR.CxS to the value in the message, or use the channel that it names.",
        ),
        (
            "i2c-disabled",
            "A start or stop condition was requested while the I2C was off: it is ignored.",
            "RM0351 39.7.2",
            "Set I2C_CR1.PE first.",
        ),
        (
            "spi-disabled",
            "The program waits for data to be sent while the SPI is off.",
            "RM0351 42.4.7",
            "Set SPI_CR1.SPE.",
        ),
        (
            "spi-disabled-while-busy",
            "The SPI was switched off while frames were on the wire: they are cut off.",
            "RM0351 42.4.9, disabling the SPI",
            "Wait for FTLVL=0 and BSY=0 first.",
        ),
        (
            "spi-mode-fault",
            "The NSS of a master is low: the hardware clears SPE and MSTR.",
            "RM0351 42.4.5",
            "Set SSI with SSM, or SSOE.",
        ),
        (
            "spi-tx-overrun",
            "Data were written while the transmit FIFO was full: they are lost.",
            "RM0351 42.4.9",
            "Wait for SPI_SR.TXE=1.",
        ),
        (
            "usart-disabled",
            "A word was written while the transmitter was off: it is not sent.",
            "RM0351 40.5.2",
            "Set USART_CR1.UE and TE first.",
        ),
        (
            "usart-disabled-while-sending",
            "The USART was switched off while a frame was being sent: it is cut.",
            "RM0351 40.8.1",
            "Wait for USART_ISR.TC=1 first.",
        ),
        (
            "usart-tdr-overwritten",
            "A word was written while the earlier one was still in the register: that one is lost.",
            "RM0351 40.8.11",
            "Wait for USART_ISR.TXE=1.",
        ),
    ),
    *warnings(
        (
            "backup-domain-protected",
            "A register of the backup domain was written while it was protected: it is unchanged.",
            "RM0351 5.1.5",
            "Set PWR_CR1.DBP first.",
        ),
        (
            "clock-in-use",
            "A clock that SYSCLK uses was switched off: the hardware keeps it on.",
            "RM0351 6.4.1, 6.4.4",
            "Switch SYSCLK over and wait for SWS first.",
        ),
        (
            "clock-not-ready",
            "A clock was selected that is off, or needs another that is not ready: the change "
            "waits or is refused.",
            "RM0351 6.2.9, 6.4.1",
            "Start the clock that the message names and wait until it is ready.",
        ),
        (
            "pll-config-while-on",
            "The factors of a running PLL were changed: they keep their values.",
            "RM0351 6.4.4",
            "Switch the PLL off and wait until it is no longer ready.",
        ),
        (
            "voltage-range-forbidden",
            "A forbidden value of PWR_CR1.VOS was written: the range stays.",
            "RM0351 5.4.1",
            "Write 01 for range 1 or 10 for range 2.",
        ),
        (
            "flash-cache",
            "A cache of the flash was reset while it was on: it must be off for the reset.",
            "RM0351 3.7.1",
            "Clear ICEN or DCEN, set the reset bit, then switch the cache on again.",
        ),
        (
            "flash-locked",
            "FLASH_CR was written while it was locked: it keeps its value.",
            "RM0351 3.3.5",
            "Write the two keys to FLASH_KEYR first.",
        ),
        (
            "low-power-ignored",
            "A low-power mode was not entered, or ended at once, because a flag was pending.",
            "RM0351 5.3.4 to 5.3.9",
            "Clear the flags that the message names before WFI or WFE.",
        ),
        (
            "rtc-access",
            "A register of the RTC was written in a state that does not allow it: it keeps its "
            "value.",
            "RM0351 38.3.7",
            "Enter the initialization mode, or clear the bit that the message names, and wait for "
            "its flag.",
        ),
        (
            "rtc-calendar",
            "The initialization mode was left with a forbidden value in the calendar.",
            "RM0351 38.6.1, 38.6.2",
            "Write BCD within the limits, and a day of the week from 1 to 7.",
        ),
        (
            "rtc-clock-change",
            "RTCSEL was changed after it was set: it keeps its value.",
            "RM0351 6.4.29",
            "Reset the backup domain (BDRST) first.",
        ),
        (
            "rtc-write-protected",
            "A register of the RTC was written without the keys: it is ignored.",
            "RM0351 38.3.7",
            "Write 0xCA and 0x53 to RTC_WPR first.",
        ),
        (
            "iwdg-locked",
            "A register of the watchdog was written without its key: it keeps its value.",
            "RM0351 36.3.3",
            "Write 0x5555 to IWDG_KR first.",
        ),
        (
            "iwdg-busy",
            "A register of the watchdog was written before the earlier write was complete: it "
            "keeps its value.",
            "RM0351 36.4.4",
            "Wait for the flag of IWDG_SR that the message names to clear.",
        ),
        (
            "gpio-locked",
            "The configuration of a locked pin was written: it keeps its value.",
            "RM0351 8.4.7",
            "A lock lasts until the next reset; configure the pin before it.",
        ),
        (
            "dma-channel-enabled",
            "A register of a running DMA channel was written: the write is ignored.",
            "RM0351 11.6.3 to 11.6.6",
            "Clear CCRx.EN first.",
        ),
        (
            "i2c-enabled",
            "The timing or the filters of a running I2C were changed.",
            "RM0351 39.7.1, 39.7.5",
            "Clear I2C_CR1.PE first.",
        ),
        (
            "usart-enabled",
            "The settings of a running USART were changed.",
            "RM0351 40.8.1 to 40.8.4",
            "Clear USART_CR1.UE first.",
        ),
    ),
)
