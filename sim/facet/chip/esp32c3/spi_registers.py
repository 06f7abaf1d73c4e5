"""Registers of SPI2 (TRM, chapter 27)."""

from __future__ import annotations

from facet.chip.esp32c3.gated import GatedPeripheral
from facet.chip.registers import Register, bit, bits

_INTERRUPTS = {
    # The fields of DMA_INT_ENA, DMA_INT_CLR, DMA_INT_RAW and DMA_INT_ST.
    "DMA_INFIFO_FULL_ERR": bit(0),
    "DMA_OUTFIFO_EMPTY_ERR": bit(1),
    "SLV_EX_QPI": bit(2),
    "SLV_EN_QPI": bit(3),
    "SLV_CMD7": bit(4),
    "SLV_CMD8": bit(5),
    "SLV_CMD9": bit(6),
    "SLV_CMDA": bit(7),
    "SLV_RD_DMA_DONE": bit(8),
    "SLV_WR_DMA_DONE": bit(9),
    "SLV_RD_BUF_DONE": bit(10),
    "SLV_WR_BUF_DONE": bit(11),
    "TRANS_DONE": bit(12),
    "DMA_SEG_TRANS_DONE": bit(13),
    "SEG_MAGIC_ERR": bit(14),
    "SLV_BUF_ADDR_ERR": bit(15),
    "SLV_CMD_ERR": bit(16),
    "MST_RX_AFIFO_WFULL_ERR": bit(17),
    "MST_TX_AFIFO_REMPTY_ERR": bit(18),
    "APP2": bit(19),
    "APP1": bit(20),
}


class SpiRegisters(GatedPeripheral):
    """The registers that the model uses; `stored_registers` has the others."""

    CMD = Register(0x00, 0, "rw", CONF_BITLEN=bits(17, 0), UPDATE=bit(23), USR=bit(24))
    ADDR = Register(
        0x04,
        0,
        "rw",
    )
    CTRL = Register(
        0x08,
        0x003C_0000,
        "rw",
        DUMMY_OUT=bit(3),
        FADDR_DUAL=bit(5),
        FADDR_QUAD=bit(6),
        FCMD_DUAL=bit(8),
        FCMD_QUAD=bit(9),
        FREAD_DUAL=bit(14),
        FREAD_QUAD=bit(15),
        Q_POL=bit(18),
        D_POL=bit(19),
        HOLD_POL=bit(20),
        WP_POL=bit(21),
        RD_BIT_ORDER=bit(25),
        WR_BIT_ORDER=bit(26),
    )
    CLOCK = Register(
        0x0C,
        0x8000_3043,
        "rw",
        CLKCNT_L=bits(5, 0),
        CLKCNT_H=bits(11, 6),
        CLKCNT_N=bits(17, 12),
        CLKDIV_PRE=bits(21, 18),
        CLK_EQU_SYSCLK=bit(31),
    )
    USER = Register(
        0x10,
        0x8000_00C0,
        "rw",
        DOUTDIN=bit(0),
        QPI_MODE=bit(3),
        TSCK_I_EDGE=bit(5),
        CS_HOLD=bit(6),
        CS_SETUP=bit(7),
        RSCK_I_EDGE=bit(8),
        CK_OUT_EDGE=bit(9),
        FWRITE_DUAL=bit(12),
        FWRITE_QUAD=bit(13),
        USR_CONF_NXT=bit(15),
        SIO=bit(17),
        USR_MISO_HIGHPART=bit(24),
        USR_MOSI_HIGHPART=bit(25),
        USR_DUMMY_IDLE=bit(26),
        USR_MOSI=bit(27),
        USR_MISO=bit(28),
        USR_DUMMY=bit(29),
        USR_ADDR=bit(30),
        USR_COMMAND=bit(31),
    )
    USER1 = Register(
        0x14,
        0xB841_0007,
        "rw",
        USR_DUMMY_CYCLELEN=bits(7, 0),
        MST_WFULL_ERR_END_EN=bit(16),
        CS_SETUP_TIME=bits(21, 17),
        CS_HOLD_TIME=bits(26, 22),
        USR_ADDR_BITLEN=bits(31, 27),
    )
    USER2 = Register(
        0x18,
        0x7800_0000,
        "rw",
        USR_COMMAND_VALUE=bits(15, 0),
        MST_REMPTY_ERR_END_EN=bit(27),
        USR_COMMAND_BITLEN=bits(31, 28),
    )
    MS_DLEN = Register(0x1C, 0, "rw", MS_DATA_BITLEN=bits(17, 0))
    MISC = Register(
        0x20,
        0x003E,
        "rw",
        CS0_DIS=bit(0),
        CS1_DIS=bit(1),
        CS2_DIS=bit(2),
        CS3_DIS=bit(3),
        CS4_DIS=bit(4),
        CS5_DIS=bit(5),
        CK_DIS=bit(6),
        MASTER_CS_POL=bits(12, 7),
        SLAVE_CS_POL=bit(23),
        CK_IDLE_EDGE=bit(29),
        CS_KEEP_ACTIVE=bit(30),
        QUAD_DIN_PIN_SWAP=bit(31),
    )
    DMA_CONF = Register(
        0x30,
        0,
        "rw",
        DMA_SLV_SEG_TRANS_EN=bit(18),
        SLV_RX_SEG_TRANS_CLR_EN=bit(19),
        SLV_TX_SEG_TRANS_CLR_EN=bit(20),
        RX_EOF_EN=bit(21),
        DMA_RX_ENA=bit(27),
        DMA_TX_ENA=bit(28),
        RX_AFIFO_RST=bit(29, "wo"),
        BUF_AFIFO_RST=bit(30, "wo"),
        DMA_AFIFO_RST=bit(31, "wo"),
    )
    DMA_INT_ENA = Register(0x34, 0, "rw", **_INTERRUPTS)
    DMA_INT_CLR = Register(0x38, 0, "wo", **_INTERRUPTS)
    DMA_INT_RAW = Register(0x3C, 0, "ro", **_INTERRUPTS)
    DMA_INT_ST = Register(0x40, 0, "ro", **_INTERRUPTS)
    SLAVE = Register(
        0xE0,
        0x0280_0000,
        "rw",
        CLK_MODE=bits(1, 0),
        CLK_MODE_13=bit(2),
        RSCK_DATA_OUT=bit(3),
        SLV_RDDMA_BITLEN_EN=bit(8),
        SLV_WRDMA_BITLEN_EN=bit(9),
        SLV_RDBUF_BITLEN_EN=bit(10),
        SLV_WRBUF_BITLEN_EN=bit(11),
        DMA_SEG_MAGIC_VALUE=bits(25, 22),
        MODE=bit(26),
        SOFT_RESET=bit(27, "wo"),
        USR_CONF=bit(28),
    )
    CLK_GATE = Register(0xE8, 0, "rw", CLK_EN=bit(0), MST_CLK_ACTIVE=bit(1), MST_CLK_SEL=bit(2))
