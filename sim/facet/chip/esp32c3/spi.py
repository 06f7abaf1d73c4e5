"""SPI2 (GP-SPI2) as a master on one data line (TRM, chapter 27).

A transaction is exchanged with the part in one call and its end planned for the time that the wire
needs, whether the 64 bytes of W0 to W15 or GDMA carry its data.
"""

from __future__ import annotations

from collections.abc import Callable

from facet.board.ports import SpiMode
from facet.board.wiring import SpiPins, Wiring
from facet.chip.esp32c3.dma import Dma
from facet.chip.esp32c3.gated import GatedPeripheral
from facet.chip.esp32c3.pins import MatrixRouter
from facet.chip.peripheral import ChipServices
from facet.chip.registers import Register, bit, bits
from facet.chip.state import ACTIVE, IDLE
from facet.clock import ClockSignal
from facet.time import of_ticks
from facet.timeline import Event

BUFFER_BYTES = 64  # W0 to W15

_WIDE = {
    # More than one data line.
    "CTRL": ("FADDR_DUAL", "FADDR_QUAD", "FCMD_DUAL", "FCMD_QUAD", "FREAD_DUAL", "FREAD_QUAD"),
    "USER": ("QPI_MODE", "FWRITE_DUAL", "FWRITE_QUAD", "SIO", "USR_CONF_NXT"),
}

_INTERRUPTS = {
    # DMA_INT_ENA, DMA_INT_CLR, DMA_INT_RAW, DMA_INT_ST: alike in their fields
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


class Spi(GatedPeripheral):
    """The SPI master.

    Args:
        name: SPI2.
        base: address of CMD.
        chip: the chip's services.
        pll_clock: whether PLL_F80M_CLK runs.
        xtal: XTAL_CLK.
        wiring: the board.
        pins: the GPIO matrix.
        irq: its interrupt source.
        dma: the GDMA controller.
    """

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
    DIN_MODE = Register(
        0x24,
        0,
        "rw",
        DIN0_MODE=bits(1, 0),
        DIN1_MODE=bits(3, 2),
        DIN2_MODE=bits(5, 4),
        DIN3_MODE=bits(7, 6),
        TIMING_HCLK_ACTIVE=bit(16),
    )
    DIN_NUM = Register(
        0x28,
        0,
        "rw",
        DIN0_NUM=bits(1, 0),
        DIN1_NUM=bits(3, 2),
        DIN2_NUM=bits(5, 4),
        DIN3_NUM=bits(7, 6),
    )
    DOUT_MODE = Register(
        0x2C, 0, "rw", DOUT0_MODE=bit(0), DOUT1_MODE=bit(1), DOUT2_MODE=bit(2), DOUT3_MODE=bit(3)
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
    SLAVE1 = Register(
        0xE4,
        0,
        "rw",
        SLV_DATA_BITLEN=bits(17, 0),
        SLV_LAST_COMMAND=bits(25, 18),
        SLV_LAST_ADDR=bits(31, 26),
    )
    CLK_GATE = Register(0xE8, 0, "rw", CLK_EN=bit(0), MST_CLK_ACTIVE=bit(1), MST_CLK_SEL=bit(2))

    def __init__(
        self,
        name: str,
        base: int,
        chip: ChipServices,
        *,
        pll_clock: Callable[[], int],
        xtal: ClockSignal,
        wiring: Wiring,
        pins: MatrixRouter,
        irq: int,
        dma: Dma,
    ) -> None:
        super().__init__(name, base, chip)
        for number in range(BUFFER_BYTES // 4):
            self.add_numbered(Register(0x98 + 4 * number), "W{}", number)
        self._pll_clock = pll_clock
        self._xtal = xtal
        self._wiring = wiring
        self._pins = pins
        self._irq = irq
        self._dma = dma
        self._synchronized = True  # the registers stand in the SPI's clock domain: CMD.UPDATE
        self._done: Event | None = None
        self._routed = SpiPins(None, None, None)
        self._selected: list[SpiPins] = []
        self._select_pin: str | None = None
        self._out = b""  # of the transaction under way: what goes out, behind command and address
        self._receiver: int | None = None

    def reset(self) -> None:
        """As after a reset: a transaction under way is lost."""
        if self._done is not None:
            self._done.cancel()
            self._done = None
            self.chip.state(self.name, IDLE)
        self._release_select()
        super().reset()
        self._synchronized = True
        self._update()

    def before_light_sleep(self) -> None:
        """A transaction under way would be cut."""
        if self._done is not None:
            self.violation("sleep-while-busy", "sleep entered while CMD.USR=1")

    # -- how it is set up
    @property
    def mode(self) -> SpiMode:
        """How the clock is set up now; 0 Hz where the module has none."""
        gate = self.CLK_GATE
        source = self._pll_clock() if gate["MST_CLK_SEL"] else self._xtal.hz
        if not (gate["CLK_EN"] and gate["MST_CLK_ACTIVE"]):
            source = 0
        divider = 1
        if not self.CLOCK["CLK_EQU_SYSCLK"]:
            divider = (self.CLOCK["CLKDIV_PRE"] + 1) * (self.CLOCK["CLKCNT_N"] + 1)
        # CK_OUT_EDGE turns the clock's phase against its idle level (27.5.4, table 27-13).
        polarity = self.MISC["CK_IDLE_EDGE"]
        return SpiMode(
            source // divider,
            polarity,
            self.USER["CK_OUT_EDGE"] ^ polarity,
            bool(self.CTRL["WR_BIT_ORDER"]),
        )

    def _write_wire_register(self, name: str, value: int, old: int) -> None:
        """A register of the SPI's clock domain: acts after CMD.UPDATE (27.5.3)."""
        if value == old:
            return
        self._synchronized = False
        if self._done is not None:
            self.violation("spi-changed-while-busy", f"{name} written while CMD.USR=1")

    def write_CTRL(self, value: int, old: int) -> None:
        """Line widths, bit order."""
        self._write_wire_register("CTRL", value, old)

    def write_CLOCK(self, value: int, old: int) -> None:
        """Divider."""
        self._write_wire_register("CLOCK", value, old)

    def write_USER(self, value: int, old: int) -> None:
        """Phases of a transaction."""
        self._write_wire_register("USER", value, old)

    def write_USER1(self, value: int, old: int) -> None:
        """Lengths of address and dummy phase."""
        self._write_wire_register("USER1", value, old)

    def write_USER2(self, value: int, old: int) -> None:
        """The command."""
        self._write_wire_register("USER2", value, old)

    def write_MS_DLEN(self, value: int, old: int) -> None:
        """Length of the data phase."""
        self._write_wire_register("MS_DLEN", value, old)

    def write_MISC(self, value: int, old: int) -> None:
        """Chip selects, idle level of the clock."""
        self._write_wire_register("MISC", value, old)

    def write_DMA_CONF(self, value: int, old: int) -> None:
        """DMA on and off; the FIFOs' resets clear themselves in this model."""
        for field in ("RX_AFIFO_RST", "BUF_AFIFO_RST", "DMA_AFIFO_RST"):
            self.DMA_CONF[field] = 0
        if self.DMA_CONF["DMA_SLV_SEG_TRANS_EN"]:
            self.not_modelled("DMA_CONF.DMA_SLV_SEG_TRANS_EN=1: segmented transfers")

    def write_SLAVE(self, value: int, old: int) -> None:
        """Master or slave."""
        if self.SLAVE["MODE"]:
            self.not_modelled("SLAVE.MODE=1: slave mode")
        if self.SLAVE["SOFT_RESET"]:
            self.SLAVE["SOFT_RESET"] = 0

    # -- a transaction
    def write_CMD(self, value: int, old: int) -> None:
        """UPDATE hands the registers over; USR starts a transaction."""
        fields = type(self).CMD.fields
        if value & fields["UPDATE"].mask:
            if self.mode.hz == 0:
                self.tell(
                    "spi-no-clock",
                    "CMD.UPDATE while the module has no clock (CLK_GATE.CLK_EN, MST_CLK_ACTIVE, "
                    "MST_CLK_SEL): it never clears",
                )
                return
            # FIDELITY: UPDATE clears at once; on silicon after some clocks of both domains; a wait
            # for it that is missing is not noticed.
            self.CMD["UPDATE"] = 0
            self._synchronized = True
        if value & ~old & fields["USR"].mask:
            self._start()
        elif old & ~value & fields["USR"].mask:
            self.CMD["USR"] = 1  # only the end of the transaction clears it

    def _start(self) -> None:
        if not self._synchronized:
            self.violation(
                "spi-not-updated",
                "CMD.USR set, but registers were changed after the last CMD.UPDATE: on silicon the "
                "transaction runs with the old ones",
            )
            self._synchronized = True
        self._check_modes()
        mode = self.mode
        if mode.hz == 0:
            self.tell("spi-no-clock", "CMD.USR set while the module has no clock")
            return
        self._look_up_pins()
        data = self._data_bytes() if self.USER["USR_MOSI"] or self.USER["USR_MISO"] else 0
        lead = self._lead()
        self._out = lead + self._outgoing(data)
        self._receiver = self._find_receiver()
        self._assert_select()
        self.chip.state(self.name, ACTIVE)
        # FIDELITY: CS_SETUP_TIME and CS_HOLD_TIME are left out; silicon adds that many clocks where
        # the hardware drives a chip select; a transaction is shorter by them.
        self._done = self.chip.schedule(
            of_ticks(8 * len(self._out), mode.hz), self._finished, f"{self.name} transaction"
        )

    def _check_modes(self) -> None:
        for register, fields in _WIDE.items():
            for field in fields:
                if self.registers[register][field]:
                    self.not_modelled(f"{register}.{field}=1")
        for field in ("USR_MOSI_HIGHPART", "USR_MISO_HIGHPART"):
            if self.USER[field]:
                self.not_modelled(f"USER.{field}=1")
        if self.CTRL["RD_BIT_ORDER"] != self.CTRL["WR_BIT_ORDER"]:
            self.not_modelled("CTRL: different bit orders for the two directions")

    def _bytes_of(self, clocks: int, what: str) -> int:
        if clocks % 8:
            self.not_modelled(f"{what} of {clocks} bits, not a multiple of 8")
        return -(-clocks // 8)

    def _data_bytes(self) -> int:
        return self._bytes_of(self.MS_DLEN["MS_DATA_BITLEN"] + 1, "a data phase")

    def _lead(self) -> bytes:
        """Command, address and dummy phases."""
        lead = b""
        if self.USER["USR_COMMAND"]:
            size = self._bytes_of(self.USER2["USR_COMMAND_BITLEN"] + 1, "a command phase")
            lead += self.USER2["USR_COMMAND_VALUE"].to_bytes(2, "little")[:size]
        if self.USER["USR_ADDR"]:
            size = self._bytes_of(self.USER1["USR_ADDR_BITLEN"] + 1, "an address phase")
            lead += self.ADDR.value.to_bytes(4, "big")[:size]  # its highest bits go first
        if self.USER["USR_DUMMY"]:
            size = self._bytes_of(self.USER1["USR_DUMMY_CYCLELEN"] + 1, "a dummy phase")
            lead += bytes(size)
        return lead

    def _outgoing(self, size: int) -> bytes:
        """What goes out in the data phases: both at once, or first out, then in."""
        idle = (b"\xff" if self.CTRL["D_POL"] else b"\0") * size
        if not self.USER["USR_MOSI"]:
            return idle
        sent = self._from_dma(size) if self.DMA_CONF["DMA_TX_ENA"] else self._from_buffer(size)
        half_duplex = self.USER["USR_MISO"] and not self.USER["DOUTDIN"]
        return sent + idle if half_duplex else sent

    def _from_buffer(self, size: int) -> bytes:
        if size > BUFFER_BYTES:
            self._too_long(size)
        words = b"".join(
            self.registers[f"W{n}"].value.to_bytes(4, "little") for n in range(BUFFER_BYTES // 4)
        )
        return (words * (size // BUFFER_BYTES + 1))[:size]  # it goes round and round

    def _too_long(self, size: int) -> None:
        self.violation(
            "spi-buffer-overrun",
            f"a data phase of {size} bytes through W0 to W15, which hold {BUFFER_BYTES}: without "
            "DMA they are used over and over",
        )

    def _from_dma(self, size: int) -> bytes:
        channel = self._dma.transmitter(self.name)
        if channel is None:
            self.violation(
                "spi-no-dma",
                "CMD.USR set with DMA_CONF.DMA_TX_ENA=1, but no running GDMA OUT_LINK is selected "
                "for SPI2",
            )
            return bytes(size)
        data = self._dma.fetch(channel, size)
        if len(data) < size:
            self.DMA_INT_RAW["DMA_OUTFIFO_EMPTY_ERR"] = 1
            self.violation(
                "spi-dma-underrun", f"GDMA's list holds {len(data)} bytes, the transaction {size}"
            )
        return data.ljust(size, b"\0")

    def _find_receiver(self) -> int | None:
        if not (self.USER["USR_MISO"] and self.DMA_CONF["DMA_RX_ENA"]):
            return None
        channel = self._dma.receiver(self.name)
        if channel is None:
            self.violation(
                "spi-no-dma",
                "CMD.USR set with DMA_CONF.DMA_RX_ENA=1, but no running GDMA IN_LINK is selected "
                "for SPI2",
            )
        return channel

    def _finished(self) -> None:
        """The last bit is through.

        FIDELITY: the part sees a whole transaction at its end, GDMA reads memory at its beginning
        and writes it at its end; silicon does it byte by byte; a firmware that changes or reads the
        buffer during the transaction is not shown its mistake.
        """
        self._done = None
        if self._wiring.spi_selected(self._routed.sck) != self._selected:
            self.tell(
                "spi-select-moved",
                "a chip select changed while CMD.USR=1: the part sees a cut transaction",
            )
        back = self._wiring.spi_exchange(self._routed, self._out, self.mode)
        self._release_select()
        if self.USER["USR_MISO"]:
            self._take(back[len(back) - self._data_bytes() :])
        self.CMD["USR"] = 0
        self.DMA_INT_RAW["TRANS_DONE"] = 1
        self.chip.state(self.name, IDLE)
        self._update()

    def _take(self, data: bytes) -> None:
        if self.DMA_CONF["DMA_RX_ENA"]:
            if self._receiver is not None and self._dma.store(self._receiver, data) < len(data):
                self.DMA_INT_RAW["DMA_INFIFO_FULL_ERR"] = 1
                self.violation("spi-dma-overrun", f"GDMA's list has no room for {len(data)} bytes")
            return
        if len(data) > BUFFER_BYTES:
            self._too_long(len(data))
        for start in range(0, len(data), 4):
            word = data[start : start + 4]
            register = self.registers[f"W{start // 4 % (BUFFER_BYTES // 4)}"]
            kept = register.value >> 8 * len(word) << 8 * len(word)
            register.value = kept | int.from_bytes(word, "little")

    # -- pins
    def _look_up_pins(self) -> None:
        """Notes the routed pins and parts, and reports what cannot work."""
        self._routed = SpiPins(
            self._pins.output_pin("FSPICLK"),
            self._pins.input_pin("FSPIQ"),
            self._pins.output_pin("FSPID"),
        )
        if self._routed.sck is None:
            self.tell("wrong-pin-function", "transaction while no pin is routed to FSPICLK")
        if self._routed.mosi is None and self.USER["USR_MOSI"]:
            self.tell("wrong-pin-function", "transaction while no pin is routed to FSPID (MOSI)")
        self._selected = self._wiring.spi_selected(self._routed.sck)
        hears = self.USER["USR_MISO"] and any(part.miso for part in self._selected)
        if self._routed.miso is None and hears:
            self.tell("wrong-pin-function", f"transaction while {self._pins.why_no_input('FSPIQ')}")

    def _assert_select(self) -> None:
        if self.MISC["CS0_DIS"]:
            return
        self._select_pin = self._pins.output_pin("FSPICS0")
        if self._select_pin is not None:
            self._wiring.net(self._select_pin).drive(f"{self.name}_CS0", 0)
            self._selected = self._wiring.spi_selected(self._routed.sck)

    def _release_select(self) -> None:
        if self._select_pin is not None and not self.MISC["CS_KEEP_ACTIVE"]:
            self._wiring.net(self._select_pin).drive(f"{self.name}_CS0", 1)
            self._select_pin = None

    # -- interrupt
    def write_DMA_INT_ENA(self, value: int, old: int) -> None:
        """Interrupts go on and off."""
        self._update()

    def write_DMA_INT_CLR(self, value: int, old: int) -> None:
        """Clears flags."""
        self.DMA_INT_CLR.value = 0
        self.DMA_INT_RAW.value &= ~value
        self._update()

    def _update(self) -> None:
        self.DMA_INT_ST.value = self.DMA_INT_RAW.value & self.DMA_INT_ENA.value
        self.chip.set_interrupt(self._irq, bool(self.DMA_INT_ST.value))
