"""Registers of UART0 and UART1 (TRM, chapter 26)."""

from __future__ import annotations

from facet.chip.esp32c3.gated import GatedPeripheral
from facet.chip.registers import Register, bit, bits

_INTERRUPTS = {
    # The fields of INT_RAW, INT_ST, INT_ENA and INT_CLR.
    "RXFIFO_FULL": bit(0),
    "TXFIFO_EMPTY": bit(1),
    "PARITY_ERR": bit(2),
    "FRM_ERR": bit(3),
    "RXFIFO_OVF": bit(4),
    "DSR_CHG": bit(5),
    "CTS_CHG": bit(6),
    "BRK_DET": bit(7),
    "RXFIFO_TOUT": bit(8),
    "SW_XON": bit(9),
    "SW_XOFF": bit(10),
    "GLITCH_DET": bit(11),
    "TX_BRK_DONE": bit(12),
    "TX_BRK_IDLE_DONE": bit(13),
    "TX_DONE": bit(14),
    "RS485_PARITY_ERR": bit(15),
    "RS485_FRM_ERR": bit(16),
    "RS485_CLASH": bit(17),
    "AT_CMD_CHAR_DET": bit(18),
    "WAKEUP": bit(19),
}


class UartRegisters(GatedPeripheral):
    """The registers that the model uses; `stored_registers` has the others."""

    FIFO = Register(0x00, 0, "rw", RXFIFO_RD_BYTE=bits(7, 0))
    INT_RAW = Register(0x04, 0x0002, "ro", **_INTERRUPTS)
    INT_ST = Register(0x08, 0, "ro", **_INTERRUPTS)
    INT_ENA = Register(0x0C, 0, "rw", **_INTERRUPTS)
    INT_CLR = Register(0x10, 0, "wo", **_INTERRUPTS)
    CLKDIV = Register(0x14, 0x02B6, "rw", CLKDIV=bits(11, 0), FRAG=bits(23, 20))
    STATUS = Register(
        0x1C,
        0xE000_C000,
        "ro",
        RXFIFO_CNT=bits(9, 0),
        DSRN=bit(13),
        CTSN=bit(14),
        RXD=bit(15),
        TXFIFO_CNT=bits(25, 16),
        DTRN=bit(29),
        RTSN=bit(30),
        TXD=bit(31),
    )
    CONF0 = Register(
        0x20,
        0x1000_001C,
        "rw",
        PARITY=bit(0),
        PARITY_EN=bit(1),
        BIT_NUM=bits(3, 2),
        STOP_BIT_NUM=bits(5, 4),
        SW_RTS=bit(6),
        SW_DTR=bit(7),
        TXD_BRK=bit(8),
        IRDA_DPLX=bit(9),
        IRDA_TX_EN=bit(10),
        IRDA_WCTL=bit(11),
        IRDA_TX_INV=bit(12),
        IRDA_RX_INV=bit(13),
        LOOPBACK=bit(14),
        TX_FLOW_EN=bit(15),
        IRDA_EN=bit(16),
        RXFIFO_RST=bit(17),
        TXFIFO_RST=bit(18),
        RXD_INV=bit(19),
        CTS_INV=bit(20),
        DSR_INV=bit(21),
        TXD_INV=bit(22),
        RTS_INV=bit(23),
        DTR_INV=bit(24),
        CLK_EN=bit(25),
        ERR_WR_MASK=bit(26),
        AUTOBAUD_EN=bit(27),
        MEM_CLK_EN=bit(28),
    )
    CONF1 = Register(
        0x24,
        0xC060,
        "rw",
        RXFIFO_FULL_THRHD=bits(8, 0),
        TXFIFO_EMPTY_THRHD=bits(17, 9),
        DIS_RX_DAT_OVF=bit(18),
        RX_TOUT_FLOW_DIS=bit(19),
        RX_FLOW_EN=bit(20),
        RX_TOUT_EN=bit(21),
    )
    FLOW_CONF = Register(
        0x34,
        0,
        "rw",
        SW_FLOW_CON_EN=bit(0),
        XONOFF_DEL=bit(1),
        FORCE_XON=bit(2),
        FORCE_XOFF=bit(3),
        SEND_XON=bit(4),
        SEND_XOFF=bit(5),
    )
    SLEEP_CONF = Register(0x38, 0x00F0, "rw", ACTIVE_THRESHOLD=bits(9, 0))
    RS485_CONF = Register(
        0x4C,
        0,
        "rw",
        RS485_EN=bit(0),
        DL0_EN=bit(1),
        DL1_EN=bit(2),
        RS485TX_RX_EN=bit(3),
        RS485RXBY_TX_EN=bit(4),
        RS485_RX_DLY_NUM=bit(5),
        RS485_TX_DLY_NUM=bits(9, 6),
    )
    MEM_CONF = Register(
        0x60,
        0x000A_0012,
        "rw",
        RX_SIZE=bits(3, 1),
        TX_SIZE=bits(6, 4),
        RX_FLOW_THRHD=bits(15, 7),
        RX_TOUT_THRHD=bits(25, 16),
        MEM_FORCE_PD=bit(26),
        MEM_FORCE_PU=bit(27),
    )
    FSM_STATUS = Register(0x6C, 0, "ro", ST_URX_OUT=bits(3, 0), ST_UTX_OUT=bits(7, 4))
    CLK_CONF = Register(
        0x78,
        0x0370_1000,
        "rw",
        SCLK_DIV_B=bits(5, 0),
        SCLK_DIV_A=bits(11, 6),
        SCLK_DIV_NUM=bits(19, 12),
        SCLK_SEL=bits(21, 20),
        SCLK_EN=bit(22),
        RST_CORE=bit(23),
        TX_SCLK_EN=bit(24),
        RX_SCLK_EN=bit(25),
        TX_RST_CORE=bit(26),
        RX_RST_CORE=bit(27),
    )
    ID = Register(0x80, 0x4000_0500, "rw", ID=bits(29, 0), HIGH_SPEED=bit(30), REG_UPDATE=bit(31))
