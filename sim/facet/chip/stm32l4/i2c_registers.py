"""Registers of I2C1 to I2C3 (RM0351 39.7)."""

from __future__ import annotations

from facet.chip.peripheral import Peripheral
from facet.chip.registers import Register, bit, bits


class I2cRegisters(Peripheral):
    """The registers of an I2C."""

    CR1 = Register(
        0x00,
        0,
        "rw",
        PE=bit(0),
        TXIE=bit(1),
        RXIE=bit(2),
        ADDRIE=bit(3),
        NACKIE=bit(4),
        STOPIE=bit(5),
        TCIE=bit(6),
        ERRIE=bit(7),
        DNF=bits(11, 8),
        ANFOFF=bit(12),
        TXDMAEN=bit(14),
        RXDMAEN=bit(15),
        SBC=bit(16),
        NOSTRETCH=bit(17),
        WUPEN=bit(18),
        GCEN=bit(19),
        SMBHEN=bit(20),
        SMBDEN=bit(21),
        ALERTEN=bit(22),
        PECEN=bit(23),
    )
    CR2 = Register(
        0x04,
        0,
        "rw",
        SADD=bits(9, 0),
        RD_WRN=bit(10),
        ADD10=bit(11),
        HEAD10R=bit(12),
        START=bit(13, "rs"),
        STOP=bit(14, "rs"),
        NACK=bit(15, "rs"),
        NBYTES=bits(23, 16),
        RELOAD=bit(24),
        AUTOEND=bit(25),
        PECBYTE=bit(26, "rs"),
    )
    OAR1 = Register(0x08, 0, "rw", OA1=bits(9, 0), OA1MODE=bit(10), OA1EN=bit(15))
    OAR2 = Register(0x0C, 0, "rw", OA2=bits(7, 1), OA2MSK=bits(10, 8), OA2EN=bit(15))
    TIMINGR = Register(
        0x10,
        0,
        "rw",
        SCLL=bits(7, 0),
        SCLH=bits(15, 8),
        SDADEL=bits(19, 16),
        SCLDEL=bits(23, 20),
        PRESC=bits(31, 28),
    )
    TIMEOUTR = Register(
        0x14,
        0,
        "rw",
        TIMEOUTA=bits(11, 0),
        TIDLE=bit(12),
        TIMOUTEN=bit(15),
        TIMEOUTB=bits(27, 16),
        TEXTEN=bit(31),
    )
    ISR = Register(
        0x18,
        0x0000_0001,
        "ro",
        TXE=bit(0, "rs"),
        TXIS=bit(1, "rs"),
        RXNE=bit(2),
        ADDR=bit(3),
        NACKF=bit(4),
        STOPF=bit(5),
        TC=bit(6),
        TCR=bit(7),
        BERR=bit(8),
        ARLO=bit(9),
        OVR=bit(10),
        PECERR=bit(11),
        TIMEOUT=bit(12),
        ALERT=bit(13),
        BUSY=bit(15),
        DIR=bit(16),
        ADDCODE=bits(23, 17),
    )
    ICR = Register(0x1C, 0, "wo")
    PECR = Register(0x20, 0, "ro", PEC=bits(7, 0))
    RXDR = Register(0x24, 0, "ro", RXDATA=bits(7, 0))
    TXDR = Register(0x28, 0, "rw", TXDATA=bits(7, 0))
