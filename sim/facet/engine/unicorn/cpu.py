"""What every core in Unicorn shares here: memory, registers, and the native run loop."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import unicorn
from unicorn.unicorn_py3 import unicorn as binding

from facet.cycles.timing import Timing
from facet.engine.protocol import MemoryRegion
from facet.engine.unicorn import native
from facet.engine.unicorn.memory import Memory
from facet.engine.unicorn.native import NOWHERE, Block, Core, NativeCore, Site, Step

_API = (
    "uc_emu_start",
    "uc_emu_stop",
    "uc_reg_read",
    "uc_reg_write",
    "uc_hook_add",
    "uc_hook_del",
    "uc_mmio_map",
    "uc_ctl",
)
"""In the order of the C side's UnicornApi."""

_HALF_CYCLES, _ACCESS_HALF_CYCLES, _IN_ACCESS = (
    field.offset // field.size
    for field in (Core.half_cycles, Core.access_half_cycles, Core.in_access)
)


class UnicornCpu:
    """A core of Unicorn's with its memories; subclasses say what a block costs.

    Args:
        architecture, mode, model: Unicorn's constants for the core.
        registers: Unicorn's number of each register, by the name that it has here.
        order: the registers in the order of the C side's enumeration.
        timing: the Cortex-M4's memory, None for the ESP32-C3's core.
    """

    def __init__(
        self,
        architecture: int,
        mode: int,
        model: int,
        registers: Mapping[str, int],
        order: Sequence[str],
        timing: Timing | None,
    ) -> None:
        self._uc = unicorn.Uc(architecture, mode)
        self._uc.ctl_set_cpu_model(model)
        self.memory = Memory()
        self._registers = registers
        self._failure: BaseException | None = None
        self._gates = (ctypes.c_uint32 * 6)()
        self._sites: dict[int, tuple[Site, int]] = {}  # by address, with Unicorn's handle
        self._new_sites: dict[int, tuple[Site, int]] = {}  # by address, with the size
        library = binding.uclib
        self.native = NativeCore(
            architecture == unicorn.UC_ARCH_ARM,
            [ctypes.cast(getattr(library, name), ctypes.c_void_p).value or 0 for name in _API],
            [registers[name] for name in order],
            self._cost_block,
            self._list_steps,
            self.fail,
            timing,
        )
        self.core = self.native.core
        # Views of the same memory: a field of a ctypes structure takes three times as long to read.
        head = memoryview(self.native.core).cast("B")
        self._cells, self._flags = head.cast("Q"), head.cast("I")
        self._handle = self._uc._uch
        self.native.call("attach", self._handle)
        self.native.call("find_registers")
        self.native.call("forget_blocks")
        self.model = self.native.model
        # The binding's own reg_read and reg_write take some 5 us a call, these under 1 us.
        self._word = ctypes.c_uint64()
        self._word_at = ctypes.byref(self._word)
        self._read_register, self._write_register = library.uc_reg_read, library.uc_reg_write
        self._run = self.native.function("run")
        self.reconsider: Callable[[], None] = self.native.function("reconsider")

    # -- memory map
    def map_memory(self, region: MemoryRegion) -> None:
        """Adds memory to the core's map."""
        access = unicorn.UC_PROT_READ | unicorn.UC_PROT_EXEC
        if region.writable:
            access |= unicorn.UC_PROT_WRITE
        self._map(region, access)

    def _map(self, region: MemoryRegion, access: int) -> None:
        host = self.memory.add(region)
        self._uc.mem_map_ptr(region.base, region.size, access, host)
        self.native.call("add_memory", region.base, region.size, host, int(region.writable))
        self.model.add_memory(region.base, region.size, host)

    def _unmap(self, region: MemoryRegion) -> None:
        self._uc.mem_unmap(region.base, region.size)
        self.native.call("remove_memory", region.base)
        self.model.remove_memory(region.base)
        self.memory.remove(region)

    def write_memory(self, address: int, data: bytes) -> None:
        """Stores `data`, in read-only regions too; IndexError where there is no memory."""
        self.memory.write(address, data)
        region = self.memory.region_of(address)
        if region is not None and not region.writable:  # code that the core may have translated
            self._uc.ctl_remove_cache(address, address + len(data))
            self.native.call("forget_blocks")

    def map_io(
        self,
        base: int,
        size: int,
        read: Callable[[int, int], int],
        write: Callable[[int, int, int], None],
        shared: bool = False,
    ) -> None:
        """Adds a window of registers: read(address, size), write(address, size, value).

        An exception that a callback raises stops the core and is raised by `run`.

        Args:
            base, size: of the window, bytes.
            read, write: carry out an access.
            shared: whether registers in it may be read from shared words.
        """
        self.native.map_io(base, size, shared, read, write, self.fail)

    def register_words(self, count: int) -> memoryview:
        """See `facet.engine.protocol.Engine.register_words`."""
        self._words = (ctypes.c_uint32 * count)()
        self.native.call("set_words", ctypes.addressof(self._words))
        return memoryview(self._words).cast("B").cast("I")

    def share_register(
        self,
        address: int,
        word: int,
        visible: int,
        gates: Sequence[tuple[int, int, int]],
        pure: bool,
    ) -> None:
        """See `facet.engine.protocol.Engine.share_register`."""
        open_gate = (0, 0, 0)  # word 0 is 0
        for n in range(2):
            self._gates[3 * n : 3 * n + 3] = [*(gates[n] if n < len(gates) else open_gate)]
        self.native.call("share_register", address, word, visible, self._gates, int(pure))

    # -- registers
    def __getitem__(self, register: str) -> int:
        self._read_register(self._handle, self._registers[register], self._word_at)
        return self._word.value

    def __setitem__(self, register: str, value: int) -> None:
        self._word.value = value
        self._write_register(self._handle, self._registers[register], self._word_at)

    # -- time and place
    @property
    def cycles(self) -> int:
        """Core cycles so far: up to the access that is carried out now, or the block's end."""
        return self._cells[_ACCESS_HALF_CYCLES if self._flags[_IN_ACCESS] else _HALF_CYCLES] >> 1

    @property
    def pc(self) -> int:
        """The instruction whose access is carried out now, or the program counter."""
        return int(self.core.access_pc) if self.core.in_access else self["PC"]

    # -- running
    def run(self, until_cycle: int) -> int:
        """Runs until something is to be looked at.

        Returns:
            One of `native`'s STOP_ numbers, STOP_FAILED and STOP_REFUSED left out.
        """
        while True:
            stop = int(self._run(2 * until_cycle))
            if stop == native.STOP_FAILED:
                self.core.failed = 0
                failure, self._failure = self._failure, None
                assert failure is not None
                raise failure
            if stop != native.STOP_REFUSED:
                return stop
            if not self._refused():
                return stop

    def _refused(self) -> bool:
        """Adds the sites that a block was refused for; False when there was another reason."""
        found = bool(self._new_sites)
        for address, (found_site, size) in self._new_sites.items():
            site = Site.from_buffer_copy(found_site)  # costs and sites are shared by all cores
            handle = self.native.call("add_site", ctypes.byref(site), address, size)
            self._sites[address] = site, handle
        self._new_sites.clear()
        return found

    def remove_sites(self) -> None:
        """Removes all hooks on single instructions and forgets the blocks."""
        for _, handle in self._sites.values():
            self.native.call("remove_site", handle)
        self._sites.clear()
        self.native.call("forget_blocks")

    def fail(self, error: BaseException) -> None:
        """Stops the core; `run` raises `error`."""
        self._failure = self._failure or error
        self.core.failed = 1
        self._uc.emu_stop()

    def refuse(self, slot: Block) -> None:
        """Makes the block that is being costed not run."""
        slot.address = NOWHERE
        self.core.refused = 1
        self._uc.emu_stop()

    # -- for subclasses
    def _cost_block(self, address: int, size: int, slot: Block) -> None:
        """Fills in what the block at `address` costs, or refuses it."""
        raise NotImplementedError

    def _list_steps(self, address: int, size: int) -> list[Step]:
        """The instructions of a block, with their costs and accesses."""
        raise NotImplementedError

    def _needs_sites(self, wanted: Mapping[int, tuple[Site, int]]) -> bool:
        """Notes the sites of a block that have no hook yet; True when there are any."""
        new = {at: site for at, site in wanted.items() if at not in self._sites}
        self._new_sites.update(new)
        return bool(new)

    def _code(self, address: int, size: int) -> bytes:
        """`size` bytes of code, four fewer at a memory's end, none outside of memory."""
        for length in (size, size - 4):
            try:
                return self.memory.read(address, length)
            except IndexError:
                continue
        return b""


def registers_at(cpu: UnicornCpu) -> int:
    """The host's address of the general registers within Unicorn; 0 where it is not known."""
    return int(cpu.native.call("registers_at"))


def as_bytes(address: int, size: int) -> bytes:
    """A copy of host memory."""
    buffer: Any = (ctypes.c_uint8 * size).from_address(address)
    return bytes(buffer)
