"""A chip of the STM32L4 family: its peripherals on their bus, resets and low-power modes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from facet.board.wiring import Wiring
from facet.chip.bus import PeripheralBus
from facet.chip.peripheral import ChipServices, Peripheral
from facet.chip.stm32l4 import memory_map as mm
from facet.chip.stm32l4.crc import Crc
from facet.chip.stm32l4.dbgmcu import Dbgmcu
from facet.chip.stm32l4.exti import Exti
from facet.chip.stm32l4.flash import Flash
from facet.chip.stm32l4.gpio import GpioPort, Pins
from facet.chip.stm32l4.iwdg import Iwdg
from facet.chip.stm32l4.pwr import WAKEUP_PINS, Pwr
from facet.chip.stm32l4.rcc import Rcc
from facet.chip.stm32l4.rng import Rng
from facet.chip.stm32l4.rtc import Rtc
from facet.chip.stm32l4.serial_peripherals import serial_peripherals
from facet.chip.stm32l4.state import Stm32L4Mode, state_of
from facet.chip.stm32l4.syscfg import Syscfg
from facet.chip.stm32l4.timers import Timers
from facet.chip.stm32l4.variants import STM32L476RG, Variant
from facet.chip.stm32l4.wakeup_times import (
    RESET_TIME,
    SLEEP_WAKEUP_CYCLES,
    STOP_MODES,
    stop_wakeup,
)
from facet.chip.stm32l4.wwdg import Wwdg
from facet.state import MCU
from facet.time import ZERO, Time, of_ticks

_RESTARTING = (Stm32L4Mode.STANDBY, Stm32L4Mode.SHUTDOWN)
"""The modes that end in a reset."""

_ON_LOW_POWER_REGULATOR = {
    Stm32L4Mode.RUN: Stm32L4Mode.LOW_POWER_RUN,
    Stm32L4Mode.SLEEP: Stm32L4Mode.LOW_POWER_SLEEP,
}


class Crystals(Protocol):
    """The crystals of the board; 0 where none is fitted."""

    @property
    def lse_hz(self) -> int:
        """The frequency of the low-speed crystal in hertz, usually 32,768."""

    @property
    def lse_startup(self) -> Time:
        """The start-up time of the low-speed crystal."""

    @property
    def hse_hz(self) -> int:
        """The frequency of the high-speed crystal in hertz."""


class Stm32L4:
    """The chip without its core.

    Args:
        host: virtual time, events, interrupts, diagnostics.
        wiring: the nets at its pins.
        board: its crystals.
        variant: which chip of the family it is.

    Attributes:
        memory: the memories, which the core accesses without side effects.
        bus: the peripherals.
        hclk: the core's clock; 0 Hz in Stop modes.
        peripheral_buses: base address and clock of APB1 and APB2.
        flash_timing: wait states and caches, with `subscribe`.
        pins: the pin of each signal.
        interrupt_names: NVIC position -> name.
        lost_memory: names of the memories whose contents the latest `reset` destroyed.
        on_reset_request: called with a cause when the chip needs a `reset`.
        send_event: sets the core's event register (an EXTI line in event mode).
    """

    io_windows = (  # RM0351, figure 2; DBGMCU lies among the core's own registers (48.16)
        (0x4000_0000, 0x1000_0000),
        (0x5000_0000, 0x1000_0000),
        (0xA000_0000, 0x2000),  # FMC and QUADSPI
        (0xE004_2000, 0x1000),
    )

    def __init__(
        self, host: ChipServices, wiring: Wiring, board: Crystals, variant: Variant = STM32L476RG
    ) -> None:
        self._host = host
        self._variant = variant
        self.memory = variant.memory
        self.interrupt_names = variant.interrupt_names
        self._mode = Stm32L4Mode.RUN
        self.lost_memory: tuple[str, ...] = ()
        self.on_reset_request: Callable[[str], None] = lambda _cause: None
        self.send_event: Callable[[], None] = lambda: None
        self.bus = PeripheralBus(host, variant.regions)
        self.pins = Pins(host.violation)
        bonded = variant.bonded

        self.rcc = Rcc(
            *self._place("RCC"),
            lse_hz=board.lse_hz,
            lse_startup=board.lse_startup,
            hse_hz=board.hse_hz,
            interrupt=mm.INTERRUPT["RCC"],
            backup_writable=lambda: self.pwr.backup_writable,
            voltage_range=lambda: self.pwr.voltage_range,
        )
        self.hclk = self.rcc.hclk
        self.peripheral_buses = (
            (mm.APB1_BASE, self.rcc.pclk1),
            (mm.APB2_BASE, self.rcc.pclk2),
        )
        wakeup_pins = [pin for pin in WAKEUP_PINS if bonded.get(pin[1], 0) >> int(pin[2:]) & 1]
        self.pwr = Pwr(
            *self._place("PWR"),
            sysclk=self.rcc.sysclk,
            wakeup_nets={pin: wiring.net(pin) for pin in wakeup_pins},
        )
        self.flash = Flash(
            *self._place("FLASH"), hclk=self.hclk, voltage_range=lambda: self.pwr.voltage_range
        )
        self.flash_timing = self.flash.timing
        self.syscfg = Syscfg(*self._place("SYSCFG"))
        self.exti = Exti(*self._place("EXTI"), send_event=lambda: self.send_event())
        self.rtc = Rtc(
            *self._place("RTC"),
            rtcclk=self.rcc.rtcclk,
            backup_writable=lambda: self.pwr.backup_writable,
            set_line=self.exti.set_level,
            wakeup=self.pwr.internal_wakeup,
        )
        self.iwdg = Iwdg(
            *self._place("IWDG"),
            lsi=self.rcc.lsi,
            need_lsi=self.rcc.need_lsi,
            expired=lambda: self.on_reset_request("watchdog"),
        )
        self.dbgmcu = Dbgmcu(*self._place("DBGMCU"), idcode=variant.idcode)
        self.ports = {
            letter: GpioPort(
                *self._place(f"GPIO{letter}"),
                wiring=wiring,
                bonded=bonded.get(letter, 0),
                functions=variant.functions,
                functions_changed=self.pins.forget,
            )
            for letter in "ABCDEFGH"
            if variant.has(f"GPIO{letter}")
        }
        # EXTI and SYSCFG are reset before the ports, so that a released pin makes no edge.
        self._system: tuple[Peripheral, ...] = (
            *(self.exti, self.syscfg, self.flash, self.dbgmcu),
            *self.ports.values(),
        )
        self._others = (
            *serial_peripherals(
                self._place,
                variant.has,
                rcc=self.rcc,
                syscfg=self.syscfg,
                pins=self.pins,
                wiring=wiring,
            ),
            *Timers(host, variant.has, self.rcc, self.pins, wiring).all,
            Crc(*self._place("CRC")),
            Rng(
                *self._place("RNG"),
                clk48=self.rcc.clk48,
                hclk=self.hclk,
                irq=mm.INTERRUPT["RNG"],
            ),
            Wwdg(
                *self._place("WWDG"),
                pclk1=self.rcc.pclk1,
                irq=mm.INTERRUPT["WWDG"],
                expired=lambda: self.on_reset_request("window-watchdog"),
            ),
        )
        for peripheral in (self.rcc, self.pwr, self.rtc, self.iwdg, *self._system, *self._others):
            self.bus.attach(peripheral)
            self.rcc.attach(peripheral)
        self._apply_variant()
        self._connect()

    def _apply_variant(self) -> None:
        """Removes what this chip lacks and adds what only this chip has."""
        variant = self._variant
        found = {peripheral.name: peripheral for peripheral in self.bus.peripherals}
        for (name, register), (reset, added) in variant.adds.items():
            state = found[name].registers[register]
            found[name].redeclare(state.declaration.extended(reset, added))
        for (name, register), fields in variant.lacks.items():
            state = found[name].registers[register]
            found[name].redeclare(state.declaration.without(fields))
        for name, registers in variant.lacks_registers.items():
            for register in registers:
                found[name].remove_register(register)
        if variant.rtc_gate:
            self.rcc.gate_rtc(self.rtc)

    def _place(self, name: str) -> tuple[str, int, ChipServices]:
        return name, mm.BASE[name], self._host

    def _connect(self) -> None:
        for port in self.ports.values():
            self.pins.add(port)
            for number in range(16):
                port.watch(number, partial(self._pin_changed, port.letter, number))
        self.syscfg.on_exti_ports = self._exti_ports_changed
        self.rcc.on_backup_reset = self.rtc.backup_reset
        self.pwr.on_pulls = self._pulls_changed
        self.pwr.on_wakeup = self._end_standby
        self.pwr.on_range += [self.flash.check, self._note_mode]
        for signal in (self.hclk, *self.rcc.oscillators):
            signal.subscribe(self._note_mode)

    # -- the machine's side
    def factory_contents(self) -> dict[int, bytes]:
        """The contents of the read-only device identification area (RM0351, section 49)."""
        # FIDELITY:
        #   model: Every simulated chip has the same unique identifier.
        #   silicon: Each chip has its own identifier.
        #   hides: A firmware that confuses two boards.
        unique_id = (0x0020_0015).to_bytes(4, "little") + b"\x0aFACET01"
        return {
            mm.PACKAGE_ADDRESS: self._variant.package_code.to_bytes(4, "little"),
            mm.UNIQUE_ID_ADDRESS: unique_id,
            mm.FLASH_SIZE_ADDRESS: (self._variant.flash_size >> 10).to_bytes(2, "little"),
        }

    def await_debugger(self) -> Time:
        """A debugger catches the core at its reset vector."""
        return ZERO

    def reset(self, cause: str) -> Time:
        """Puts the chip into its reset state.

        Args:
            cause: "power-on", "pin", "software", "watchdog", "standby" or "shutdown" (the exits
                from these modes) or another of `reset_flags.RESET_CAUSES`.

        Returns:
            The time for which the core is held in reset.
        """
        self.lost_memory = self._memory_lost(cause)
        woken = self._mode if self._mode in _RESTARTING else None
        self._mode = Stm32L4Mode.RUN
        for peripheral in (*self._system, *self._others):
            peripheral.reset()
        if cause == "power-on":
            self.rcc.power_on()
            self.pwr.power_on()
            self.rtc.backup_reset()
        else:
            self.rcc.restart(cause)
            self.rtc.reset()
            if cause == "standby":
                self.pwr.leave_standby()
            elif cause == "shutdown":
                self.pwr.leave_shutdown()
            else:
                self.pwr.reset()
        if cause != "standby":
            self.iwdg.reset()
        self.flash.check()
        self._note_mode()
        return RESET_TIME.get(woken or cause, ZERO)

    def _memory_lost(self, cause: str) -> tuple[str, ...]:
        if cause == "power-on" or self._mode is Stm32L4Mode.SHUTDOWN:
            return ("SRAM1", "SRAM2")
        if self._mode is Stm32L4Mode.STANDBY:
            return ("SRAM1",) if self.pwr.CR3["RRS"] else ("SRAM1", "SRAM2")
        return ()

    def enter_low_power(self, sleepdeep: bool) -> Stm32L4Mode:
        """Enters a low-power mode, after WFI or WFE with nothing pending.

        Args:
            sleepdeep: SCB_SCR.SLEEPDEEP.

        Returns:
            The mode; RUN where the chip ignores the entry and the core continues (RM0351 5.3.4 to
            5.3.9).
        """
        if not sleepdeep:
            self._mode = Stm32L4Mode.SLEEP
            self._note_mode()
            return self._present_mode
        mode = Stm32L4Mode(self.pwr.deep_sleep_mode)
        if lines := self.exti.pending_lines():
            names = ", ".join(f"EXTI_PR{1 + (line > 31)}.PIF{line}" for line in lines)
            self._host.violation(
                "low-power-ignored", f"{mode} is not entered while {names} is set: clear it first"
            )
            return Stm32L4Mode.RUN
        for peripheral in self.bus.peripherals:
            peripheral.before_stop()
        self._mode = mode
        self.rcc.enter_stop()
        self._note_mode()
        if mode in _RESTARTING:
            self._power_core_off()
        return mode

    def leave_low_power(self) -> Time:
        """Leaves Sleep or Stop after an interrupt or event: the clocks run again.

        Returns:
            The time until the core continues (DS10198, low-power mode wakeup timings).
        """
        mode, self._mode = self._mode, Stm32L4Mode.RUN
        if mode in STOP_MODES:
            latency = stop_wakeup(
                mode,
                on_hsi16=bool(self.rcc.CFGR["STOPWUCK"]),
                msi_hz=self.rcc.wakeup_clock_hz,
                voltage_range=self.pwr.voltage_range,
            )
            self.rcc.leave_stop()
            self.rtc.after_stop()
        elif mode in (Stm32L4Mode.RUN, Stm32L4Mode.LOCKED_UP):
            return ZERO
        else:
            latency = of_ticks(SLEEP_WAKEUP_CYCLES, self.hclk.hz)
        self._note_mode()
        return latency

    def lock_up(self) -> None:
        """Records that the core has locked up; the clocks still run (Armv7-M ARM, B1.5.15)."""
        self._mode = Stm32L4Mode.LOCKED_UP
        self._note_mode()

    # -- low power
    def _power_core_off(self) -> None:
        # Peripherals on the core's supply lose their state: their interrupts end.
        for peripheral in (*self._system, *self._others):
            peripheral.reset()
        for port in self.ports.values():
            port.power_off()
        if self._mode is Stm32L4Mode.SHUTDOWN:
            self.rcc.need_lsi(False)
        if self.pwr.wakeup_pending:
            self._host.violation(
                "low-power-ignored",
                f"{self._mode} ends at once, because PWR_SR1 has wake-up flags set: clear them in "
                "PWR_SCR and at their source first",
            )
            self._end_standby()

    def _end_standby(self) -> None:
        if self._mode in _RESTARTING:
            self.on_reset_request(self._mode)

    def _pulls_changed(self) -> None:
        for letter, port in self.ports.items():
            port.set_standby_pulls(*self.pwr.pulls(letter))

    @property
    def _present_mode(self) -> Stm32L4Mode:
        if self.pwr.low_power_run:
            return _ON_LOW_POWER_REGULATOR.get(self._mode, self._mode)
        return self._mode

    def _note_mode(self) -> None:
        """Records the chip's state."""
        hz = self.hclk.hz
        state = state_of(
            self._present_mode,
            hz,
            self.rcc.sysclk_source if hz else "",
            self.rcc.running,
            self.pwr.voltage_range,
            self.pwr.low_power_run,
        )
        self._host.state(MCU, state)

    # -- pins to EXTI
    def _pin_changed(self, letter: str, number: int, level: int) -> None:
        if self.syscfg.exti_port(number) == letter:
            self.exti.set_level(number, level)

    def _exti_ports_changed(self) -> None:
        for number in range(16):
            port = self.ports.get(self.syscfg.exti_port(number))
            self.exti.sync_level(number, port.level(number) if port else 0)
