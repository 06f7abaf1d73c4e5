"""UART0 and UART1, asynchronous (TRM, chapter 26)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from facet.board.wiring import Wiring
from facet.chip.esp32c3.gated import GatedPeripheral
from facet.chip.esp32c3.pins import MatrixRouter
from facet.chip.peripheral import ChipServices
from facet.chip.registers import Register, bit, bits
from facet.chip.state import ACTIVE, IDLE
from facet.clock import ClockSignal
from facet.device.serial_frame import BAUD_TOLERANCE, mismatch, sample
from facet.time import NEVER, PS_PER_S, Time
from facet.timeline import Event

FIFO_BYTES = 128  # MEM_CONF.TX_SIZE and RX_SIZE of 1 (26.3.2)
_LEAST_WAKE_EDGES = 3  # what SLEEP_CONF.ACTIVE_THRESHOLD is added to
_SENDING = 3  # FSM_STATUS.ST_UTX_OUT while a frame is on the wire; 0 idle

_UNMODELLED = {
    "CONF0": ("IRDA_EN", "LOOPBACK", "TX_FLOW_EN", "AUTOBAUD_EN", "TXD_BRK", "RXD_INV", "TXD_INV"),
    "CONF1": ("RX_FLOW_EN",),
    "FLOW_CONF": ("SW_FLOW_CON_EN",),
    "RS485_CONF": ("RS485_EN",),
}

_INTERRUPTS = {
    # INT_RAW, INT_ST, INT_ENA, INT_CLR: alike in their fields
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


class Uart(GatedPeripheral):
    """A UART.

    Args:
        name: UART0 or UART1.
        base: address of FIFO.
        chip: the chip's services.
        clocks: what CLK_CONF.SCLK_SEL selects: 1 APB_CLK, 2 RC_FAST_CLK, 3 XTAL_CLK.
        memory_clocked: whether SYSTEM_PERIP_CLK_EN0.UART_MEM_CLK_EN is on.
        wiring: the board.
        pins: the GPIO matrix.
        irq: its interrupt source.
    """

    FIFO = Register(0x00, 0, "rw", RXFIFO_RD_BYTE=bits(7, 0))
    INT_RAW = Register(0x04, 0x0002, "ro", **_INTERRUPTS)
    INT_ST = Register(0x08, 0, "ro", **_INTERRUPTS)
    INT_ENA = Register(0x0C, 0, "rw", **_INTERRUPTS)
    INT_CLR = Register(0x10, 0, "wo", **_INTERRUPTS)
    CLKDIV = Register(0x14, 0x02B6, "rw", CLKDIV=bits(11, 0), FRAG=bits(23, 20))
    RX_FILT = Register(0x18, 0x0008, "rw", GLITCH_FILT=bits(7, 0), GLITCH_FILT_EN=bit(8))
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
    SWFC_CONF0 = Register(0x3C, 0x26E0, "rw", XOFF_THRESHOLD=bits(8, 0), XOFF_CHAR=bits(16, 9))
    SWFC_CONF1 = Register(0x40, 0x2200, "rw", XON_THRESHOLD=bits(8, 0), XON_CHAR=bits(16, 9))
    TXBRK_CONF = Register(0x44, 0x000A, "rw", TX_BRK_NUM=bits(7, 0))
    IDLE_CONF = Register(
        0x48, 0x0004_0100, "rw", RX_IDLE_THRHD=bits(9, 0), TX_IDLE_NUM=bits(19, 10)
    )
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
    AT_CMD_CHAR = Register(0x5C, 0x032B, "rw", AT_CMD_CHAR=bits(7, 0), CHAR_NUM=bits(15, 8))
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

    def __init__(
        self,
        name: str,
        base: int,
        chip: ChipServices,
        *,
        clocks: dict[int, ClockSignal],
        memory_clocked: Callable[[], bool],
        wiring: Wiring,
        pins: MatrixRouter,
        irq: int,
    ) -> None:
        super().__init__(name, base, chip)
        self._clocks = clocks
        self._memory_clocked = memory_clocked
        self._wiring = wiring
        self._pins = pins
        self._irq = irq
        self._signal = f"U{name[-1]}"
        self._tx: deque[int] = deque()
        self._rx: deque[int] = deque()
        self._shifting: int | None = None
        self._tx_event: Event | None = None
        self._timeout: Event | None = None
        self._deaf = False  # a frame began before the receiver was on
        self._edges: int | None = None  # rising edges at RXD since light sleep began
        self.on_wake: Callable[[], None] = lambda: None
        """The line was busy enough to end light sleep (SLEEP_CONF)."""
        wiring.serial_listen(self)

    def reset(self) -> None:
        """As after a reset: frames under way are lost."""
        for event in (self._tx_event, self._timeout):
            if event is not None:
                event.cancel()
        if self._shifting is not None:
            self.chip.state(self.name, IDLE)
        self._tx_event = self._timeout = None
        self._shifting = None
        self._edges = None
        self._tx.clear()
        self._rx.clear()
        super().reset()
        self._update()

    def before_light_sleep(self) -> None:
        """A frame under way would be cut: the clock stops in its midst."""
        if self._busy:
            self.violation(
                "sleep-while-transmitting",
                "sleep entered while STATUS.TXFIFO_CNT or FSM_STATUS.ST_UTX_OUT is not 0: "
                f"the text on {self._pins.output_pin(self._signal + 'TXD') or 'TXD'} is cut",
            )

    def sleep(self) -> None:
        """Light sleep begins: from now on RXD's edges are counted."""
        self._edges = 0

    def wake(self) -> None:
        """Light sleep is over."""
        self._edges = None

    @property
    def wakes(self) -> bool:
        """Whether enough edges have come (26.3.3)."""
        enough = self.SLEEP_CONF["ACTIVE_THRESHOLD"] + _LEAST_WAKE_EDGES
        return self._edges is not None and self._edges >= enough

    @property
    def _busy(self) -> bool:
        return self._shifting is not None or bool(self._tx)

    # -- format and speed
    def _divider(self) -> tuple[int, int]:
        """The source clock and 16 times what it is divided by for a bit; 0 Hz where it is off."""
        clock = self._clocks.get(self.CLK_CONF["SCLK_SEL"])
        on = self.CLK_CONF["SCLK_EN"] and not self.CLK_CONF["RST_CORE"]
        hz = clock.hz if clock is not None and on else 0
        # FIDELITY: the fraction SCLK_DIV_A / SCLK_DIV_B is left out; no driver that we know uses it
        # for a UART; a baud rate that needs it is off by its share.
        divider = (self.CLK_CONF["SCLK_DIV_NUM"] + 1) * (
            16 * self.CLKDIV["CLKDIV"] + self.CLKDIV["FRAG"]
        )
        return hz, divider

    @property
    def baud(self) -> int:
        """Bits a second now; 0 when the clock stands still."""
        hz, divider = self._divider()
        return 16 * hz // divider if divider else 0

    def _bit_time(self, half_bits: int) -> Time:
        hz, divider = self._divider()
        return Time(-(-half_bits * divider * PS_PER_S // (32 * hz))) if hz else NEVER

    @property
    def word_bits(self) -> int:
        """Data bits and the parity bit."""
        return 5 + self.CONF0["BIT_NUM"] + self.CONF0["PARITY_EN"]

    def _frame_half_bits(self) -> int:
        stop_half_bits = (2, 2, 3, 4)[self.CONF0["STOP_BIT_NUM"]]
        return 2 * (1 + self.word_bits) + stop_half_bits

    def _on_wire(self, data: int) -> int:
        width = 5 + self.CONF0["BIT_NUM"]
        word = data & ((1 << width) - 1)
        if self.CONF0["PARITY_EN"]:
            word |= (word.bit_count() & 1 ^ self.CONF0["PARITY"]) << width
        return word

    # -- the firmware's accesses
    def write_FIFO(self, value: int, old: int) -> None:
        """A byte to send."""
        self.FIFO.value = 0
        if not self._memory_clocked():
            self.tell(
                "unclocked-peripheral", "FIFO written while SYSTEM_PERIP_CLK_EN0.UART_MEM_CLK_EN=0"
            )
            return
        if len(self._tx) >= FIFO_BYTES:
            self.violation(
                "uart-tx-overrun", "FIFO written while STATUS.TXFIFO_CNT=128: the byte is lost"
            )
            return
        self._tx.append(value & 0xFF)
        self._shift()
        self._update()

    def read_FIFO(self) -> int:
        """Takes a received byte."""
        if not self._rx:
            self.tell("uart-rx-empty", "FIFO read while STATUS.RXFIFO_CNT=0")
            return 0
        byte = self._rx.popleft()
        self._update()
        return byte

    def read_STATUS(self) -> int:
        """How full the FIFOs are."""
        self.STATUS["RXFIFO_CNT"] = len(self._rx)
        self.STATUS["TXFIFO_CNT"] = len(self._tx)
        return self.STATUS.value

    def read_FSM_STATUS(self) -> int:
        """Whether a frame is on the wire."""
        self.FSM_STATUS["ST_UTX_OUT"] = _SENDING if self._shifting is not None else 0
        return self.FSM_STATUS.value

    def write_INT_CLR(self, value: int, old: int) -> None:
        """Clears flags; those that say how full a FIFO is come back at once."""
        self.INT_CLR.value = 0
        self.INT_RAW.value &= ~value
        self._update()

    def write_INT_ENA(self, value: int, old: int) -> None:
        """Interrupts go on and off."""
        self._update()

    def write_CONF0(self, value: int, old: int) -> None:
        """Frame format; resets of the FIFOs."""
        if self.CONF0["TXFIFO_RST"]:
            self._tx.clear()
        if self.CONF0["RXFIFO_RST"]:
            self._rx.clear()
        self._check_modes("CONF0")
        self._update()

    def write_CONF1(self, value: int, old: int) -> None:
        """Thresholds."""
        self._check_modes("CONF1")
        self._update()

    def write_FLOW_CONF(self, value: int, old: int) -> None:
        """XON and XOFF."""
        self._check_modes("FLOW_CONF")

    def write_RS485_CONF(self, value: int, old: int) -> None:
        """RS485."""
        self._check_modes("RS485_CONF")

    def write_MEM_CONF(self, value: int, old: int) -> None:
        """How the FIFOs share their memory."""
        if (self.MEM_CONF["TX_SIZE"], self.MEM_CONF["RX_SIZE"]) != (1, 1):
            self.not_modelled("MEM_CONF: FIFOs of other than 128 bytes")

    def write_CLK_CONF(self, value: int, old: int) -> None:
        """The source clock."""
        self._changed_while_busy("CLK_CONF", value, old)
        if self.CLK_CONF["SCLK_SEL"] == 0:
            self.tell("no-such-clock", "CLK_CONF.SCLK_SEL=0: 1 APB, 2 RC_FAST, 3 XTAL")
        if self.CLK_CONF["RST_CORE"]:
            self._tx.clear()
            self._rx.clear()
        self._update()

    def write_CLKDIV(self, value: int, old: int) -> None:
        """The baud rate."""
        self._changed_while_busy("CLKDIV", value, old)

    def write_ID(self, value: int, old: int) -> None:
        """REG_UPDATE hands the registers to the core's clock domain."""
        # FIDELITY: registers act at once, REG_UPDATE reads 0 at once; on silicon those marked so in
        # the manual (26.5.1) act after REG_UPDATE and a few clocks; a write of it that is missing
        # is not noticed.
        self.ID["REG_UPDATE"] = 0

    def _changed_while_busy(self, register: str, value: int, old: int) -> None:
        if self._busy and value != old:
            self.violation(
                "uart-changed-while-sending", f"{register} changed while a frame is on the wire"
            )

    def _check_modes(self, register: str) -> None:
        for field in _UNMODELLED[register]:
            if self.registers[register][field]:
                self.not_modelled(f"{register}.{field}=1")

    # -- sending
    def _shift(self) -> None:
        """Moves the next byte to the shift register."""
        if self._shifting is not None or not self._tx:
            return
        signal = f"{self._signal}TXD"
        if self._pins.output_pin(signal) is None:
            self.tell("wrong-pin-function", f"a frame is sent while no pin is routed to {signal}")
        hz, _ = self._divider()
        if hz == 0 or not self.CLK_CONF["TX_SCLK_EN"]:
            self.tell("uart-no-clock", "a byte waits while CLK_CONF stops the transmitter's clock")
            return
        self.chip.state(self.name, ACTIVE)
        self._start_frame()

    def _start_frame(self) -> None:
        self._shifting = self._on_wire(self._tx.popleft())
        self._tx_event = self.chip.schedule(
            self._bit_time(self._frame_half_bits()), self._sent, f"{self.name} sends"
        )

    def _sent(self) -> None:
        """The last stop bit has ended."""
        word, self._tx_event = self._shifting, None
        assert word is not None
        pin = self._pins.output_pin(f"{self._signal}TXD")
        if pin is not None:
            self._wiring.serial_send(pin, word, self.chip.now, self.baud, self.word_bits)
        if self._tx and self.baud:
            self._start_frame()
        else:
            self._shifting = None
            self.INT_RAW["TX_DONE"] = 1
            self.chip.state(self.name, IDLE)
        self._update()

    # -- receiving: facet.board.ports.SerialReceiver
    def serial_started(self, rx_pin: str) -> None:
        """A start bit begins at one of the chip's pins."""
        if rx_pin == self._pins.input_pin(f"{self._signal}RXD"):
            # FIDELITY: a frame that began while the receiver was off is lost as a whole; silicon
            # may take a later 0 bit for a start bit; garbage of that kind is not tried.
            self._deaf = not self._listening()

    def serial_arrived(self, rx_pin: str, word: int, baud: int, bits: int) -> None:
        """A stop bit ends at one of the chip's pins."""
        if rx_pin != self._pins.input_pin(f"{self._signal}RXD"):
            return
        if self._edges is not None:
            # FIDELITY: the edges of a frame are counted at its end; silicon counts each as it
            # comes; a wake-up comes up to a frame too late.
            line = f"{word << 1 | 1 << bits + 1:0{bits + 2}b}"[::-1]
            self._edges += line.count("01")
            self.on_wake()
            return
        if self._deaf or not self._listening():
            return
        if mismatch(baud, self.baud) > BAUD_TOLERANCE:
            self.tell("baud-rate", f"{rx_pin} receives {baud} baud, set up are {self.baud}")
        received = sample(word, bits, baud, self.baud, self.word_bits)
        if not received.stop_bit:
            self.INT_RAW["FRM_ERR"] = 1
        width = 5 + self.CONF0["BIT_NUM"]
        data = received.word & ((1 << width) - 1)
        if self.CONF0["PARITY_EN"] and self._on_wire(data) != received.word:
            self.INT_RAW["PARITY_ERR"] = 1
        if len(self._rx) < FIFO_BYTES:
            self._rx.append(data)
        else:
            self.INT_RAW["RXFIFO_OVF"] = 1
            self.tell("uart-rx-overrun", "a byte is lost: STATUS.RXFIFO_CNT=128")
        self._await_timeout()
        self._update()

    def _listening(self) -> bool:
        hz, _ = self._divider()
        return bool(self.gate() and hz and self.CLK_CONF["RX_SCLK_EN"] and self._memory_clocked())

    def _await_timeout(self) -> None:
        if self._timeout is not None:
            self._timeout.cancel()
        if self.CONF1["RX_TOUT_EN"]:
            self._timeout = self.chip.schedule(
                self._bit_time(2 * self.MEM_CONF["RX_TOUT_THRHD"]),
                self._timed_out,
                f"{self.name} line is idle",
            )

    def _timed_out(self) -> None:
        self._timeout = None
        if self._rx:
            self.INT_RAW["RXFIFO_TOUT"] = 1
            self._update()

    # -- interrupt
    def _update(self) -> None:
        if len(self._tx) < self.CONF1["TXFIFO_EMPTY_THRHD"]:
            self.INT_RAW["TXFIFO_EMPTY"] = 1
        if self._rx and len(self._rx) >= self.CONF1["RXFIFO_FULL_THRHD"]:
            self.INT_RAW["RXFIFO_FULL"] = 1
        self.INT_ST.value = self.INT_RAW.value & self.INT_ENA.value
        self.chip.set_interrupt(self._irq, bool(self.INT_ST.value))
