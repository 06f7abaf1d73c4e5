"""SPI2 (GP-SPI2) as a master on one data line (TRM, chapter 27).

A transaction is exchanged with the part in one call, and its end is planned for the time that the
wire needs. Its data are in the 64 bytes of W0 to W15 or come by GDMA.
"""

from __future__ import annotations

from collections.abc import Callable

from facet.board.ports import SpiMode
from facet.board.wiring import SpiPins, Wiring
from facet.chip.esp32c3.dma import Dma
from facet.chip.esp32c3.interrupt_flags import InterruptFlags
from facet.chip.esp32c3.pins import MatrixRouter
from facet.chip.esp32c3.spi_registers import SpiRegisters
from facet.chip.peripheral import ChipServices
from facet.chip.registers import Register
from facet.chip.state import ACTIVE, IDLE
from facet.clock import ClockSignal
from facet.time import of_ticks
from facet.timeline import Event

BUFFER_BYTES = 64  # W0 to W15

_WIDE = {
    # Modes with more than one data line.
    "CTRL": ("FADDR_DUAL", "FADDR_QUAD", "FCMD_DUAL", "FCMD_QUAD", "FREAD_DUAL", "FREAD_QUAD"),
    "USER": ("QPI_MODE", "FWRITE_DUAL", "FWRITE_QUAD", "SIO", "USR_CONF_NXT"),
}


class Spi(SpiRegisters):
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
        self._interrupts = InterruptFlags(self, "DMA_INT_{}", self._drive)
        self._dma = dma
        self._synchronized = True  # the registers have reached the SPI's clock domain (CMD.UPDATE)
        self._done: Event | None = None
        self._routed = SpiPins(None, None, None)
        self._selected: list[SpiPins] = []
        self._select_pin: str | None = None
        self._out = b""  # data of the present transaction, after command and address
        self._receiver: int | None = None

    def reset(self) -> None:
        """Carries out a reset: a running transaction is lost."""
        if self._done is not None:
            self._done.cancel()
            self._done = None
            self.chip.state(self.name, IDLE)
        self._release_select()
        super().reset()
        self._synchronized = True
        self._interrupts.update()

    def before_light_sleep(self) -> None:
        """Reports a running transaction, which sleep would cut."""
        if self._done is not None:
            self.violation("sleep-while-busy", "sleep entered while CMD.USR=1")

    # -- settings
    @property
    def mode(self) -> SpiMode:
        """The present settings of the clock; 0 Hz where the module has none."""
        gate = self.CLK_GATE
        source = self._pll_clock() if gate["MST_CLK_SEL"] else self._xtal.hz
        if not (gate["CLK_EN"] and gate["MST_CLK_ACTIVE"]):
            source = 0
        divider = 1
        if not self.CLOCK["CLK_EQU_SYSCLK"]:
            divider = (self.CLOCK["CLKDIV_PRE"] + 1) * (self.CLOCK["CLKCNT_N"] + 1)
        # CK_OUT_EDGE is the phase relative to the idle level (27.5.4, table 27-13).
        polarity = self.MISC["CK_IDLE_EDGE"]
        return SpiMode(
            source // divider,
            polarity,
            self.USER["CK_OUT_EDGE"] ^ polarity,
            bool(self.CTRL["WR_BIT_ORDER"]),
        )

    def _write_wire_register(self, name: str, value: int, old: int) -> None:
        """Handles a register of the SPI's clock domain, which acts after CMD.UPDATE (27.5.3)."""
        if value == old:
            return
        self._synchronized = False
        if self._done is not None:
            self.violation("spi-changed-while-busy", f"{name} written while CMD.USR=1")

    def write_CTRL(self, value: int, old: int) -> None:
        """Changes line widths and bit order."""
        self._write_wire_register("CTRL", value, old)

    def write_CLOCK(self, value: int, old: int) -> None:
        """Changes the divider."""
        self._write_wire_register("CLOCK", value, old)

    def write_USER(self, value: int, old: int) -> None:
        """Changes the phases of a transaction."""
        self._write_wire_register("USER", value, old)

    def write_USER1(self, value: int, old: int) -> None:
        """Changes the lengths of address and dummy phase."""
        self._write_wire_register("USER1", value, old)

    def write_USER2(self, value: int, old: int) -> None:
        """Changes the command."""
        self._write_wire_register("USER2", value, old)

    def write_MS_DLEN(self, value: int, old: int) -> None:
        """Changes the length of the data phase."""
        self._write_wire_register("MS_DLEN", value, old)

    def write_MISC(self, value: int, old: int) -> None:
        """Changes chip selects and the idle level of the clock."""
        self._write_wire_register("MISC", value, old)

    def write_DMA_CONF(self, value: int, old: int) -> None:
        """Switches DMA; the reset bits of the FIFOs clear at once in this model."""
        for field in ("RX_AFIFO_RST", "BUF_AFIFO_RST", "DMA_AFIFO_RST"):
            self.DMA_CONF[field] = 0
        if self.DMA_CONF["DMA_SLV_SEG_TRANS_EN"]:
            self.not_modelled("DMA_CONF.DMA_SLV_SEG_TRANS_EN=1: segmented transfers")

    def write_SLAVE(self, value: int, old: int) -> None:
        """Selects master or slave."""
        if self.SLAVE["MODE"]:
            self.not_modelled("SLAVE.MODE=1: slave mode")
        if self.SLAVE["SOFT_RESET"]:
            self.SLAVE["SOFT_RESET"] = 0

    # -- a transaction
    def write_CMD(self, value: int, old: int) -> None:
        """Takes the registers over by UPDATE; starts a transaction by USR."""
        fields = type(self).CMD.fields
        if value & fields["UPDATE"].mask:
            if self.mode.hz == 0:
                self.report_once(
                    "spi-no-clock",
                    "CMD.UPDATE while the module has no clock (CLK_GATE.CLK_EN, MST_CLK_ACTIVE, "
                    "MST_CLK_SEL): it never clears",
                )
                return
            # FIDELITY:
            #   model: CMD.UPDATE clears at once.
            #   silicon: The bit clears after some clocks of both domains.
            #   hides: A driver that does not wait for the bit.
            self.CMD["UPDATE"] = 0
            self._synchronized = True
        if value & ~old & fields["USR"].mask:
            self._start()
        elif old & ~value & fields["USR"].mask:
            self.CMD["USR"] = 1  # cleared only at the end of the transaction

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
            self.report_once("spi-no-clock", "CMD.USR set while the module has no clock")
            return
        self._look_up_pins()
        data = self._data_bytes() if self.USER["USR_MOSI"] or self.USER["USR_MISO"] else 0
        lead = self._lead()
        self._out = lead + self._outgoing(data)
        self._receiver = self._find_receiver()
        self._assert_select()
        self.chip.state(self.name, ACTIVE)
        # FIDELITY:
        #   model: CS_SETUP_TIME and CS_HOLD_TIME are left out.
        #   silicon: The chip adds that many clocks where it drives a chip select itself.
        #   hides: A transaction is shorter here by those clocks.
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
        """The bytes of the command, address and dummy phases."""
        lead = b""
        if self.USER["USR_COMMAND"]:
            size = self._bytes_of(self.USER2["USR_COMMAND_BITLEN"] + 1, "a command phase")
            lead += self.USER2["USR_COMMAND_VALUE"].to_bytes(2, "little")[:size]
        if self.USER["USR_ADDR"]:
            size = self._bytes_of(self.USER1["USR_ADDR_BITLEN"] + 1, "an address phase")
            lead += self.ADDR.value.to_bytes(4, "big")[:size]  # highest bits first
        if self.USER["USR_DUMMY"]:
            size = self._bytes_of(self.USER1["USR_DUMMY_CYCLELEN"] + 1, "a dummy phase")
            lead += bytes(size)
        return lead

    def _outgoing(self, size: int) -> bytes:
        """The bytes of the data phases: both at once, or first the output, then the input."""
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
        return (words * (size // BUFFER_BYTES + 1))[:size]  # the buffer repeats

    def _too_long(self, size: int) -> None:
        self.violation(
            "spi-buffer-overrun",
            f"a data phase of {size} bytes through W0 to W15, which hold {BUFFER_BYTES}: without "
            "DMA they are used repeatedly",
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
        """Ends a transaction after its last bit.

        FIDELITY:
            model: The part sees a whole transaction at its end. GDMA reads memory at the beginning
                of the transaction and writes it at the end.
            silicon: The data move byte by byte.
            hides: A firmware that changes or reads the buffer during the transaction.
        """
        self._done = None
        if self._wiring.spi_selected(self._routed.sck) != self._selected:
            self.report_once(
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
        self._interrupts.update()

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
        """Notes the routed pins and parts, and reports signals without a pin."""
        self._routed = SpiPins(
            self._pins.output_pin("FSPICLK"),
            self._pins.input_pin("FSPIQ"),
            self._pins.output_pin("FSPID"),
        )
        if self._routed.sck is None:
            self.report_once("wrong-pin-function", "transaction while no pin is routed to FSPICLK")
        if self._routed.mosi is None and self.USER["USR_MOSI"]:
            self.report_once(
                "wrong-pin-function", "transaction while no pin is routed to FSPID (MOSI)"
            )
        self._selected = self._wiring.spi_selected(self._routed.sck)
        receives = self.USER["USR_MISO"] and any(part.miso for part in self._selected)
        if self._routed.miso is None and receives:
            self.report_once(
                "wrong-pin-function", f"transaction while {self._pins.why_no_input('FSPIQ')}"
            )

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

    def _drive(self, status: int) -> None:
        self.chip.set_interrupt(self._irq, bool(status))
