"""SYSTEM: clocks of the CPU and of the peripherals, their gates and resets (TRM, chapter 6)."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from facet.chip.esp32c3.gated import GatedPeripheral
from facet.chip.esp32c3.memory_map import RTC_FAST_BASE, RTC_FAST_SIZE, SOURCE
from facet.chip.peripheral import ChipServices, GateBit
from facet.chip.registers import Register, bit, bits
from facet.clock import ClockSignal

XTAL_HZ = 40_000_000  # the only crystal frequency of the ESP32-C3 (datasheet, section 3.4)
PLL_APB_HZ = 80_000_000
# FIDELITY:
#   model: The RC oscillators run at their typical frequencies (TRM, 6.2.2).
#   silicon: RC_FAST differs by a few per cent and RC_SLOW by some tens of per cent, and both drift.
#   hides: A firmware that does not calibrate RC_SLOW.
RC_FAST_HZ = 17_500_000
RC_SLOW_HZ = 136_000
SYSTIMER_HZ = 16_000_000  # XTAL_CLK / 2.5 (TRM, 10.3.1)

_XTAL, _PLL, _RC_FAST = 0, 1, 2  # SYSCLK_CONF.SOC_CLK_SEL

GATES = {
    # Peripheral -> its bits in PERIP_CLK_EN0/RST_EN0 or PERIP_CLK_EN1/RST_EN1.
    "UART0": (0, "UART"),
    "UART1": (0, "UART1"),
    "SPI0": (0, "SPI01"),
    "SPI2": (0, "SPI2"),
    "I2C0": (0, "I2C_EXT0"),
    "TIMG0": (0, "TIMERGROUP"),
    "TIMG1": (0, "TIMERGROUP1"),
    "SYSTIMER": (0, "SYSTIMER"),
    "EFUSE": (0, "EFUSE"),
    "USB_DEVICE": (0, "USB_DEVICE"),
    "DMA": (1, "DMA"),
}


class System(GatedPeripheral):
    """The digital part of the clock tree.

    Args:
        name: SYSTEM.
        base: address of CPU_PERI_CLK_EN.
        chip: the chip's services.
        pll_on: whether RTC_CNTL powers the PLL.

    Attributes:
        cpu: CPU_CLK.
        apb: APB_CLK.
        xtal: XTAL_CLK.
        systimer: the timer clock that derives from the crystal.
    """

    CPU_PERI_CLK_EN = Register(
        0x00, 0, "rw", CLK_EN_ASSIST_DEBUG=bit(6), CLK_EN_DEDICATED_GPIO=bit(7)
    )
    CPU_PER_CONF = Register(
        0x08,
        0x000C,
        "rw",
        CPUPERIOD_SEL=bits(1, 0),
        PLL_FREQ_SEL=bit(2),
        CPU_WAIT_MODE_FORCE_ON=bit(3),
        CPU_WAITI_DELAY_NUM=bits(7, 4),
    )
    PERIP_CLK_EN0 = Register(
        0x10,
        0xF9C1_E06F,
        "rw",
        TIMERS_CLK_EN=bit(0),
        SPI01_CLK_EN=bit(1),
        UART_CLK_EN=bit(2),
        WDG_CLK_EN=bit(3),
        UART1_CLK_EN=bit(5),
        SPI2_CLK_EN=bit(6),
        I2C_EXT0_CLK_EN=bit(7),
        UHCI0_CLK_EN=bit(8),
        RMT_CLK_EN=bit(9),
        PCNT_CLK_EN=bit(10),
        LEDC_CLK_EN=bit(11),
        UHCI1_CLK_EN=bit(12),
        TIMERGROUP_CLK_EN=bit(13),
        EFUSE_CLK_EN=bit(14),
        TIMERGROUP1_CLK_EN=bit(15),
        SPI3_CLK_EN=bit(16),
        PWM0_CLK_EN=bit(17),
        EXT1_CLK_EN=bit(18),
        TWAI_CLK_EN=bit(19),
        PWM1_CLK_EN=bit(20),
        I2S0_CLK_EN=bit(21),
        SPI2_DMA_CLK_EN=bit(22),
        USB_DEVICE_CLK_EN=bit(23),
        UART_MEM_CLK_EN=bit(24),
        PWM2_CLK_EN=bit(25),
        PWM3_CLK_EN=bit(26),
        SPI3_DMA_CLK_EN=bit(27),
        APB_SARADC_CLK_EN=bit(28),
        SYSTIMER_CLK_EN=bit(29),
        ADC2_ARB_CLK_EN=bit(30),
        SPI4_CLK_EN=bit(31),
    )
    PERIP_CLK_EN1 = Register(
        0x14,
        0x0200,
        "rw",
        CRYPTO_AES_CLK_EN=bit(1),
        CRYPTO_SHA_CLK_EN=bit(2),
        CRYPTO_RSA_CLK_EN=bit(3),
        CRYPTO_DS_CLK_EN=bit(4),
        CRYPTO_HMAC_CLK_EN=bit(5),
        DMA_CLK_EN=bit(6),
        SDIO_HOST_CLK_EN=bit(7),
        LCD_CAM_CLK_EN=bit(8),
        UART2_CLK_EN=bit(9),
        TSENS_CLK_EN=bit(10),
    )
    PERIP_RST_EN0 = Register(
        0x18,
        0,
        "rw",
        TIMERS_RST=bit(0),
        SPI01_RST=bit(1),
        UART_RST=bit(2),
        WDG_RST=bit(3),
        UART1_RST=bit(5),
        SPI2_RST=bit(6),
        I2C_EXT0_RST=bit(7),
        UHCI0_RST=bit(8),
        RMT_RST=bit(9),
        PCNT_RST=bit(10),
        LEDC_RST=bit(11),
        UHCI1_RST=bit(12),
        TIMERGROUP_RST=bit(13),
        EFUSE_RST=bit(14),
        TIMERGROUP1_RST=bit(15),
        SPI3_RST=bit(16),
        PWM0_RST=bit(17),
        EXT1_RST=bit(18),
        TWAI_RST=bit(19),
        PWM1_RST=bit(20),
        I2S0_RST=bit(21),
        SPI2_DMA_RST=bit(22),
        USB_DEVICE_RST=bit(23),
        UART_MEM_RST=bit(24),
        PWM2_RST=bit(25),
        PWM3_RST=bit(26),
        SPI3_DMA_RST=bit(27),
        APB_SARADC_RST=bit(28),
        SYSTIMER_RST=bit(29),
        ADC2_ARB_RST=bit(30),
        SPI4_RST=bit(31),
    )
    PERIP_RST_EN1 = Register(
        0x1C,
        0x01FE,
        "rw",
        CRYPTO_AES_RST=bit(1),
        CRYPTO_SHA_RST=bit(2),
        CRYPTO_RSA_RST=bit(3),
        CRYPTO_DS_RST=bit(4),
        CRYPTO_HMAC_RST=bit(5),
        DMA_RST=bit(6),
        SDIO_HOST_RST=bit(7),
        LCD_CAM_RST=bit(8),
        UART2_RST=bit(9),
        TSENS_RST=bit(10),
    )
    RTC_FASTMEM_CONFIG = Register(
        0x48,
        0x7FF0_0000,
        "rw",
        RTC_MEM_CRC_START=bit(8),
        RTC_MEM_CRC_ADDR=bits(19, 9),
        RTC_MEM_CRC_LEN=bits(30, 20),
        RTC_MEM_CRC_FINISH=bit(31, "ro"),
    )
    RTC_FASTMEM_CRC = Register(0x4C, 0, "ro")
    SYSCLK_CONF = Register(
        0x58,
        0x0001,
        "rw",
        PRE_DIV_CNT=bits(9, 0),
        SOC_CLK_SEL=bits(11, 10),
        CLK_XTAL_FREQ=bits(18, 12, "ro"),
        CLK_DIV_EN=bit(19, "ro"),
    )

    def __init__(
        self, name: str, base: int, chip: ChipServices, *, pll_on: Callable[[], bool]
    ) -> None:
        super().__init__(name, base, chip)
        for number in range(4):
            self.add_numbered(
                Register(0x28 + 4 * number, 0, "rw", CPU_INTR=bit(0)),
                "CPU_INTR_FROM_CPU_{}",
                number,
            )
        self._pll_on = pll_on
        self._asleep = False
        self._gated: list[GatedPeripheral] = []
        self._in_reset: set[str] = set()
        self.cpu = ClockSignal("CPU_CLK", lambda: chip.now)
        self.apb = ClockSignal("APB_CLK", lambda: chip.now)
        self.xtal = ClockSignal("XTAL_CLK", lambda: chip.now)
        self.systimer = ClockSignal("CNT_CLK", lambda: chip.now)
        self.rc_fast = ClockSignal("RC_FAST_CLK", lambda: chip.now)
        self.rc_slow = ClockSignal("RTC_SLOW_CLK", lambda: chip.now)
        self.rc_slow.set_hz(RC_SLOW_HZ)

    def reset(self) -> None:
        """Carries out a reset: 20 MHz from the crystal, half of the gates open (TRM, table 6-4)."""
        super().reset()
        self._in_reset = set()
        self.SYSCLK_CONF["CLK_XTAL_FREQ"] = XTAL_HZ // 1_000_000
        self._asleep = False
        self._clocks()

    def attach(self, peripheral: GatedPeripheral) -> None:
        """Connects `peripheral` to its gate and reset bits, if it has any."""
        if peripheral.name not in GATES:
            return
        number, stem = GATES[peripheral.name]
        enable, resets = self.registers[f"PERIP_CLK_EN{number}"], f"PERIP_RST_EN{number}"
        clock_field, reset_field = f"{stem}_CLK_EN", f"{stem}_RST"
        reset_register = self.registers[resets]
        peripheral.held_in_reset = lambda: bool(reset_register[reset_field])
        clock, reset = (
            register.declaration.fields[field].mask
            for register, field in ((enable, clock_field), (reset_register, reset_field))
        )
        peripheral.gate_bits = (GateBit(enable, clock, clock), GateBit(reset_register, reset, 0))
        peripheral.gate_name = f"SYSTEM_PERIP_CLK_EN{number}.{clock_field}"
        peripheral.reset_name = f"SYSTEM_{resets}.{reset_field}"
        self._gated.append(peripheral)

    # -- sleep
    def sleep(self) -> None:
        """Stops the digital clocks; the slow clock still runs."""
        self._asleep = True
        self._clocks()

    def wake(self) -> None:
        """Starts the digital clocks again with their settings."""
        self._asleep = False
        self._clocks()

    @property
    def on_pll(self) -> bool:
        """Whether the CPU runs from the PLL."""
        return self.SYSCLK_CONF["SOC_CLK_SEL"] == _PLL

    @property
    def pll_hz(self) -> int:
        """The PLL's frequency in hertz while it runs (TRM, table 6-3)."""
        return 480_000_000 if self.CPU_PER_CONF["PLL_FREQ_SEL"] else 320_000_000

    @property
    def cpu_source(self) -> str:
        """The source of CPU_CLK; empty while CPU_CLK is stopped."""
        if not self.cpu.hz:
            return ""
        if self.on_pll:
            return "PLL_CLK"
        return "RC_FAST_CLK" if self.SYSCLK_CONF["SOC_CLK_SEL"] == _RC_FAST else "XTAL_CLK"

    @property
    def flash_source_hz(self) -> int:
        """The clock of SPI0 while the CPU does not run from the PLL; 0 while it does."""
        if self.on_pll:
            return 0
        return RC_FAST_HZ if self.SYSCLK_CONF["SOC_CLK_SEL"] == _RC_FAST else XTAL_HZ

    # -- the firmware's accesses
    def write_CPU_PER_CONF(self, value: int, old: int) -> None:
        """Changes the divider between the PLL and the CPU."""
        self._clocks()

    def write_SYSCLK_CONF(self, value: int, old: int) -> None:
        """Selects the source of CPU_CLK."""
        if self.SYSCLK_CONF["SOC_CLK_SEL"] == 3:
            self.violation("no-such-clock", "SYSCLK_CONF.SOC_CLK_SEL=3: the chip has no such clock")
        if self.on_pll and not self._pll_on():
            self.violation(
                "pll-off",
                "SYSCLK_CONF.SOC_CLK_SEL=1 while RTC_CNTL_OPTIONS0 powers the PLL down "
                "(BBPLL_FORCE_PD, BB_I2C_FORCE_PD, BBPLL_I2C_FORCE_PD): the CPU would stop",
            )
        self._clocks()

    def write_PERIP_RST_EN0(self, value: int, old: int) -> None:
        """Resets peripherals."""
        self._apply_resets()

    def write_PERIP_RST_EN1(self, value: int, old: int) -> None:
        """Resets peripherals."""
        self._apply_resets()

    def write_CPU_INTR_FROM_CPU_(self, number: int, value: int, old: int) -> None:
        """Raises and clears software interrupts."""
        self.chip.set_interrupt(SOURCE[f"FROM_CPU_INTR{number}"], bool(value & 1))

    def write_RTC_FASTMEM_CONFIG(self, value: int, old: int) -> None:
        """Computes a checksum over words of RTC memory, such as of a wake-up stub.

        FIDELITY:
            model: The checksum is CRC-32 and is ready at once.
            silicon: The polynomial of the chip is not published, and the unit takes some time.
            hides: Nothing from programs that compare two results of this unit.
        """
        config = self.RTC_FASTMEM_CONFIG
        if config["RTC_MEM_CRC_START"]:
            first, count = 4 * config["RTC_MEM_CRC_ADDR"], 4 * (config["RTC_MEM_CRC_LEN"] + 1)
            data = self.chip.read_memory(RTC_FAST_BASE + first, min(count, RTC_FAST_SIZE - first))
            self.RTC_FASTMEM_CRC.value = zlib.crc32(data)
        config["RTC_MEM_CRC_FINISH"] = config["RTC_MEM_CRC_START"]

    def _apply_resets(self) -> None:
        for peripheral in self._gated:
            if peripheral.held_in_reset():
                if peripheral.name not in self._in_reset:
                    self._in_reset.add(peripheral.name)
                    peripheral.reset()
            else:
                self._in_reset.discard(peripheral.name)

    def _clocks(self) -> None:
        """Computes all clocks from the registers (TRM, tables 6-2 and 6-3)."""
        if self._asleep:
            cpu = apb = xtal = fast = 0
        else:
            xtal, fast = XTAL_HZ, RC_FAST_HZ
            source = self.SYSCLK_CONF["SOC_CLK_SEL"]
            divider = self.SYSCLK_CONF["PRE_DIV_CNT"] + 1
            if source == _PLL:
                select = self.CPU_PER_CONF["CPUPERIOD_SEL"]
                if select > 1:
                    self.violation(
                        "no-such-clock", f"CPU_PER_CONF.CPUPERIOD_SEL={select}: 80 or 160 MHz only"
                    )
                cpu, apb = (160_000_000 if select else 80_000_000), PLL_APB_HZ
            else:
                cpu = apb = (RC_FAST_HZ if source == _RC_FAST else XTAL_HZ) // divider
        self.xtal.set_hz(xtal)
        self.systimer.set_hz(SYSTIMER_HZ if xtal else 0)
        self.rc_fast.set_hz(fast)
        self.apb.set_hz(apb)
        self.cpu.set_hz(cpu)
