"""I2C0 as a master: a list of commands between two FIFOs (TRM, chapter 28)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from facet.board.wiring import I2cBus, Wiring
from facet.chip.esp32c3.gated import GatedPeripheral
from facet.chip.esp32c3.pins import MatrixRouter
from facet.chip.peripheral import ChipServices
from facet.chip.registers import Register, bit, bits
from facet.chip.state import ACTIVE, IDLE
from facet.clock import ClockSignal
from facet.time import PS_PER_S, Time, of_ticks
from facet.timeline import Event

FIFO_BYTES = 32
COMMANDS = 8
FAST_MODE_PLUS_HZ = 800_000  # the most that the manual gives (28.2)

_WRITE, _STOP, _READ, _END, _RSTART = 1, 2, 3, 4, 6  # COMDn.OPCODE (28.4.2)
_STRETCH_NONE = 3  # SR.STRETCH_CAUSE

_INTERRUPTS = {
    # INT_RAW, INT_CLR, INT_ENA, INT_ST: alike in their fields
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


class I2c(GatedPeripheral):
    """The I2C controller.

    Args:
        name: I2C0.
        base: address of SCL_LOW_PERIOD.
        chip: the chip's services.
        xtal, rc_fast: what CLK_CONF.SCLK_SEL selects.
        wiring: the board.
        pins: the GPIO matrix.
        irq: its interrupt source.
    """

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
    SLAVE_ADDR = Register(0x10, 0, "rw", SLAVE_ADDR=bits(14, 0), ADDR_10BIT_EN=bit(31))
    FIFO_ST = Register(
        0x14,
        0,
        "ro",
        RXFIFO_RADDR=bits(4, 0),
        RXFIFO_WADDR=bits(9, 5),
        TXFIFO_RADDR=bits(14, 10),
        TXFIFO_WADDR=bits(19, 15),
        SLAVE_RW_POINT=bits(29, 22),
    )
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
    SDA_SAMPLE = Register(0x34, 0, "rw", TIME=bits(8, 0))
    SCL_HIGH_PERIOD = Register(
        0x38, 0, "rw", SCL_HIGH_PERIOD=bits(8, 0), SCL_WAIT_HIGH_PERIOD=bits(15, 9)
    )
    SCL_START_HOLD = Register(0x40, 0x0008, "rw", TIME=bits(8, 0))
    SCL_RSTART_SETUP = Register(0x44, 0x0008, "rw", TIME=bits(8, 0))
    SCL_STOP_HOLD = Register(0x48, 0x0008, "rw", TIME=bits(8, 0))
    SCL_STOP_SETUP = Register(0x4C, 0x0008, "rw", TIME=bits(8, 0))
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
    SCL_ST_TIME_OUT = Register(0x78, 0x0010, "rw", SCL_ST_TO=bits(4, 0))
    SCL_MAIN_ST_TIME_OUT = Register(0x7C, 0x0010, "rw", SCL_MAIN_ST_TO=bits(4, 0))
    SCL_SP_CONF = Register(
        0x80,
        0,
        "rw",
        SCL_RST_SLV_EN=bit(0),
        SCL_RST_SLV_NUM=bits(5, 1),
        SCL_PD_EN=bit(6),
        SDA_PD_EN=bit(7),
    )
    SCL_STRETCH_CONF = Register(
        0x84,
        0,
        "rw",
        STRETCH_PROTECT_NUM=bits(9, 0),
        SLAVE_SCL_STRETCH_EN=bit(10),
        SLAVE_SCL_STRETCH_CLR=bit(11, "wo"),
        SLAVE_BYTE_ACK_CTL_EN=bit(12),
        SLAVE_BYTE_ACK_LVL=bit(13),
    )

    def __init__(
        self,
        name: str,
        base: int,
        chip: ChipServices,
        *,
        xtal: ClockSignal,
        rc_fast: ClockSignal,
        wiring: Wiring,
        pins: MatrixRouter,
        irq: int,
    ) -> None:
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
        self._xtal, self._rc_fast = xtal, rc_fast
        self._wiring = wiring
        self._pins = pins
        self._irq = irq
        self._tx: deque[int] = deque()
        self._rx: deque[int] = deque()
        self._updated = True
        self._bus: I2cBus | None = None
        self._event: Event | None = None
        self._command = 0
        self._left = 0  # bytes of the command under way
        self._address_next = False  # the next byte written is an address
        self._reading = False
        self._started = False  # between a start and a stop condition

    def reset(self) -> None:
        """As after a reset: a transfer under way is broken off."""
        self._release()
        super().reset()
        self._tx.clear()
        self._rx.clear()
        self._updated = True
        self.SR["STRETCH_CAUSE"] = _STRETCH_NONE
        self._update()

    def before_light_sleep(self) -> None:
        """A transfer under way would stand still."""
        if self._event is not None or self.SR["BUS_BUSY"]:
            self.violation("sleep-while-busy", "sleep entered while SR.BUS_BUSY=1")

    # -- speed
    @property
    def _sclk_hz(self) -> int:
        source = self._rc_fast if self.CLK_CONF["SCLK_SEL"] else self._xtal
        if not self.CLK_CONF["SCLK_ACTIVE"]:
            return 0
        # FIDELITY: the fraction SCLK_DIV_A / SCLK_DIV_B is left out; silicon divides by it too; a
        # clock that uses it is off by its share.
        return source.hz // (self.CLK_CONF["SCLK_DIV_NUM"] + 1)

    @property
    def scl_hz(self) -> int:
        """SCL's frequency (28.4.6); 0 while the clock stands still.

        FIDELITY: the edges of the lines take no time; on silicon pull-ups and capacitance and the
        filters add some 100 ns to each half; SCL is some per cent slower on a board.
        """
        ticks = (
            self.SCL_LOW_PERIOD["SCL_LOW_PERIOD"]
            + 1
            + self.SCL_HIGH_PERIOD["SCL_HIGH_PERIOD"]
            + self.SCL_HIGH_PERIOD["SCL_WAIT_HIGH_PERIOD"]
        )
        return self._sclk_hz // ticks

    # -- the firmware's accesses
    def _wants_update(self, value: int, old: int) -> None:
        if value != old:
            self._updated = False

    def write_SCL_LOW_PERIOD(self, value: int, old: int) -> None:
        """Timing: acts after CTR.CONF_UPGATE (28.4.1)."""
        self._wants_update(value, old)

    def write_SCL_HIGH_PERIOD(self, value: int, old: int) -> None:
        """Timing."""
        self._wants_update(value, old)

    def write_TO(self, value: int, old: int) -> None:
        """Timeout."""
        self._wants_update(value, old)

    def write_SDA_HOLD(self, value: int, old: int) -> None:
        """Timing."""
        self._wants_update(value, old)

    def write_FILTER_CFG(self, value: int, old: int) -> None:
        """Filters."""
        self._wants_update(value, old)

    def write_CTR(self, value: int, old: int) -> None:
        """TRANS_START runs the command list; CONF_UPGATE hands the registers over."""
        start, restart, update = (self.CTR[f] for f in ("TRANS_START", "FSM_RST", "CONF_UPGATE"))
        fixed = type(self).CTR.fields["MS_MODE"].mask
        self._wants_update(value & fixed, old & fixed)
        for field in ("TRANS_START", "FSM_RST", "CONF_UPGATE"):
            self.CTR[field] = 0
        if restart:
            self._release()
        if update:
            self._updated = True
        if start:
            self._begin()
        self._update()

    def write_FIFO_CONF(self, value: int, old: int) -> None:
        """Thresholds; resets of the FIFOs."""
        if self.FIFO_CONF["TX_FIFO_RST"]:
            self._tx.clear()
        if self.FIFO_CONF["RX_FIFO_RST"]:
            self._rx.clear()
        if self.FIFO_CONF["NONFIFO_EN"]:
            self.not_modelled("FIFO_CONF.NONFIFO_EN=1: the FIFOs as memory")
        self._update()

    def write_SCL_SP_CONF(self, value: int, old: int) -> None:
        """Clock pulses that free a hanging bus."""
        if self.SCL_SP_CONF["SCL_RST_SLV_EN"]:
            # FIDELITY: the pulses are over at once and no part hangs; on silicon they take 9 SCL
            # periods and free a part that holds SDA; a recovery is not tried.
            self.SCL_SP_CONF["SCL_RST_SLV_EN"] = 0

    def write_DATA(self, value: int, old: int) -> None:
        """A byte to send."""
        self.DATA.value = 0
        if len(self._tx) >= FIFO_BYTES:
            self.INT_RAW["TXFIFO_OVF"] = 1
            self.violation("i2c-fifo-overrun", "DATA written while SR.TXFIFO_CNT=32: it is lost")
        else:
            self._tx.append(value & 0xFF)
        self._update()

    def read_DATA(self) -> int:
        """Takes a received byte."""
        if not self._rx:
            self.INT_RAW["RXFIFO_UDF"] = 1
            self.tell("i2c-fifo-empty", "DATA read while SR.RXFIFO_CNT=0")
            return 0
        byte = self._rx.popleft()
        self._update()
        return byte

    def read_SR(self) -> int:
        """How full the FIFOs are, and the bus's state."""
        self.SR["TXFIFO_CNT"] = len(self._tx)
        self.SR["RXFIFO_CNT"] = len(self._rx)
        return self.SR.value

    def write_INT_CLR(self, value: int, old: int) -> None:
        """Clears flags; watermarks that still hold come back."""
        self.INT_CLR.value = 0
        self.INT_RAW.value &= ~value
        self._update()

    def write_INT_ENA(self, value: int, old: int) -> None:
        """Interrupts go on and off."""
        self._update()

    # -- running the command list
    def _begin(self) -> None:
        if self._event is not None:
            self.violation("i2c-busy", "CTR.TRANS_START set while a command list is running")
            return
        if not self.CTR["MS_MODE"]:
            self.not_modelled("CTR.MS_MODE=0: slave mode")
            return
        if not self._updated:
            self.violation(
                "i2c-not-updated",
                "CTR.TRANS_START set, but registers were changed after the last CTR.CONF_UPGATE",
            )
            self._updated = True
        if self.CTR["TX_LSB_FIRST"] or self.CTR["RX_LSB_FIRST"]:
            self.not_modelled("CTR.TX_LSB_FIRST or RX_LSB_FIRST=1")
        for number in range(COMMANDS):
            self.registers[f"COMD{number}"]["COMMAND_DONE"] = 0
        self._command = 0
        self.INT_RAW["TRANS_START"] = 1
        self.SR["BUS_BUSY"] = 1
        if self._started and self._bus is not None:  # after an END command
            self._next_command()
            return
        self._bus = self._usable_bus()
        if self._bus is None:
            self._hang()
            return
        self.chip.state(self.name, ACTIVE)
        self._next_command()

    def _usable_bus(self) -> I2cBus | None:
        """The bus, or None and a violation where no start condition can come about."""
        pins: list[str] = []
        for signal in ("I2CEXT0_SCL", "I2CEXT0_SDA"):
            pin = self._pins.output_pin(signal)
            if pin is None:
                self.tell("wrong-pin-function", f"TRANS_START while no pin is routed to {signal}")
                return None
            heard = self._pins.input_pin(signal)
            if heard is None:
                why = self._pins.why_no_input(signal)
                self.tell("wrong-pin-function", f"TRANS_START while {why}")
                return None
            if heard != pin:
                self.tell("wrong-pin-function", f"{signal} drives {pin} but hears {heard}")
                return None
            if not self._pins.open_drain(pin):
                self.tell(
                    "i2c-not-open-drain",
                    f"{pin} ({signal}) is a push-pull output: set GPIO_PIN{pin[4:]}.PAD_DRIVER",
                )
            pins.append(pin)
        hz = self.scl_hz
        if hz == 0:
            self.tell("i2c-no-clock", "TRANS_START while CLK_CONF stops the clock")
            return None
        if hz > FAST_MODE_PLUS_HZ:
            self.tell("i2c-too-fast", f"SCL at {hz / 1000:.0f} kHz, more than 800 kHz")
        bus = self._wiring.i2c_bus(*pins)
        if not bus.pulled_up:
            low = " and ".join(
                f"{pin} ({signal})"
                for pin, signal, net in zip(pins, ("SCL", "SDA"), (bus.scl, bus.sda), strict=True)
                if net.level != 1
            )
            self.tell(
                "i2c-no-pull-up",
                f"TRANS_START while {low} is not high: nothing pulls it up (or a part holds it "
                "low); the start condition never comes",
            )
            return None
        return bus

    def _hang(self) -> None:
        """The start condition does not come; TO ends the wait if it is set up."""
        if self.TO["TIME_OUT_EN"] and self._sclk_hz:
            self._event = self.chip.schedule(
                of_ticks(1 << self.TO["TIME_OUT_VALUE"], self._sclk_hz),
                self._timed_out,
                f"{self.name} timeout",
            )

    def _timed_out(self) -> None:
        self._event = None
        self.INT_RAW["TIME_OUT"] = 1
        # FIDELITY: SR.BUS_BUSY stays set after a timeout until the controller is reset or a list
        # runs through; the manual does not say when it clears; a driver that waits for it resets
        # the controller here where silicon may go on by itself.
        self._update()

    def _after(self, scl_periods: int, action: Callable[[], None]) -> None:
        span = Time(scl_periods * PS_PER_S // self.scl_hz)
        self._event = self.chip.schedule(span, action, f"{self.name} byte")

    def _next_command(self) -> None:
        if self._command >= COMMANDS:
            self.violation("i2c-no-stop", "the command list ends without STOP or END")
            self._release()
            return
        command = self.registers[f"COMD{self._command}"]
        opcode = command["OPCODE"]
        self._left = command["BYTE_NUM"]
        if opcode == _RSTART:
            self._after(1, self._start_condition)
        elif opcode == _STOP:
            self._after(1, self._stop_condition)
        elif opcode == _END:
            self._event = None
            self._finish_command()
            self.INT_RAW["END_DETECT"] = 1
            self._update()
        elif opcode in (_WRITE, _READ) and self._started and self._left:
            self._after(9, self._write_byte if opcode == _WRITE else self._read_byte)
        else:
            self.violation(
                "i2c-bad-command",
                f"COMD{self._command}={command.value:#x} cannot be run "
                f"({'no start condition before it' if not self._started else 'no such command'})",
            )
            self._release()

    def _finish_command(self) -> None:
        self.registers[f"COMD{self._command}"]["COMMAND_DONE"] = 1
        self._command += 1

    def _start_condition(self) -> None:
        self._started = True
        self._address_next = True
        self._finish_command()
        self._next_command()

    def _write_byte(self) -> None:
        assert self._bus is not None
        if self._lost_the_bus():
            return
        if not self._tx:
            self.INT_RAW["MST_TXFIFO_UDF"] = 1
            self.violation(
                "i2c-fifo-empty",
                f"COMD{self._command} writes, but the transmit FIFO is empty: SCL stays low",
            )
            self._event = None
            self._update()
            return
        byte = self._tx.popleft()
        if self._address_next:
            self._address_next = False
            self._reading = bool(byte & 1)
            acknowledged = self._bus.start(byte >> 1, self._reading, self.scl_hz)
        else:
            acknowledged = self._bus.write(byte)
        self.SR["RESP_REC"] = int(not acknowledged)
        command = self.registers[f"COMD{self._command}"]
        if command["ACK_CHECK_EN"] and acknowledged == bool(command["ACK_EXP"]):
            self.INT_RAW["NACK"] = 1
            self._after(1, self._stop_condition)  # the controller ends the transfer by itself
            self._update()
            return
        self._byte_through()

    def _read_byte(self) -> None:
        assert self._bus is not None
        if self._lost_the_bus():
            return
        byte = self._bus.read() if self._reading else 0xFF
        if len(self._rx) >= FIFO_BYTES:
            self.INT_RAW["RXFIFO_OVF"] = 1
            self.violation("i2c-fifo-overrun", "a received byte is lost: SR.RXFIFO_CNT=32")
        else:
            self._rx.append(byte)
        self._byte_through()

    def _byte_through(self) -> None:
        self.INT_RAW["BYTE_TRANS_DONE"] = 1
        self._left -= 1
        command = self.registers[f"COMD{self._command}"]
        if self._left:
            writes = command["OPCODE"] == _WRITE
            self._after(9, self._write_byte if writes else self._read_byte)
        else:
            self._finish_command()
            self._next_command()
        self._update()

    def _lost_the_bus(self) -> bool:
        """A part lost its power in the midst: a line is low."""
        assert self._bus is not None
        if self._bus.pulled_up:
            return False
        self.INT_RAW["ARBITRATION_LOST"] = 1
        self.SR["ARB_LOST"] = 1
        self._release()
        self._update()
        return True

    def _stop_condition(self) -> None:
        assert self._bus is not None
        if self._command < COMMANDS:
            self.registers[f"COMD{self._command}"]["COMMAND_DONE"] = 1
        self._release()
        self.INT_RAW["TRANS_COMPLETE"] = 1
        self._update()

    def _release(self) -> None:
        """Lets go of the bus."""
        if self._event is not None:
            self._event.cancel()
            self._event = None
        if self._bus is not None:
            if self._started:
                self._bus.stop()
            self._bus = None
            self.chip.state(self.name, IDLE)
        self._started = self._address_next = False
        self.SR["BUS_BUSY"] = 0

    # -- interrupt
    def _update(self) -> None:
        if len(self._tx) <= self.FIFO_CONF["TXFIFO_WM_THRHD"]:
            self.INT_RAW["TXFIFO_WM"] = 1
        if len(self._rx) > self.FIFO_CONF["RXFIFO_WM_THRHD"]:
            self.INT_RAW["RXFIFO_WM"] = 1
        self.INT_ST.value = self.INT_RAW.value & self.INT_ENA.value
        self.chip.set_interrupt(self._irq, bool(self.INT_ST.value))
