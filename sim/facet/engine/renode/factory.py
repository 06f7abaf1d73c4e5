"""Makes the cores that run in Renode."""

from __future__ import annotations

from facet.clock import ClockSignal
from facet.engine.protocol import CortexMEngine, EngineFactory, Rv32Engine
from facet.engine.renode import installation
from facet.engine.renode.cortex_m.core import RenodeCortexM4
from facet.engine.renode.loading import load
from facet.engine.renode.riscv.core import RenodeRv32
from facet.timeline import EventQueue


class RenodeFactory:
    """Cores in Renode, see `facet.engine.protocol.EngineFactory`."""

    def check(self) -> None:
        """Finds Renode and pyrenode3."""
        installation.find()

    def prepare(self) -> None:
        """Loads Renode into this process."""
        load()

    def cortex_m4(
        self,
        flash_base: int,
        flash_size: int,
        interrupts: int,
        hclk: ClockSignal,
        events: EventQueue,
    ) -> CortexMEngine:
        """A Cortex-M4F."""
        flash = range(flash_base, flash_base + flash_size)
        return RenodeCortexM4(flash, interrupts, hclk, events)

    def rv32imc(self, reset_vector: int) -> Rv32Engine:
        """An RV32IMC core."""
        return RenodeRv32(reset_vector)


FACTORY: EngineFactory = RenodeFactory()
