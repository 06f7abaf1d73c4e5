"""The OV2640 without its bus: power, clock, frames, exposure."""

from __future__ import annotations

from collections.abc import Callable

from facet.clock import exceeds
from facet.device.arducam_ov2640.dsp import Picture, render
from facet.device.arducam_ov2640.exposure import ExposureControl
from facet.device.arducam_ov2640.geometry import Mode
from facet.device.arducam_ov2640.registers import (
    BANK_DSP,
    COM2_STANDBY,
    COM7_SRST,
    COM10_HREF_NEGATIVE,
    COM10_VSYNC_NEGATIVE,
    RA_DLMT,
    RESET_CIF,
    RESET_DVP,
    RESET_IPU,
    Dsp,
    RegisterFile,
    Sensor,
)
from facet.device.camera_view import CameraView
from facet.device.services import DeviceServices
from facet.time import ZERO, Time, ms, of_ticks
from facet.timeline import Event

XVCLK_HZ = 24_000_000
"""The module's oscillator.

FIDELITY:
    model: The oscillator runs at exactly 24 MHz, the clock for which every register list of
        ArduCAM's library is written.
    silicon: ArduCAM publishes no schematic of the 2MP Plus; a crystal differs by some 50 ppm.
    hides: Another oscillator, which scales all frame rates.
"""

MAX_SENSOR_HZ = 36_000_000
"""The fastest pixel clock in the datasheet: UXGA at 15 frames a second (table 1)."""

RESET_TIME = ms(1)
"""Settling after a software or hardware reset, the datasheet's tS:RESET.

FIDELITY:
    model: SCCB does not answer for exactly this time after COM7.SRST.
    silicon: Public drivers wait 5 ms (Linux), 10 ms (esp32-camera) or 100 ms (ArduCAM); none says
        what happens earlier.
    hides: A driver whose wait is too short for some samples.
"""

VSYNC_LINES = 4
"""Length of the VSYNC pulse (datasheet 2.2, figures 15 to 17)."""

_TIMING = frozenset(
    {
        Sensor.CLKRC,
        Sensor.COM7,
        Sensor.PLL,
        Sensor.REG2A,
        Sensor.FRARL,
        Sensor.ADDVSL,
        Sensor.ADDVSH,
        Sensor.FLL,
        Sensor.FLH,
    }
)


class Ov2640:
    """The sensor, which streams from reset on, with a VSYNC for each frame.

    Args:
        name: for messages.
        services: the board.
        view: the view before the lens.
        frame_started: called at each VSYNC that reaches the data port.
    """

    def __init__(
        self,
        name: str,
        services: DeviceServices,
        view: CameraView,
        frame_started: Callable[[], None],
    ) -> None:
        self.view = view
        self.registers = RegisterFile()
        self._name = name
        self._services = services
        self._frame_started = frame_started
        self._exposure = ExposureControl(self.registers.sensor)
        self._running = False
        self._ready_at = ZERO
        self._vsync_at = ZERO
        self._next: Event | None = None
        self._frames = 0
        self._reported: set[str] = set()
        self.blind = False
        """Whether the array is defective and delivers no frame."""
        self.state_changed: Callable[[], None] = lambda: None
        """Called when `streaming` may have changed."""

    # -- power and reset
    def start(self, settling: Time) -> None:
        """Starts after power, clock and RESETB are good, with the registers as after a reset.

        Args:
            settling: the time until SCCB is answered.
        """
        self._reset(settling)
        self._running = True
        self._retime()

    def stop(self) -> None:
        """Stops after clock, power or RESETB has failed."""
        self._running = False
        self._retime()

    def resume(self) -> None:
        """Starts again after PWDN has fallen; the registers keep their values."""
        self._running = True
        self._retime()

    def _reset(self, settling: Time) -> None:
        self.registers.reset()
        self._frames = 0
        self._reported.clear()
        self._ready_at = self._services.now + settling
        self._exposure.restart(self.line_time())

    @property
    def answers(self) -> bool:
        """Whether SCCB can access the registers: not while stopped or just after a reset."""
        return self._running and self._services.now >= self._ready_at

    @property
    def streaming(self) -> bool:
        """Whether the array is being read out."""
        return self._running and not self.registers.sensor[Sensor.COM2] & COM2_STANDBY

    # -- registers
    def read(self, address: int) -> int:
        """Reads a register over SCCB."""
        return self.registers.read(address)

    def write(self, address: int, value: int) -> None:
        """Writes a register over SCCB, with the effects of the write."""
        bank = self.registers.bank
        before = self.registers.sensor[Sensor.COM7]
        self.registers.write(address, value)
        self._reported.clear()
        if bank == BANK_DSP or address == RA_DLMT:
            return
        if address == Sensor.COM7:
            if value & COM7_SRST:
                self._reset(RESET_TIME)
            elif Mode.of(value) is not Mode.of(before):
                self._load_window(Mode.of(value))
        if address in _TIMING or address == Sensor.COM2:
            self._exposure.restart(self.line_time())
            self._retime()

    def _load_window(self, mode: Mode) -> None:
        """Sets the window registers' defaults by the mode (datasheet 2.2, table 13)."""
        sensor, default = self.registers.sensor, mode.value
        sensor[Sensor.HREFST] = 0x11
        sensor[Sensor.HREFEND] = default.hrefend
        sensor[Sensor.VSTRT] = default.vstrt
        sensor[Sensor.VEND] = default.vend
        sensor[Sensor.REG32] = default.reg32
        sensor[Sensor.COM1] = default.com1

    # -- timing
    @property
    def array_size(self) -> tuple[int, int]:
        """Width and height of the array's picture for the DSP, in pixels."""
        timing = Mode.of(self.registers.sensor[Sensor.COM7]).value
        return timing.width, timing.height

    @property
    def clock_hz(self) -> int:
        """The array's clock in hertz.

        Source: OV2640 datasheet 2.2, register CLKRC (bit 7 doubles, [5:0] + 1 divides); register
        0x3D is reserved there, app note 1.04, section 3, sets it to 0x34 for UXGA and 0x38 for the
        other modes with frame rates that fit a factor of ``(0x40 - value) / 8``.

        FIDELITY:
            model: The factor of register 0x3D is inferred from those examples, which it fits from
                7.14 to 30 frames a second.
            silicon: The sensor's PLL is not documented.
            hides: A wrong rate for values other than 0x34 and 0x38.
        """
        sensor = self.registers.sensor
        clkrc = sensor[Sensor.CLKRC]
        eighths = max(0x40 - (sensor[Sensor.PLL] & 0x3F), 1)
        return XVCLK_HZ * eighths * (2 if clkrc & 0x80 else 1) // (8 * ((clkrc & 0x3F) + 1))

    def _line_clocks(self) -> int:
        sensor = self.registers.sensor
        dummy = (sensor[Sensor.REG2A] >> 4) << 8 | sensor[Sensor.FRARL]
        return Mode.of(sensor[Sensor.COM7]).value.line_clocks + dummy

    def _frame_lines(self) -> int:
        sensor = self.registers.sensor
        dummy = (sensor[Sensor.ADDVSH] + sensor[Sensor.FLH]) << 8
        dummy += sensor[Sensor.ADDVSL] + sensor[Sensor.FLL]
        return Mode.of(sensor[Sensor.COM7]).value.frame_lines + dummy

    def line_time(self) -> Time:
        """The time of a line, dummy pixels included."""
        return of_ticks(self._line_clocks(), self.clock_hz)

    def frame_time(self) -> Time:
        """The time from one VSYNC to the next."""
        return of_ticks(self._line_clocks() * self._frame_lines(), self.clock_hz)

    @property
    def vsync(self) -> bool:
        """Whether VSYNC is in its pulse."""
        since = self._services.now - self._vsync_at
        return self._delivers() and self._frames > 0 and since < self.line_time() * VSYNC_LINES

    @property
    def polarity(self) -> tuple[bool, bool]:
        """Whether HREF and VSYNC are negative (COM10)."""
        com10 = self.registers.sensor[Sensor.COM10]
        return bool(com10 & COM10_HREF_NEGATIVE), bool(com10 & COM10_VSYNC_NEGATIVE)

    def _delivers(self) -> bool:
        """Whether the data port is active: the sensor streams, and RESET is 0 for its path."""
        held = self.registers.dsp[Dsp.RESET] & (RESET_DVP | RESET_IPU | RESET_CIF)
        return self.streaming and not held and not self.blind

    def _retime(self) -> None:
        """Starts a new frame period of the timing generator."""
        if self._next is not None:
            self._next.cancel()
            self._next = None
        if self.streaming:
            self._next = self._services.schedule(
                self.frame_time(), self._vsync, f"{self._name} VSYNC"
            )
        self.state_changed()

    def _vsync(self) -> None:
        frame = self.frame_time()
        self._next = self._services.schedule(frame, self._vsync, f"{self._name} VSYNC")
        self._vsync_at = self._services.now
        self._frames += 1
        if exceeds(self.clock_hz, MAX_SENSOR_HZ):
            self._report(
                "camera-overclocked",
                f"CLKRC and register 0x3D set the sensor's clock to {self.clock_hz / 1e6:g} MHz; "
                f"it is specified up to {MAX_SENSOR_HZ / 1e6:g} MHz",
            )
        self._exposure.step(self.view.illumination, frame)
        if self._delivers():
            self._frame_started()

    # -- pictures
    def picture(self) -> Picture:
        """The frame that begins now, with the present exposure."""
        # FIDELITY:
        #   model: The whole frame shows the view at its VSYNC.
        #   silicon: The sensor exposes and reads line by line (rolling shutter), and an exposure
        #     that is set after a frame takes effect two frames later.
        #   hides: Skew of moving subjects, and one frame of settling.
        registers = self.registers
        picture = render(
            self.view.luma(self._services.now),
            registers.sensor,
            registers.dsp,
            signal=self._exposure.signal(self.view.illumination),
            gain=self._exposure.gain,
            seed=self._frames,
        )
        if picture.problem is not None:
            self._report(picture.rule, picture.problem)
        return picture

    def _report(self, rule: str, message: str) -> None:
        """Reports a violation once, until a register changes."""
        if message not in self._reported:
            self._reported.add(message)
            self._services.violation(rule, f"{self._name}: {message}")
