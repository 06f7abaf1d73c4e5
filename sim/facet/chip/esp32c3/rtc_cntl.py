"""RTC_CNTL: low power, RTC timer, watchdogs and reset causes (TRM, chapters 9 and 12)."""

from __future__ import annotations

from collections.abc import Callable

from facet.chip.esp32c3.gated import GatedPeripheral
from facet.chip.esp32c3.interrupt_flags import InterruptFlags
from facet.chip.esp32c3.staged_watchdog import Stage, StagedWatchdog
from facet.chip.peripheral import ChipServices
from facet.chip.registers import Register, bit, bits
from facet.clock import ClockSignal
from facet.time import NEVER, s
from facet.timeline import Event

WDT_KEY = 0x50D8_3AA1  # 12.2.2.5
SWD_KEY = 0x8F1D_312A  # 12.3.2.2

RESET_CODES = {
    # What `reset` is told -> RESET_STATE.RESET_CAUSE_PROCPU (TRM, table 6-1).
    "power-on": 0x01,
    "pin": 0x01,  # CHIP_EN low takes the power from the whole chip
    "software": 0x03,
    "deep sleep": 0x05,
    "timer group 0 watchdog": 0x07,
    "timer group 1 watchdog": 0x08,
    "rtc watchdog": 0x09,
    "cpu timer group 0 watchdog": 0x0B,
    "cpu software": 0x0C,
    "cpu rtc watchdog": 0x0D,
    "brown-out": 0x0F,
    "rtc watchdog of all": 0x10,
    "cpu timer group 1 watchdog": 0x11,
    "super watchdog": 0x12,
}
_RESETS_ALL = ("power-on", "pin", "brown-out")
_RESETS_RTC = (*_RESETS_ALL, "rtc watchdog of all", "super watchdog")

# WAKEUP_STATE.WAKEUP_ENA, SLP_WAKEUP_CAUSE (table 9-4).
WAKE_GPIO, WAKE_TIMER, WAKE_UART0, WAKE_UART1 = 1 << 2, 1 << 3, 1 << 6, 1 << 7
_WAKE_MODELLED = WAKE_GPIO | WAKE_TIMER | WAKE_UART0 | WAKE_UART1

# FIDELITY:
#   model: The super watchdog resets the chip after 2 s.
#   silicon: The manual (12.3.2) wants it fed at intervals of slightly less than 1 s and does not
#     give the time of the reset, which is later than that of MWDT0 after 1.3 s (README of
#     esp32c3-direct-boot-example, hello_world).
#   hides: A firmware that feeds it too late.
_SWD_PERIOD = s(2)

_RWDT_ACTIONS = {
    # WDTCONFIG0.WDT_STGn -> reset cause (12.2.2.2).
    2: "cpu rtc watchdog",
    3: "rtc watchdog",
    4: "rtc watchdog of all",
}
_INTERRUPT, _RESET_OF_ALL = 1, 4
_LOW_LEVEL, _HIGH_LEVEL = 4, 5  # GPIO_WAKEUP.GPIO_PINn_INT_TYPE

_INTERRUPTS = {
    # INT_ENA, INT_RAW, INT_ST, INT_CLR, INT_ENA_RTC_W1TS, INT_ENA_RTC_W1TC: alike in their fields
    "SLP_WAKEUP": bit(0),
    "SLP_REJECT": bit(1),
    "WDT": bit(3),
    "BROWN_OUT": bit(9),
    "MAIN_TIMER": bit(10),
    "SWD": bit(15),
    "XTAL32K_DEAD": bit(16),
    "GLITCH_DET": bit(19),
    "BBPLL_CAL": bit(20),
}


class RtcCntl(GatedPeripheral):
    """The always-on domain.

    Args:
        name: RTC_CNTL.
        base: address of OPTIONS0.
        chip: the chip's services.
        slow: RTC_SLOW_CLK.
        irq: its interrupt source.
        request_reset: called with one of `RESET_CODES`.
        start_sleep: called when the firmware sets STATE0.SLEEP_EN.
        on_pll: whether the CPU runs from the PLL.
    """

    size = 0x400

    OPTIONS0 = Register(
        0x00,
        0x1C00_A000,
        "rw",
        SW_STALL_APPCPU_C0=bits(1, 0),
        SW_STALL_PROCPU_C0=bits(3, 2),
        SW_APPCPU_RST=bit(4, "wo"),
        SW_PROCPU_RST=bit(5, "wo"),
        BB_I2C_FORCE_PD=bit(6),
        BB_I2C_FORCE_PU=bit(7),
        BBPLL_I2C_FORCE_PD=bit(8),
        BBPLL_I2C_FORCE_PU=bit(9),
        BBPLL_FORCE_PD=bit(10),
        BBPLL_FORCE_PU=bit(11),
        XTL_FORCE_PD=bit(12),
        XTL_FORCE_PU=bit(13),
        XTL_EN_WAIT=bits(17, 14),
        XTL_EXT_CTR_SEL=bits(22, 20),
        XTL_FORCE_ISO=bit(23),
        PLL_FORCE_ISO=bit(24),
        ANALOG_FORCE_ISO=bit(25),
        XTL_FORCE_NOISO=bit(26),
        PLL_FORCE_NOISO=bit(27),
        ANALOG_FORCE_NOISO=bit(28),
        DG_WRAP_FORCE_RST=bit(29),
        DG_WRAP_FORCE_NORST=bit(30),
        SW_SYS_RST=bit(31, "wo"),
    )
    SLP_TIMER0 = Register(
        0x04,
        0,
        "rw",
    )
    SLP_TIMER1 = Register(0x08, 0, "rw", SLP_VAL_HI=bits(15, 0), MAIN_TIMER_ALARM_EN=bit(16, "wo"))
    TIME_UPDATE = Register(
        0x0C,
        0,
        "rw",
        TIMER_SYS_STALL=bit(27),
        TIMER_XTL_OFF=bit(28),
        TIMER_SYS_RST=bit(29),
        TIME_UPDATE=bit(31, "wo"),
    )
    TIME_LOW0 = Register(
        0x10,
        0,
        "ro",
    )
    TIME_HIGH0 = Register(0x14, 0, "ro", TIMER_VALUE0_HIGH=bits(15, 0))
    STATE0 = Register(
        0x18,
        0,
        "rw",
        SW_CPU_INT=bit(0, "wo"),
        SLP_REJECT_CAUSE_CLR=bit(1, "wo"),
        APB2RTC_BRIDGE_SEL=bit(22),
        SDIO_ACTIVE_IND=bit(28, "ro"),
        SLP_WAKEUP=bit(29),
        SLP_REJECT=bit(30),
        SLEEP_EN=bit(31),
    )
    TIMER1 = Register(
        0x1C,
        0x2814_0403,
        "rw",
        CPU_STALL_EN=bit(0),
        CPU_STALL_WAIT=bits(5, 1),
        CK8M_WAIT=bits(13, 6),
        XTL_BUF_WAIT=bits(23, 14),
        PLL_BUF_WAIT=bits(31, 24),
    )
    TIMER2 = Register(0x20, 0x0100_0000, "rw", MIN_TIME_CK8M_OFF=bits(31, 24))
    TIMER3 = Register(
        0x24,
        0x0A08_0A08,
        "rw",
        WIFI_WAIT_TIMER=bits(8, 0),
        WIFI_POWERUP_TIMER=bits(15, 9),
        BT_WAIT_TIMER=bits(24, 16),
        BT_POWERUP_TIMER=bits(31, 25),
    )
    TIMER4 = Register(
        0x28,
        0x1020_0A08,
        "rw",
        CPU_TOP_WAIT_TIMER=bits(8, 0),
        CPU_TOP_POWERUP_TIMER=bits(15, 9),
        DG_WRAP_WAIT_TIMER=bits(24, 16),
        DG_WRAP_POWERUP_TIMER=bits(31, 25),
    )
    TIMER5 = Register(0x2C, 0x8000, "rw", MIN_SLP_VAL=bits(15, 8))
    TIMER6 = Register(
        0x30, 0x0A08_0000, "rw", DG_PERI_WAIT_TIMER=bits(24, 16), DG_PERI_POWERUP_TIMER=bits(31, 25)
    )
    ANA_CONF = Register(
        0x34,
        0x00C4_0000,
        "rw",
        RESET_POR_FORCE_PD=bit(18),
        RESET_POR_FORCE_PU=bit(19),
        GLITCH_RST_EN=bit(20),
        SAR_I2C_PU=bit(22),
        PLLA_FORCE_PD=bit(23),
        PLLA_FORCE_PU=bit(24),
        BBPLL_CAL_SLP_START=bit(25),
        PVTMON_PU=bit(26),
        TXRF_I2C_PU=bit(27),
        RFRX_PBUS_PU=bit(28),
        CKGEN_I2C_PU=bit(30),
        PLL_I2C_PU=bit(31),
    )
    RESET_STATE = Register(
        0x38,
        0x3000,
        "rw",
        RESET_CAUSE_PROCPU=bits(5, 0, "ro"),
        RESET_CAUSE_APPCPU=bits(11, 6, "ro"),
        STAT_VECTOR_SEL_APPCPU=bit(12),
        STAT_VECTOR_SEL_PROCPU=bit(13),
        ALL_RESET_FLAG_PROCPU=bit(14, "ro"),
        ALL_RESET_FLAG_APPCPU=bit(15, "ro"),
        OCD_HALT_ON_RESET_APPCPU=bit(18),
        OCD_HALT_ON_RESET_PROCPU=bit(19),
        JTAG_RESET_FLAG_PROCPU=bit(20, "ro"),
        JTAG_RESET_FLAG_APPCPU=bit(21, "ro"),
        DRESET_MASK_APPCPU=bit(24),
        DRESET_MASK_PROCPU=bit(25),
    )
    WAKEUP_STATE = Register(0x3C, 0x0006_0000, "rw", WAKEUP_ENA=bits(31, 15))
    INT_ENA = Register(0x40, 0, "rw", **_INTERRUPTS)
    INT_RAW = Register(0x44, 0, "ro", **_INTERRUPTS)
    INT_ST = Register(0x48, 0, "ro", **_INTERRUPTS)
    INT_CLR = Register(0x4C, 0, "wo", **_INTERRUPTS)
    EXT_XTL_CONF = Register(
        0x60,
        0x0006_6C80,
        "rw",
        XTAL32K_WDT_EN=bit(0),
        XTAL32K_WDT_CLK_FO=bit(1),
        XTAL32K_WDT_RESET=bit(2),
        XTAL32K_EXT_CLK_FO=bit(3),
        XTAL32K_AUTO_BACKUP=bit(4),
        XTAL32K_AUTO_RESTART=bit(5),
        XTAL32K_AUTO_RETURN=bit(6),
        XTAL32K_XPD_FORCE=bit(7),
        ENCKINIT_XTAL_32K=bit(8),
        DBUF_XTAL_32K=bit(9),
        DGM_XTAL_32K=bits(12, 10),
        DRES_XTAL_32K=bits(15, 13),
        XPD_XTAL_32K=bit(16),
        DAC_XTAL_32K=bits(19, 17),
        WDT_STATE=bits(22, 20, "ro"),
        XTAL32K_GPIO_SEL=bit(23),
        XTL_EXT_CTR_LV=bit(30),
        XTL_EXT_CTR_EN=bit(31),
    )
    EXT_WAKEUP_CONF = Register(0x64, 0, "rw", GPIO_WAKEUP_FILTER=bit(31))
    SLP_REJECT_CONF = Register(
        0x68,
        0,
        "rw",
        SLEEP_REJECT_ENA=bits(29, 12),
        LIGHT_SLP_REJECT_EN=bit(30),
        DEEP_SLP_REJECT_EN=bit(31),
    )
    CPU_PERIOD_CONF = Register(0x6C, 0, "rw", CPUSEL_CONF=bit(29), CPUPERIOD_SEL=bits(31, 30))
    CLK_CONF = Register(
        0x70,
        0x1158_3218,
        "rw",
        EFUSE_CLK_FORCE_GATING=bit(1),
        EFUSE_CLK_FORCE_NOGATING=bit(2),
        CK8M_DIV_SEL_VLD=bit(3),
        CK8M_DIV=bits(5, 4),
        ENB_CK8M=bit(6),
        ENB_CK8M_DIV=bit(7),
        DIG_XTAL32K_EN=bit(8),
        DIG_CLK8M_D256_EN=bit(9),
        DIG_CLK8M_EN=bit(10),
        CK8M_DIV_SEL=bits(14, 12),
        XTAL_FORCE_NOGATING=bit(15),
        CK8M_FORCE_NOGATING=bit(16),
        CK8M_DFREQ=bits(24, 17),
        CK8M_FORCE_PD=bit(25),
        CK8M_FORCE_PU=bit(26),
        XTAL_GLOBAL_FORCE_GATING=bit(27),
        XTAL_GLOBAL_FORCE_NOGATING=bit(28, "ro"),
        FAST_CLK_RTC_SEL=bit(29),
        ANA_CLK_RTC_SEL=bits(31, 30),
    )
    SLOW_CLK_CONF = Register(
        0x74,
        0x0040_0000,
        "rw",
        ANA_CLK_DIV_VLD=bit(22),
        ANA_CLK_DIV=bits(30, 23),
        SLOW_CLK_NEXT_EDGE=bit(31),
    )
    SDIO_CONF = Register(
        0x78,
        0x0AB0_BE0A,
        "rw",
        SDIO_TIMER_TARGET=bits(7, 0),
        SDIO_DTHDRV=bits(10, 9),
        SDIO_DCAP=bits(12, 11),
        SDIO_INITI=bits(14, 13),
        SDIO_EN_INITI=bit(15),
        SDIO_DCURLIM=bits(18, 16),
        SDIO_MODECURLIM=bit(19),
        SDIO_ENCURLIM=bit(20),
        SDIO_REG_PD_EN=bit(21),
        SDIO_FORCE=bit(22),
        SDIO_TIEH=bit(23),
        _1P8_READY=bit(24, "ro"),
        DREFL_SDIO=bits(26, 25),
        DREFM_SDIO=bits(28, 27),
        DREFH_SDIO=bits(30, 29),
        XPD_SDIO=bit(31),
    )
    BIAS_CONF = Register(
        0x7C,
        0x0001_0800,
        "rw",
        DG_VDD_DRV_B_SLP=bits(7, 0),
        DG_VDD_DRV_B_SLP_EN=bit(8),
        BIAS_BUF_IDLE=bit(10),
        BIAS_BUF_WAKE=bit(11),
        BIAS_BUF_DEEP_SLP=bit(12),
        BIAS_BUF_MONITOR=bit(13),
        PD_CUR_DEEP_SLP=bit(14),
        PD_CUR_MONITOR=bit(15),
        BIAS_SLEEP_DEEP_SLP=bit(16),
        BIAS_SLEEP_MONITOR=bit(17),
        DBG_ATTEN_DEEP_SLP=bits(21, 18),
        DBG_ATTEN_MONITOR=bits(25, 22),
    )
    RTC_CNTL = Register(
        0x80,
        0xA000_0000,
        "rw",
        DIG_REG_CAL_EN=bit(7),
        SCK_DCAP=bits(21, 14),
        DBOOST_FORCE_PD=bit(28),
        DBOOST_FORCE_PU=bit(29),
        REGULATOR_FORCE_PD=bit(30),
        REGULATOR_FORCE_PU=bit(31),
    )
    PWC = Register(0x84, 0, "rw", PAD_FORCE_HOLD=bit(21))
    DIG_PWC = Register(
        0x88,
        0x0055_5010,
        "rw",
        VDD_SPI_PWR_DRV=bits(1, 0),
        VDD_SPI_PWR_FORCE=bit(2),
        LSLP_MEM_FORCE_PD=bit(3),
        LSLP_MEM_FORCE_PU=bit(4),
        BT_FORCE_PD=bit(11),
        BT_FORCE_PU=bit(12),
        DG_PERI_FORCE_PD=bit(13),
        DG_PERI_FORCE_PU=bit(14),
        FASTMEM_FORCE_LPD=bit(15),
        FASTMEM_FORCE_LPU=bit(16),
        WIFI_FORCE_PD=bit(17),
        WIFI_FORCE_PU=bit(18),
        DG_WRAP_FORCE_PD=bit(19),
        DG_WRAP_FORCE_PU=bit(20),
        CPU_TOP_FORCE_PD=bit(21),
        CPU_TOP_FORCE_PU=bit(22),
        BT_PD_EN=bit(27),
        DG_PERI_PD_EN=bit(28),
        CPU_TOP_PD_EN=bit(29),
        WIFI_PD_EN=bit(30),
        DG_WRAP_PD_EN=bit(31),
    )
    DIG_ISO = Register(
        0x8C,
        0xAA80_5080,
        "rw",
        FORCE_OFF=bit(7),
        FORCE_ON=bit(8),
        DG_PAD_AUTOHOLD=bit(9, "ro"),
        CLR_DG_PAD_AUTOHOLD=bit(10, "wo"),
        DG_PAD_AUTOHOLD_EN=bit(11),
        DG_PAD_FORCE_NOISO=bit(12),
        DG_PAD_FORCE_ISO=bit(13),
        DG_PAD_FORCE_UNHOLD=bit(14),
        DG_PAD_FORCE_HOLD=bit(15),
        BT_FORCE_ISO=bit(22),
        BT_FORCE_NOISO=bit(23),
        DG_PERI_FORCE_ISO=bit(24),
        DG_PERI_FORCE_NOISO=bit(25),
        CPU_TOP_FORCE_ISO=bit(26),
        CPU_TOP_FORCE_NOISO=bit(27),
        WIFI_FORCE_ISO=bit(28),
        WIFI_FORCE_NOISO=bit(29),
        DG_WRAP_FORCE_ISO=bit(30),
        DG_WRAP_FORCE_NOISO=bit(31),
    )
    WDTCONFIG0 = Register(
        0x90,
        0x0001_3214,
        "rw",
        WDT_CHIP_RESET_WIDTH=bits(7, 0),
        WDT_CHIP_RESET_EN=bit(8),
        WDT_PAUSE_IN_SLP=bit(9),
        WDT_APPCPU_RESET_EN=bit(10),
        WDT_PROCPU_RESET_EN=bit(11),
        WDT_FLASHBOOT_MOD_EN=bit(12),
        WDT_SYS_RESET_LENGTH=bits(15, 13),
        WDT_CPU_RESET_LENGTH=bits(18, 16),
        WDT_STG3=bits(21, 19),
        WDT_STG2=bits(24, 22),
        WDT_STG1=bits(27, 25),
        WDT_STG0=bits(30, 28),
        WDT_EN=bit(31),
    )
    WDTFEED = Register(0xA4, 0, "wo", WDT_FEED=bit(31))
    WDTWPROTECT = Register(
        0xA8,
        0,
        "rw",
    )
    SWD_CONF = Register(
        0xAC,
        0x04B0_0000,
        "rw",
        SWD_RESET_FLAG=bit(0, "ro"),
        SWD_FEED_INT=bit(1, "ro"),
        SWD_BYPASS_RST=bit(17),
        SWD_SIGNAL_WIDTH=bits(27, 18),
        SWD_RST_FLAG_CLR=bit(28, "wo"),
        SWD_FEED=bit(29, "wo"),
        SWD_DISABLE=bit(30),
        SWD_AUTO_FEED_EN=bit(31),
    )
    SWD_WPROTECT = Register(
        0xB0,
        0,
        "rw",
    )
    SW_CPU_STALL = Register(
        0xB4, 0, "rw", SW_STALL_APPCPU_C1=bits(25, 20), SW_STALL_PROCPU_C1=bits(31, 26)
    )
    LOW_POWER_ST = Register(
        0xC8,
        0,
        "ro",
        XPD_ROM0=bit(0),
        XPD_DIG_DCDC=bit(2),
        PERI_ISO=bit(3),
        XPD_RTC_PERI=bit(4),
        WIFI_ISO=bit(5),
        XPD_WIFI=bit(6),
        DIG_ISO=bit(7),
        XPD_DIG=bit(8),
        TOUCH_STATE_START=bit(9),
        TOUCH_STATE_SWITCH=bit(10),
        TOUCH_STATE_SLP=bit(11),
        TOUCH_STATE_DONE=bit(12),
        COCPU_STATE_START=bit(13),
        COCPU_STATE_SWITCH=bit(14),
        COCPU_STATE_SLP=bit(15),
        COCPU_STATE_DONE=bit(16),
        MAIN_STATE_XTAL_ISO=bit(17),
        MAIN_STATE_PLL_ON=bit(18),
        RDY_FOR_WAKEUP=bit(19),
        MAIN_STATE_WAIT_END=bit(20),
        IN_WAKEUP_STATE=bit(21),
        IN_LOW_POWER_STATE=bit(22),
        MAIN_STATE_IN_WAIT_8M=bit(23),
        MAIN_STATE_IN_WAIT_PLL=bit(24),
        MAIN_STATE_IN_WAIT_XTL=bit(25),
        MAIN_STATE_IN_SLP=bit(26),
        MAIN_STATE_IN_IDLE=bit(27),
        MAIN_STATE=bits(31, 28),
    )
    DIAG0 = Register(
        0xCC,
        0,
        "ro",
    )
    PAD_HOLD = Register(
        0xD0,
        0,
        "rw",
        GPIO_PIN0_HOLD=bit(0),
        GPIO_PIN1_HOLD=bit(1),
        GPIO_PIN2_HOLD=bit(2),
        GPIO_PIN3_HOLD=bit(3),
        GPIO_PIN4_HOLD=bit(4),
        GPIO_PIN5_HOLD=bit(5),
    )
    DIG_PAD_HOLD = Register(
        0xD4,
        0,
        "rw",
    )
    BROWN_OUT = Register(
        0xD8,
        0x43FF_0010,
        "rw",
        BROWN_OUT_INT_WAIT=bits(13, 4),
        BROWN_OUT_CLOSE_FLASH_ENA=bit(14),
        BROWN_OUT_PD_RF_ENA=bit(15),
        BROWN_OUT_RST_WAIT=bits(25, 16),
        BROWN_OUT_RST_ENA=bit(26),
        BROWN_OUT_RST_SEL=bit(27),
        BROWN_OUT_ANA_RST_EN=bit(28),
        BROWN_OUT_CNT_CLR=bit(29, "wo"),
        BROWN_OUT_ENA=bit(30),
        DET=bit(31, "ro"),
    )
    TIME_LOW1 = Register(
        0xDC,
        0,
        "ro",
    )
    TIME_HIGH1 = Register(0xE0, 0, "ro", TIMER_VALUE1_HIGH=bits(15, 0))
    XTAL32K_CLK_FACTOR = Register(
        0xE4,
        0,
        "rw",
    )
    XTAL32K_CONF = Register(
        0xE8,
        0x0FF0_0000,
        "rw",
        XTAL32K_RETURN_WAIT=bits(3, 0),
        XTAL32K_RESTART_WAIT=bits(19, 4),
        XTAL32K_WDT_TIMEOUT=bits(27, 20),
        XTAL32K_STABLE_THRES=bits(31, 28),
    )
    USB_CONF = Register(0xEC, 0, "rw", IO_MUX_RESET_DISABLE=bit(18))
    SLP_REJECT_CAUSE = Register(0xF0, 0, "ro", REJECT_CAUSE=bits(17, 0))
    OPTION1 = Register(0xF4, 0, "rw", FORCE_DOWNLOAD_BOOT=bit(0))
    SLP_WAKEUP_CAUSE = Register(0xF8, 0, "ro", WAKEUP_CAUSE=bits(16, 0))
    ULP_CP_TIMER_1 = Register(0xFC, 0xC800, "rw", ULP_CP_TIMER_SLP_CYCLE=bits(31, 8))
    INT_ENA_RTC_W1TS = Register(0x100, 0, "wo", **_INTERRUPTS)
    INT_ENA_RTC_W1TC = Register(0x104, 0, "wo", **_INTERRUPTS)
    RETENTION_CTRL = Register(
        0x108,
        0xA0D0_0000,
        "rw",
        RETENTION_CLK_SEL=bit(18),
        RETENTION_DONE_WAIT=bits(21, 19),
        RETENTION_CLKOFF_WAIT=bits(25, 22),
        RETENTION_EN=bit(26),
        RETENTION_WAIT=bits(31, 27),
    )
    FIB_SEL = Register(0x10C, 0x0007, "rw", FIB_SEL=bits(2, 0))
    GPIO_WAKEUP = Register(
        0x110,
        0,
        "rw",
        GPIO_WAKEUP_STATUS=bits(5, 0, "ro"),
        GPIO_WAKEUP_STATUS_CLR=bit(6),
        GPIO_PIN_CLK_GATE=bit(7),
        GPIO_PIN5_INT_TYPE=bits(10, 8),
        GPIO_PIN4_INT_TYPE=bits(13, 11),
        GPIO_PIN3_INT_TYPE=bits(16, 14),
        GPIO_PIN2_INT_TYPE=bits(19, 17),
        GPIO_PIN1_INT_TYPE=bits(22, 20),
        GPIO_PIN0_INT_TYPE=bits(25, 23),
        GPIO_PIN5_WAKEUP_ENABLE=bit(26),
        GPIO_PIN4_WAKEUP_ENABLE=bit(27),
        GPIO_PIN3_WAKEUP_ENABLE=bit(28),
        GPIO_PIN2_WAKEUP_ENABLE=bit(29),
        GPIO_PIN1_WAKEUP_ENABLE=bit(30),
        GPIO_PIN0_WAKEUP_ENABLE=bit(31),
    )
    DBG_SEL = Register(
        0x114,
        0,
        "rw",
        DEBUG_12M_NO_GATING=bit(1),
        DEBUG_BIT_SEL=bits(6, 2),
        DEBUG_SEL0=bits(11, 7),
        DEBUG_SEL1=bits(16, 12),
        DEBUG_SEL2=bits(21, 17),
        DEBUG_SEL3=bits(26, 22),
        DEBUG_SEL4=bits(31, 27),
    )
    DBG_MAP = Register(
        0x118,
        0,
        "rw",
        GPIO_PIN5_MUX_SEL=bit(2),
        GPIO_PIN4_MUX_SEL=bit(3),
        GPIO_PIN3_MUX_SEL=bit(4),
        GPIO_PIN2_MUX_SEL=bit(5),
        GPIO_PIN1_MUX_SEL=bit(6),
        GPIO_PIN0_MUX_SEL=bit(7),
        GPIO_PIN5_FUN_SEL=bits(11, 8),
        GPIO_PIN4_FUN_SEL=bits(15, 12),
        GPIO_PIN3_FUN_SEL=bits(19, 16),
        GPIO_PIN2_FUN_SEL=bits(23, 20),
        GPIO_PIN1_FUN_SEL=bits(27, 24),
        GPIO_PIN0_FUN_SEL=bits(31, 28),
    )
    SENSOR_CTRL = Register(0x11C, 0, "rw", SAR2_PWDET_CCT=bits(29, 27), FORCE_XPD_SAR=bits(31, 30))
    DBG_SAR_SEL = Register(0x120, 0, "rw", SAR_DEBUG_SEL=bits(31, 27))
    PG_CTRL = Register(
        0x124,
        0,
        "rw",
        POWER_GLITCH_DSENSE=bits(27, 26),
        POWER_GLITCH_FORCE_PD=bit(28),
        POWER_GLITCH_FORCE_PU=bit(29),
        POWER_GLITCH_EFUSE_SEL=bit(30),
        POWER_GLITCH_EN=bit(31),
    )

    def __init__(
        self,
        name: str,
        base: int,
        chip: ChipServices,
        *,
        slow: ClockSignal,
        irq: int,
        request_reset: Callable[[str], None],
        start_sleep: Callable[[], None],
        on_pll: Callable[[], bool],
    ) -> None:
        super().__init__(name, base, chip)
        for number in range(8):
            offset = (0x50 if number < 4 else 0xA8) + 4 * number  # 4 to 7 lie from 0xB8 on
            self.add_numbered(Register(offset), "STORE{}", number)
        for number, hold in ((1, 200_000), (2, 80_000), (3, 4_095), (4, 4_095)):
            self.add_numbered(Register(0x90 + 4 * number, hold), "WDTCONFIG{}", number)
        self._slow = slow
        self._irq = irq
        self._interrupts = InterruptFlags(self, "INT_{}", self._drive)
        self._request_reset = request_reset
        self._start_sleep = start_sleep
        self._on_pll = on_pll
        self.on_alarm: Callable[[], None] = lambda: None
        """The main timer has reached SLP_TIMER0/1."""
        self._zero = 0  # the slow clock's tick at which the main timer was 0
        self._alarm: Event | None = None
        self._swd: Event | None = None
        self.watchdog = StagedWatchdog("RWDT", chip, slow, self._stage, self._stage_expired)

    # -- resets
    def restart(self, cause: str) -> None:
        """The chip restarts; what survives depends on the cause (TRM, figure 6-1)."""
        if cause in _RESETS_RTC:
            kept = {} if cause in _RESETS_ALL else self._stores()
            self.reset()
            for name, value in kept.items():
                self.registers[name].value = value
            self._zero = self._slow.ticks()
            self._disarm()
            self._swd_changed()
            self._watchdog_changed(restart=True)
        self.STATE0["SLEEP_EN"] = 0
        self.RESET_STATE["RESET_CAUSE_PROCPU"] = RESET_CODES[cause]
        self.watchdog.resume()
        self._interrupts.update()

    def _stores(self) -> dict[str, int]:
        return {f"STORE{n}": self.registers[f"STORE{n}"].value for n in range(8)}

    def write_OPTIONS0(self, value: int, old: int) -> None:
        """Software resets; power of the PLL."""
        fields = type(self).OPTIONS0.fields
        if value & fields["SW_SYS_RST"].mask:
            self._request_reset("software")
        elif value & fields["SW_PROCPU_RST"].mask:
            self._request_reset("cpu software")
        self.OPTIONS0["SW_SYS_RST"] = self.OPTIONS0["SW_PROCPU_RST"] = 0
        if not self.pll_on and self._on_pll():
            self.violation("pll-off", "OPTIONS0 powers the PLL down while the CPU runs from it")

    @property
    def pll_on(self) -> bool:
        """Whether nothing keeps the PLL powered down."""
        return not any(
            self.OPTIONS0[field]
            for field in ("BBPLL_FORCE_PD", "BB_I2C_FORCE_PD", "BBPLL_I2C_FORCE_PD")
        )

    def write_CLK_CONF(self, value: int, old: int) -> None:
        """The slow clock's source."""
        select = self.CLK_CONF["ANA_CLK_RTC_SEL"]
        if select == 1:
            self.violation(
                "no-such-clock", "CLK_CONF.ANA_CLK_RTC_SEL=1: the board has no 32.768 kHz crystal"
            )
        elif select:
            self.not_modelled(f"CLK_CONF.ANA_CLK_RTC_SEL={select}")

    # -- main timer
    @property
    def time(self) -> int:
        """The main timer's 48 bits."""
        return self._slow.ticks() - self._zero & (1 << 48) - 1

    def write_TIME_UPDATE(self, value: int, old: int) -> None:
        """Latches the main timer."""
        if value >> 31:
            time = self.time
            self.TIME_LOW1.value, self.TIME_HIGH1.value = (
                self.TIME_LOW0.value,
                self.TIME_HIGH0.value,
            )
            self.TIME_LOW0.value, self.TIME_HIGH0.value = time & 0xFFFF_FFFF, time >> 32
        self.TIME_UPDATE["TIME_UPDATE"] = 0

    def write_SLP_TIMER1(self, value: int, old: int) -> None:
        """MAIN_TIMER_ALARM_EN arms the alarm at SLP_TIMER1:SLP_TIMER0."""
        if self.SLP_TIMER1["MAIN_TIMER_ALARM_EN"]:
            self.SLP_TIMER1["MAIN_TIMER_ALARM_EN"] = 0
            self._disarm()
            target = self.SLP_TIMER1["SLP_VAL_HI"] << 32 | self.SLP_TIMER0.value
            if target <= self.time:
                self.violation(
                    "alarm-in-the-past",
                    f"SLP_TIMER0/1={target} armed while the main timer is at {self.time}: "
                    "the alarm never comes",
                )
                return
            at = self._slow.time_of(self._zero + target)
            if at < NEVER:
                self._alarm = self.chip.schedule_at(at, self._alarmed, "RTC main timer")

    def _disarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _alarmed(self) -> None:
        self._alarm = None
        self.INT_RAW["MAIN_TIMER"] = 1
        self._interrupts.update()
        self.on_alarm()

    @property
    def alarm_reached(self) -> bool:
        """Whether the timer's wake-up source is active.

        FIDELITY:
            model: INT_RAW.MAIN_TIMER is the wake-up source, so that an old flag ends a sleep at
                once.
            silicon: The manual does not say so; ESP-IDF clears the flag whenever it arms the alarm.
            hides: A sleep that is refused here and entered on the chip.
        """
        return bool(self.INT_RAW["MAIN_TIMER"])

    # -- sleep
    def write_STATE0(self, value: int, old: int) -> None:
        """SLEEP_EN puts the chip to sleep."""
        self.STATE0["SLP_REJECT_CAUSE_CLR"] = self.STATE0["SW_CPU_INT"] = 0
        if value >> 1 & 1:
            self.SLP_REJECT_CAUSE.value = 0
        if self.STATE0["SLEEP_EN"]:
            self._start_sleep()

    @property
    def wakeup_sources(self) -> int:
        """WAKEUP_STATE.WAKEUP_ENA."""
        return self.WAKEUP_STATE["WAKEUP_ENA"]

    @property
    def deep_wakeup_pins(self) -> dict[int, int]:
        """Pins that wake from deep sleep, GPIO0 to GPIO5: pin -> the level that does it."""
        return {
            pin: int(self.GPIO_WAKEUP[f"GPIO_PIN{pin}_INT_TYPE"] == _HIGH_LEVEL)
            for pin in range(6)
            if self.GPIO_WAKEUP[f"GPIO_PIN{pin}_WAKEUP_ENABLE"]
        }

    def write_GPIO_WAKEUP(self, value: int, old: int) -> None:
        """Pins that wake from deep sleep."""
        for pin in self.deep_wakeup_pins:
            kind = self.GPIO_WAKEUP[f"GPIO_PIN{pin}_INT_TYPE"]
            if kind not in (_LOW_LEVEL, _HIGH_LEVEL):
                self.report_once(
                    "wakeup-needs-level",
                    f"GPIO_WAKEUP.GPIO_PIN{pin}_WAKEUP_ENABLE with INT_TYPE={kind}: "
                    "only levels (4, 5) wake",
                )

    @property
    def deep(self) -> bool:
        """Whether the digital core is powered down in sleep (DIG_PWC.DG_WRAP_PD_EN)."""
        return bool(self.DIG_PWC["DG_WRAP_PD_EN"])

    @property
    def rejects(self) -> int:
        """Wake-up sources that reject the coming sleep when they are active."""
        enable = "DEEP_SLP_REJECT_EN" if self.deep else "LIGHT_SLP_REJECT_EN"
        on = self.SLP_REJECT_CONF[enable]
        return self.SLP_REJECT_CONF["SLEEP_REJECT_ENA"] if on else 0

    @property
    def crystal_start_ticks(self) -> int:
        """Slow clocks that the crystal is given to start (TIMER1.XTL_BUF_WAIT)."""
        return self.TIMER1["XTL_BUF_WAIT"]

    def check_wakeup(self) -> None:
        """Reports wake-up sources that nothing will raise."""
        sources = self.wakeup_sources
        if unknown := sources & ~_WAKE_MODELLED:
            self.not_modelled(f"WAKEUP_STATE.WAKEUP_ENA={unknown:#x}: wake-up sources")
        if sources & WAKE_TIMER and self._alarm is None and not self.alarm_reached:
            self.violation(
                "no-wakeup", "sleep with the timer as wake-up source, SLP_TIMER1 arms no alarm"
            )
        elif not sources:
            self.violation("no-wakeup", "sleep entered with WAKEUP_STATE.WAKEUP_ENA=0")

    def entered_sleep(self) -> None:
        """The CPU stands still."""
        if self.WDTCONFIG0["WDT_PAUSE_IN_SLP"]:
            self.watchdog.pause()

    def rejected(self, cause: int) -> None:
        """Sleep was refused."""
        self.STATE0["SLEEP_EN"] = 0
        self.SLP_REJECT_CAUSE["REJECT_CAUSE"] = cause
        self.INT_RAW["SLP_REJECT"] = 1
        self._interrupts.update()

    def woken(self, cause: int) -> None:
        """Sleep is over."""
        self.STATE0["SLEEP_EN"] = 0
        self.SLP_WAKEUP_CAUSE["WAKEUP_CAUSE"] = cause
        self.INT_RAW["SLP_WAKEUP"] = 1
        self.watchdog.resume()
        self._interrupts.update()

    # -- RTC watchdog
    def _stage(self, number: int) -> Stage:
        hold = self.registers[f"WDTCONFIG{number + 1}"].value
        if number == 0:
            hold <<= 1  # eFuse WDT_DELAY_SEL=0 (12.2.2.3)
        if self.WDTCONFIG0["WDT_FLASHBOOT_MOD_EN"]:
            # The banner of the ROM then says RTCWDT_RTC_RST (hello_world's README).
            return Stage(hold, _RESET_OF_ALL if number == 0 else 0)
        return Stage(hold, self.WDTCONFIG0[f"WDT_STG{number}"])

    def _stage_expired(self, action: int) -> None:
        if action == _INTERRUPT:
            self.INT_RAW["WDT"] = 1
            self._interrupts.update()
        elif action in _RWDT_ACTIONS:
            self._request_reset(_RWDT_ACTIONS[action])

    def _unlocked(self, register: str, old: int) -> bool:
        if self.WDTWPROTECT.value == WDT_KEY:
            return True
        self.registers[register].value = old
        self.violation(
            "write-protected", f"{register} written while WDTWPROTECT is not {WDT_KEY:#010x}"
        )
        return False

    def _watchdog_changed(self, restart: bool) -> None:
        if not (self.WDTCONFIG0["WDT_EN"] or self.WDTCONFIG0["WDT_FLASHBOOT_MOD_EN"]):
            self.watchdog.stop()
        elif restart or not self.watchdog.running:
            self.watchdog.feed()

    def write_WDTCONFIG0(self, value: int, old: int) -> None:
        """Stages, and whether it runs."""
        if self._unlocked("WDTCONFIG0", old):
            started = value & ~old & type(self).WDTCONFIG0.fields["WDT_EN"].mask
            self._watchdog_changed(restart=bool(started))

    def write_WDTCONFIG(self, number: int, value: int, old: int) -> None:
        """A stage's time; it acts from the next feeding on."""
        self._unlocked(f"WDTCONFIG{number}", old)

    def write_WDTFEED(self, value: int, old: int) -> None:
        """Feeds."""
        self.WDTFEED.value = 0
        if self._unlocked("WDTFEED", 0) and value >> 31 and self.watchdog.running:
            self.watchdog.feed()

    # -- super watchdog
    def write_SWD_CONF(self, value: int, old: int) -> None:
        """Feeds, or lets the hardware do it, or switches it off."""
        if self.SWD_WPROTECT.value != SWD_KEY:
            self.SWD_CONF.value = old
            self.violation(
                "write-protected", f"SWD_CONF written while SWD_WPROTECT is not {SWD_KEY:#010x}"
            )
            return
        self.SWD_CONF["SWD_FEED"] = self.SWD_CONF["SWD_RST_FLAG_CLR"] = 0
        self._swd_changed()

    def _swd_changed(self) -> None:
        if self._swd is not None:
            self._swd.cancel()
            self._swd = None
        if not (self.SWD_CONF["SWD_DISABLE"] or self.SWD_CONF["SWD_AUTO_FEED_EN"]):
            self._swd = self.chip.schedule(
                _SWD_PERIOD, lambda: self._request_reset("super watchdog"), "super watchdog"
            )

    # -- interrupts

    def write_INT_ENA_RTC_W1TS(self, value: int, old: int) -> None:
        """Enables interrupts."""
        self.INT_ENA.value |= value
        self._interrupts.update()

    def write_INT_ENA_RTC_W1TC(self, value: int, old: int) -> None:
        """Disables interrupts."""
        self.INT_ENA.value &= ~value
        self._interrupts.update()

    def _drive(self, status: int) -> None:
        self.chip.set_interrupt(self._irq, bool(status))
