"""Registers of the RTC (RM0351 38.6)."""

from __future__ import annotations

from facet.chip.peripheral import Peripheral
from facet.chip.registers import Register, bit, bits

_ALARM = {
    "SU": bits(3, 0),
    "ST": bits(6, 4),
    "MSK1": bit(7),
    "MNU": bits(11, 8),
    "MNT": bits(14, 12),
    "MSK2": bit(15),
    "HU": bits(19, 16),
    "HT": bits(21, 20),
    "PM": bit(22),
    "MSK3": bit(23),
    "DU": bits(27, 24),
    "DT": bits(29, 28),
    "WDSEL": bit(30),
    "MSK4": bit(31),
}


class RtcRegisters(Peripheral):
    """The registers of the RTC; the backup registers are numbered."""

    TR = Register(
        0x00,
        SU=bits(3, 0),
        ST=bits(6, 4),
        MNU=bits(11, 8),
        MNT=bits(14, 12),
        HU=bits(19, 16),
        HT=bits(21, 20),
        PM=bit(22),
    )
    DR = Register(
        0x04,
        0x0000_2101,
        DU=bits(3, 0),
        DT=bits(5, 4),
        MU=bits(11, 8),
        MT=bit(12),
        WDU=bits(15, 13),
        YU=bits(19, 16),
        YT=bits(23, 20),
    )
    CR = Register(
        0x08,
        WUCKSEL=bits(2, 0),
        TSEDGE=bit(3),
        REFCKON=bit(4),
        BYPSHAD=bit(5),
        FMT=bit(6),
        ALRAE=bit(8),
        ALRBE=bit(9),
        WUTE=bit(10),
        TSE=bit(11),
        ALRAIE=bit(12),
        ALRBIE=bit(13),
        WUTIE=bit(14),
        TSIE=bit(15),
        ADD1H=bit(16),
        SUB1H=bit(17),
        BKP=bit(18),
        COSEL=bit(19),
        POL=bit(20),
        OSEL=bits(22, 21),
        COE=bit(23),
        ITSE=bit(24),
    )
    ISR = Register(
        0x0C,
        0x0000_0007,
        "rc_w0",
        ALRAWF=bit(0, "ro"),
        ALRBWF=bit(1, "ro"),
        WUTWF=bit(2, "ro"),
        SHPF=bit(3, "ro"),
        INITS=bit(4, "ro"),
        RSF=bit(5),
        INITF=bit(6, "ro"),
        INIT=bit(7, "rw"),
        ALRAF=bit(8),
        ALRBF=bit(9),
        WUTF=bit(10),
        TSF=bit(11),
        TSOVF=bit(12),
        TAMP1F=bit(13),
        TAMP2F=bit(14),
        TAMP3F=bit(15),
        RECALPF=bit(16, "ro"),
        ITSF=bit(17),
    )
    PRER = Register(0x10, 0x007F_00FF, PREDIV_S=bits(14, 0), PREDIV_A=bits(22, 16))
    WUTR = Register(0x14, 0x0000_FFFF, WUT=bits(15, 0))
    ALRMAR = Register(0x1C, **_ALARM)
    ALRMBR = Register(0x20, **_ALARM)
    WPR = Register(0x24, 0, "wo", KEY=bits(7, 0))
    SSR = Register(0x28, 0, "ro", SS=bits(15, 0))
    SHIFTR = Register(0x2C, 0, "wo", SUBFS=bits(14, 0), ADD1S=bit(31))
    # FIDELITY:
    #   model: Time stamps and tamper detection have no model; switching one on is reported.
    #   silicon: An edge at their pins records the calendar, or erases the backup registers.
    #   hides: Nothing: a firmware that needs them does not get them.
    TSTR = Register(0x30, 0, "ro")
    TSDR = Register(0x34, 0, "ro")
    TSSSR = Register(0x38, 0, "ro")
    # FIDELITY:
    #   model: Smooth calibration is stored and not applied.
    #   silicon: Up to 512 RTCCLK pulses in 2^20 are masked or inserted, a correction of -487 to
    #     +488 ppm.
    #   hides: A wrong calibration value.
    CALR = Register(0x3C, CALM=bits(8, 0), CALW16=bit(13), CALW8=bit(14), CALP=bit(15))
    TAMPCR = Register(
        0x40,
        TAMP1E=bit(0),
        TAMP1TRG=bit(1),
        TAMPIE=bit(2),
        TAMP2E=bit(3),
        TAMP2TRG=bit(4),
        TAMP3E=bit(5),
        TAMP3TRG=bit(6),
        TAMPTS=bit(7),
        TAMPFREQ=bits(10, 8),
        TAMPFLT=bits(12, 11),
        TAMPPRCH=bits(14, 13),
        TAMPPUDIS=bit(15),
        TAMP1IE=bit(16),
        TAMP1NOERASE=bit(17),
        TAMP1MF=bit(18),
        TAMP2IE=bit(19),
        TAMP2NOERASE=bit(20),
        TAMP2MF=bit(21),
        TAMP3IE=bit(22),
        TAMP3NOERASE=bit(23),
        TAMP3MF=bit(24),
    )
    ALRMASSR = Register(0x44, SS=bits(14, 0), MASKSS=bits(27, 24))
    ALRMBSSR = Register(0x48, SS=bits(14, 0), MASKSS=bits(27, 24))
    OR = Register(0x4C, RTC_ALARM_TYPE=bit(0), RTC_OUT_RMP=bit(1))
