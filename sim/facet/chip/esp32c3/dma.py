"""GDMA: three channels, each with a receiving and a transmitting side (TRM, chapter 2)."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from facet.chip.esp32c3.gated import GatedPeripheral
from facet.chip.esp32c3.interrupt_flags import KINDS, InterruptFlags
from facet.chip.peripheral import ChipServices
from facet.chip.registers import Register, bit, bits

CHANNELS = 3
PERIPHERALS = {"SPI2": 0, "UHCI0": 2, "I2S0": 3, "AES": 6, "SHA": 7, "ADC": 8}
"""IN_PERI_SEL and OUT_PERI_SEL (TRM, table 2-1)."""

_RAM_BASE = 0x3FC0_0000  # a link has the low 20 bits of an address in SRAM1 (2.4.3)
_RAM = range(0x3FC8_0000, 0x3FCE_0000)
_DESCRIPTOR_BYTES = 12
_OWNER_DMA, _SUC_EOF = 1 << 31, 1 << 30
_MAX_DESCRIPTORS = 1024  # a longer list is circular

_FLAGS = """
    IN_DONE IN_SUC_EOF IN_ERR_EOF OUT_DONE OUT_EOF IN_DSCR_ERR OUT_DSCR_ERR IN_DSCR_EMPTY
    OUT_TOTAL_EOF INFIFO_OVF INFIFO_UDF OUTFIFO_OVF OUTFIFO_UDF
"""
_INTERRUPTS = {name: bit(number) for number, name in enumerate(_FLAGS.split())}
"""The flags of RAW, ST, ENA and CLR (2.6)."""


class _Descriptor(NamedTuple):
    """An entry of a linked list in memory."""

    address: int
    size: int  # bytes of its buffer
    length: int  # bytes in it
    suc_eof: bool
    owned_by_dma: bool
    buffer: int
    following: int


class Dma(GatedPeripheral):
    """The GDMA controller.

    Args:
        name: DMA.
        base: address of INT_RAW_CH0.
        chip: the chip's services.
        irqs: the interrupt sources of the channels.
    """

    def __init__(self, name: str, base: int, chip: ChipServices, *, irqs: list[int]) -> None:
        super().__init__(name, base, chip)
        self._irqs = irqs
        for channel in range(CHANNELS):
            for number, (kind, access) in enumerate(KINDS.items()):
                self.add_numbered(
                    Register(0x10 * channel + 4 * number, 0, access, **_INTERRUPTS),
                    f"INT_{kind}_CH{{}}",
                    channel,
                )
            for declared, register in _channel_registers(0x70 + 0xC0 * channel).items():
                self.add_numbered(register, f"{declared}_CH{{}}", channel)
        self._interrupts = [
            InterruptFlags(self, f"INT_{{}}_CH{channel}", partial(self._drive, channel))
            for channel in range(CHANNELS)
        ]
        self._in_next: list[int | None] = [None] * CHANNELS  # the next descriptor of a running link
        self._out_next: list[int | None] = [None] * CHANNELS

    def reset(self) -> None:
        """Carries out a reset: all links are stopped."""
        super().reset()
        self._in_next = [None] * CHANNELS
        self._out_next = [None] * CHANNELS
        for group in self._interrupts:
            group.update()

    # -- the firmware's accesses
    def write_IN_LINK_CH(self, channel: int, value: int, old: int) -> None:
        """Starts or stops a receiving link."""
        self._link("IN", channel, self._in_next)

    def write_OUT_LINK_CH(self, channel: int, value: int, old: int) -> None:
        """Starts or stops a transmitting link."""
        self._link("OUT", channel, self._out_next)

    def _link(self, side: str, channel: int, following: list[int | None]) -> None:
        register = self.registers[f"{side}_LINK_CH{channel}"]
        stem = f"{side}LINK"
        if register[f"{stem}_STOP"]:
            following[channel] = None
        elif register[f"{stem}_START"]:
            following[channel] = _RAM_BASE | register[f"{stem}_ADDR"]
        elif register[f"{stem}_RESTART"]:
            self.not_modelled(f"{side}_LINK_CH{channel}.{stem}_RESTART: mounting more descriptors")
        for action in ("START", "STOP", "RESTART"):
            register[f"{stem}_{action}"] = 0
        register[f"{stem}_PARK"] = int(following[channel] is None)

    def write_IN_CONF0_CH(self, channel: int, value: int, old: int) -> None:
        """Stops the receiving side where IN_RST is set."""
        if value & 1:
            self._in_next[channel] = None
            self.registers[f"IN_LINK_CH{channel}"]["INLINK_PARK"] = 1
        if self.registers[f"IN_CONF0_CH{channel}"]["MEM_TRANS_EN"]:
            self.not_modelled(f"IN_CONF0_CH{channel}.MEM_TRANS_EN=1: memory to memory")

    def write_OUT_CONF0_CH(self, channel: int, value: int, old: int) -> None:
        """Stops the transmitting side where OUT_RST is set."""
        if value & 1:
            self._out_next[channel] = None
            self.registers[f"OUT_LINK_CH{channel}"]["OUTLINK_PARK"] = 1

    def _drive(self, channel: int, status: int) -> None:
        self.chip.set_interrupt(self._irqs[channel], bool(status))

    # -- a peripheral's side
    def receiver(self, peripheral: str) -> int | None:
        """The channel whose running link stores the data that `peripheral` receives."""
        return self._channel("IN", peripheral, self._in_next)

    def transmitter(self, peripheral: str) -> int | None:
        """The channel whose running link feeds `peripheral`."""
        return self._channel("OUT", peripheral, self._out_next)

    def _channel(self, side: str, peripheral: str, following: list[int | None]) -> int | None:
        if not self.gate():
            return None
        for channel in range(CHANNELS):
            select = self.registers[f"{side}_PERI_SEL_CH{channel}"][f"PERI_{side}_SEL"]
            if select == PERIPHERALS[peripheral] and following[channel] is not None:
                return channel
        return None

    def fetch(self, channel: int, size: int) -> bytes:
        """Up to `size` bytes from the list of a transmitting channel, fewer where it ends."""
        raw = self.registers[f"INT_RAW_CH{channel}"]
        check = bool(self.registers[f"OUT_CONF1_CH{channel}"]["OUT_CHECK_OWNER"])
        data = b""
        for _ in range(_MAX_DESCRIPTORS):
            address = self._out_next[channel]
            if len(data) >= size or not address:
                break
            found = self._descriptor(channel, "OUT", address, check)
            if found is None:
                break
            data += self.chip.read_memory(found.buffer, min(found.length, size - len(data)))
            raw["OUT_DONE"] = 1
            self._out_next[channel] = found.following
            if found.suc_eof:
                raw["OUT_EOF"] = 1
                self.registers[f"OUT_EOF_DES_ADDR_CH{channel}"].value = address
                raw["OUT_TOTAL_EOF"] = 1
        self._park("OUT", channel, self._out_next)
        self._interrupts[channel].update()
        return data

    def store(self, channel: int, data: bytes) -> int:
        """Stores data of a peripheral in the list of a receiving channel, with EOF at the end.

        Returns:
            The number of bytes that were stored.
        """
        raw = self.registers[f"INT_RAW_CH{channel}"]
        check = bool(self.registers[f"IN_CONF1_CH{channel}"]["IN_CHECK_OWNER"])
        stored = 0
        for _ in range(_MAX_DESCRIPTORS):
            address = self._in_next[channel]
            if stored >= len(data):
                break
            if not address:
                raw["IN_DSCR_EMPTY"] = 1
                break
            found = self._descriptor(channel, "IN", address, check)
            if found is None:
                break
            part = data[stored : stored + found.size]
            self.chip.write_memory(found.buffer, part)
            stored += len(part)
            last = stored == len(data)
            head = found.size | len(part) << 12 | (_SUC_EOF if last else 0)  # owner: the CPU
            self.chip.write_memory(address, head.to_bytes(4, "little"))
            raw["IN_DONE"] = 1
            if last:
                raw["IN_SUC_EOF"] = 1
                self.registers[f"IN_SUC_EOF_DES_ADDR_CH{channel}"].value = address
            self._in_next[channel] = found.following
        self._park("IN", channel, self._in_next)
        self._interrupts[channel].update()
        return stored

    def _park(self, side: str, channel: int, following: list[int | None]) -> None:
        if not following[channel]:
            following[channel] = None
            self.registers[f"{side}_LINK_CH{channel}"][f"{side}LINK_PARK"] = 1

    def _descriptor(
        self, channel: int, side: str, address: int, check_owner: bool
    ) -> _Descriptor | None:
        """Reads a descriptor; None, with the error flag set, where it cannot be used."""
        why = ""
        found = None
        if address & 3 or address not in _RAM:
            why = "which is not an aligned word in SRAM1"
        else:
            words = self.chip.read_memory(address, _DESCRIPTOR_BYTES)
            head, buffer, following = (
                int.from_bytes(words[n : n + 4], "little") for n in range(0, _DESCRIPTOR_BYTES, 4)
            )
            found = _Descriptor(
                address,
                head & 0xFFF,
                head >> 12 & 0xFFF,
                bool(head & _SUC_EOF),
                bool(head & _OWNER_DMA),
                buffer,
                following,
            )
            room = found.size if side == "IN" else found.length
            if check_owner and not found.owned_by_dma:
                why = "whose owner is the CPU"
            elif buffer not in _RAM or buffer + room - 1 not in _RAM:
                why = f"whose buffer {buffer:#010x} (+{room}) is not in SRAM1"
            elif room == 0:
                why = "whose buffer is empty"
        if not why:
            return found
        self.registers[f"INT_RAW_CH{channel}"][f"{side}_DSCR_ERR"] = 1
        (self._in_next if side == "IN" else self._out_next)[channel] = None
        self.violation(
            "dma-descriptor",
            f"channel {channel} {side} takes the descriptor {address:#010x}, {why}",
        )
        return None


def _channel_registers(base: int) -> dict[str, Register]:
    """The registers of a channel whose first register is at `base` (2.6)."""
    return {
        "IN_CONF0": Register(
            base,
            0,
            "rw",
            IN_RST=bit(0),
            IN_LOOP_TEST=bit(1),
            INDSCR_BURST_EN=bit(2),
            IN_DATA_BURST_EN=bit(3),
            MEM_TRANS_EN=bit(4),
        ),
        "IN_CONF1": Register(base + 0x04, 0, "rw", IN_CHECK_OWNER=bit(12)),
        "IN_LINK": Register(
            base + 0x10,
            0x0110_0000,
            "rw",
            INLINK_ADDR=bits(19, 0),
            INLINK_AUTO_RET=bit(20),
            INLINK_STOP=bit(21),
            INLINK_START=bit(22),
            INLINK_RESTART=bit(23),
            INLINK_PARK=bit(24, "ro"),
        ),
        "IN_SUC_EOF_DES_ADDR": Register(base + 0x18, 0, "ro"),
        "IN_PRI": Register(base + 0x2C, 0, "rw", RX_PRI=bits(3, 0)),
        "IN_PERI_SEL": Register(base + 0x30, 0x3F, "rw", PERI_IN_SEL=bits(5, 0)),
        "OUT_CONF0": Register(
            base + 0x60,
            0x08,
            "rw",
            OUT_RST=bit(0),
            OUT_LOOP_TEST=bit(1),
            OUT_AUTO_WRBACK=bit(2),
            OUT_EOF_MODE=bit(3),
            OUTDSCR_BURST_EN=bit(4),
            OUT_DATA_BURST_EN=bit(5),
        ),
        "OUT_CONF1": Register(base + 0x64, 0, "rw", OUT_CHECK_OWNER=bit(12)),
        "OUT_LINK": Register(
            base + 0x70,
            0x0080_0000,
            "rw",
            OUTLINK_ADDR=bits(19, 0),
            OUTLINK_STOP=bit(20),
            OUTLINK_START=bit(21),
            OUTLINK_RESTART=bit(22),
            OUTLINK_PARK=bit(23, "ro"),
        ),
        "OUT_EOF_DES_ADDR": Register(base + 0x78, 0, "ro"),
        "OUT_PRI": Register(base + 0x8C, 0, "rw", TX_PRI=bits(3, 0)),
        "OUT_PERI_SEL": Register(base + 0x90, 0x3F, "rw", PERI_OUT_SEL=bits(5, 0)),
    }
