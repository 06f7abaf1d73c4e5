"""APB_CTRL: settings of start-up code, and the random number register (TRM, chapter 25)."""

from __future__ import annotations

from random import Random

from facet.chip.esp32c3.gated import GatedPeripheral
from facet.chip.peripheral import ChipServices
from facet.chip.registers import Register


class ApbCtrl(GatedPeripheral):
    """The system control registers that no chapter describes."""

    RND_DATA = Register(
        0xB0,
        0,
        "ro",
    )

    def __init__(self, name: str, base: int, chip: ChipServices) -> None:
        super().__init__(name, base, chip)
        self._numbers = Random(chip.seed)

    def read_RND_DATA(self) -> int:
        """Gives the next random number."""
        # FIDELITY:
        #   model: The random numbers are pseudo-random. They are the same in each run with the same
        #     seed.
        #   silicon: The chip mixes in noise while the radio, the ADC or RC_FAST_CLK runs.
        #   hides: A firmware that needs true randomness.
        return self._numbers.getrandbits(32)
