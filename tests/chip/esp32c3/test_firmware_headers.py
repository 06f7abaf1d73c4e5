"""The firmware's register headers for the ESP32-C3 agree with the crate esp32c3."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chip import cxx_registers
from tests.chip.esp32c3 import crate

pytestmark = pytest.mark.skipif(
    crate.source() is None,
    reason=f"the crate esp32c3 {crate.VERSION} is not in cargo's registry "
    f"(tools/setup_esp32c3_crate.sh brings it)",
)

HEADERS = Path(__file__).parents[3] / "firmware" / "hal" / "esp32c3" / "registers"

CRATE_NAMES = {
    # The headers' names -> the crate's, which abbreviates or numbers some.
    "Extmem": "EXTMEM",
    "FlashSpi": "SPI0",
    "Gpio": "GPIO",
    "I2c": "I2C0",
    "I2c0": "I2C0",
    "InterruptCore0": "INTERRUPT_CORE0",
    "IoMux": "IO_MUX",
    "RtcCntl": "RTC_CNTL",
    "Spi": "SPI2",
    "Spi2": "SPI2",
    "System": "SYSTEM",
    "Systimer": "SYSTIMER",
    "TimerGroup": "TIMG0",
    "TimerGroup0": "TIMG0",
    "Uart": "UART0",
    "Uart0": "UART0",
    "Dma": "DMA",
}
CLUSTERS = {"DmaInterrupt": "INT_CH[0].", "DmaChannel": "CH[0]."}
"""Structs that the crate holds as a cluster: what its registers of channel 0 begin with."""


@pytest.fixture(scope="module")
def headers() -> cxx_registers.Headers:
    return cxx_registers.read(HEADERS)


def _letters(name: str) -> str:
    """A name without numbers and underscores; the manual writes INT_STATUS for the SVD's INT_ST."""
    letters = "".join(letter for letter in name.upper() if letter.isalpha())
    return letters.replace("INTSTATUS", "INTST")


def _truth(kind: str) -> dict[int, set[str]]:
    """The crate's names by offset, a cluster's counted from its first register."""
    cluster = CLUSTERS.get(kind, "")
    registers = crate.registers(CRATE_NAMES.get(kind, "DMA"))
    found = {n: r.offset for n, r in registers.items() if n.startswith(cluster)}
    first = min(found.values()) if cluster else 0
    truth: dict[int, set[str]] = {}
    for name, offset in found.items():
        truth.setdefault(offset - first, set()).add(_letters(name.removeprefix(cluster)))
    return truth


def test_peripherals_lie_at_their_base_addresses(headers: cxx_registers.Headers) -> None:
    assert len(headers.bases) >= 11
    for instance, base in headers.bases.items():
        assert base == crate.bases()[CRATE_NAMES[instance]][1], instance


def test_registers_lie_at_their_offsets(headers: cxx_registers.Headers) -> None:
    checked = 0
    for kind, registers in headers.structs.items():
        truth = _truth(kind)
        for name, offset in registers.items():
            # The crate prefixes a clustered register with its cluster.
            known = truth.get(offset, set())
            assert any(theirs.endswith(_letters(name)) for theirs in known), (
                f"{kind}_{name} at {offset:#x} is {known or 'nothing'} in the crate"
            )
            checked += 1
    assert checked > 100
