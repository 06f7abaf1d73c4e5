"""Keywords: faults of the chip's flash."""

from __future__ import annotations

from robot.api.deco import keyword

from facet.robot.desk import Keywords
from facet.target.faults import Faults


class FaultKeywords(Keywords):
    """Damages and repairs the flash."""

    needs = (Faults,)

    @keyword("Make The Function ${function} Hang")
    def make_the_function_hang(self, function: str) -> None:
        """Changes a word of the flash so that `function` (its name in the source) loops for ever.

        Raises:
            FacetError: the firmware has no such function, or several.
        """
        self._bench.faults.hang(function)

    @keyword("Repair The Flash")
    def repair_the_flash(self) -> None:
        """Restores what `Make The Function Hang` changed."""
        self._bench.faults.repair_flash()
