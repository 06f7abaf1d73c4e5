"""Reset and clock control (RM0351, section 6): oscillators, clock tree, gates, reset flags."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial

from facet.chip.peripheral import ChipServices
from facet.chip.state import RunningClock
from facet.chip.stm32l4.bus_clocks import BusClocks
from facet.chip.stm32l4.oscillator import Oscillator
from facet.chip.stm32l4.oscillator_data import (
    HSE_STARTUP,
    HSI16_HZ,
    HSI16_STARTUP,
    HSI48_HZ,
    HSI48_STARTUP,
    LSI_HZ,
    LSI_STARTUP,
    MSI_HZ,
    MSI_PLL_MODE_HZ,
    MSI_STARTUP,
)
from facet.chip.stm32l4.rcc_plls import PLL_SOURCES, PllControl
from facet.chip.stm32l4.reset_flags import RESET_FLAGS
from facet.clock import ClockSignal
from facet.time import Time

_SYSCLK_SOURCES = ("MSI", "HSI16", "HSE", "PLL")  # by RCC_CFGR.SW
_RTC_SOURCES = (None, "LSE", "LSI", "HSE")  # by RCC_BDCR.RTCSEL

_SERIAL_CLOCKS = {
    name: (f"{name}SEL", "PCLK2" if name == "USART1" else "PCLK1")
    for name in ("USART1", "USART2", "USART3", "UART4", "UART5", "LPUART1")
} | {name: (f"{name}SEL", "PCLK1") for name in ("I2C1", "I2C2", "I2C3")}


class Rcc(PllControl):
    """The RCC.

    Args:
        lse_hz, hse_hz: the crystals on the board; 0 where there is none.
        lse_startup: the LSE crystal's start-up time.
        interrupt: the NVIC position of the global RCC interrupt.
        backup_writable: whether PWR_CR1.DBP opens the backup domain.
        voltage_range: the core's voltage range now, 1 or 2.
    """

    def __init__(
        self,
        name: str,
        base: int,
        chip: ChipServices,
        *,
        lse_hz: int,
        lse_startup: Time,
        hse_hz: int,
        interrupt: int,
        backup_writable: Callable[[], bool],
        voltage_range: Callable[[], int],
    ) -> None:
        super().__init__(name, base, chip, voltage_range, self._oscillator_changed)
        self._lse_hz = lse_hz
        self._lse_startup = lse_startup
        self._hse_hz = hse_hz
        self._interrupt = interrupt
        self._backup_writable = backup_writable
        self.on_backup_reset: Callable[[], None] = lambda: None
        """Called when BDCR.BDRST resets the backup domain, the RTC's registers included."""

        self._msi = Oscillator("MSI", chip, partial(self._oscillator_changed, "MSI"))
        self._hsi16 = Oscillator("HSI16", chip, partial(self._oscillator_changed, "HSI"))
        self._hse = Oscillator("HSE", chip, partial(self._oscillator_changed, "HSE"))
        self._lse = Oscillator("LSE", chip, partial(self._oscillator_changed, "LSE"))
        self._lsi = Oscillator("LSI", chip, partial(self._oscillator_changed, "LSI"))
        self._hsi48 = Oscillator("HSI48", chip, partial(self._oscillator_changed, "HSI48"))
        oscillators = (self._msi, self._hsi16, self._hsi48, self._hse, self._lse, self._lsi)
        self._by_name = {o.name: o for o in (*oscillators, *self._plls.values())}
        self.msi, self.hsi16, self.hse = self._msi.signal, self._hsi16.signal, self._hse.signal
        for signal in self.oscillators:
            signal.subscribe(lambda: vars(self).pop("running", None))
        self.lse, self.lsi = self._lse.signal, self._lsi.signal
        self.pllclk = self._plls["PLL"].signal

        self._bus_clocks = buses = BusClocks(lambda: chip.now)
        self.sysclk, self.hclk = buses.sysclk, buses.hclk
        self.pclk1, self.pclk2 = buses.pclk1, buses.pclk2
        self.timclk1, self.timclk2 = buses.timclk1, buses.timclk2
        self.rtcclk = ClockSignal("RTCCLK", lambda: chip.now)
        self.clk48 = ClockSignal("CLK48", lambda: chip.now)

        self._stopped = False
        self._watchdog_needs_lsi = False
        self._interrupting = False
        self.power_on()

    # -- clocks
    def kernel_hz(self, peripheral: str) -> int:
        """The kernel clock of a serial peripheral by CCIPR, in hertz; 0 while it is stopped."""
        field, bus_clock = _SERIAL_CLOCKS[peripheral]
        choice = self.CCIPR[field]
        if choice == 0:
            return self.pclk2.hz if bus_clock == "PCLK2" else self.pclk1.hz
        if choice == 3 and peripheral.startswith("I2C"):
            return 0  # reserved
        return (0, self.sysclk.hz, self.hsi16.hz, self.lse.hz)[choice]

    def kernel_clock(self, peripheral: str) -> Callable[[], int]:
        """A function that gives the present `kernel_hz` of a peripheral."""
        return lambda: self.kernel_hz(peripheral)

    @property
    def sysclk_source(self) -> str:
        """The oscillator or PLL that SYSCLK comes from (CFGR.SWS)."""
        return _SYSCLK_SOURCES[self.CFGR["SWS"]]

    @property
    def oscillators(self) -> tuple[ClockSignal, ...]:
        """The outputs of all oscillators and PLLs."""
        return tuple(oscillator.signal for oscillator in self._by_name.values())

    @cached_property
    def running(self) -> tuple[RunningClock, ...]:
        """The oscillators and PLLs that are ready."""
        return tuple(RunningClock(o.name, o.hz) for o in self.oscillators if o.hz)

    def need_lsi(self, needed: bool) -> None:
        """Forces LSI on for the independent watchdog, or ends that (RM0351 6.2.4)."""
        self._watchdog_needs_lsi = needed
        self._switch_lsi()

    # -- resets and low power
    def power_on(self) -> None:
        """Carries out a power-on reset: the backup domain is cleared and SYSCLK is MSI."""
        self.reset_registers()
        self._restart("power-on")

    def restart(self, cause: str) -> None:
        """Carries out a system reset or an exit from Standby or Shutdown (RM0351 6.1).

        The register of the backup domain survives. CSR survives too, but a system reset clears
        all of it except the reset flags.
        """
        kept = self.BDCR.value
        csr = self.CSR.value
        self.reset_registers()
        self.BDCR.value = kept
        if cause == "shutdown":
            csr = 0x600
        elif cause != "standby":
            csr = csr & 0xFF00_0000 | 0x600
        self.CSR.value = csr
        self._restart(cause)

    def reset(self) -> None:
        """Does nothing: the RCC has no reset bit; see `restart` and `power_on`."""

    def _restart(self, cause: str) -> None:
        for flag in RESET_FLAGS[cause]:
            self.CSR[flag] = 1
        self._stopped = True  # listeners see only the complete tree
        if cause == "power-on":
            self._lse.stop()
        if cause != "standby":
            self._watchdog_needs_lsi = False
        for oscillator in (*self._plls.values(), self._hse, self._hsi16, self._hsi48):
            oscillator.stop()
        self._switch_lsi()
        self._msi.start_at_once(self._msi_hz())
        self._stopped = False
        self._mirror()
        self._update()
        self._drive_interrupt()

    def enter_stop(self) -> None:
        """Stops all high-speed clocks (RM0351 5.3.4 and 6.3); LSE and LSI still run."""
        # FIDELITY:
        #   model: HSIKERON, and requests for HSI16 by a USART or an I2C in Stop, have no model.
        #   silicon: HSI16 can run for a peripheral in Stop 0 and Stop 1.
        #   hides: The current that such a peripheral draws.
        self._stopped = True
        for field in ("PLLON", "PLLSAI1ON", "PLLSAI2ON", "HSEON", "HSION", "MSION"):
            self.CR[field] = 0
        self.CRRCR["HSI48ON"] = 0
        for oscillator in (*self._plls.values(), self._hse, self._hsi16, self._msi, self._hsi48):
            oscillator.stop()
        self._mirror()
        self._update()

    def leave_stop(self) -> None:
        """Starts the wake-up clock: HSI16, or MSI in its earlier range (CFGR.STOPWUCK)."""
        on_hsi16 = bool(self.CFGR["STOPWUCK"])
        if on_hsi16:
            self.CR["HSION"] = 1
            self._hsi16.start_at_once(HSI16_HZ)
        else:
            self.CR["MSION"] = 1
            self._msi.start_at_once(self._msi_hz())
            if self.CR["HSIASFS"]:
                self.CR["HSION"] = 1
                self._hsi16.start(HSI16_HZ, HSI16_STARTUP)
        self.CFGR["SW"] = self.CFGR["SWS"] = int(on_hsi16)
        self._stopped = False
        self._mirror()
        self._update()

    @property
    def wakeup_clock_hz(self) -> int:
        """The clock on which the chip leaves a Stop mode."""
        return HSI16_HZ if self.CFGR["STOPWUCK"] else self._msi_hz()

    # -- CR
    def write_CR(self, value: int, old: int) -> None:
        """Switches oscillators and PLLs; those that SYSCLK uses stay on."""
        self._check_msi_range(old)
        self._keep_clocks_in_use(old)
        if self.CR["MSIPLLEN"] and not self._lse.ready:
            self.CR["MSIPLLEN"] = 0
            self.violation(
                "clock-not-ready", "CR.MSIPLLEN set while LSE is not ready (BDCR.LSERDY=0)"
            )
        self._switch(self._msi, self.CR["MSION"], self._msi_hz(), self._msi_startup())
        self._msi.retune(self._msi_hz())
        self._switch(self._hsi16, self.CR["HSION"], HSI16_HZ, HSI16_STARTUP)
        hse_startup = HSE_STARTUP if self._hse_hz else None
        self._switch(self._hse, self.CR["HSEON"], self._hse_hz, hse_startup)
        for name, pll in self._plls.items():
            self._switch_pll(name, pll)
        self._mirror()
        self._update()

    def _check_msi_range(self, old: int) -> None:
        was = old >> 4 & 0xF
        if self.CR["MSIRANGE"] == was:
            return
        if self._msi.on and not self._msi.ready:
            self.violation(
                "msi-range-change", "CR.MSIRANGE changed while MSI is on and not ready (MSIRDY=0)"
            )
        if self.CR["MSIRANGE"] >= len(MSI_HZ):  # refused by hardware (RM0351 6.4.1)
            self.CR["MSIRANGE"] = was

    def _keep_clocks_in_use(self, old: int) -> None:
        source = _SYSCLK_SOURCES[self.CFGR["SWS"]]
        used = {source}
        if source == "PLL":
            used.add(PLL_SOURCES[self.PLLCFGR["PLLSRC"]] or "")
        switches = {"MSI": "MSION", "HSI16": "HSION", "HSE": "HSEON", "PLL": "PLLON"}
        for name, field in switches.items():
            mask = self.CR.declaration.fields[field].mask
            if name in used and old & mask and not self.CR[field]:
                self.CR[field] = 1  # refused by hardware (RM0351 6.4.1)
                self.violation(
                    "clock-in-use", f"CR.{field} cleared while SYSCLK runs on {name}: it stays on"
                )

    def _switch(self, oscillator: Oscillator, on: int, hz: int, startup: Time | None) -> None:
        if on:
            oscillator.start(hz, startup)
        else:
            oscillator.stop()

    def _msi_hz(self) -> int:
        chosen = self.CR["MSIRANGE"] if self.CR["MSIRGSEL"] else self.CSR["MSISRANGE"]
        return (MSI_PLL_MODE_HZ if self.CR["MSIPLLEN"] else MSI_HZ)[chosen]

    def _msi_startup(self) -> Time:
        return MSI_STARTUP[self.CR["MSIRANGE"] if self.CR["MSIRGSEL"] else self.CSR["MSISRANGE"]]

    # -- CFGR
    def write_CFGR(self, value: int, old: int) -> None:
        """Selects the system clock and the prescalers."""
        wanted = _SYSCLK_SOURCES[self.CFGR["SW"]]
        if self.CFGR["SW"] != old & 3:
            if not self._by_name[wanted].on:
                self.violation(
                    "clock-not-ready",
                    f"CFGR.SW selects {wanted}, which is off: SYSCLK stays on "
                    f"{_SYSCLK_SOURCES[self.CFGR['SWS']]}",
                )
            elif wanted == "PLL" and not self.PLLCFGR["PLLREN"]:
                self.violation(
                    "clock-not-ready",
                    "CFGR.SW selects PLL, whose output R is off (PLLCFGR.PLLREN=0): SYSCLK stays "
                    f"on {_SYSCLK_SOURCES[self.CFGR['SWS']]}",
                )
        self._update()

    def _update(self) -> None:
        """Computes the clock tree from the registers and sets every signal in it."""
        if self._stopped:
            self._bus_clocks.stop()
            self.clk48.set_hz(0)
            return
        for name, pll in self._plls.items():
            pll.retune(self._pll_settings(name).r_hz)
        # A switch waits for its target to be ready (RM0351 6.2.9).
        target = self._by_name[_SYSCLK_SOURCES[self.CFGR["SW"]]]
        if target.ready and target.signal.hz:
            self.CFGR["SWS"] = self.CFGR["SW"]
        sysclk = self._by_name[_SYSCLK_SOURCES[self.CFGR["SWS"]]].signal.hz
        hpre, ppre1, ppre2 = (self.CFGR[field] for field in ("HPRE", "PPRE1", "PPRE2"))
        self._bus_clocks.run(sysclk, hpre=hpre, ppre1=ppre1, ppre2=ppre2)
        source = _RTC_SOURCES[self.BDCR["RTCSEL"]] if self.BDCR["RTCEN"] else None
        rtc = self._by_name[source].signal.hz if source else 0
        self.rtcclk.set_hz(rtc // 32 if source == "HSE" else rtc)
        self.clk48.set_hz(self._clk48_hz())

    def write_CCIPR(self, value: int, old: int) -> None:
        """Selects the kernel clocks of peripherals."""
        self._update()

    def write_CRRCR(self, value: int, old: int) -> None:
        """Switches HSI48, which the STM32L476 does not have."""
        self._switch(self._hsi48, self.CRRCR["HSI48ON"], HSI48_HZ, HSI48_STARTUP)

    def _mirror(self) -> None:
        """Updates the ready bits from the oscillators."""
        self.CR["MSIRDY"] = self._msi.ready
        self.CR["HSIRDY"] = self._hsi16.ready
        self.CR["HSERDY"] = self._hse.ready
        for name, pll in self._plls.items():
            self.CR[f"{name}RDY"] = pll.ready
        self.BDCR["LSERDY"] = self._lse.ready
        self.CSR["LSIRDY"] = self._lsi.ready
        self.CRRCR["HSI48RDY"] = self._hsi48.ready

    def _oscillator_changed(self, name: str) -> None:
        if name == "LSE" and not self._lse.ready and self.CR["MSIPLLEN"]:
            self.CR["MSIPLLEN"] = 0  # cleared by hardware when LSE is switched off (RM0351 6.4.1)
            self._msi.retune(self._msi_hz())
        if not self._stopped:
            self._mirror()
            self._update()
        ready = self._by_name["HSI16" if name == "HSI" else name].ready
        if ready and self.CIER[f"{name}RDYIE"]:
            self.CIFR[f"{name}RDYF"] = 1
            self._drive_interrupt()

    def write_CICR(self, value: int, old: int) -> None:
        """Clears flags of CIFR."""
        self.CIFR.value &= ~value
        self.CICR.value = 0
        self._drive_interrupt()

    def _drive_interrupt(self) -> None:
        if self._interrupting != (self.CIFR.value != 0):
            self._interrupting = not self._interrupting
            self.chip.set_interrupt(self._interrupt, self._interrupting)

    # -- BDCR: in the backup domain
    def write_BDCR(self, value: int, old: int) -> None:
        """Controls LSE and the RTC's clock, while PWR_CR1.DBP opens the backup domain."""
        if self.BDCR.value == old:
            return
        if not self._backup_writable():
            self.BDCR.value = old
            self.violation(
                "backup-domain-protected", "BDCR written while PWR_CR1.DBP=0: it keeps its value"
            )
            return
        if self.BDCR["BDRST"]:
            self.BDCR.value &= self.BDCR.declaration.fields["BDRST"].mask
            self._lse.stop()
            self.on_backup_reset()
        elif old >> 8 & 3 and self.BDCR["RTCSEL"] != old >> 8 & 3:
            self.violation(
                "rtc-clock-change",
                "BDCR.RTCSEL changed after it was set: it keeps its value until BDCR.BDRST",
            )
            self.BDCR["RTCSEL"] = old >> 8 & 3
        # FIDELITY:
        #   model: With LSEBYP set, LSE never becomes ready, since no board feeds an external clock.
        #   silicon: The chip takes an external clock at OSC32_IN.
        #   hides: Nothing on a board with a crystal.
        fitted = self._lse_hz and not self.BDCR["LSEBYP"]
        startup = self._lse_startup if fitted else None
        self._switch(self._lse, self.BDCR["LSEON"], self._lse_hz, startup)
        self._mirror()
        self._update()

    # -- CSR
    def write_CSR(self, value: int, old: int) -> None:
        """Controls LSI and the range of MSI after Standby; clears the reset flags."""
        if self.CSR["MSISRANGE"] != old >> 8 & 0xF and (
            not self.CR["MSIRGSEL"] or not 4 <= self.CSR["MSISRANGE"] <= 7
        ):
            self.CSR["MSISRANGE"] = old >> 8 & 0xF  # refused by hardware (RM0351 6.4.29)
        if self.CSR["RMVF"]:
            self.CSR.value &= 0x00FF_FFFF
        self._switch_lsi()
        self._mirror()

    def _switch_lsi(self) -> None:
        needed = self.CSR["LSION"] or self._watchdog_needs_lsi
        self._switch(self._lsi, needed, LSI_HZ, LSI_STARTUP)
