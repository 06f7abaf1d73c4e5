"""UART0 and UART1, asynchronous (TRM, chapter 26)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from facet.board.wiring import Wiring
from facet.chip.esp32c3.interrupt_flags import InterruptFlags
from facet.chip.esp32c3.pins import MatrixRouter
from facet.chip.esp32c3.uart_registers import UartRegisters
from facet.chip.peripheral import ChipServices
from facet.chip.registers import pure
from facet.chip.state import ACTIVE, IDLE
from facet.clock import ClockSignal
from facet.device.serial_frame import BAUD_TOLERANCE, mismatch, sample
from facet.time import NEVER, PS_PER_S, Time
from facet.timeline import Event

FIFO_BYTES = 128  # MEM_CONF.TX_SIZE and RX_SIZE of 1 (26.3.2)
_LEAST_WAKE_EDGES = 3  # added to SLEEP_CONF.ACTIVE_THRESHOLD
_SENDING = 3  # FSM_STATUS.ST_UTX_OUT while a frame is on the wire; 0 idle
_RECEIVING = 2  # FSM_STATUS.ST_URX_OUT during a frame; 0 idle (esp-hal, is_rx_idle)

_UNMODELLED = {
    "CONF0": ("IRDA_EN", "LOOPBACK", "TX_FLOW_EN", "AUTOBAUD_EN", "TXD_BRK", "RXD_INV", "TXD_INV"),
    "CONF1": ("RX_FLOW_EN",),
    "FLOW_CONF": ("SW_FLOW_CON_EN",),
    "RS485_CONF": ("RS485_EN",),
}


class Uart(UartRegisters):
    """A UART.

    Args:
        name: UART0 or UART1.
        base: address of FIFO.
        chip: the chip's services.
        clocks: by CLK_CONF.SCLK_SEL: 1 APB_CLK, 2 RC_FAST_CLK, 3 XTAL_CLK.
        memory_clocked: whether SYSTEM_PERIP_CLK_EN0.UART_MEM_CLK_EN is on.
        wiring: the board.
        pins: the GPIO matrix.
        irq: its interrupt source.
    """

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
        self._interrupts = InterruptFlags(self, "INT_{}", self._drive, self._refresh_levels)
        self._signal = f"U{name[-1]}"
        self._tx: deque[int] = deque()
        self._rx: deque[int] = deque()
        self._shifting: int | None = None
        self._tx_event: Event | None = None
        self._timeout: Event | None = None
        self._receiving = False  # a frame has begun
        self._ignoring = False  # a frame began before the receiver was on
        self._edges: int | None = None  # rising edges at RXD since light sleep began
        self.on_wake: Callable[[], None] = lambda: None
        """Called when the edges at RXD are enough to end light sleep (SLEEP_CONF)."""
        wiring.serial_listen(self)

    def reset(self) -> None:
        """Carries out a reset: running frames are lost."""
        for event in (self._tx_event, self._timeout):
            if event is not None:
                event.cancel()
        if self._shifting is not None:
            self.chip.state(self.name, IDLE)
        self._tx_event = self._timeout = None
        self._shifting = None
        self._receiving = False
        self._edges = None
        self._tx.clear()
        self._rx.clear()
        super().reset()
        self._interrupts.update()

    def before_light_sleep(self) -> None:
        """Reports a running frame, which is cut when the clock stops."""
        if self._busy:
            self.violation(
                "sleep-while-transmitting",
                "sleep entered while STATUS.TXFIFO_CNT or FSM_STATUS.ST_UTX_OUT is not 0: "
                f"the text on {self._pins.output_pin(self._signal + 'TXD') or 'TXD'} is cut",
            )

    def sleep(self) -> None:
        """Starts to count RXD's edges at the begin of light sleep; a frame under way is lost."""
        self._edges = 0
        self._ignoring |= self._receiving
        self._receiving = False

    def wake(self) -> None:
        """Stops counting at the end of light sleep."""
        self._edges = None

    @property
    def wakes(self) -> bool:
        """Whether the edges are enough to end light sleep (26.3.3)."""
        enough = self.SLEEP_CONF["ACTIVE_THRESHOLD"] + _LEAST_WAKE_EDGES
        return self._edges is not None and self._edges >= enough

    @property
    def _busy(self) -> bool:
        return self._shifting is not None or bool(self._tx)

    # -- format and speed
    def _divider(self) -> tuple[int, int]:
        """The source clock in hertz, 0 where it is off, and 16 times its divider for a bit."""
        clock = self._clocks.get(self.CLK_CONF["SCLK_SEL"])
        on = self.CLK_CONF["SCLK_EN"] and not self.CLK_CONF["RST_CORE"]
        hz = clock.hz if clock is not None and on else 0
        # FIDELITY:
        #   model: The fraction SCLK_DIV_A / SCLK_DIV_B is left out.
        #   silicon: The clock is divided by the fraction too; no known driver uses it for a UART.
        #   hides: A baud rate that uses the fraction is wrong by its share.
        divider = (self.CLK_CONF["SCLK_DIV_NUM"] + 1) * (
            16 * self.CLKDIV["CLKDIV"] + self.CLKDIV["FRAG"]
        )
        return hz, divider

    @property
    def baud(self) -> int:
        """The present baud rate; 0 while the clock is stopped."""
        hz, divider = self._divider()
        return 16 * hz // divider if divider else 0

    def _bit_time(self, half_bits: int) -> Time:
        hz, divider = self._divider()
        return Time(-(-half_bits * divider * PS_PER_S // (32 * hz))) if hz else NEVER

    @property
    def word_bits(self) -> int:
        """The number of data bits, the parity bit included."""
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
        """Takes a byte to send."""
        self.FIFO.value = 0
        if not self._memory_clocked():
            self.report_once(
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
        self._interrupts.update()

    def read_FIFO(self) -> int:
        """Takes a received byte."""
        if not self._rx:
            self.report_once("uart-rx-empty", "FIFO read while STATUS.RXFIFO_CNT=0")
            return 0
        byte = self._rx.popleft()
        self._interrupts.update()
        return byte

    @pure
    def read_STATUS(self) -> int:
        """Gives the levels of the FIFOs."""
        self.STATUS["RXFIFO_CNT"] = len(self._rx)
        self.STATUS["TXFIFO_CNT"] = len(self._tx)
        return self.STATUS.value

    @pure
    def read_FSM_STATUS(self) -> int:
        """Gives whether frames are on the wires."""
        self.FSM_STATUS["ST_UTX_OUT"] = _SENDING if self._shifting is not None else 0
        self.FSM_STATUS["ST_URX_OUT"] = _RECEIVING if self._receiving else 0
        return self.FSM_STATUS.value

    def write_CONF0(self, value: int, old: int) -> None:
        """Changes the frame format and resets the FIFOs."""
        if self.CONF0["TXFIFO_RST"]:
            self._tx.clear()
        if self.CONF0["RXFIFO_RST"]:
            self._rx.clear()
        self._check_modes("CONF0")
        self._interrupts.update()

    def write_CONF1(self, value: int, old: int) -> None:
        """Changes thresholds."""
        self._check_modes("CONF1")
        self._interrupts.update()

    def write_FLOW_CONF(self, value: int, old: int) -> None:
        """Changes XON and XOFF."""
        self._check_modes("FLOW_CONF")

    def write_RS485_CONF(self, value: int, old: int) -> None:
        """Changes RS485 settings."""
        self._check_modes("RS485_CONF")

    def write_MEM_CONF(self, value: int, old: int) -> None:
        """Changes the shares of the FIFOs in their memory."""
        if (self.MEM_CONF["TX_SIZE"], self.MEM_CONF["RX_SIZE"]) != (1, 1):
            self.not_modelled("MEM_CONF: FIFOs of other than 128 bytes")

    def write_CLK_CONF(self, value: int, old: int) -> None:
        """Selects the source clock."""
        self._changed_while_busy("CLK_CONF", value, old)
        if self.CLK_CONF["SCLK_SEL"] == 0:
            self.report_once("no-such-clock", "CLK_CONF.SCLK_SEL=0: 1 APB, 2 RC_FAST, 3 XTAL")
        if self.CLK_CONF["RST_CORE"]:
            self._tx.clear()
            self._rx.clear()
        self._interrupts.update()

    def write_CLKDIV(self, value: int, old: int) -> None:
        """Changes the baud rate."""
        self._changed_while_busy("CLKDIV", value, old)

    def write_ID(self, value: int, old: int) -> None:
        """Takes the registers over into the core's clock domain by REG_UPDATE."""
        # FIDELITY:
        #   model: Registers take effect at once, and REG_UPDATE reads 0 at once.
        #   silicon: The registers that the manual marks (26.5.1) take effect after REG_UPDATE and a
        #     few clocks.
        #   hides: A driver that does not write REG_UPDATE.
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
            self.report_once(
                "wrong-pin-function", f"a frame is sent while no pin is routed to {signal}"
            )
        hz, _ = self._divider()
        if hz == 0 or not self.CLK_CONF["TX_SCLK_EN"]:
            self.report_once(
                "uart-no-clock", "a byte waits while CLK_CONF stops the transmitter's clock"
            )
            return
        self.chip.state(self.name, ACTIVE)
        self._start_frame()

    def _start_frame(self) -> None:
        self._shifting = self._on_wire(self._tx.popleft())
        self._tx_event = self.chip.schedule(
            self._bit_time(self._frame_half_bits()), self._sent, f"{self.name} sends"
        )

    def _sent(self) -> None:
        """Ends a frame after its last stop bit."""
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
        self._interrupts.update()

    # -- receiving: facet.board.ports.SerialReceiver
    def serial_started(self, rx_pin: str) -> None:
        """Handles the begin of a start bit at one of the chip's pins."""
        if rx_pin == self._pins.input_pin(f"{self._signal}RXD"):
            # FIDELITY:
            #   model: A frame that began while the receiver was off is lost as a whole.
            #   silicon: The receiver may take a later 0 bit for a start bit.
            #   hides: Garbage of that kind.
            self._receiving = self._listening()
            self._ignoring = not self._receiving

    def serial_arrived(self, rx_pin: str, word: int, baud: int, bits: int) -> None:
        """Handles the end of a stop bit at one of the chip's pins."""
        if rx_pin != self._pins.input_pin(f"{self._signal}RXD"):
            return
        self._receiving = False
        if self._edges is not None:
            # FIDELITY:
            #   model: The edges of a frame are counted at its end.
            #   silicon: Each edge counts when it comes.
            #   hides: A wake-up comes up to a frame too late here.
            line = f"{word << 1 | 1 << bits + 1:0{bits + 2}b}"[::-1]
            self._edges += line.count("01")
            self.on_wake()
            return
        if self._ignoring or not self._listening():
            return
        if mismatch(baud, self.baud) > BAUD_TOLERANCE:
            self.report_once("baud-rate", f"{rx_pin} receives {baud} baud, but {self.baud} are set")
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
            self.report_once("uart-rx-overrun", "a byte is lost: STATUS.RXFIFO_CNT=128")
        self._await_timeout()
        self._interrupts.update()

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
            self._interrupts.update()

    # -- interrupt
    def _refresh_levels(self) -> None:
        """Sets the flags of FIFO levels, which return while their condition is true."""
        if len(self._tx) < self.CONF1["TXFIFO_EMPTY_THRHD"]:
            self.INT_RAW["TXFIFO_EMPTY"] = 1
        if self._rx and len(self._rx) >= self.CONF1["RXFIFO_FULL_THRHD"]:
            self.INT_RAW["RXFIFO_FULL"] = 1

    def _drive(self, status: int) -> None:
        self.chip.set_interrupt(self._irq, bool(status))
