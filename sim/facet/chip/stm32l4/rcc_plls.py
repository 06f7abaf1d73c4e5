"""The PLLs of the RCC and the 48 MHz clock that they can feed (RM0351 6.2.5, 6.4.4 to 6.4.6)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from facet.chip.peripheral import ChipServices
from facet.chip.stm32l4.oscillator import Oscillator
from facet.chip.stm32l4.pll import LOCK_TIME_US, PllSettings
from facet.chip.stm32l4.rcc_gates import GatedPeripherals
from facet.time import us

PLL_SOURCES = (None, "MSI", "HSI16", "HSE")  # by RCC_PLLCFGR.PLLSRC
_CLK48_PLLS = {1: "PLLSAI1", 2: "PLL"}  # by RCC_CCIPR.CLK48SEL: the Q output of these
_ON_PLL = 3  # CFGR.SWS


class PllControl(GatedPeripherals):
    """The part of the RCC that controls the PLLs.

    Args:
        voltage_range: the core's voltage range now, 1 or 2.
        changed: called with the name of a PLL that became ready or stopped.
    """

    def __init__(
        self,
        name: str,
        base: int,
        chip: ChipServices,
        voltage_range: Callable[[], int],
        changed: Callable[[str], None],
    ) -> None:
        super().__init__(name, base, chip)
        self._voltage_range = voltage_range
        self._plls = {
            pll: Oscillator(pll, chip, partial(changed, pll))
            for pll in ("PLL", "PLLSAI1", "PLLSAI2")
        }
        self._by_name = dict(self._plls)
        """All oscillators and PLLs by their names."""

    def _update(self) -> None:
        """Computes the clock tree from the registers."""
        raise NotImplementedError

    def _pll_settings(self, name: str) -> PllSettings:
        source = PLL_SOURCES[self.PLLCFGR["PLLSRC"]]
        config = self.registers[f"{name}CFGR"]
        return PllSettings(
            source_hz=self._by_name[source].signal.hz if source else 0,
            m=self.PLLCFGR["PLLM"] + 1,
            n=config[f"{name}N"],
            r=2 * config[f"{name}R"] + 2,
            r_enabled=bool(config[f"{name}REN"]),
            q=2 * config[f"{name}Q"] + 2 if name in _CLK48_PLLS.values() else 2,
            q_enabled=name in _CLK48_PLLS.values() and bool(config[f"{name}QEN"]),
        )

    def _switch_pll(self, name: str, pll: Oscillator) -> None:
        if not self.CR[f"{name}ON"]:
            pll.stop()
            return
        if pll.on:
            return
        settings = self._pll_settings(name)
        source = PLL_SOURCES[self.PLLCFGR["PLLSRC"]]
        if settings.source_hz == 0:
            what = f"{source}, which is not ready" if source else "no clock"
            self.violation("pll-source", f"CR.{name}ON set while PLLCFGR.PLLSRC selects {what}")
        elif faults := settings.faults(self._voltage_range()):
            # FIDELITY:
            #   model: A PLL outside its limits locks.
            #   silicon: The PLL may lock, lock late, or not lock.
            #   hides: Nothing: the limit is reported.
            self.violation("pll-out-of-range", f"{name} started with {'; '.join(faults)}")
        locks = settings.vco_hz != 0
        pll.start(settings.r_hz, us(LOCK_TIME_US) if locks else None)

    def _pll_config_written(self, name: str, old: int, free: tuple[str, ...]) -> None:
        register = self.registers[f"{name}CFGR"]
        allowed = sum(register.declaration.fields[field].mask for field in free)
        if self._plls[name].on and (register.value ^ old) & ~allowed:
            self.violation(
                "pll-config-while-on",
                f"{name}CFGR changed from {old:#010x} to {register.value:#010x} while {name}ON=1: "
                "source and factors keep their values",
            )
            register.value = old & ~allowed | register.value & allowed

    def write_PLLCFGR(self, value: int, old: int) -> None:
        """Changes source, factors and outputs; a running PLL keeps its source and factors."""
        self._pll_config_written("PLL", old, ("PLLPEN", "PLLQEN", "PLLREN"))
        ren = self.PLLCFGR.declaration.fields["PLLREN"].mask
        if self.CFGR["SWS"] == _ON_PLL and old & ren and not self.PLLCFGR["PLLREN"]:
            self.PLLCFGR["PLLREN"] = 1
            self.violation("clock-in-use", "PLLCFGR.PLLREN cleared while SYSCLK runs on PLL")
        self._update()

    def write_PLLSAI1CFGR(self, value: int, old: int) -> None:
        """Configures PLLSAI1, as PLLCFGR does the main PLL."""
        free = ("PLLSAI1PEN", "PLLSAI1QEN", "PLLSAI1REN")
        self._pll_config_written("PLLSAI1", old, free)
        self._update()

    def write_PLLSAI2CFGR(self, value: int, old: int) -> None:
        """Configures PLLSAI2, as PLLCFGR does the main PLL."""
        self._pll_config_written("PLLSAI2", old, ("PLLSAI2PEN", "PLLSAI2REN"))

    def _clk48_hz(self) -> int:
        """The clock of the RNG, the SDMMC and the USB (CCIPR.CLK48SEL)."""
        choice = self.CCIPR["CLK48SEL"]
        if choice in _CLK48_PLLS:
            name = _CLK48_PLLS[choice]
            return self._pll_settings(name).q_hz if self._plls[name].ready else 0
        return self._by_name["MSI" if choice == 3 else "HSI48"].signal.hz
