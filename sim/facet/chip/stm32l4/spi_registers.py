"""Registers of SPI1 to SPI3 (RM0351 42.6)."""

from __future__ import annotations

from facet.chip.peripheral import Peripheral
from facet.chip.registers import Register, bit, bits


class SpiRegisters(Peripheral):
    """The registers of an SPI."""

    CR1 = Register(
        0x00,
        0,
        "rw",
        CPHA=bit(0),
        CPOL=bit(1),
        MSTR=bit(2),
        BR=bits(5, 3),
        SPE=bit(6),
        LSBFIRST=bit(7),
        SSI=bit(8),
        SSM=bit(9),
        RXONLY=bit(10),
        CRCL=bit(11),
        CRCNEXT=bit(12),
        CRCEN=bit(13),
        BIDIOE=bit(14),
        BIDIMODE=bit(15),
    )
    CR2 = Register(
        0x04,
        0x0700,
        "rw",
        RXDMAEN=bit(0),
        TXDMAEN=bit(1),
        SSOE=bit(2),
        NSSP=bit(3),
        FRF=bit(4),
        ERRIE=bit(5),
        RXNEIE=bit(6),
        TXEIE=bit(7),
        DS=bits(11, 8),
        FRXTH=bit(12),
        LDMA_RX=bit(13),
        LDMA_TX=bit(14),
    )
    SR = Register(
        0x08,
        0x0002,
        "ro",
        RXNE=bit(0),
        TXE=bit(1),
        CRCERR=bit(4, "rc_w0"),
        MODF=bit(5),
        OVR=bit(6),
        BSY=bit(7),
        TIFRFE=bit(8),
        FRLVL=bits(10, 9),
        FTLVL=bits(12, 11),
    )
    DR = Register(0x0C, 0, "rw", DR=bits(15, 0))
    CRCPR = Register(0x10, 0x0007, "rw", CRCPOLY=bits(15, 0))
    RXCRCR = Register(0x14, 0, "ro", RxCRC=bits(15, 0))
    TXCRCR = Register(0x18, 0, "ro", TxCRC=bits(15, 0))
