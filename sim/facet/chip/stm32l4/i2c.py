"""I2C1 to I2C3 as a master with 7-bit addresses (RM0351, section 39)."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto

from facet.board.wiring import I2cBus, Wiring
from facet.chip.enabled_flags import EnabledFlags
from facet.chip.i2c_start import StartCondition
from facet.chip.peripheral import ChipServices
from facet.chip.pins import PinRouter
from facet.chip.state import ACTIVE, IDLE
from facet.chip.stm32l4.dma_requests import DmaRequests
from facet.chip.stm32l4.i2c_registers import I2cRegisters
from facet.chip.stm32l4.i2c_timing import FAST_MODE_HZ, FAST_MODE_PLUS_HZ, scl_hz
from facet.time import PS_PER_S, Time
from facet.timeline import Event


class _Phase(Enum):
    """The state of the master."""

    IDLE = auto()
    WAITING = auto()  # START is set, but the bus never becomes free
    ADDRESS = auto()
    SENDING = auto()  # a byte is in the shift register
    WANTING = auto()  # SCL is stretched until TXDR is written
    RECEIVING = auto()
    FULL = auto()  # SCL is stretched until RXDR is read
    RELOAD = auto()  # SCL is stretched: TCR
    COMPLETE = auto()  # SCL is stretched: TC
    STOPPING = auto()


class I2c(I2cRegisters):
    """An I2C master.

    Args:
        name: such as I2C1; its pins' and DMA requests' names begin with it.
        base: address of I2C_CR1.
        chip: the chip's services.
        kernel_hz: its kernel clock (RCC_CCIPR), 0 while that is stopped.
        wiring: the board.
        pins: the GPIO's routing.
        irq_event: interrupt line of events.
        irq_error: interrupt line of errors.
        dma: the DMA request lines, if the chip's DMA is modelled.
        fast_mode_plus: whether the pins' 20 mA drive is on (SYSCFG_CFGR1.I2CxFMP).
    """

    _CLEARABLE = 0x3F38  # ADDR, NACK, STOP, BERR, ARLO, OVR, PEC, TIMOUT, ALERT (39.7.8)

    def __init__(
        self,
        name: str,
        base: int,
        chip: ChipServices,
        *,
        kernel_hz: Callable[[], int],
        wiring: Wiring,
        pins: PinRouter,
        irq_event: int,
        irq_error: int,
        dma: DmaRequests | None = None,
        fast_mode_plus: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__(name, base, chip)
        self._kernel_hz = kernel_hz
        self._wiring = wiring
        self._pins = pins
        self._irq_event = irq_event
        self._irq_error = irq_error
        self._dma = dma
        self._fast_mode_plus = fast_mode_plus
        self._phase = _Phase.IDLE
        self._bus: I2cBus | None = None  # while a transfer is under way
        self._reading = False
        self._left = 0  # bytes of NBYTES that were not transferred yet
        self._shifting = 0  # the byte in the shift register
        self._event: Event | None = None
        self._scl_time = Time(0)
        self._events = EnabledFlags(
            self.ISR,
            (("TXIS",), self.CR1, "TXIE"),
            (("RXNE",), self.CR1, "RXIE"),
            (("STOPF",), self.CR1, "STOPIE"),
            (("NACKF",), self.CR1, "NACKIE"),
            (("TC", "TCR"), self.CR1, "TCIE"),
        )
        self._errors = EnabledFlags(
            self.ISR, (("BERR", "ARLO", "OVR", "TIMEOUT"), self.CR1, "ERRIE")
        )
        self._tx_request, self._rx_request = f"{name}_TX", f"{name}_RX"
        if dma is not None:
            txdr, rxdr = base + type(self).TXDR.offset, base + type(self).RXDR.offset
            dma.connect(self._tx_request, txdr, to_peripheral=True)
            dma.connect(self._rx_request, rxdr, to_peripheral=False)

    def reset(self) -> None:
        """Carries out a system reset: a running transfer is aborted."""
        self._release()
        super().reset()
        self._update()

    def before_stop(self) -> None:
        """Reports a running transfer: it would stop with SCL low."""
        if self._phase is not _Phase.IDLE:
            self.violation("stop-while-busy", "Stop mode entered while ISR.BUSY=1")

    @property
    def scl_hz(self) -> int:
        """The frequency of SCL in hertz (39.4.9); 0 while the kernel clock is stopped."""
        return scl_hz(self.TIMINGR, self.CR1, self._kernel_hz())

    # -- the firmware's accesses
    def write_CR1(self, value: int, old: int) -> None:
        """Switches by PE; clearing it is the peripheral's software reset (39.4.6)."""
        if old & ~value & 1:
            self._release()
            self.ISR.value = type(self).ISR.reset
            for field in ("START", "STOP", "NACK", "PECBYTE"):
                self.CR2[field] = 0
        if value & ~old & 1:
            self.forget_reports()
        fields = type(self).CR1.fields
        if old & value & 1 and (value ^ old) & (fields["DNF"].mask | fields["ANFOFF"].mask):
            self.violation("i2c-enabled", "CR1's noise filters changed while CR1.PE=1")
        for register, enable, field in (("OAR1", "OA1EN", "OA1"), ("OAR2", "OA2EN", "OA2")):
            own = self.registers[register]
            # Drivers of masters routinely enable address 0.
            if self.CR1["PE"] and own[enable] and own[field]:
                self.not_modelled(f"slave mode ({register}.{enable}=1)")
        for field in ("ADDRIE", "SMBHEN", "SMBDEN", "PECEN", "WUPEN"):
            if self.CR1[field]:
                what = "slave mode (CR1.ADDRIE=1)" if field == "ADDRIE" else f"CR1.{field}=1"
                self.not_modelled(what)
        self._update()

    def write_CR2(self, value: int, old: int) -> None:
        """Starts and stops transfers; a new NBYTES continues a transfer that waits for a reload."""
        fields = type(self).CR2.fields
        if not self.CR1["PE"]:
            if value & (fields["START"].mask | fields["STOP"].mask):
                self.report_once(
                    "i2c-disabled", "CR2.START or STOP set while CR1.PE=0: nothing happens"
                )
            self.CR2["START"] = self.CR2["STOP"] = 0
            return
        if value & ~old & fields["START"].mask:
            if self._phase in (_Phase.IDLE, _Phase.COMPLETE):
                self._start()
            # else: the start follows the running transfer
        elif self._phase is _Phase.RELOAD and self.CR2["NBYTES"]:
            self.ISR["TCR"] = 0
            self._left = self.CR2["NBYTES"]
            self._go_on()
        if value & ~old & fields["STOP"].mask and self._phase in (
            _Phase.COMPLETE,
            _Phase.WANTING,
            _Phase.RELOAD,
        ):
            self._stop()
        if self._phase is _Phase.IDLE:
            self.CR2["STOP"] = 0
        self._update()

    def write_TIMINGR(self, value: int, old: int) -> None:
        """Reports a change while PE=1 (39.7.5)."""
        if self.CR1["PE"] and value != old:
            self.violation("i2c-enabled", f"TIMINGR changed to {value:#010x} while CR1.PE=1")

    def write_TIMEOUTR(self, value: int, old: int) -> None:
        """Reports SMBus timeouts, which are not modelled."""
        if self.TIMEOUTR["TIMOUTEN"] or self.TIMEOUTR["TEXTEN"]:
            self.not_modelled("TIMEOUTR.TIMOUTEN or TEXTEN=1")

    def write_ISR(self, value: int, old: int) -> None:
        """Flushes TXDR where TXE is set (39.7.7); TXIS has no effect with clock stretching."""
        self.ISR.value = old
        if value & ~old & 1:
            self.ISR["TXE"] = 1
        self._update()

    def write_ICR(self, value: int, old: int) -> None:
        """Clears flags of ISR."""
        self.ISR.value &= ~(value & self._CLEARABLE)
        self.ICR.value = 0
        self._update()

    def write_TXDR(self, value: int, old: int) -> None:
        """Takes the next byte to send."""
        self.ISR["TXE"] = 0
        self.ISR["TXIS"] = 0
        if self._phase is _Phase.WANTING:
            self._go_on()
        self._update()

    def read_RXDR(self) -> int:
        """Takes the received byte: RXNE is cleared, and a stretched clock continues."""
        value = self.RXDR.value
        self.ISR["RXNE"] = 0
        if self._phase is _Phase.FULL:
            self._deliver()
        self._update()
        return value

    # -- the transfer
    def _start(self) -> None:
        """Sends a start or repeated start with the address."""
        self.ISR["TC"] = 0
        if self.CR2["ADD10"]:
            self.not_modelled("10-bit addressing (CR2.ADD10=1)")
        self.ISR["BUSY"] = 1
        bus = self._usable_bus()
        if bus is None:
            self._phase = _Phase.WAITING
            return
        self._bus = bus
        self._phase = _Phase.ADDRESS
        self._reading = bool(self.CR2["RD_WRN"])
        self._left = self.CR2["NBYTES"]
        self._scl_time = Time(PS_PER_S // self.scl_hz)
        self.chip.state(self.name, ACTIVE)
        # The start condition, eight bits, the acknowledge.
        self._after(10, self._addressed)

    def _usable_bus(self) -> I2cBus | None:
        """The bus; None, with a report, where no start condition is possible."""
        scl = self._pins.pin_of(f"{self.name}_SCL")
        sda = self._pins.pin_of(f"{self.name}_SDA")
        if scl is None or sda is None:
            missing = " and ".join(
                f"{self.name}_{signal}"
                for signal, pin in (("SCL", scl), ("SDA", sda))
                if pin is None
            )
            self.report_once(
                "wrong-pin-function", f"START while no pin is in the alternate function {missing}"
            )
            return None
        start = StartCondition(
            trigger="START",
            scl=scl,
            sda=sda,
            scl_hz=self.scl_hz,
            limit_hz=FAST_MODE_PLUS_HZ if self._fast_mode_plus() else FAST_MODE_HZ,
            stopped="the kernel clock is stopped",
            timing=f"TIMINGR={self.TIMINGR.value:#010x} makes",
            is_open_drain=self._pins.open_drain,
            cure=lambda _pin: "its GPIOx_OTYPER bit",
        )
        return start.bus(self._wiring, self.report_once)

    def _after(self, scl_periods: int, action: Callable[[], None]) -> None:
        self._event = self.chip.schedule(self._scl_time * scl_periods, action, f"{self.name} byte")

    def _addressed(self) -> None:
        """Handles the acknowledge of the address."""
        assert self._bus is not None
        self.CR2["START"] = 0
        if self._lost_the_bus():
            return
        address = self.CR2["SADD"] >> 1 & 0x7F
        if self._bus.start(address, self._reading, self.scl_hz):
            self._go_on()
        else:
            self._refused()
        self._update()

    def _go_on(self) -> None:
        """Continues between two bytes with the next byte or with the end of the transfer."""
        if self.CR2["STOP"]:
            self._stop()
        elif self._left == 0:
            self._all_transferred()
        elif self._reading:
            self._phase = _Phase.RECEIVING
            self._after(9, self._received)
        elif self.ISR["TXE"]:
            self._phase = _Phase.WANTING
            self.ISR["TXIS"] = 1
        else:
            self._phase = _Phase.SENDING
            self._shifting = self.TXDR.value & 0xFF
            self._left -= 1
            self.ISR["TXE"] = 1
            self.ISR["TXIS"] = int(self._left > 0)  # TXDR is free for the byte after this one
            self._after(9, self._sent)

    def _sent(self) -> None:
        assert self._bus is not None
        if self._lost_the_bus():
            return
        if self._bus.write(self._shifting):
            self._go_on()
        else:
            self._refused()
        self._update()

    def _received(self) -> None:
        assert self._bus is not None
        if self._lost_the_bus():
            return
        self._shifting = self._bus.read()
        if self.ISR["RXNE"]:
            self._phase = _Phase.FULL
        else:
            self._deliver()
        self._update()

    def _deliver(self) -> None:
        """Moves the received byte to RXDR and continues."""
        self.RXDR.value = self._shifting
        self.ISR["RXNE"] = 1
        self._left -= 1
        self._go_on()

    def _refused(self) -> None:
        """Handles a missing acknowledge: the master sends a stop by itself (39.4.9)."""
        self.ISR["NACKF"] = 1
        self.ISR["TXIS"] = 0
        self._stop()

    def _all_transferred(self) -> None:
        """Ends the transfer of NBYTES bytes (39.4.9)."""
        if self.CR2["RELOAD"]:
            self._phase = _Phase.RELOAD
            self.ISR["TCR"] = 1
        elif self.CR2["AUTOEND"]:
            self._stop()
        elif self.CR2["START"]:
            self._start()
        else:
            self._phase = _Phase.COMPLETE
            self.ISR["TC"] = 1

    def _stop(self) -> None:
        self._phase = _Phase.STOPPING
        self.ISR["TC"] = self.ISR["TCR"] = self.ISR["TXIS"] = 0
        self._after(1, self._stopped)

    def _stopped(self) -> None:
        assert self._bus is not None
        self._bus.stop()
        self._idle()
        self.ISR["STOPF"] = 1
        self.CR2["STOP"] = 0
        if self.CR2["START"]:
            self._start()
        self._update()

    def _lost_the_bus(self) -> bool:
        """Whether a line that must be high is low, as when a part loses its power: sets ARLO."""
        assert self._bus is not None
        if self._bus.pulled_up:
            return False
        self._bus.stop()
        self._idle()
        self.CR2["START"] = self.CR2["STOP"] = 0
        self.ISR["TXIS"] = self.ISR["TC"] = self.ISR["TCR"] = 0
        self.ISR["ARLO"] = 1
        self._update()
        return True

    def _idle(self) -> None:
        self._event = None
        self._bus = None
        self._phase = _Phase.IDLE
        self.ISR["BUSY"] = 0
        self.chip.state(self.name, IDLE)

    def _release(self) -> None:
        """Aborts a transfer and releases the lines."""
        if self._event is not None:
            self._event.cancel()
        if self._bus is not None:
            # FIDELITY:
            #   model: The release of the lines during a byte ends the transfer for the parts too.
            #   silicon: A part may keep SDA low.
            #   hides: A missing bus recovery.
            self._bus.stop()
        if self._phase is not _Phase.IDLE:
            self._idle()

    # -- interrupts and DMA
    def _update(self) -> None:
        self.chip.set_interrupt(self._irq_event, self._events.active)
        self.chip.set_interrupt(self._irq_error, self._errors.active)
        if self._dma is not None:
            isr, cr1 = self.ISR, self.CR1
            self._dma.drive(self._tx_request, bool(cr1["TXDMAEN"] and isr["TXIS"]))
            self._dma.drive(self._rx_request, bool(cr1["RXDMAEN"] and isr["RXNE"]))
