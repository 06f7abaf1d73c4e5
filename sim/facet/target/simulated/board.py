"""The simulated board: a machine behind the capabilities of a target."""

from __future__ import annotations

from typing import Any

from facet.device.camera import Camera
from facet.errors import FacetError
from facet.machine import Machine
from facet.state import MCU
from facet.target.buttons import Buttons
from facet.target.clock import Clock
from facet.target.console import Console
from facet.target.core import Core
from facet.target.faults import Faults
from facet.target.memory import Memory
from facet.target.parts import Parts
from facet.target.pins import Pins
from facet.target.profiler import Profiler
from facet.target.rules import Rules
from facet.target.scene import Scene
from facet.target.simulated.buttons import SimulatedButtons
from facet.target.simulated.clock import SimulatedClock
from facet.target.simulated.console import SimulatedConsole
from facet.target.simulated.core import SimulatedCore
from facet.target.simulated.faults import SimulatedFaults
from facet.target.simulated.memory import SimulatedMemory
from facet.target.simulated.parts import SimulatedParts
from facet.target.simulated.pins import SimulatedPins
from facet.target.simulated.profiler import SimulatedProfiler
from facet.target.simulated.rules import SimulatedRules
from facet.target.simulated.scene import SimulatedScene
from facet.target.simulated.states import SimulatedStates
from facet.target.states import States
from facet.target.target import Target


class SimulatedBoard(Target):
    """A simulated board; it has every capability, `Scene` where a camera is on the board.

    Args:
        machine: the board that is simulated; its owner may use it beside the target.

    Raises:
        FacetError: the board file names a sleep state that the chip does not have.
    """

    def __init__(self, machine: Machine) -> None:
        _check_sleep_state(machine)
        parts = SimulatedParts(machine)
        capabilities: dict[type[Any], object] = {
            Console: SimulatedConsole(machine),
            Clock: SimulatedClock(machine),
            States: SimulatedStates(machine),
            Rules: SimulatedRules(machine),
            Faults: SimulatedFaults(machine, parts),
            Pins: SimulatedPins(machine),
            Buttons: SimulatedButtons(machine),
            Core: SimulatedCore(machine),
            Memory: SimulatedMemory(machine),
            Profiler: SimulatedProfiler(machine),
            Parts: parts,
        }
        board = machine.board
        cameras = [part for part in machine.parts.values() if isinstance(part, Camera)]
        if cameras:
            capabilities[Scene] = SimulatedScene(cameras[0])
        super().__init__(
            board,
            capabilities,
            kind="simulated",
            missing={Scene: f"{board.source} has no camera among its parts"},
            firmware=machine.firmware.path,
            notes=machine.notes,
        )


def _check_sleep_state(machine: Machine) -> None:
    board = machine.board
    present = machine.trace.present(MCU)
    assert present is not None, "a chip reports its state at power-on"
    if board.sleep_state not in present.modes:
        raise FacetError(
            f"{board.source or board.name}: firmware.sleep_state is {board.sleep_state!r}; "
            f"the modes of {board.chip} are {', '.join(present.modes)}"
        )
