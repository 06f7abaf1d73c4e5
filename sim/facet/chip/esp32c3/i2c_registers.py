"""Registers of I2C0 (TRM, chapter 28)."""

from __future__ import annotations

from facet.chip.esp32c3.gated import GatedPeripheral
from facet.chip.peripheral import ChipServices
from facet.chip.registers import Register, bit, bits

COMMANDS = 8

_INTERRUPTS = {
    # The fields of INT_RAW, INT_CLR, INT_ENA and INT_ST.
    "RXFIFO_WM": bit(0),
    "TXFIFO_WM": bit(1),
    "RXFIFO_OVF": bit(2),
    "END_DETECT": bit(3),
    "BYTE_TRANS_DONE": bit(4),
    "ARBITRATION_LOST": bit(5),
    "MST_TXFIFO_UDF": bit(6),
    "TRANS_COMPLETE": bit(7),
    "TIME_OUT": bit(8),
    "TRANS_START": bit(9),
    "NACK": bit(10),
    "TXFIFO_OVF": bit(11),
    "RXFIFO_UDF": bit(12),
    "SCL_ST_TO": bit(13),
    "SCL_MAIN_ST_TO": bit(14),
    "DET_START": bit(15),
    "SLAVE_STRETCH": bit(16),
    "GENERAL_CALL": bit(17),
}


class I2cRegisters(GatedPeripheral):
    """The registers that the model uses; `stored_registers` has the others."""

    SCL_LOW_PERIOD = Register(0x00, 0, "rw", SCL_LOW_PERIOD=bits(8, 0))
    CTR = Register(
        0x04,
        0x020B,
        "rw",
        SDA_FORCE_OUT=bit(0),
        SCL_FORCE_OUT=bit(1),
        SAMPLE_SCL_LEVEL=bit(2),
        RX_FULL_ACK_LEVEL=bit(3),
        MS_MODE=bit(4),
        TRANS_START=bit(5, "wo"),
        TX_LSB_FIRST=bit(6),
        RX_LSB_FIRST=bit(7),
        CLK_EN=bit(8),
        ARBITRATION_EN=bit(9),
        FSM_RST=bit(10, "wo"),
        CONF_UPGATE=bit(11, "wo"),
        SLV_TX_AUTO_START_EN=bit(12),
        ADDR_10BIT_RW_CHECK_EN=bit(13),
        ADDR_BROADCASTING_EN=bit(14),
    )
    SR = Register(
        0x08,
        0xC000,
        "ro",
        RESP_REC=bit(0),
        SLAVE_RW=bit(1),
        ARB_LOST=bit(3),
        BUS_BUSY=bit(4),
        SLAVE_ADDRESSED=bit(5),
        RXFIFO_CNT=bits(13, 8),
        STRETCH_CAUSE=bits(15, 14),
        TXFIFO_CNT=bits(23, 18),
        SCL_MAIN_STATE_LAST=bits(26, 24),
        SCL_STATE_LAST=bits(30, 28),
    )
    TO = Register(0x0C, 0x0010, "rw", TIME_OUT_VALUE=bits(4, 0), TIME_OUT_EN=bit(5))
    FIFO_CONF = Register(
        0x18,
        0x408B,
        "rw",
        RXFIFO_WM_THRHD=bits(4, 0),
        TXFIFO_WM_THRHD=bits(9, 5),
        NONFIFO_EN=bit(10),
        FIFO_ADDR_CFG_EN=bit(11),
        RX_FIFO_RST=bit(12),
        TX_FIFO_RST=bit(13),
        FIFO_PRT_EN=bit(14),
    )
    DATA = Register(0x1C, 0, "rw", FIFO_RDATA=bits(7, 0))
    INT_RAW = Register(0x20, 0x0002, "ro", **_INTERRUPTS)
    INT_CLR = Register(0x24, 0, "wo", **_INTERRUPTS)
    INT_ENA = Register(0x28, 0, "rw", **_INTERRUPTS)
    INT_ST = Register(0x2C, 0, "ro", **_INTERRUPTS)
    SDA_HOLD = Register(0x30, 0, "rw", TIME=bits(8, 0))
    SCL_HIGH_PERIOD = Register(
        0x38, 0, "rw", SCL_HIGH_PERIOD=bits(8, 0), SCL_WAIT_HIGH_PERIOD=bits(15, 9)
    )
    FILTER_CFG = Register(
        0x50,
        0x0300,
        "rw",
        SCL_FILTER_THRES=bits(3, 0),
        SDA_FILTER_THRES=bits(7, 4),
        SCL_FILTER_EN=bit(8),
        SDA_FILTER_EN=bit(9),
    )
    CLK_CONF = Register(
        0x54,
        0x0020_0000,
        "rw",
        SCLK_DIV_NUM=bits(7, 0),
        SCLK_DIV_A=bits(13, 8),
        SCLK_DIV_B=bits(19, 14),
        SCLK_SEL=bit(20),
        SCLK_ACTIVE=bit(21),
    )
    SCL_SP_CONF = Register(
        0x80,
        0,
        "rw",
        SCL_RST_SLV_EN=bit(0),
        SCL_RST_SLV_NUM=bits(5, 1),
        SCL_PD_EN=bit(6),
        SDA_PD_EN=bit(7),
    )

    def __init__(self, name: str, base: int, chip: ChipServices) -> None:
        super().__init__(name, base, chip)
        for number in range(COMMANDS):
            self.add_numbered(
                Register(
                    0x58 + 4 * number,
                    0,
                    "rw",
                    BYTE_NUM=bits(7, 0),
                    ACK_CHECK_EN=bit(8),
                    ACK_EXP=bit(9),
                    ACK_VALUE=bit(10),
                    OPCODE=bits(13, 11),
                    COMMAND_DONE=bit(31),
                ),
                "COMD{}",
                number,
            )
