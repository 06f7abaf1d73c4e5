"""The ESP32-C3's ROM: C code of Facet's own at the public addresses of Espressif's functions.

`rom.elf` is built from the C files of this folder by `facet.chip.esp32c3.build`; `rom.txt` has its
hash and the versions of the tools. The core runs it from the reset on, as silicon runs Espressif's.

Addresses and meaning of the functions: esp32c3.rom.ld and its parts, and the headers of ESP-IDF
(components/esp_rom/esp32c3). Boot: the same headers, esptool's documentation, boot logs of chips.

FIDELITY:
    model: The ROM's functions are Facet's own, written from their published meaning. Those of the C
        library are picolibc's, and those of libgcc come from the cross compiler.
    silicon: Espressif's code has other cycle counts, another use of the stack and other answers to
        wrong arguments.
    hides: Whatever depends on those, such as the time of a large memcpy.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

from facet.chip.esp32c3 import built

ROM0_BASE, ROM0_SIZE = 0x4000_0000, 256 << 10
ROM1_BASE, ROM1_DATA_BASE, ROM1_SIZE = 0x4004_0000, 0x3FF0_0000, 128 << 10
"""ROM 1 on the instruction bus and on the data bus (TRM, table 3.3-1)."""

RESET_VECTOR = ROM0_BASE

_ABSENT = b"\xff" * 4  # no instruction
_RADIO = range(0x4000_08DC, 0x4000_1CE8)  # Bluetooth, Wi-Fi and radio, but for a few


def contents() -> dict[int, bytes]:
    """The ROM's bytes: address -> what lies from there on.

    Raises:
        FacetError: rom.elf is damaged.
    """
    return built.program(__package__, "rom").contents


@cache
def functions() -> dict[str, int]:
    """Every function that Espressif's ROM has, radio left out: name -> address."""
    found: dict[str, int] = {}
    for line in resources.files(__package__).joinpath("functions.txt").read_text().splitlines():
        if not line.startswith("#"):
            first, *names = line.split()
            for number, name in enumerate(names):
                if name != "-":
                    found[name] = int(first, 16) + 4 * number
    return found


@cache
def modelled() -> dict[str, int]:
    """The functions that Facet's ROM has: name -> address."""
    return {name: at for name, at in functions().items() if _word(at) != _ABSENT}


@cache
def entry_points() -> dict[str, int]:
    """Where code enters the ROM: the reset, and the functions that the ROM has."""
    return {"boot": RESET_VECTOR, **modelled()}


def why_absent(address: int) -> str | None:
    """What a message says of code at `address` that is ROM without a function; None elsewhere."""
    if not ROM0_BASE <= address < ROM1_BASE + ROM1_SIZE:
        return None
    if address < ROM1_BASE and _word(address) != _ABSENT:
        return None
    name = {at: name for name, at in functions().items()}.get(address)
    if name is None:
        kind = "of Bluetooth, Wi-Fi and radio" if address in _RADIO else "without a public name"
        name = f"at {address:#010x} ({kind})"
    return (
        f"ROM function {name} is not modelled: link one of the C library or your own in its place"
    )


def _word(address: int) -> bytes:
    code = contents()[ROM0_BASE]
    return code[address - ROM0_BASE : address - ROM0_BASE + 4] or _ABSENT
