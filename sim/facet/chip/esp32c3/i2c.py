"""I2C0 as a master: a list of commands between two FIFOs (TRM, chapter 28)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from facet.board.wiring import I2cBus, Wiring
from facet.chip.esp32c3.i2c_registers import COMMANDS
from facet.chip.esp32c3.i2c_timing import I2cTiming
from facet.chip.esp32c3.interrupt_flags import InterruptFlags
from facet.chip.esp32c3.pins import MatrixRouter
from facet.chip.i2c_start import StartCondition
from facet.chip.peripheral import ChipServices
from facet.chip.state import ACTIVE, IDLE
from facet.clock import ClockSignal
from facet.time import PS_PER_S, Time, of_ticks
from facet.timeline import Event

FIFO_BYTES = 32
FAST_MODE_PLUS_HZ = 800_000  # the highest that the manual gives (28.2)

_WRITE, _STOP, _READ, _END, _RSTART = 1, 2, 3, 4, 6  # COMDn.OPCODE (28.4.2)
_STRETCH_NONE = 3  # SR.STRETCH_CAUSE


class I2c(I2cTiming):
    """The I2C controller.

    Args:
        name: I2C0.
        base: address of SCL_LOW_PERIOD.
        chip: the chip's services.
        xtal, rc_fast: the clocks that CLK_CONF.SCLK_SEL selects from.
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
        xtal: ClockSignal,
        rc_fast: ClockSignal,
        wiring: Wiring,
        pins: MatrixRouter,
        irq: int,
    ) -> None:
        super().__init__(name, base, chip, xtal=xtal, rc_fast=rc_fast)
        self._wiring = wiring
        self._pins = pins
        self._irq = irq
        self._interrupts = InterruptFlags(self, "INT_{}", self._drive, self._refresh_levels)
        self._tx: deque[int] = deque()
        self._rx: deque[int] = deque()
        self._bus: I2cBus | None = None
        self._event: Event | None = None
        self._command = 0
        self._left = 0  # remaining bytes of the present command
        self._address_next = False  # the next byte written is an address
        self._reading = False
        self._started = False  # between a start and a stop condition

    def reset(self) -> None:
        """Carries out a reset: a running transfer is aborted."""
        self._release()
        super().reset()
        self._tx.clear()
        self._rx.clear()
        self.SR["STRETCH_CAUSE"] = _STRETCH_NONE
        self._interrupts.update()

    def before_light_sleep(self) -> None:
        """Reports a running transfer, which sleep would stop."""
        if self._event is not None or self.SR["BUS_BUSY"]:
            self.violation("sleep-while-busy", "sleep entered while SR.BUS_BUSY=1")

    # -- the firmware's accesses
    def write_CTR(self, value: int, old: int) -> None:
        """Runs the command list by TRANS_START; takes the registers over by CONF_UPGATE."""
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
        self._interrupts.update()

    def write_FIFO_CONF(self, value: int, old: int) -> None:
        """Changes thresholds and resets the FIFOs."""
        if self.FIFO_CONF["TX_FIFO_RST"]:
            self._tx.clear()
        if self.FIFO_CONF["RX_FIFO_RST"]:
            self._rx.clear()
        if self.FIFO_CONF["NONFIFO_EN"]:
            self.not_modelled("FIFO_CONF.NONFIFO_EN=1: the FIFOs as memory")
        self._interrupts.update()

    def write_SCL_SP_CONF(self, value: int, old: int) -> None:
        """Sends the clock pulses that recover a blocked bus."""
        if self.SCL_SP_CONF["SCL_RST_SLV_EN"]:
            # FIDELITY:
            #   model: The recovery pulses end at once, and no part holds the bus.
            #   silicon: The pulses take 9 SCL periods and free a part that holds SDA.
            #   hides: A bus recovery that does not work.
            self.SCL_SP_CONF["SCL_RST_SLV_EN"] = 0

    def write_DATA(self, value: int, old: int) -> None:
        """Takes a byte to send."""
        self.DATA.value = 0
        if len(self._tx) >= FIFO_BYTES:
            self.INT_RAW["TXFIFO_OVF"] = 1
            self.violation("i2c-fifo-overrun", "DATA written while SR.TXFIFO_CNT=32: it is lost")
        else:
            self._tx.append(value & 0xFF)
        self._interrupts.update()

    def read_DATA(self) -> int:
        """Takes a received byte."""
        if not self._rx:
            self.INT_RAW["RXFIFO_UDF"] = 1
            self.report_once("i2c-fifo-empty", "DATA read while SR.RXFIFO_CNT=0")
            return 0
        byte = self._rx.popleft()
        self._interrupts.update()
        return byte

    def read_SR(self) -> int:
        """Gives the levels of the FIFOs and the state of the bus."""
        self.SR["TXFIFO_CNT"] = len(self._tx)
        self.SR["RXFIFO_CNT"] = len(self._rx)
        return self.SR.value

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
        """The bus; None, with a report, where no start condition is possible."""
        pins: list[str] = []
        for signal in ("I2CEXT0_SCL", "I2CEXT0_SDA"):
            pin = self._pins.output_pin(signal)
            if pin is None:
                self.report_once(
                    "wrong-pin-function", f"TRANS_START while no pin is routed to {signal}"
                )
                return None
            source = self._pins.input_pin(signal)
            if source is None:
                why = self._pins.why_no_input(signal)
                self.report_once("wrong-pin-function", f"TRANS_START while {why}")
                return None
            if source != pin:
                self.report_once(
                    "wrong-pin-function", f"{signal} drives {pin}, but its input is {source}"
                )
                return None
            pins.append(pin)
        start = StartCondition(
            trigger="TRANS_START",
            scl=pins[0],
            sda=pins[1],
            scl_hz=self.scl_hz,
            limit_hz=FAST_MODE_PLUS_HZ,
            stopped="CLK_CONF stops the clock",
            timing="SCL_LOW_PERIOD and SCL_HIGH_PERIOD make",
            is_open_drain=self._pins.open_drain,
            cure=lambda pin: f"GPIO_PIN{pin[4:]}.PAD_DRIVER",
        )
        return start.bus(self._wiring, self.report_once)

    def _hang(self) -> None:
        """Waits for a start condition that never comes; a timeout by TO ends the wait."""
        if self.TO["TIME_OUT_EN"] and self._sclk_hz:
            self._event = self.chip.schedule(
                of_ticks(1 << self.TO["TIME_OUT_VALUE"], self._sclk_hz),
                self._timed_out,
                f"{self.name} timeout",
            )

    def _timed_out(self) -> None:
        self._event = None
        self.INT_RAW["TIME_OUT"] = 1
        # FIDELITY:
        #   model: SR.BUS_BUSY stays set after a timeout until the controller is reset or a command
        #     list ends.
        #   silicon: The manual does not say when the bit clears.
        #   hides: A driver that waits for the bit may go on by itself on the chip, and resets the
        #     controller here.
        self._interrupts.update()

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
            self._interrupts.update()
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
            self._interrupts.update()
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
            self._after(1, self._stop_condition)  # the controller ends the transfer
            self._interrupts.update()
            return
        self._byte_done()

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
        self._byte_done()

    def _byte_done(self) -> None:
        self.INT_RAW["BYTE_TRANS_DONE"] = 1
        self._left -= 1
        command = self.registers[f"COMD{self._command}"]
        if self._left:
            writes = command["OPCODE"] == _WRITE
            self._after(9, self._write_byte if writes else self._read_byte)
        else:
            self._finish_command()
            self._next_command()
        self._interrupts.update()

    def _lost_the_bus(self) -> bool:
        """Whether a line is low that must be high, as when a part lost its power."""
        assert self._bus is not None
        if self._bus.pulled_up:
            return False
        self.INT_RAW["ARBITRATION_LOST"] = 1
        self.SR["ARB_LOST"] = 1
        self._release()
        self._interrupts.update()
        return True

    def _stop_condition(self) -> None:
        assert self._bus is not None
        if self._command < COMMANDS:
            self.registers[f"COMD{self._command}"]["COMMAND_DONE"] = 1
        self._release()
        self.INT_RAW["TRANS_COMPLETE"] = 1
        self._interrupts.update()

    def _release(self) -> None:
        """Releases the bus."""
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
    def _refresh_levels(self) -> None:
        """Sets the flags of FIFO levels, which return while their condition is true."""
        if len(self._tx) <= self.FIFO_CONF["TXFIFO_WM_THRHD"]:
            self.INT_RAW["TXFIFO_WM"] = 1
        if len(self._rx) > self.FIFO_CONF["RXFIFO_WM_THRHD"]:
            self.INT_RAW["RXFIFO_WM"] = 1

    def _drive(self, status: int) -> None:
        self.chip.set_interrupt(self._irq, bool(status))
