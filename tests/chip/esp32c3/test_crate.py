"""Every register address of the models equals that of the crate esp32c3, made from the SVD file."""

from __future__ import annotations

import pytest

from facet.board.wiring import Wiring
from facet.chip.esp32c3.chip import Esp32C3
from facet.chip.esp32c3.memory_map import REGIONS
from facet.chip.esp32c3.stored_registers import stored_registers
from facet.chip.peripheral import Peripheral
from tests.chip.esp32c3 import crate
from tests.chip.esp32c3.mcu import Host

pytestmark = pytest.mark.skipif(
    crate.source() is None,
    reason=f"the crate esp32c3 {crate.VERSION} is not in cargo's registry "
    f"(tools/setup_esp32c3_crate.sh brings it)",
)

CHIP = Esp32C3(Host(), Wiring())


@pytest.fixture(params=CHIP.bus.peripherals, ids=lambda peripheral: peripheral.name)
def model(request: pytest.FixtureRequest) -> Peripheral:
    found = request.param
    assert isinstance(found, Peripheral)
    return found


def test_model_lies_at_its_base_address(model: Peripheral) -> None:
    assert model.base == crate.bases()[model.name][1]


def test_memory_map_has_every_peripheral_of_the_crate() -> None:
    for name, (_, base) in crate.bases().items():
        assert any(region.first <= base <= region.last for region in REGIONS), name


def test_model_has_its_registers_at_their_addresses(model: Peripheral) -> None:
    offsets = {register.offset for register in crate.registers(model.name).values()}
    assert set(model.declared().values()) == offsets


def test_stored_registers_have_the_masks_of_the_crate(model: Peripheral) -> None:
    truth = {register.offset: register for register in crate.registers(model.name).values()}
    for stored in stored_registers(model.name):
        known = truth[stored.offset]
        masks = (stored.writable, stored.readable)
        assert masks == (known.writable, known.readable), f"{model.name}_{stored.name}"


def test_model_has_the_manuals_names(model: Peripheral) -> None:
    """A register has the name of the crate's register, apart from numbers."""
    truth: dict[int, set[str]] = {}
    for name, register in crate.registers(model.name).items():
        truth.setdefault(register.offset, set()).add(_letters(name))
    for name, offset in model.declared().items():
        assert CLUSTERED.get(name.translate(_DIGITS), _expected(name)) in truth[offset], (
            f"{model.name}_{name} at {offset:#x} is {truth[offset]} in the crate"
        )


_DIGITS = str.maketrans("", "", "0123456789")
_PLAIN = str.maketrans("", "", "0123456789_[].")

CLUSTERED = {
    # The manual's name without its number -> the crate's, which splits it: cluster and register.
    "CORE__INTR_STATUS": "COREINTRSTATUSREG",
    "TARGET_HI": "TRGTHI",
    "TARGET_LO": "TRGTLO",
}


def _expected(name: str) -> str:
    """The crate's name: it groups the registers of a DMA channel in clusters CH and INT_CH."""
    stem, _, _ = name.translate(_DIGITS).rpartition("_CH")
    if not name.translate(_DIGITS).endswith("_CH"):
        return _letters(name)
    kind = stem.removeprefix("INT_")
    return _letters(f"INT_CH{kind}" if kind != stem else f"CH{stem}")


def _letters(name: str) -> str:
    return name.translate(_PLAIN)


def test_model_has_its_fields_in_their_bits(model: Peripheral) -> None:
    truth: dict[int, dict[str, tuple[int, int]]] = {}
    for register in crate.registers(model.name).values():
        if register.fields:
            truth[register.offset] = register.fields
    for name, state in model.registers.items():
        for field, place in state.declaration.fields.items():
            known = truth.get(state.declaration.offset, {})
            if field in known:
                assert (place.high, place.low) == known[field], f"{model.name}_{name}.{field}"
            elif known:
                assert len(known) == 1, f"{model.name}_{name} has no field {field}: {known}"


def test_model_has_the_reset_values(model: Peripheral) -> None:
    if model.name == "IO_MUX":
        pytest.skip("each pin resets otherwise (datasheet, table 2-1); the SVD gives one for all")
    truth = {register.offset: register.reset for register in crate.registers(model.name).values()}
    for name, state in model.registers.items():
        known = truth[state.declaration.offset]
        if known is not None:
            assert state.declaration.reset == known, f"{model.name}_{name}"
