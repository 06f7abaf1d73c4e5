"""The ESP32-C3: its peripherals on their bus, resets and sleep modes."""

from __future__ import annotations

from collections.abc import Callable

from facet.board.wiring import Wiring
from facet.chip.bus import PeripheralBus
from facet.chip.esp32c3 import memory_map as mm
from facet.chip.esp32c3 import rom
from facet.chip.esp32c3.apb_ctrl import ApbCtrl
from facet.chip.esp32c3.dma import Dma
from facet.chip.esp32c3.efuse import Efuse
from facet.chip.esp32c3.extmem import Extmem, MmuTable
from facet.chip.esp32c3.flash_spi import FlashSpi
from facet.chip.esp32c3.gated import GatedPeripheral
from facet.chip.esp32c3.gpio import Gpio
from facet.chip.esp32c3.i2c import I2c
from facet.chip.esp32c3.i2c_ana_mst import I2cAnaMst
from facet.chip.esp32c3.interrupt_core0 import InterruptMatrix
from facet.chip.esp32c3.io_mux import IoMux
from facet.chip.esp32c3.rtc_cntl import (
    RESETS_SYSTEM,
    WAKE_GPIO,
    WAKE_TIMER,
    WAKE_UART0,
    WAKE_UART1,
    RtcCntl,
)
from facet.chip.esp32c3.spi import Spi
from facet.chip.esp32c3.spi1 import Spi1
from facet.chip.esp32c3.state import Esp32C3Mode, Esp32C3State
from facet.chip.esp32c3.system import PLL_APB_HZ, System
from facet.chip.esp32c3.systimer import Systimer
from facet.chip.esp32c3.timg import TimerGroup
from facet.chip.esp32c3.uart import Uart
from facet.chip.peripheral import ChipServices
from facet.chip.state import RunningClock
from facet.engine.protocol import MemoryRegion
from facet.state import MCU
from facet.time import ZERO, Time, ms, of_ticks

_BOOT_PIN = 9  # low at reset: download (datasheet, section 3.3)
_DOWNLOAD_READY = ms(20)  # after the ROM's banner
_WAKE_UP_CYCLES = 4  # of the CPU clock, from an interrupt to the instruction after WFI
_RUN, _WFI = Esp32C3Mode.RUN, Esp32C3Mode.SLEEP
_LIGHT, _DEEP = Esp32C3Mode.LIGHT_SLEEP, Esp32C3Mode.DEEP_SLEEP


class Esp32C3:
    """The chip without its core.

    Args:
        host: virtual time, events, interrupts, diagnostics.
        wiring: the nets at its pins.

    Attributes:
        memory: the memories, which the core accesses without side effects.
        bus: the peripherals.
        hclk: CPU_CLK; 0 Hz in light and deep sleep.
        interrupt_names: source -> name.
        lost_memory: names of the memories whose contents the latest `reset` destroyed.
        on_reset_request: called with a cause when the chip needs a `reset`.
        extmem, mmu, flash_spi: the flash cache, its address mapping, and its port to the flash.
        hold_core, release_core: stall and release the CPU; the catalogue connects them.
    """

    interrupt_names = mm.SOURCE_NAMES
    memory: tuple[MemoryRegion, ...] = (
        MemoryRegion("FLASH", mm.FLASH_BASE, mm.FLASH_SIZE, writable=False),
        MemoryRegion("SRAM1", mm.SRAM1_BASE, mm.SRAM1_SIZE, writable=True),
        MemoryRegion(
            "SRAM1 (code)", mm.SRAM1_ALIAS, mm.SRAM1_SIZE, writable=True, alias_of=mm.SRAM1_BASE
        ),
        MemoryRegion("RTC fast memory", mm.RTC_FAST_BASE, mm.RTC_FAST_SIZE, writable=True),
        MemoryRegion("ROM 0", rom.ROM0_BASE, rom.ROM0_SIZE, writable=False),
        MemoryRegion("ROM 1 (data)", rom.ROM1_DATA_BASE, rom.ROM1_SIZE, writable=False),
        MemoryRegion(
            "ROM 1", rom.ROM1_BASE, rom.ROM1_SIZE, writable=False, alias_of=rom.ROM1_DATA_BASE
        ),
    )
    io_windows = ((mm.IO_BASE, mm.IO_SIZE),)

    def __init__(self, host: ChipServices, wiring: Wiring) -> None:
        self._host = host
        self._wiring = wiring
        self._mode = _RUN
        self._sleep_asked = False
        self._woken = False  # the end of the present sleep has begun
        self._download = False
        self.lost_memory: tuple[str, ...] = ()
        self.on_reset_request: Callable[[str], None] = lambda _cause: None
        self.hold_core: Callable[[], None] = lambda: None
        self.release_core: Callable[[], None] = lambda: None
        self.bus = PeripheralBus(host, mm.REGIONS)

        self.interrupt_core0 = InterruptMatrix(*self._place("INTERRUPT_CORE0"))
        self.system = System(*self._place("SYSTEM"), pll_on=lambda: self.rtc_cntl.pll_on)
        self.hclk = self.system.cpu
        self.rtc_cntl = RtcCntl(
            *self._place("RTC_CNTL"),
            slow=self.system.rc_slow,
            irq=mm.SOURCE["RTC_CORE"],
            request_reset=self._request_reset,
            start_sleep=self._start_sleep,
            on_pll=lambda: self.system.on_pll,
        )
        self.io_mux = IoMux(*self._place("IO_MUX"), changed=lambda n: self.gpio.pin_changed(n))
        self.gpio = Gpio(*self._place("GPIO"), wiring=wiring, irq=mm.SOURCE["GPIO"])
        self.gpio.connect(self.io_mux)
        self.extmem = Extmem(*self._place("EXTMEM"))
        self.mmu = MmuTable(*self._place("MMU_TABLE"), extmem=self.extmem)
        self.extmem.on_switch = lambda: self.mmu.on_change()
        self.flash_spi = FlashSpi(
            *self._place("SPI0"), source_hz=lambda: self.system.flash_source_hz
        )
        self._others: tuple[GatedPeripheral, ...] = (
            *(self.extmem, self.mmu, self.flash_spi),
            Spi1(*self._place("SPI1"), source_hz=lambda: self.system.flash_source_hz),
            *(Efuse(*self._place("EFUSE")), ApbCtrl(*self._place("APB_CTRL"))),
            I2cAnaMst("I2C_ANA_MST", mm.BASE["I2C_ANA_MST"] + 0x40, self._host),
            *self._serial_peripherals(wiring),
            *self._timers(),
        )
        for peripheral in (
            *(self.interrupt_core0, self.system, self.rtc_cntl, self.io_mux, self.gpio),
            *self._others,
        ):
            self.bus.attach(peripheral)
            self.system.attach(peripheral)
        self.rtc_cntl.on_alarm = self._check_wake
        self.uart0.on_wake = self.uart1.on_wake = self._check_wake
        self.gpio.on_level = self._check_wake
        self.hclk.subscribe(self._note_mode)

    def _place(self, name: str) -> tuple[str, int, ChipServices]:
        return name, mm.BASE[name], self._host

    def _serial_peripherals(self, wiring: Wiring) -> tuple[GatedPeripheral, ...]:
        clocks = {1: self.system.apb, 2: self.system.rc_fast, 3: self.system.xtal}
        self.uart0, self.uart1 = (
            Uart(
                *self._place(name),
                clocks=clocks,
                memory_clocked=lambda: bool(self.system.PERIP_CLK_EN0["UART_MEM_CLK_EN"]),
                wiring=wiring,
                pins=self.gpio,
                irq=mm.SOURCE[name],
            )
            for name in ("UART0", "UART1")
        )
        dma = Dma(*self._place("DMA"), irqs=[mm.SOURCE[f"DMA_CH{n}"] for n in range(3)])
        spi = Spi(
            *self._place("SPI2"),
            pll_clock=lambda: PLL_APB_HZ if self.rtc_cntl.pll_on and self.hclk.hz else 0,
            xtal=self.system.xtal,
            wiring=wiring,
            pins=self.gpio,
            irq=mm.SOURCE["SPI2"],
            dma=dma,
        )
        i2c = I2c(
            *self._place("I2C0"),
            xtal=self.system.xtal,
            rc_fast=self.system.rc_fast,
            wiring=wiring,
            pins=self.gpio,
            irq=mm.SOURCE["I2C_EXT0"],
        )
        return (self.uart0, self.uart1, dma, spi, i2c)

    def _timers(self) -> tuple[GatedPeripheral, ...]:
        systimer = Systimer(
            *self._place("SYSTIMER"),
            clock=self.system.systimer,
            irqs=[mm.SOURCE[f"SYSTIMER_TARGET{n}"] for n in range(3)],
        )
        groups = (
            TimerGroup(
                *self._place(f"TIMG{n}"),
                apb=self.system.apb,
                xtal=self.system.xtal,
                calibrated=self.system.rc_slow,
                irq_timer=mm.SOURCE[f"TG{n}_T0_LEVEL"],
                irq_watchdog=mm.SOURCE[f"TG{n}_WDT_LEVEL"],
                request_reset=self._request_reset,
                guards_boot=n == 0,
            )
            for n in range(2)
        )
        return (systimer, *groups)

    def _request_reset(self, cause: str) -> None:
        if "watchdog" in cause:
            self._host.violation("watchdog", f"{cause}: not fed in time, the chip resets")
        self.on_reset_request(cause)

    # -- the machine's side
    def factory_contents(self) -> dict[int, bytes]:
        """The contents of the ROM; the identification is in the eFuses."""
        return rom.contents()

    def await_debugger(self) -> Time:
        """Makes the next reset find the boot pin low, as esptool pulls it: the ROM waits then."""
        self._download = True
        return _DOWNLOAD_READY

    def reset(self, cause: str) -> Time:
        """Puts the chip into its reset state; the ROM runs next.

        Args:
            cause: one of `rtc_cntl.RESET_CODES`.

        Returns:
            The time until the ROM's first instruction.
        """
        self.lost_memory = {
            "power-on": ("SRAM1", "RTC fast memory"),
            "pin": ("SRAM1", "RTC fast memory"),
            "brown-out": ("SRAM1", "RTC fast memory"),
            _DEEP: ("SRAM1",),
        }.get(cause, ())
        self._mode = _RUN
        self._sleep_asked = False
        self.release_core()
        self.interrupt_core0.reset()
        self.system.reset()
        self.rtc_cntl.restart(cause)
        self.io_mux.reset()
        self.gpio.reset()
        for peripheral in self._others:
            peripheral.reset()
        if cause in RESETS_SYSTEM:
            self.gpio.latch_straps(download=self._download)
            if not self.gpio.pad_level(_BOOT_PIN):
                self._host.violation(
                    "download-boot",
                    f"GPIO{_BOOT_PIN} is low at reset: the ROM waits for a download and does not "
                    "start the program in the flash",
                )
            self._download = False
        self._note_mode()
        # FIDELITY:
        #   model: The PLL runs from the reset on, as the USB Serial/JTAG controller needs it, and
        #     the CPU runs at 20 MHz, its reset value.
        #   silicon: Espressif's drivers calibrate the PLL over an internal bus, which has no model
        #     here.
        #   hides: A firmware that does not calibrate the PLL.
        return ZERO

    def enter_low_power(self, sleepdeep: bool) -> Esp32C3Mode:
        """Enters a low-power mode, after WFI or because RTC_CNTL puts the chip to sleep.

        Returns:
            The mode; RUN where the sleep is refused.
        """
        del sleepdeep  # Arm cores only
        if not self._sleep_asked:
            self._mode = _WFI
            self._note_mode()
            return self._mode
        self._sleep_asked = self._woken = False
        rejected = self._active_sources() & self.rtc_cntl.rejects
        if rejected:
            self.rtc_cntl.rejected(rejected)
            self.release_core()
            return _RUN
        self._check_sleep()
        self._mode = _DEEP if self.rtc_cntl.deep else _LIGHT
        self.rtc_cntl.entered_sleep()
        self.system.sleep()
        if self._mode == _LIGHT:
            for uart in (self.uart0, self.uart1):
                uart.sleep()
        else:
            self.gpio.power_off(self.rtc_cntl.PAD_HOLD.value)
            if self.rtc_cntl.DIG_PAD_HOLD.value:
                self.rtc_cntl.not_modelled("DIG_PAD_HOLD: holding pads other than GPIO0 to GPIO5")
        self._note_mode()
        mode = self._mode
        self._check_wake()
        return mode

    def leave_low_power(self) -> Time:
        """Ends WFI or light sleep.

        Returns:
            The time until the core continues.
        """
        mode, self._mode = self._mode, _RUN
        if mode in (_RUN, Esp32C3Mode.LOCKED_UP):
            return ZERO
        if mode == _LIGHT:
            # FIDELITY:
            #   model: A wake-up takes the crystal's start-up time (RTC_CNTL_TIMER1.XTL_BUF_WAIT)
            #     and nothing else.
            #   silicon: The regulators take some ten microseconds more (105 us in ESP-IDF's
            #     budget).
            #   hides: A wake-up that is later by that time.
            latency = of_ticks(self.rtc_cntl.crystal_start_ticks, self.system.rc_slow.hz)
            self.system.wake()
            for uart in (self.uart0, self.uart1):
                uart.wake()
        else:
            latency = of_ticks(_WAKE_UP_CYCLES, self.hclk.hz)
        self._note_mode()
        return latency

    def lock_up(self) -> None:
        """Records that the core has locked up; the clocks still run."""
        self._mode = Esp32C3Mode.LOCKED_UP
        self._note_mode()

    # -- sleep
    def _start_sleep(self) -> None:
        """Stalls the CPU after STATE0.SLEEP_EN was set; the chip then sleeps."""
        self._sleep_asked = True
        self.hold_core()

    def _active_sources(self) -> int:
        """The wake-up sources that are active."""
        if self.rtc_cntl.deep:
            pins = self.rtc_cntl.deep_wakeup_pins.items()
            wakes = any(self.gpio.pad_level(pin) == level for pin, level in pins)
        else:
            wakes = self.gpio.wakes
        return (
            (WAKE_GPIO if wakes else 0)
            | (WAKE_TIMER if self.rtc_cntl.alarm_reached else 0)
            | (WAKE_UART0 if self.uart0.wakes else 0)
            | (WAKE_UART1 if self.uart1.wakes else 0)
        )

    def _check_wake(self) -> None:
        if self._mode in (_LIGHT, _DEEP) and (cause := self._active_sources()):
            self._wake(cause)

    def _check_sleep(self) -> None:
        self.rtc_cntl.check_wakeup()
        if self.system.on_pll:
            self._host.violation(
                "pll-in-sleep",
                "sleep entered while the CPU runs from the PLL: select XTAL_CLK "
                "(SYSTEM_SYSCLK_CONF.SOC_CLK_SEL=0) first, because sleep powers the PLL down",
            )
        for peripheral in self._others:
            peripheral.before_light_sleep()

    def _wake(self, active: int) -> None:
        """Starts the end of the sleep where wake-up sources are active."""
        cause = active & self.rtc_cntl.wakeup_sources
        if not cause or self._woken:
            return
        self._woken = True
        self.rtc_cntl.woken(cause)
        if self._mode == _DEEP:
            self._request_reset(_DEEP)
        else:
            self.release_core()

    def _note_mode(self) -> None:
        """Records the chip's state."""
        state = Esp32C3State(
            self._mode,
            core_hz=self.hclk.hz,
            core_source=self.system.cpu_source,
            running=self._running,
        )
        self._host.state(MCU, state)

    @property
    def _running(self) -> tuple[RunningClock, ...]:
        """The running oscillators and the running PLL."""
        system = self.system
        sources = {
            "XTAL_CLK": system.xtal.hz,
            "PLL_CLK": system.pll_hz if self.rtc_cntl.pll_on and self.hclk.hz else 0,
            "RC_FAST_CLK": system.rc_fast.hz,
            "RTC_SLOW_CLK": system.rc_slow.hz,
        }
        return tuple(RunningClock(name, hz) for name, hz in sources.items() if hz)
