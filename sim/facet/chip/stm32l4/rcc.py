"""Reset and clock control (RM0351, section 6): oscillators, clock tree, gates, reset flags."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from facet.chip.peripheral import ChipServices, GateBit, Peripheral
from facet.chip.registers import Register, bit, bits
from facet.chip.state import RunningClock
from facet.chip.stm32l4 import clock_gates
from facet.chip.stm32l4.oscillator import Oscillator
from facet.chip.stm32l4.pll import LOCK_TIME_US, PllSettings
from facet.clock import ClockSignal
from facet.time import Time, ms, s, us

MSI_HZ = (
    *(100_000, 200_000, 400_000, 800_000, 1_000_000, 2_000_000),
    *(4_000_000, 8_000_000, 16_000_000, 24_000_000, 32_000_000, 48_000_000),
)
"""By MSIRANGE (RM0351 6.4.1)."""

MSI_PLL_MODE_HZ = tuple(
    # DS10198, MSI characteristics, "PLL mode, XTAL = 32.768 kHz" (98.304 kHz ... 48.005 MHz): the
    # oscillator locks to a whole multiple of LSE.
    32_768 * factor
    for factor in (3, 6, 12, 24, 31, 61, 122, 244, 488, 732, 977, 1465)
)

HSI16_HZ = 16_000_000
LSI_HZ = 32_000

LSE_STARTUP = s(2)
"""DS10198, LSE oscillator characteristics, t_SU(LSE), typical. A crystal may be quicker; a firmware
that waits long enough here does so on every board."""
_MSI_STARTUP = tuple(us(t) for t in (20, 10, 8, 7, 6, 6, 6, 6, 6, 6, 6, 6))
"""By MSIRANGE; DS10198, MSI characteristics, t_SU(MSI), maximum."""
_HSI16_STARTUP = us(1.2)  # DS10198, HSI16 characteristics, t_su(HSI16), maximum
_HSE_STARTUP = ms(2)  # DS10198, HSE characteristics, t_SU(HSE), typical
_LSI_STARTUP = us(130)  # DS10198, LSI characteristics, t_SU(LSI), maximum

_SYSCLK_SOURCES = ("MSI", "HSI16", "HSE", "PLL")  # by RCC_CFGR.SW
_PLL_SOURCES = (None, "MSI", "HSI16", "HSE")  # by RCC_PLLCFGR.PLLSRC
_RTC_SOURCES = (None, "LSE", "LSI", "HSE")  # by RCC_BDCR.RTCSEL
_HPRE = {8: 2, 9: 4, 10: 8, 11: 16, 12: 64, 13: 128, 14: 256, 15: 512}
_PPRE = {4: 2, 5: 4, 6: 8, 7: 16}

_RESET_FLAGS = {
    # An internal reset also pulls NRST low, so that PINRSTF accompanies it (RM0351 6.1.2).
    "power-on": ("BORRSTF", "PINRSTF"),
    "shutdown": ("BORRSTF", "PINRSTF"),
    "pin": ("PINRSTF",),
    "software": ("SFTRSTF", "PINRSTF"),
    "watchdog": ("IWDGRSTF", "PINRSTF"),
    "window-watchdog": ("WWDGRSTF", "PINRSTF"),
    "option-bytes": ("OBLRSTF", "PINRSTF"),
    "low-power": ("LPWRRSTF", "PINRSTF"),
    "standby": (),
}
RESET_CAUSES = frozenset(_RESET_FLAGS)

_SERIAL_CLOCKS = {
    name: (f"{name}SEL", "PCLK2" if name == "USART1" else "PCLK1")
    for name in ("USART1", "USART2", "USART3", "UART4", "UART5", "LPUART1")
} | {name: (f"{name}SEL", "PCLK1") for name in ("I2C1", "I2C2", "I2C3")}


def _ready_bits(suffix: str) -> dict[str, int]:
    names = ("LSI", "LSE", "MSI", "HSI", "HSE", "PLL", "PLLSAI1", "PLLSAI2")
    return {f"{name}RDY{suffix}": number for number, name in enumerate(names)}


class Rcc(Peripheral):
    """The RCC.

    Args:
        lse_hz, hse_hz: the crystals on the board; 0 where there is none.
        lse_startup: the LSE crystal's start-up time.
        interrupt: the NVIC position of the global RCC interrupt.
        backup_writable: whether PWR_CR1.DBP opens the backup domain.
        voltage_range: the core's voltage range now, 1 or 2.
    """

    CR = Register(
        0x00,
        0x0000_0063,
        MSION=bit(0),
        MSIRDY=bit(1, "ro"),
        MSIPLLEN=bit(2),
        MSIRGSEL=bit(3, "rs"),
        MSIRANGE=bits(7, 4),
        HSION=bit(8),
        HSIKERON=bit(9),
        HSIRDY=bit(10, "ro"),
        HSIASFS=bit(11),
        HSEON=bit(16),
        HSERDY=bit(17, "ro"),
        HSEBYP=bit(18),
        CSSON=bit(19, "rs"),
        PLLON=bit(24),
        PLLRDY=bit(25, "ro"),
        PLLSAI1ON=bit(26),
        PLLSAI1RDY=bit(27, "ro"),
        PLLSAI2ON=bit(28),
        PLLSAI2RDY=bit(29, "ro"),
    )
    ICSCR = Register(
        0x04,
        0x1000_0000,
        MSICAL=bits(7, 0, "ro"),
        MSITRIM=bits(15, 8),
        HSICAL=bits(23, 16, "ro"),
        HSITRIM=bits(28, 24),
    )
    CFGR = Register(
        0x08,
        SW=bits(1, 0),
        SWS=bits(3, 2, "ro"),
        HPRE=bits(7, 4),
        PPRE1=bits(10, 8),
        PPRE2=bits(13, 11),
        STOPWUCK=bit(15),
        MCOSEL=bits(26, 24),
        MCOPRE=bits(30, 28),
    )
    PLLCFGR = Register(
        0x0C,
        0x0000_1000,
        PLLSRC=bits(1, 0),
        PLLM=bits(6, 4),
        PLLN=bits(14, 8),
        PLLPEN=bit(16),
        PLLP=bit(17),
        PLLQEN=bit(20),
        PLLQ=bits(22, 21),
        PLLREN=bit(24),
        PLLR=bits(26, 25),
    )
    PLLSAI1CFGR = Register(
        0x10,
        0x0000_1000,
        PLLSAI1N=bits(14, 8),
        PLLSAI1PEN=bit(16),
        PLLSAI1P=bit(17),
        PLLSAI1QEN=bit(20),
        PLLSAI1Q=bits(22, 21),
        PLLSAI1REN=bit(24),
        PLLSAI1R=bits(26, 25),
    )
    PLLSAI2CFGR = Register(
        0x14,
        0x0000_1000,
        PLLSAI2N=bits(14, 8),
        PLLSAI2PEN=bit(16),
        PLLSAI2P=bit(17),
        PLLSAI2REN=bit(24),
        PLLSAI2R=bits(26, 25),
    )
    CIER = Register(0x18, **{n: bit(b) for n, b in _ready_bits("IE").items()}, LSECSSIE=bit(9))
    CIFR = Register(
        0x1C,
        0,
        "ro",
        **{n: bit(b) for n, b in _ready_bits("F").items()},
        CSSF=bit(8),
        LSECSSF=bit(9),
    )
    CICR = Register(
        0x20,
        0,
        "wo",
        **{n: bit(b) for n, b in _ready_bits("C").items()},
        CSSC=bit(8),
        LSECSSC=bit(9),
    )
    AHB1RSTR = Register(0x28, **clock_gates.resets("AHB1"))
    AHB2RSTR = Register(0x2C, **clock_gates.resets("AHB2"))
    AHB3RSTR = Register(0x30, **clock_gates.resets("AHB3"))
    APB1RSTR1 = Register(0x38, **clock_gates.resets("APB1_1"))
    APB1RSTR2 = Register(0x3C, **clock_gates.resets("APB1_2"))
    APB2RSTR = Register(0x40, **clock_gates.resets("APB2"))
    AHB1ENR = Register(0x48, 0x0000_0100, **clock_gates.enables("AHB1"))
    AHB2ENR = Register(0x4C, **clock_gates.enables("AHB2"))
    AHB3ENR = Register(0x50, **clock_gates.enables("AHB3"))
    APB1ENR1 = Register(0x58, **clock_gates.enables("APB1_1"))
    APB1ENR2 = Register(0x5C, **clock_gates.enables("APB1_2"))
    APB2ENR = Register(0x60, **clock_gates.enables("APB2"))
    # FIDELITY: a peripheral answers as soon as its enable bit is set; silicon needs two cycles of
    # its bus first (RM0351 6.2.18); hides an access that comes too early and is lost.
    # FIDELITY: MCO drives no pin, trimming changes no frequency, no crystal fails; silicon does
    # all three and has security systems for the last; hides a wrong trim and an untested CSS.
    # FIDELITY: the SMENR registers are stored but gate nothing; on silicon a peripheral whose bit
    # is 0 has no clock in Sleep and Stop; hides a transfer that would stall while the core sleeps.
    AHB1SMENR = Register(0x68, 0x0001_1303, **clock_gates.sleep_enables("AHB1", SRAM1SMEN=bit(9)))
    AHB2SMENR = Register(0x6C, 0x0005_32FF, **clock_gates.sleep_enables("AHB2", SRAM2SMEN=bit(9)))
    AHB3SMENR = Register(0x70, 0x0000_0101, **clock_gates.sleep_enables("AHB3"))
    APB1SMENR1 = Register(0x78, 0xF2FE_CA3F, **clock_gates.sleep_enables("APB1_1"))
    APB1SMENR2 = Register(0x7C, 0x0000_0025, **clock_gates.sleep_enables("APB1_2"))
    APB2SMENR = Register(0x80, 0x0167_7C01, **clock_gates.sleep_enables("APB2"))
    CCIPR = Register(
        0x88,
        USART1SEL=bits(1, 0),
        USART2SEL=bits(3, 2),
        USART3SEL=bits(5, 4),
        UART4SEL=bits(7, 6),
        UART5SEL=bits(9, 8),
        LPUART1SEL=bits(11, 10),
        I2C1SEL=bits(13, 12),
        I2C2SEL=bits(15, 14),
        I2C3SEL=bits(17, 16),
        LPTIM1SEL=bits(19, 18),
        LPTIM2SEL=bits(21, 20),
        SAI1SEL=bits(23, 22),
        SAI2SEL=bits(25, 24),
        CLK48SEL=bits(27, 26),
        ADCSEL=bits(29, 28),
        SWPMI1SEL=bit(30),
        DFSDM1SEL=bit(31),
    )
    BDCR = Register(
        0x90,
        LSEON=bit(0),
        LSERDY=bit(1, "ro"),
        LSEBYP=bit(2),
        LSEDRV=bits(4, 3),
        LSECSSON=bit(5, "rs"),
        LSECSSD=bit(6, "ro"),
        RTCSEL=bits(9, 8),
        RTCEN=bit(15),
        BDRST=bit(16),
        LSCOEN=bit(24),
        LSCOSEL=bit(25),
    )
    CSR = Register(
        0x94,
        0x0C00_0600,
        LSION=bit(0),
        LSIRDY=bit(1, "ro"),
        MSISRANGE=bits(11, 8),
        RMVF=bit(23),
        FWRSTF=bit(24, "ro"),
        OBLRSTF=bit(25, "ro"),
        PINRSTF=bit(26, "ro"),
        BORRSTF=bit(27, "ro"),
        SFTRSTF=bit(28, "ro"),
        IWDGRSTF=bit(29, "ro"),
        WWDGRSTF=bit(30, "ro"),
        LPWRRSTF=bit(31, "ro"),
    )

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
        super().__init__(name, base, chip)
        self._lse_hz = lse_hz
        self._lse_startup = lse_startup
        self._hse_hz = hse_hz
        self._interrupt = interrupt
        self._backup_writable = backup_writable
        self._voltage_range = voltage_range
        self.on_backup_reset: Callable[[], None] = lambda: None
        """Called when BDCR.BDRST resets the backup domain: the RTC's registers go with it."""

        self._msi = Oscillator("MSI", chip, partial(self._oscillator_changed, "MSI"))
        self._hsi16 = Oscillator("HSI16", chip, partial(self._oscillator_changed, "HSI"))
        self._hse = Oscillator("HSE", chip, partial(self._oscillator_changed, "HSE"))
        self._lse = Oscillator("LSE", chip, partial(self._oscillator_changed, "LSE"))
        self._lsi = Oscillator("LSI", chip, partial(self._oscillator_changed, "LSI"))
        self._plls = {
            name: Oscillator(name, chip, partial(self._oscillator_changed, name))
            for name in ("PLL", "PLLSAI1", "PLLSAI2")
        }
        self._by_name = {
            o.name: o
            for o in (self._msi, self._hsi16, self._hse, self._lse, self._lsi, *self._plls.values())
        }
        self.msi, self.hsi16, self.hse = self._msi.signal, self._hsi16.signal, self._hse.signal
        self.lse, self.lsi = self._lse.signal, self._lsi.signal
        self.pllclk = self._plls["PLL"].signal

        def signal(name: str) -> ClockSignal:
            return ClockSignal(name, lambda: chip.now)

        self.sysclk, self.hclk = signal("SYSCLK"), signal("HCLK")
        self.pclk1, self.pclk2 = signal("PCLK1"), signal("PCLK2")
        self.timclk1, self.timclk2 = signal("TIMCLK1"), signal("TIMCLK2")
        self.rtcclk = signal("RTCCLK")

        self._stopped = False
        self._watchdog_needs_lsi = False
        self._interrupting = False
        self._resets: dict[str, dict[int, Peripheral]] = {}
        self.power_on()

    # -- gates
    def attach(self, peripheral: Peripheral, gate: str | None = None) -> None:
        """Puts `peripheral` behind its enable bit and its reset bit.

        Args:
            gate: the bit's name without EN where it is not the peripheral's own name.
        """
        found = clock_gates.gate_of(gate or peripheral.name)
        if found is None:
            return
        bus, name = found
        enable, reset = clock_gates.REGISTERS[bus]
        state, field = self.registers[enable], f"{name}EN"
        mask = state.declaration.fields[field].mask
        peripheral.gate_bits = (GateBit(state, mask, mask),)
        peripheral.gate_name = f"RCC_{enable}.{field}"
        number = clock_gates.GATES[bus][name]
        if name not in clock_gates.SET_ONLY:
            self._resets.setdefault(reset, {})[number] = peripheral

    def gate_rtc(self, rtc: Peripheral) -> None:
        """Puts the RTC's bus interface behind APB1ENR1.RTCAPBEN, where the chip has that bit."""
        state = self.APB1ENR1
        mask = state.declaration.fields["RTCAPBEN"].mask
        rtc.gate_bits = (GateBit(state, mask, mask),)
        rtc.gate_name = "RCC_APB1ENR1.RTCAPBEN"

    def _reset_written(self, register: str) -> None:
        held = self.registers[register].value
        for number, peripheral in self._resets.get(register, {}).items():
            if held >> number & 1:
                peripheral.reset()

    def write_AHB1RSTR(self, value: int, old: int) -> None:
        """Resets peripherals."""
        self._reset_written("AHB1RSTR")

    def write_AHB2RSTR(self, value: int, old: int) -> None:
        """Resets peripherals."""
        self._reset_written("AHB2RSTR")

    def write_APB1RSTR1(self, value: int, old: int) -> None:
        """Resets peripherals."""
        self._reset_written("APB1RSTR1")

    def write_APB1RSTR2(self, value: int, old: int) -> None:
        """Resets peripherals."""
        self._reset_written("APB1RSTR2")

    def write_APB2RSTR(self, value: int, old: int) -> None:
        """Resets peripherals."""
        self._reset_written("APB2RSTR")

    # -- clocks that others ask for
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
        """`kernel_hz` of one peripheral, to be asked whenever it matters."""
        return lambda: self.kernel_hz(peripheral)

    @property
    def sysclk_source(self) -> str:
        """The oscillator or PLL that SYSCLK comes from (CFGR.SWS)."""
        return _SYSCLK_SOURCES[self.CFGR["SWS"]]

    @property
    def oscillators(self) -> tuple[ClockSignal, ...]:
        """The outputs of all oscillators and PLLs."""
        return tuple(oscillator.signal for oscillator in self._by_name.values())

    @property
    def running(self) -> tuple[RunningClock, ...]:
        """The oscillators and PLLs that are ready."""
        return tuple(RunningClock(o.name, o.hz) for o in self.oscillators if o.hz)

    def need_lsi(self, needed: bool) -> None:
        """The independent watchdog forces LSI on (RM0351 6.2.4)."""
        self._watchdog_needs_lsi = needed
        self._switch_lsi()

    # -- resets and low power
    def power_on(self) -> None:
        """As after power was applied: everything off, backup domain cleared, running on MSI."""
        self.reset_registers()
        self._restart("power-on")

    def restart(self, cause: str) -> None:
        """A system reset or the exit from Standby or Shutdown (RM0351 6.1).

        The backup domain's register survives; so does CSR, of which a system reset clears all
        but the reset flags.
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
        """The RCC has no reset bit of its own; `restart` and `power_on` do the work."""

    def _restart(self, cause: str) -> None:
        for flag in _RESET_FLAGS[cause]:
            self.CSR[flag] = 1
        self._stopped = True  # no listener sees the half-made tree
        if cause == "power-on":
            self._lse.stop()
        if cause != "standby":
            self._watchdog_needs_lsi = False
        for oscillator in (*self._plls.values(), self._hse, self._hsi16):
            oscillator.stop()
        self._switch_lsi()
        self._msi.start_at_once(self._msi_hz())
        self._stopped = False
        self._mirror()
        self._update()
        self._drive_interrupt()

    def enter_stop(self) -> None:
        """All high-speed clocks stop (RM0351 5.3.4 and 6.3); LSE and LSI go on."""
        # FIDELITY: HSIKERON and HSI16 requests by a USART or I2C in Stop are not modelled; silicon
        # can run HSI16 for a peripheral in Stop 0 and 1; hides what such a peripheral draws.
        self._stopped = True
        for field in ("PLLON", "PLLSAI1ON", "PLLSAI2ON", "HSEON", "HSION", "MSION"):
            self.CR[field] = 0
        for oscillator in (*self._plls.values(), self._hse, self._hsi16, self._msi):
            oscillator.stop()
        self._mirror()
        self._update()

    def leave_stop(self) -> None:
        """The wake-up clock starts: HSI16 or MSI at the range that it had (CFGR.STOPWUCK)."""
        on_hsi16 = bool(self.CFGR["STOPWUCK"])
        if on_hsi16:
            self.CR["HSION"] = 1
            self._hsi16.start_at_once(HSI16_HZ)
        else:
            self.CR["MSION"] = 1
            self._msi.start_at_once(self._msi_hz())
            if self.CR["HSIASFS"]:
                self.CR["HSION"] = 1
                self._hsi16.start(HSI16_HZ, _HSI16_STARTUP)
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
        """Switches oscillators and PLLs; those that SYSCLK runs on stay on."""
        self._check_msi_range(old)
        self._keep_clocks_in_use(old)
        if self.CR["MSIPLLEN"] and not self._lse.ready:
            self.CR["MSIPLLEN"] = 0
            self.violation(
                "clock-not-ready", "CR.MSIPLLEN set while LSE is not ready (BDCR.LSERDY=0)"
            )
        self._switch(self._msi, self.CR["MSION"], self._msi_hz(), self._msi_startup())
        self._msi.retune(self._msi_hz())
        self._switch(self._hsi16, self.CR["HSION"], HSI16_HZ, _HSI16_STARTUP)
        hse_startup = _HSE_STARTUP if self._hse_hz else None
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
            used.add(_PLL_SOURCES[self.PLLCFGR["PLLSRC"]] or "")
        for name, field in (
            ("MSI", "MSION"),
            ("HSI16", "HSION"),
            ("HSE", "HSEON"),
            ("PLL", "PLLON"),
        ):
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
        return _MSI_STARTUP[self.CR["MSIRANGE"] if self.CR["MSIRGSEL"] else self.CSR["MSISRANGE"]]

    # -- PLLs
    def _pll_settings(self, name: str) -> PllSettings:
        source = _PLL_SOURCES[self.PLLCFGR["PLLSRC"]]
        config = self.registers[f"{name}CFGR"]
        return PllSettings(
            source_hz=self._by_name[source].signal.hz if source else 0,
            m=self.PLLCFGR["PLLM"] + 1,
            n=config[f"{name}N"],
            r=2 * config[f"{name}R"] + 2,
            r_enabled=bool(config[f"{name}REN"]),
        )

    def _switch_pll(self, name: str, pll: Oscillator) -> None:
        if not self.CR[f"{name}ON"]:
            pll.stop()
            return
        if pll.on:
            return
        settings = self._pll_settings(name)
        source = _PLL_SOURCES[self.PLLCFGR["PLLSRC"]]
        startup: Time | None = None  # it does not lock
        if settings.source_hz == 0:
            what = f"{source}, which is not ready" if source else "no clock"
            self.violation("pll-source", f"CR.{name}ON set while PLLCFGR.PLLSRC selects {what}")
        elif faults := settings.faults(self._voltage_range()):
            self.violation("pll-out-of-range", f"{name} started with {'; '.join(faults)}")
        else:
            startup = us(LOCK_TIME_US)
        pll.start(settings.r_hz, startup)

    def _pll_config_written(self, name: str, old: int, free: tuple[str, ...]) -> None:
        register = self.registers[f"{name}CFGR"]
        allowed = sum(register.declaration.fields[field].mask for field in free)
        if self._plls[name].on and (register.value ^ old) & ~allowed:
            self.violation(
                "pll-config-while-on",
                f"{name}CFGR changed from {old:#010x} to {register.value:#010x} while {name}ON=1: "
                "source and factors keep their values",
            )
            register.value = old & ~allowed | register.value & allowed

    def write_PLLCFGR(self, value: int, old: int) -> None:
        """Source and factors, which a running PLL keeps; outputs."""
        self._pll_config_written("PLL", old, ("PLLPEN", "PLLQEN", "PLLREN"))
        ren = self.PLLCFGR.declaration.fields["PLLREN"].mask
        if self.CFGR["SWS"] == 3 and old & ren and not self.PLLCFGR["PLLREN"]:
            self.PLLCFGR["PLLREN"] = 1
            self.violation("clock-in-use", "PLLCFGR.PLLREN cleared while SYSCLK runs on PLL")
        self._update()

    def write_PLLSAI1CFGR(self, value: int, old: int) -> None:
        """As PLLCFGR."""
        free = ("PLLSAI1PEN", "PLLSAI1QEN", "PLLSAI1REN")
        self._pll_config_written("PLLSAI1", old, free)

    def write_PLLSAI2CFGR(self, value: int, old: int) -> None:
        """As PLLCFGR."""
        self._pll_config_written("PLLSAI2", old, ("PLLSAI2PEN", "PLLSAI2REN"))

    # -- CFGR
    def write_CFGR(self, value: int, old: int) -> None:
        """System clock and prescalers."""
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
        """Works the tree out anew and sets every signal in it."""
        if self._stopped:
            for stopped in (self.sysclk, self.hclk, self.pclk1, self.pclk2):
                stopped.set_hz(0)
            self.timclk1.set_hz(0)
            self.timclk2.set_hz(0)
            return
        for name, pll in self._plls.items():
            pll.retune(self._pll_settings(name).r_hz)
        # A switch waits for its target to be ready (RM0351 6.2.9).
        target = self._by_name[_SYSCLK_SOURCES[self.CFGR["SW"]]]
        if target.ready and target.signal.hz:
            self.CFGR["SWS"] = self.CFGR["SW"]
        sysclk = self._by_name[_SYSCLK_SOURCES[self.CFGR["SWS"]]].signal.hz
        hclk = sysclk // _HPRE.get(self.CFGR["HPRE"], 1)
        divide1, divide2 = (_PPRE.get(self.CFGR[f], 1) for f in ("PPRE1", "PPRE2"))
        self.sysclk.set_hz(sysclk)
        self.hclk.set_hz(hclk)
        self.pclk1.set_hz(hclk // divide1)
        self.pclk2.set_hz(hclk // divide2)
        # RM0351 6.2.16: timers run at twice their bus's clock unless it is undivided.
        self.timclk1.set_hz(hclk // divide1 * (2 if divide1 > 1 else 1))
        self.timclk2.set_hz(hclk // divide2 * (2 if divide2 > 1 else 1))
        source = _RTC_SOURCES[self.BDCR["RTCSEL"]] if self.BDCR["RTCEN"] else None
        rtc = self._by_name[source].signal.hz if source else 0
        self.rtcclk.set_hz(rtc // 32 if source == "HSE" else rtc)

    def _mirror(self) -> None:
        """The ready bits follow the oscillators."""
        self.CR["MSIRDY"] = self._msi.ready
        self.CR["HSIRDY"] = self._hsi16.ready
        self.CR["HSERDY"] = self._hse.ready
        for name, pll in self._plls.items():
            self.CR[f"{name}RDY"] = pll.ready
        self.BDCR["LSERDY"] = self._lse.ready
        self.CSR["LSIRDY"] = self._lsi.ready

    def _oscillator_changed(self, name: str) -> None:
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
        """LSE and the RTC's clock, while PWR_CR1.DBP opens the backup domain."""
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
        # FIDELITY: LSEBYP expects no external clock: the oscillator then never becomes ready;
        # silicon takes one fed into OSC32_IN; hides nothing on a board with a crystal.
        fitted = self._lse_hz and not self.BDCR["LSEBYP"]
        startup = self._lse_startup if fitted else None
        self._switch(self._lse, self.BDCR["LSEON"], self._lse_hz, startup)
        self._mirror()
        self._update()

    # -- CSR
    def write_CSR(self, value: int, old: int) -> None:
        """LSI, the range of MSI after Standby, clearing of the reset flags."""
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
        self._switch(self._lsi, needed, LSI_HZ, _LSI_STARTUP)
