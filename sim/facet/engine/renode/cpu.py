"""What every core in Renode shares here: memory, registers, callbacks, and the run."""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from facet.cycles.parts import Parts
from facet.engine.protocol import OFF_BUS, EngineInfo, MemoryRegion
from facet.engine.renode import shared
from facet.engine.renode.costs import BlockCosts
from facet.engine.renode.installation import DOTNET, MONO
from facet.engine.renode.loading import Renode, load
from facet.engine.renode.shared import Site, State

_OFF_BUS_BASE: Final = 0x8000_0000
"""Where memory outside of the core's buses lies on Renode's: no chip has anything there."""


class _Piece(NamedTuple):
    """Memory of the core: where its bytes lie on the host and on Renode's bus; Renode's memory."""

    region: MemoryRegion
    host: int
    on_bus: int
    memory: Any


class RenodeCpu:
    """A core of Renode's with its memories.

    Args:
        kind: name of the core's class in the shim.
        make: given the loaded Renode, its machine and the address of the shared state, makes it.
        find_site: fills in a Site for the instruction at an address.
    """

    def __init__(
        self,
        make: Callable[[Renode, Any, int], Any],
        find_site: Callable[[int, Site], None],
    ) -> None:
        self._renode = load()
        self.state = State()
        self._kept: list[Any] = []  # C# holds only pointers
        self._failure: BaseException | None = None
        self._regions: list[_Piece] = []
        self._machine = self._renode.new_machine()
        self._bus = self._renode.bus(self._machine)
        self._core = make(self._renode, self._machine, ctypes.addressof(self.state))
        self._renode.register_core(self._bus, self._core)

        def find(address: int, site: Any) -> None:
            try:
                find_site(address, site.contents)
            except BaseException as error:
                self.fail(error)

        self._core.Prepare(self._address_of(shared.FindSite(find)))
        functions = self._core.Functions
        self.function: Callable[[str], Callable[..., Any]] = lambda name: shared.function(
            functions, name
        )
        self.get, self.set = self.function("get"), self.function("set")
        self._run = self.function("run")
        self._forget_code = self.function("forget_code")
        self._costs: BlockCosts | None = None
        self.bridges: dict[int, tuple[range, int]] = {}
        """By number: the addresses behind a bus bridge, and the cycles that an access waits."""
        # Not at exit: the process ends with all of Renode.
        weakref.finalize(self, self._renode.discard, self._machine).atexit = False

    def info(self, by_instructions: str, parts: Parts | None) -> EngineInfo:
        """What executes, and how it counts cycles.

        Args:
            by_instructions: how, where no cycles are asked for.
            parts: what the cycles take in; None: none are asked for.
        """
        runtime = {MONO: "Mono", DOTNET: ".NET"}[self._renode.runtime]
        name = f"Renode {self._renode.version} ({runtime})"
        return EngineInfo(name, by_instructions if parts is None else parts.text, parts is not None)

    # -- memory map
    def map_memory(self, region: MemoryRegion, access: int) -> None:
        """Adds memory; an alias shares the bytes of the region that it shows.

        Args:
            region: the memory.
            access: READ, WRITE and EXECUTE of `facet.engine.renode.shared`.
        """
        if region.alias_of is None:
            on_bus = region.base if region.base < OFF_BUS else _OFF_BUS_BASE
            memory = self._renode.memory(self._machine, region.size)
            host = self._renode.map_memory(self._bus, memory, on_bus, region.size)
            ctypes.memset(host, 0 if region.writable else 0xFF, region.size)
            piece = _Piece(region, host, on_bus, memory)
        else:
            piece = self._alias(region, region.alias_of)
        host, on_bus = piece.host, piece.on_bus
        self._regions.append(piece)
        if region.base >= OFF_BUS:
            return
        if self._costs is not None:
            self._costs.model.add_memory(region.base, region.size, host)
        self._core.Driver.AddMemory(region.base, region.size, host, access, on_bus)

    def unmap_memory(self, region: MemoryRegion) -> None:
        """Takes an alias away; what it showed of another region stays there."""
        self._regions = [piece for piece in self._regions if piece.region is not region]
        if self._costs is not None:
            self._costs.model.remove_memory(region.base)
        self._core.Driver.RemoveMemory(region.base)

    def _alias(self, region: MemoryRegion, shown: int) -> _Piece:
        """Where an alias's bytes lie.

        A whole memory is put on Renode's bus again: a Cortex-M reads its vectors there. Of a part,
        the core gets a window.
        """
        for piece in self._regions:
            offset = shown - piece.region.base
            if not 0 <= offset < piece.region.size:
                continue
            on_bus = piece.on_bus + offset
            if not offset and piece.region.base < OFF_BUS:
                on_bus = region.base
                self._renode.map_memory(self._bus, piece.memory, on_bus, region.size)
            return _Piece(region, piece.host + offset, on_bus, piece.memory)
        raise IndexError(f"no memory at {shown:#010x}")

    def region_of(self, address: int) -> MemoryRegion | None:
        """The region that `address` lies in."""
        for piece in self._regions:
            region = piece.region
            if region.base <= address < region.base + region.size:
                return region
        return None

    def read(self, address: int, size: int) -> bytes:
        """`size` bytes from `address`; IndexError where there is no memory."""
        return ctypes.string_at(self._place(address, size), size)

    def write(self, address: int, data: bytes) -> None:
        """Stores `data`, in read-only regions too; IndexError where there is no memory."""
        ctypes.memmove(self._place(address, len(data)), data, len(data))

    def _place(self, address: int, size: int) -> int:
        for piece in self._regions:
            offset = address - piece.region.base
            if offset >= 0 and offset + size <= piece.region.size:
                return piece.host + offset
        raise IndexError(f"no memory at {address:#010x} ({size} bytes)")

    def code(self, address: int, size: int) -> bytes:
        """Up to `size` bytes of code, fewer at a memory's end, none outside of memory."""
        for length in range(size, 0, -2):
            try:
                return self.read(address, length)
            except IndexError:
                continue
        return b""

    def map_io(
        self,
        base: int,
        size: int,
        read: Callable[[int, int], int],
        write: Callable[[int, int, int], None],
    ) -> None:
        """Adds a window of registers; `run` raises what a callback raised."""

        def on_read(address: int, size: int) -> int:
            try:
                self._wait_for_bridge(address)
                return read(address, size) & 0xFFFF_FFFF
            except BaseException as error:
                self.fail(error)
                return 0

        def on_write(address: int, size: int, value: int) -> None:
            try:
                self._wait_for_bridge(address)
                write(address, size, value)
            except BaseException as error:
                self.fail(error)

        self._renode.map_registers(self._bus, self._core, base, size)
        self._core.Driver.AddRegisters(
            base,
            size,
            self._address_of(shared.ReadRegister(on_read)),
            self._address_of(shared.WriteRegister(on_write)),
        )

    def _wait_for_bridge(self, address: int) -> None:
        if self._costs is not None:
            for addresses, wait_cycles in self.bridges.values():
                if address in addresses:
                    self._costs.wait(wait_cycles)

    # -- running
    def count_cycles(self, costs: BlockCosts) -> None:
        """Counts cycles by the cycle model from now on, and no longer by instructions."""
        costs.model.read_registers(int(self._core.Driver.FindRegisters()))
        for region, host, _, _ in self._regions:
            if region.base < OFF_BUS:
                costs.model.add_memory(region.base, region.size, host)
        self._core.Driver.Cost(costs.pointer, *costs.functions())
        self._costs = costs

    def forget_code(self) -> None:
        """Forgets all translated code, and the sites in it."""
        self._forget_code()
        if self._costs is not None:
            self._costs.forget()

    def run(self, until: int) -> int:
        """Runs up to a time, or until something is to be looked at.

        Args:
            until: in cycles where they are counted, else in instructions.

        Returns:
            One of the STOP_ numbers, STOP_FAILED left out.
        """
        stop = int(self._run(until))
        if stop == shared.STOP_FAILED:
            self.state.failed = 0
            failure, self._failure = self._failure, None
            assert failure is not None
            raise failure
        return stop

    def reconsider(self) -> None:
        """Makes `run` return before the next instruction."""
        self.state.reconsider = 1

    def fail(self, error: BaseException) -> None:
        """Stops the core; `run` raises `error`."""
        self._failure = self._failure or error
        self.state.failed = 1

    @property
    def instructions(self) -> int:
        """Instructions so far; up to and with the one that accesses a register, within one."""
        state = self.state
        return int(state.at_access if state.in_access else state.instructions)

    def _address_of(self, callback: Any) -> int:
        self._kept.append(callback)
        return ctypes.cast(callback, ctypes.c_void_p).value or 0
