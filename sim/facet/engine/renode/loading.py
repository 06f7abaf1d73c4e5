"""Starts Renode in this process, through pyrenode3, and compiles the engine's C# part in it."""

from __future__ import annotations

import contextlib
import functools
import io
import itertools
import logging
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from facet.engine.renode import installation, temporary
from facet.errors import FacetError

_SHIM: Final = Path(__file__).parent / "shim"
_NAMESPACE: Final = "Antmicro.Renode.Peripherals.Facet"


class Renode:
    """Renode, loaded into this process.

    Attributes:
        version: as Renode says it, such as ``1.16.1``.
        runtime: ``mono`` or ``coreclr``.
    """

    def __init__(self, found: installation.Installation) -> None:
        with _quiet(found):
            try:
                import pyrenode3
                from pyrenode3.wrappers import Emulation, Monitor
            # pyrenode3 ends the process where a build is incomplete, and raises what Python and
            # .NET raise for files that are missing or damaged.
            except (Exception, SystemExit) as error:
                raise FacetError(_not_loaded(found, error)) from error
            self._emulation = Emulation()
            self._monitor = Monitor()
            self._to_class = pyrenode3.interface_to_class
            self._compile_shim()
        self.runtime = found.runtime
        self.version = self._read_version()
        self._numbers = itertools.count()
        self._discarded: list[Any] = []

    def new_machine(self) -> Any:
        """An empty machine; it is never started, Facet runs its core."""
        self._remove_discarded()
        return self._emulation.add_mach(f"facet-{next(self._numbers)}").internal

    def discard(self, machine: Any) -> None:
        """Lets a machine be removed before the next one is made.

        A finalizer may call this, at any time: within a call into Renode as well.
        """
        self._discarded.append(machine)

    def _remove_discarded(self) -> None:
        if not self._discarded:
            return
        from System import GC

        while self._discarded:
            self._emulation.internal.RemoveMachine(self._discarded.pop())
        GC.Collect()  # Mono counts little of what a core takes

    def bus(self, machine: Any) -> Any:
        """A machine's system bus."""
        return self._to_class(machine.SystemBus)

    def shim(self, name: str, *arguments: Any) -> Any:
        """Makes an object of a class of the shim, whose constructor takes numbers as `long`."""
        from System import Activator, Array, Int64, Object

        given = [Int64(a) if isinstance(a, int) else a for a in arguments]
        return Activator.CreateInstance(self._types[name], Array[Object](given))

    def nvic(self, machine: Any) -> Any:
        """Renode's NVIC, with the priority bits of the STM32L4."""
        from Antmicro.Renode.Peripherals.IRQControllers import NVIC

        return NVIC(machine, 80_000_000, 0xF0, True)

    def register_core(self, bus: Any, core: Any) -> None:
        """Puts a core on the bus."""
        from Antmicro.Renode.Peripherals.CPU import CPURegistrationPoint

        bus.Register(core, CPURegistrationPoint())

    def memory(self, machine: Any, size: int) -> Any:
        """Memory of one segment, so that its bytes lie in one piece on the host."""
        from Antmicro.Renode.Peripherals.Memory import MappedMemory

        memory = MappedMemory(machine, size, size)
        memory.TouchSegment(0)
        return memory

    def map_memory(self, bus: Any, memory: Any, base: int, size: int) -> int:
        """Puts memory on the bus.

        Returns:
            The host's address of its bytes.
        """
        from Antmicro.Renode.Peripherals.Bus import BusRangeRegistration

        bus.Register(memory, BusRangeRegistration(base, size))
        return int(next(iter(memory.MappedSegments)).Pointer.ToInt64())

    def map_registers(self, bus: Any, core: Any, base: int, size: int) -> None:
        """Puts a window of registers on the bus; `core` carries out its accesses."""
        from Antmicro.Renode.Peripherals.Bus import BusRangeRegistration

        window = self.shim("RegisterWindow", core, base, size)
        bus.Register(window, BusRangeRegistration(base, size))

    def _compile_shim(self) -> None:
        from System import AppDomain

        known = {str(a.FullName) for a in AppDomain.CurrentDomain.GetAssemblies()}
        sources = sorted(_SHIM.glob("*.cs"))
        _, errors = self._monitor.execute("include " + " ".join(f"@{path}" for path in sources))
        self._types: dict[str, Any] = {}
        for assembly in AppDomain.CurrentDomain.GetAssemblies():
            if str(assembly.FullName) in known:
                continue
            for kind in assembly.GetTypes():
                if str(kind.Namespace) == _NAMESPACE:
                    self._types[str(kind.Name)] = kind
        if "RegisterWindow" not in self._types:
            lines = str(errors).splitlines()
            first = next((line for line in lines if "error CS" in line), " ".join(lines))
            raise FacetError(f"Renode does not compile Facet's part for it: {str(first).strip()}")

    def _read_version(self) -> str:
        from System import AppDomain

        for assembly in AppDomain.CurrentDomain.GetAssemblies():
            name = assembly.GetName()
            if str(name.Name) == "Renode":
                return f"{name.Version.Major}.{name.Version.Minor}.{name.Version.Build}"
        return "of unknown version"


def _not_loaded(found: installation.Installation, error: BaseException) -> str:
    lines = str(error).split("\n")
    why = f"{type(error).__name__}: {lines[0].strip()}".removesuffix(": ")
    return f"{found}: pyrenode3 does not load it ({why}); docs/renode.md lists what works"


@contextlib.contextmanager
def _quiet(found: installation.Installation) -> Iterator[None]:
    """Points pyrenode3 to a Renode, with a TMPDIR of its own, and keeps its warnings back.

    Renode removes folders of other Renodes in TMPDIR when it starts.
    """
    changed = {**found.environment, "TMPDIR": str(temporary.make_folder())}
    before = {name: os.environ.get(name) for name in (*installation.VARIABLES, *changed)}
    for name in installation.VARIABLES:
        os.environ.pop(name, None)
    os.environ.update(changed)
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@functools.cache
def load() -> Renode:
    """Renode, loaded when this is called first.

    Raises:
        FacetError: Renode or pyrenode3 is not there, or does not load.
    """
    return Renode(installation.find())
