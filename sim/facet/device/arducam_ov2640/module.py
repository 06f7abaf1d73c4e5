"""The ArduCAM Mini 2MP Plus: supply, pull-ups, SPI and SCCB connections, a view."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from functools import partial

from facet.board.net import Net
from facet.board.wiring import SpiPins, Wiring
from facet.device.arducam_ov2640.arduchip import GPIO_PWDN, GPIO_PWREN, GPIO_RESETB, ArduChip
from facet.device.arducam_ov2640.dsp import Picture
from facet.device.arducam_ov2640.sccb import SccbPort
from facet.device.arducam_ov2640.sensor import RESET_TIME, Ov2640
from facet.device.camera import CameraMode, CameraState, CapturedFrame
from facet.device.camera_view import CameraView
from facet.device.services import DeviceServices
from facet.time import ZERO, Time, ms
from facet.timeline import Event

START_TIME = ms(10)
"""The time from supply to the first answer.

FIDELITY:
    model: The oscillator's start, the CPLD's configuration and the sensor's power-on reset are one
        figure.
    silicon: ArduCAM publishes no figure; its examples wait 100 ms.
    hides: A driver that waits barely long enough.
"""

BACK_POWER_TIME = ms(1)
"""The time for which a pin may stay high at the unpowered module. It allows for the order in which
a driver switches pins and supply."""


class Failure(Enum):
    """The failures of the module."""

    NO_ACK = "no-ack"
    """The sensor does not answer on SCCB; the ArduChip does on SPI."""
    NO_FRAME = "no-frame"
    """All registers work, but the sensor gives no VSYNC."""
    REMOVED = "removed"
    """The module is not plugged in."""


class ArducamMini2mpPlus:
    """The module. Without supply it draws no current, gives no answer, loses its registers, and has
    no I2C pull-ups. A pin that is high then back-powers the module through its protection diodes:
    the violation "back-powered".

    Args:
        services: the board.
        view: the view before the lens; may be changed at any time.
        power: its supply; 1 is on.
        scl, sda: the nets that its pull-ups pull.
        inputs: the other nets at its inputs (SCK, MOSI, chip select).
        name: in messages and in the state trace.
    """

    def __init__(
        self,
        services: DeviceServices,
        view: CameraView,
        *,
        power: Net,
        scl: Net,
        sda: Net,
        inputs: Sequence[Net] = (),
        name: str = "camera",
    ) -> None:
        self.name = name
        self.last_frame: CapturedFrame | None = None
        self._services = services
        self._failure: Failure | None = None
        self._powered = False
        self._started = False
        self._starting: Event | None = None
        self._pull_ups = (scl, sda)
        self._sensor = Ov2640(name, services, view, self._frame_started)
        self.arduchip = ArduChip(
            name,
            services,
            self._sensor,
            alive=lambda: self._started,
            on_gpio=self._apply_gpio,
            on_stored=self._stored,
        )
        self.sccb = SccbPort(name, services, self._sensor, self._sccb_alive)
        self._sensor.state_changed = self._note_state
        self._gpio = 0
        self._watched = {net.name: net for net in (scl, sda, *inputs)}
        self._back_power: dict[str, Event] = {}
        self._supply = power
        for net in self._watched.values():
            net.watch(partial(self._input_changed, net))
        power.watch(self._supply_changed)
        self._note_state()

    @classmethod
    def wired(
        cls,
        wiring: Wiring,
        services: DeviceServices,
        view: CameraView,
        *,
        spi: SpiPins,
        select: str,
        scl: str,
        sda: str,
        power: str,
        name: str = "camera",
    ) -> ArducamMini2mpPlus:
        """Makes a module and connects it to the board's SPI and I2C.

        Args:
            wiring: the board's connections.
            services: the board.
            view: the view before the lens.
            spi: the chip's pins at SCK, MISO and MOSI.
            select, scl, sda, power: the chip's pins at chip select, SCL, SDA and the supply switch.
            name: in messages and in the state trace.
        """
        lines = [wiring.net(pin) for pin in (spi.sck, spi.mosi, select) if pin is not None]
        camera = cls(
            services,
            view,
            power=wiring.net(power),
            scl=wiring.net(scl),
            sda=wiring.net(sda),
            inputs=lines,
            name=name,
        )
        wiring.plug_spi(camera.arduchip, spi, select)
        wiring.plug_i2c(camera.sccb, scl, sda)
        return camera

    @property
    def view(self) -> CameraView:
        """The view before the lens; a change appears in the next frame."""
        return self._sensor.view

    @view.setter
    def view(self, view: CameraView) -> None:
        self._sensor.view = view

    @property
    def frame_time(self) -> Time:
        """The time from one VSYNC to the next, by the present registers."""
        return self._sensor.frame_time()

    # -- supply
    def power_changed(self, on: bool) -> None:
        """Handles a change of the supply."""
        on = on and self._failure is not Failure.REMOVED
        if on == self._powered:
            return
        self._powered = on
        for net in self._pull_ups:
            net.pull(self.name, 1 if on else None)
        if on:
            self._starting = self._services.schedule(START_TIME, self._start, f"{self.name} start")
        else:
            if self._starting is not None:
                self._starting.cancel()
                self._starting = None
            self._started = False
            self._gpio = 0
            self._sensor.stop()
            self.arduchip.reset()
        self._check_inputs()
        self._note_state()

    def _supply_changed(self, level: int | None) -> None:
        self.power_changed(level == 1)

    def _start(self) -> None:
        self._starting = None
        self._started = True
        self.arduchip.reset()
        self._gpio = self.arduchip.gpio
        self._sensor.start(settling=ZERO)
        self._note_state()

    def _check_inputs(self) -> None:
        for net in self._watched.values():
            self._input_changed(net, net.level)

    def _input_changed(self, net: Net, level: int | None) -> None:
        """Plans or cancels the report of a net that is high while the supply is off."""
        feeding = level == 1 and not self._powered and self._failure is not Failure.REMOVED
        planned = self._back_power.get(net.name)
        if feeding and planned is None:
            self._back_power[net.name] = self._services.schedule(
                BACK_POWER_TIME, partial(self._back_powered, net), f"{self.name} back-power"
            )
        elif not feeding and planned is not None:
            planned.cancel()
            del self._back_power[net.name]

    def _back_powered(self, net: Net) -> None:
        self._services.violation(
            "back-powered",
            f"{self.name}: {net.name} has been high for {BACK_POWER_TIME.in_ms:g} ms while the "
            f"module's supply ({self._supply.name}) is off and feeds it through its inputs; make "
            "the pin an analog input or drive it low before switching the supply off",
        )

    # -- the sensor's control lines
    def _apply_gpio(self) -> None:
        """Handles RESETB, PWDN and the sensor's LDO, which the ArduChip drives."""
        before, self._gpio = self._gpio, self.arduchip.gpio
        fed = GPIO_RESETB | GPIO_PWREN
        was_fed, is_fed = before & fed == fed, self._gpio & fed == fed
        was_down, is_down = bool(before & GPIO_PWDN), bool(self._gpio & GPIO_PWDN)
        if is_fed and not was_fed:
            self._sensor.start(settling=RESET_TIME)
            if is_down:
                self._sensor.stop()
        elif was_fed and (not is_fed or (is_down and not was_down)):
            self._sensor.stop()
        elif is_fed and was_down and not is_down:
            self._sensor.resume()
        self._note_state()

    def _sccb_alive(self) -> bool:
        return self._started and self._failure is not Failure.NO_ACK

    def _frame_started(self) -> None:
        self.arduchip.frame_started()

    def _stored(self, picture: Picture) -> None:
        self.last_frame = CapturedFrame(
            picture.data, picture.width, picture.height, picture.format.value, self._services.now
        )

    def _note_state(self) -> None:
        """Reports the module's state, after each change that can affect it."""
        self._services.state(self.name, self._present_state())

    def _present_state(self) -> CameraState:
        if not self._powered:
            return CameraState(CameraMode.OFF)
        if not self._started:
            return CameraState(CameraMode.STARTING)
        if not self._sensor.streaming:
            return CameraState(CameraMode.STANDBY)
        width, height = self._sensor.array_size
        return CameraState(
            CameraMode.STREAMING,
            frame_time=self._sensor.frame_time(),
            clock_hz=self._sensor.clock_hz,
            width=width,
            height=height,
        )

    # -- scenarios
    @property
    def failures(self) -> tuple[str, ...]:
        """The values of `Failure`."""
        return tuple(failure.value for failure in Failure)

    def fail(self, how: Failure | str) -> None:
        """Breaks the module at once, until `repair`.

        Args:
            how: one of `Failure` or its value ("no-ack", "no-frame", "removed").

        Raises:
            ValueError: `how` is none of them.
        """
        self._failure = Failure(how)
        self._sensor.blind = self._failure is Failure.NO_FRAME
        self.power_changed(self._supply.level == 1)
        self._check_inputs()

    def repair(self) -> None:
        """Ends a failure; a module that was removed starts as after power-up."""
        self._failure = None
        self._sensor.blind = False
        self.power_changed(self._supply.level == 1)
        self._check_inputs()
