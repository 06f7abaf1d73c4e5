"""Makes the cores that run in Unicorn."""

from __future__ import annotations

from facet.clock import ClockSignal
from facet.engine.protocol import CortexMEngine, EngineFactory, Rv32Engine
from facet.engine.unicorn.cortex_m.core import CortexM4
from facet.engine.unicorn.riscv.core import Rv32Core
from facet.timeline import EventQueue


class UnicornFactory:
    """Cores in Unicorn, see `facet.engine.protocol.EngineFactory`."""

    def check(self) -> None:
        """Nothing: Unicorn comes with Facet."""

    def prepare(self) -> None:
        """Nothing: Unicorn comes with Facet."""

    def cortex_m4(
        self,
        flash_base: int,
        flash_size: int,
        interrupts: int,
        hclk: ClockSignal,
        events: EventQueue,
    ) -> CortexMEngine:
        """A Cortex-M4F."""
        return CortexM4(flash_base, flash_size, interrupts, hclk, events)

    def rv32imc(self, reset_vector: int) -> Rv32Engine:
        """An RV32IMC core."""
        return Rv32Core(reset_vector)


FACTORY: EngineFactory = UnicornFactory()
