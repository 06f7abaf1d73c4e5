"""Registers of the USARTs, UARTs and the LPUART (RM0351 40.8 and 41.7)."""

from __future__ import annotations

from facet.chip.peripheral import Peripheral
from facet.chip.registers import Register, bit, bits

ISR_RESET = 0x00C0  # TXE, TC


class UartRegisters(Peripheral):
    """The registers that all of them have."""

    CR1 = Register(
        0x00,
        0,
        "rw",
        UE=bit(0),
        UESM=bit(1),
        RE=bit(2),
        TE=bit(3),
        IDLEIE=bit(4),
        RXNEIE=bit(5),
        TCIE=bit(6),
        TXEIE=bit(7),
        PEIE=bit(8),
        PS=bit(9),
        PCE=bit(10),
        WAKE=bit(11),
        M0=bit(12),
        MME=bit(13),
        CMIE=bit(14),
        OVER8=bit(15),
        DEDT=bits(20, 16),
        DEAT=bits(25, 21),
        RTOIE=bit(26),
        EOBIE=bit(27),
        M1=bit(28),
    )
    CR2 = Register(
        0x04,
        0,
        "rw",
        ADDM7=bit(4),
        LBDL=bit(5),
        LBDIE=bit(6),
        LBCL=bit(8),
        CPHA=bit(9),
        CPOL=bit(10),
        CLKEN=bit(11),
        STOP=bits(13, 12),
        LINEN=bit(14),
        SWAP=bit(15),
        RXINV=bit(16),
        TXINV=bit(17),
        DATAINV=bit(18),
        MSBFIRST=bit(19),
        ABREN=bit(20),
        ABRMOD=bits(22, 21),
        RTOEN=bit(23),
        ADD=bits(31, 24),
    )
    CR3 = Register(
        0x08,
        0,
        "rw",
        EIE=bit(0),
        IREN=bit(1),
        IRLP=bit(2),
        HDSEL=bit(3),
        NACK=bit(4),
        SCEN=bit(5),
        DMAR=bit(6),
        DMAT=bit(7),
        RTSE=bit(8),
        CTSE=bit(9),
        CTSIE=bit(10),
        ONEBIT=bit(11),
        OVRDIS=bit(12),
        DDRE=bit(13),
        DEM=bit(14),
        DEP=bit(15),
        SCARCNT=bits(19, 17),
        WUS=bits(21, 20),
        WUFIE=bit(22),
        UCESM=bit(23),
    )
    BRR = Register(0x0C, 0, "rw", BRR=bits(19, 0))
    RQR = Register(
        0x18, 0, "wo", ABRRQ=bit(0), SBKRQ=bit(1), MMRQ=bit(2), RXFRQ=bit(3), TXFRQ=bit(4)
    )
    ISR = Register(
        0x1C,
        ISR_RESET,
        "ro",
        PE=bit(0),
        FE=bit(1),
        NF=bit(2),
        ORE=bit(3),
        IDLE=bit(4),
        RXNE=bit(5),
        TC=bit(6),
        TXE=bit(7),
        LBDF=bit(8),
        CTSIF=bit(9),
        CTS=bit(10),
        RTOF=bit(11),
        EOBF=bit(12),
        ABRE=bit(14),
        ABRF=bit(15),
        BUSY=bit(16),
        CMF=bit(17),
        SBKF=bit(18),
        RWU=bit(19),
        WUF=bit(20),
        TEACK=bit(21),
        REACK=bit(22),
    )
    ICR = Register(0x20, 0, "wo")
    RDR = Register(0x24, 0, "ro", RDR=bits(8, 0))
    TDR = Register(0x28, 0, "rw", TDR=bits(8, 0))
