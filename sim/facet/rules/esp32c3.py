"""Rules of the ESP32-C3 (its Technical Reference Manual)."""

from __future__ import annotations

from facet.rules.rule import errors, warnings

TITLE = "ESP32-C3"

RULES = (
    *errors(
        (
            "download-boot",
            "GPIO9 is low at reset: the ROM waits for a download and does not start the program.",
            "ESP32-C3 datasheet 3.3, strapping pins",
            "Keep GPIO9 high, or floating, at reset.",
        ),
        (
            "cache-off",
            "Code or data in flash was accessed while the flash cache was off or shut.",
            "ESP32-C3 TRM 3.3.3",
            "Put the code and the data that are used then into SRAM.",
        ),
        (
            "no-such-clock",
            "A clock was selected that the chip or the board does not have.",
            "ESP32-C3 TRM 6.2",
            "Select one of the clocks that the message names.",
        ),
        (
            "pll-off",
            "The PLL is powered down while the CPU runs from it or selects it.",
            "ESP32-C3 TRM 6.2, 9.3",
            "Clear the bits of RTC_CNTL_OPTIONS0 that the message names, or run from XTAL_CLK.",
        ),
        (
            "pll-in-sleep",
            "Sleep was entered while the CPU ran from the PLL, which sleep powers down.",
            "ESP32-C3 TRM 9.4",
            "Select XTAL_CLK before STATE0.SLEEP_EN is set.",
        ),
        (
            "no-wakeup",
            "Sleep was entered without a wake-up source that can end it.",
            "ESP32-C3 TRM 9.4.3",
            "Enable a wake-up source, and arm it.",
        ),
        (
            "alarm-in-the-past",
            "The main timer was armed for a time that has passed.",
            "ESP32-C3 TRM 9.4.2",
            "Read the timer just before and add a margin.",
        ),
        (
            "wakeup-needs-level",
            "A pin was enabled to wake the chip by an edge: only levels can wake it.",
            "ESP32-C3 TRM 9.4.3",
            "Choose INT_TYPE 4 (low) or 5 (high).",
        ),
        (
            "sleep-while-busy",
            "Light sleep was entered during a transfer: the transfer is cut.",
            "ESP32-C3 TRM 9.4",
            "Wait for the end of the transfer.",
        ),
        (
            "sleep-while-transmitting",
            "Light sleep was entered while a UART was sending: its text is cut.",
            "ESP32-C3 TRM 26.3.3",
            "Wait until STATUS.TXFIFO_CNT and FSM_STATUS.ST_UTX_OUT are 0.",
        ),
        (
            "flash-pin",
            "A pin that is wired to the flash takes another function: the next fetch fails.",
            "ESP32-C3-MINI-1 datasheet 3; ESP32-C3 TRM 5.10",
            "Use another pin than GPIO12 to GPIO17.",
        ),
        (
            "no-such-function",
            "A pin's MCU_SEL selects a function that the pin does not have.",
            "ESP32-C3 TRM 5.11, table 5-3",
            "Select one of the pin's functions; 1 is the GPIO matrix.",
        ),
        (
            "dma-descriptor",
            "GDMA takes a descriptor that it cannot use.",
            "ESP32-C3 TRM 2.4",
            "Put descriptor and buffer into SRAM, aligned, with a size and the owner DMA.",
        ),
        (
            "i2c-bad-command",
            "A command of the I2C's list cannot be executed.",
            "ESP32-C3 TRM 28.4.2",
            "Begin with RSTART; use only WRITE, READ, STOP, END and RSTART.",
        ),
        (
            "i2c-busy",
            "A command list was started while another was running.",
            "ESP32-C3 TRM 28.4.2",
            "Wait for TRANS_COMPLETE or END_DETECT.",
        ),
        (
            "i2c-no-stop",
            "A command list ends without STOP or END.",
            "ESP32-C3 TRM 28.4.2",
            "End the list with STOP or END.",
        ),
        (
            "i2c-fifo-empty",
            "A byte was taken from an empty FIFO of the I2C.",
            "ESP32-C3 TRM 28.4.10",
            "Fill the FIFO first, or read no more than SR.RXFIFO_CNT bytes.",
        ),
        (
            "i2c-fifo-overrun",
            "A byte was put into a full FIFO of the I2C: it is lost.",
            "ESP32-C3 TRM 28.4.10",
            "Move no more than 32 bytes at a time.",
        ),
        (
            "i2c-not-updated",
            "A transfer was started after registers were changed without CTR.CONF_UPGATE.",
            "ESP32-C3 TRM 28.4.1",
            "Set CTR.CONF_UPGATE after the registers are changed.",
        ),
        (
            "spi-no-clock",
            "A transaction was started while the SPI had no clock.",
            "ESP32-C3 TRM 27.5",
            "Set CLK_GATE.CLK_EN and MST_CLK_ACTIVE.",
        ),
        (
            "spi-not-updated",
            "A transaction was started after registers were changed without CMD.UPDATE.",
            "ESP32-C3 TRM 27.5.3",
            "Set CMD.UPDATE and wait until it clears.",
        ),
        (
            "spi-buffer-overrun",
            "A data phase is longer than the buffer W0 to W15.",
            "ESP32-C3 TRM 27.5.4",
            "Send at most 64 bytes at a time, or use GDMA.",
        ),
        (
            "spi-no-dma",
            "A transaction uses GDMA, but no running link is selected for it.",
            "ESP32-C3 TRM 2.3, 27.5.6",
            "Select the peripheral in xx_PERI_SEL and start the link first.",
        ),
        (
            "spi-dma-underrun",
            "GDMA's list holds fewer bytes than the transaction sends.",
            "ESP32-C3 TRM 27.5.6",
            "Link descriptors for the whole length.",
        ),
        (
            "spi-dma-overrun",
            "GDMA's list has less room than the transaction receives: bytes are lost.",
            "ESP32-C3 TRM 27.5.6",
            "Link descriptors for the whole length.",
        ),
        (
            "spi1-busy",
            "A command to the flash was started during another command, which is cut short.",
            "ESP-IDF, spimem_flash_ll.h",
            "Wait until SPI1_CMD reads 0.",
        ),
        (
            "spi1-commands",
            "Several bits of SPI1_CMD were set at once: the chip has no order for the commands.",
            "ESP-IDF, spimem_flash_ll.h",
            "Start one command at a time.",
        ),
        (
            "flash-busy",
            "A command was sent while the flash erased or programmed: it is ignored.",
            "W25Q32JV datasheet 7.1, status bit BUSY",
            "Read the status until BUSY is 0.",
        ),
        (
            "flash-power-down",
            "A command was sent while the flash was powered down: it is ignored.",
            "W25Q32JV datasheet 8.2, Power-down",
            "Send Release Power-down (ABh) first.",
        ),
        (
            "flash-write-disabled",
            "The flash was erased or programmed without Write Enable: the command is ignored.",
            "W25Q32JV datasheet 7.1, status bit WEL",
            "Send Write Enable (06h) before each of these commands.",
        ),
        (
            "flash-not-erased",
            "A byte was programmed over one that was not erased: bits that are 0 stay 0.",
            "W25Q32JV datasheet 8.2, Page Program",
            "Erase the sector first.",
        ),
        (
            "uart-no-clock",
            "A byte waits while the clock of the UART's transmitter is stopped.",
            "ESP32-C3 TRM 26.3.1",
            "Set CLK_CONF.SCLK_EN and TX_SCLK_EN, and clear RST_CORE.",
        ),
        (
            "uart-tx-overrun",
            "A byte was written to a full FIFO: it is lost.",
            "ESP32-C3 TRM 26.3.2",
            "Wait until STATUS.TXFIFO_CNT is below 128.",
        ),
        (
            "uart-rx-overrun",
            "A byte was received into a full FIFO: it is lost.",
            "ESP32-C3 TRM 26.3.2",
            "Read the FIFO earlier.",
        ),
        (
            "uart-changed-while-sending",
            "The clock or the divider of a UART was changed while a frame was on the wire.",
            "ESP32-C3 TRM 26.3.3",
            "Wait until FSM_STATUS.ST_UTX_OUT is 0.",
        ),
    ),
    *warnings(
        (
            "write-protected",
            "A register of a watchdog was written without its key: it keeps its value.",
            "ESP32-C3 TRM 12.2.2.5, 12.3.2.2",
            "Write the key to WDTWPROTECT or SWD_WPROTECT first.",
        ),
        (
            "no-such-pin",
            "A bit of a pin that the package does not have was written: it has no effect.",
            "ESP32-C3 TRM 5.1",
            "Use GPIO0 to GPIO21.",
        ),
        (
            "uart-rx-empty",
            "The receive FIFO was read while it was empty.",
            "ESP32-C3 TRM 26.3.2",
            "Read no more than STATUS.RXFIFO_CNT bytes.",
        ),
    ),
)
