"""The OV2640's registers: two banks of 256, their addresses and reset values.

Source: OV2640 datasheet 2.2, tables 12 (bank 0, DSP) and 13 (bank 1, sensor). Registers that the
datasheet calls reserved are stored and reset to 0, except where a comment gives another value.

FIDELITY:
    model: Most of the 512 registers are stored without effect, among them gamma, white balance,
        lens correction, sharpness, the banding filter, and the indirect SDE and analog registers.
    silicon: These registers shape the picture.
    hides: A register list that spoils the tone of the picture, or that a real sensor needs.
"""

from __future__ import annotations

from enum import IntEnum

BANK_DSP = 0
BANK_SENSOR = 1
RA_DLMT = 0xFF
"""Selects the bank of the other addresses; it is the same register in both banks."""


class Dsp(IntEnum):
    """Addresses in bank 0."""

    R_BYPASS = 0x05
    QS = 0x44
    CTRLI = 0x50
    HSIZE = 0x51
    VSIZE = 0x52
    XOFFL = 0x53
    YOFFL = 0x54
    VHYX = 0x55
    DPRP = 0x56
    TEST = 0x57
    ZMOW = 0x5A
    ZMOH = 0x5B
    ZMHH = 0x5C
    CTRL2 = 0x86
    CTRL3 = 0x87
    SIZEL = 0x8C
    HSIZE8 = 0xC0
    VSIZE8 = 0xC1
    CTRL0 = 0xC2
    CTRL1 = 0xC3
    R_DVP_SP = 0xD3
    IMAGE_MODE = 0xDA
    RESET = 0xE0
    MS_SP = 0xF0
    SS_ID = 0xF7
    SS_CTRL = 0xF8
    MC_BIST = 0xF9


class Sensor(IntEnum):
    """Addresses in bank 1."""

    GAIN = 0x00
    COM1 = 0x03
    REG04 = 0x04
    REG08 = 0x08
    COM2 = 0x09
    PIDH = 0x0A
    PIDL = 0x0B
    COM3 = 0x0C
    COM4 = 0x0D
    COM5 = 0x0E
    COM6 = 0x0F
    AEC = 0x10
    CLKRC = 0x11
    COM7 = 0x12
    COM8 = 0x13
    COM9 = 0x14
    COM10 = 0x15
    HREFST = 0x17
    HREFEND = 0x18
    VSTRT = 0x19
    VEND = 0x1A
    MIDH = 0x1C
    MIDL = 0x1D
    AEW = 0x24
    AEB = 0x25
    VV = 0x26
    REG2A = 0x2A
    FRARL = 0x2B
    ADDVSL = 0x2D
    ADDVSH = 0x2E
    YAVG = 0x2F
    HSDY = 0x30
    HEDY = 0x31
    REG32 = 0x32
    ARCOM2 = 0x34
    PLL = 0x3D  # reserved in the datasheet; app note 1.04, section 3, sets it with the frame rate
    REG45 = 0x45
    FLL = 0x46
    FLH = 0x47
    COM22 = 0x4B
    BD50 = 0x4F
    BD60 = 0x50
    HISTO_LOW = 0x61
    HISTO_HIGH = 0x62


COM2_STANDBY = 0x10
COM7_SRST = 0x80
COM7_ZOOM = 0x04
COM7_COLOR_BAR = 0x02
COM7_RESOLUTION = 0x70
COM8_AGC = 0x04
COM8_AEC = 0x01
COM10_HREF_NEGATIVE = 0x08
COM10_VSYNC_NEGATIVE = 0x02
REG04_MIRROR = 0x80
REG04_FLIP = 0x40
CTRL2_DCW = 0x20
BYPASS_DSP = 0x01
RESET_DVP = 0x04
RESET_IPU = 0x02
RESET_CIF = 0x01

READ_ONLY = frozenset({Sensor.PIDH, Sensor.PIDL, Sensor.MIDH, Sensor.MIDL, Sensor.YAVG})

_DSP_RESET = {
    Dsp.R_BYPASS: 0x01,
    Dsp.QS: 0x0C,
    Dsp.HSIZE: 0x40,
    Dsp.VSIZE: 0xF0,
    Dsp.VHYX: 0x08,
    Dsp.ZMOW: 0x58,
    Dsp.ZMOH: 0x48,
    Dsp.CTRL2: 0x0D,
    Dsp.CTRL3: 0x50,
    Dsp.HSIZE8: 0x80,
    Dsp.VSIZE8: 0x60,
    Dsp.CTRL0: 0x0C,
    Dsp.CTRL1: 0xFF,
    Dsp.R_DVP_SP: 0x82,
    Dsp.RESET: 0x04,
    Dsp.MS_SP: 0x04,
    Dsp.SS_ID: 0x60,
    Dsp.SS_CTRL: 0x01,
    Dsp.MC_BIST: 0x40,
}

_SENSOR_RESET = {
    Sensor.COM1: 0x0F,
    Sensor.REG04: 0x20,
    Sensor.REG08: 0x40,
    Sensor.PIDH: 0x26,
    Sensor.PIDL: 0x42,  # parts made since 2009 read 0x42, the datasheet's 0x41 is the older one
    Sensor.COM3: 0x38,
    Sensor.COM4: 0x07,
    Sensor.COM5: 0x41,
    Sensor.COM6: 0x43,
    Sensor.AEC: 0x33,
    Sensor.COM8: 0xC7,
    Sensor.COM9: 0x50,
    Sensor.HREFST: 0x11,
    Sensor.HREFEND: 0x75,
    Sensor.VSTRT: 0x01,
    Sensor.VEND: 0x97,
    Sensor.MIDH: 0x7F,
    Sensor.MIDL: 0xA2,
    Sensor.AEW: 0x78,
    Sensor.AEB: 0x68,
    Sensor.VV: 0xD4,
    Sensor.HSDY: 0x08,
    Sensor.HEDY: 0x30,
    Sensor.REG32: 0x36,
    Sensor.ARCOM2: 0x20,
    Sensor.PLL: 0x34,  # x1.5: what 15 UXGA frames a second, the default timing, need at 24 MHz
    Sensor.COM22: 0x20,
    Sensor.BD50: 0xCA,
    Sensor.BD60: 0xA8,
    Sensor.HISTO_LOW: 0x80,
    Sensor.HISTO_HIGH: 0x90,
}


class RegisterFile:
    """Both banks, and the selection of the one that SCCB accesses."""

    def __init__(self) -> None:
        self.dsp = bytearray(256)
        self.sensor = bytearray(256)
        self.bank = BANK_SENSOR
        self.reset()

    def reset(self) -> None:
        """Carries out a reset: the sensor's bank is selected (RA_DLMT = 0x7F)."""
        self.dsp[:] = bytes(256)
        self.sensor[:] = bytes(256)
        for dsp_address, value in _DSP_RESET.items():
            self.dsp[dsp_address] = value
        for sensor_address, value in _SENSOR_RESET.items():
            self.sensor[sensor_address] = value
        self.bank = BANK_SENSOR

    def read(self, address: int) -> int:
        """The register at `address` of the selected bank."""
        if address == RA_DLMT:
            return self.bank
        return (self.sensor if self.bank == BANK_SENSOR else self.dsp)[address]

    def write(self, address: int, value: int) -> None:
        """Stores `value`; read-only registers keep their values."""
        if address == RA_DLMT:
            self.bank = value & 1
        elif self.bank == BANK_DSP:
            self.dsp[address] = value
        elif address not in READ_ONLY:
            self.sensor[address] = value
