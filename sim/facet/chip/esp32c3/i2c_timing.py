"""The clock of the ESP32-C3's I2C controller and the settings that need CONF_UPGATE."""

from __future__ import annotations

from facet.chip.esp32c3.i2c_registers import I2cRegisters
from facet.chip.peripheral import ChipServices
from facet.clock import ClockSignal


class I2cTiming(I2cRegisters):
    """The part of the controller that derives SCL from the registers.

    Args:
        name: I2C0.
        base: address of SCL_LOW_PERIOD.
        chip: the chip's services.
        xtal, rc_fast: the clocks that CLK_CONF.SCLK_SEL selects from.
    """

    def __init__(
        self, name: str, base: int, chip: ChipServices, *, xtal: ClockSignal, rc_fast: ClockSignal
    ) -> None:
        super().__init__(name, base, chip)
        self._xtal, self._rc_fast = xtal, rc_fast
        self._updated = True  # no register was changed since the last CTR.CONF_UPGATE

    def reset(self) -> None:
        """Carries out a reset."""
        super().reset()
        self._updated = True

    @property
    def _sclk_hz(self) -> int:
        source = self._rc_fast if self.CLK_CONF["SCLK_SEL"] else self._xtal
        if not self.CLK_CONF["SCLK_ACTIVE"]:
            return 0
        # FIDELITY:
        #   model: The fraction SCLK_DIV_A / SCLK_DIV_B is left out.
        #   silicon: The clock is divided by the fraction too.
        #   hides: A clock that uses the fraction is wrong by its share.
        return source.hz // (self.CLK_CONF["SCLK_DIV_NUM"] + 1)

    @property
    def scl_hz(self) -> int:
        """The frequency of SCL in hertz (28.4.6); 0 while the clock is stopped.

        FIDELITY:
            model: The edges of the lines take no time.
            silicon: Pull-ups, capacitance and filters add some 100 ns to each half of a period.
            hides: SCL is some per cent slower on a board.
        """
        ticks = (
            self.SCL_LOW_PERIOD["SCL_LOW_PERIOD"]
            + 1
            + self.SCL_HIGH_PERIOD["SCL_HIGH_PERIOD"]
            + self.SCL_HIGH_PERIOD["SCL_WAIT_HIGH_PERIOD"]
        )
        return self._sclk_hz // ticks

    def _wants_update(self, value: int, old: int) -> None:
        if value != old:
            self._updated = False

    def write_SCL_LOW_PERIOD(self, value: int, old: int) -> None:
        """Changes a timing, which acts after CTR.CONF_UPGATE (28.4.1)."""
        self._wants_update(value, old)

    def write_SCL_HIGH_PERIOD(self, value: int, old: int) -> None:
        """Changes a timing."""
        self._wants_update(value, old)

    def write_TO(self, value: int, old: int) -> None:
        """Changes the timeout."""
        self._wants_update(value, old)

    def write_SDA_HOLD(self, value: int, old: int) -> None:
        """Changes a timing."""
        self._wants_update(value, old)

    def write_FILTER_CFG(self, value: int, old: int) -> None:
        """Changes the filters."""
        self._wants_update(value, old)
