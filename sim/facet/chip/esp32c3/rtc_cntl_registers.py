"""Registers of RTC_CNTL (TRM, chapters 9 and 12)."""

from __future__ import annotations

from facet.chip.esp32c3.gated import GatedPeripheral
from facet.chip.registers import Register, bit, bits

_INTERRUPTS = {
    # The fields of INT_ENA, INT_RAW, INT_ST, INT_CLR, INT_ENA_RTC_W1TS and INT_ENA_RTC_W1TC.
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


class RtcCntlRegisters(GatedPeripheral):
    """The registers that the model uses; `stored_registers` has the others."""

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
    SLP_REJECT_CONF = Register(
        0x68,
        0,
        "rw",
        SLEEP_REJECT_ENA=bits(29, 12),
        LIGHT_SLP_REJECT_EN=bit(30),
        DEEP_SLP_REJECT_EN=bit(31),
    )
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
    SLP_REJECT_CAUSE = Register(0xF0, 0, "ro", REJECT_CAUSE=bits(17, 0))
    SLP_WAKEUP_CAUSE = Register(0xF8, 0, "ro", WAKEUP_CAUSE=bits(16, 0))
    INT_ENA_RTC_W1TS = Register(0x100, 0, "wo", **_INTERRUPTS)
    INT_ENA_RTC_W1TC = Register(0x104, 0, "wo", **_INTERRUPTS)
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
