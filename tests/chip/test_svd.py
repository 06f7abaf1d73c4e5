"""Every register address of the models and of the firmware's headers agrees with ST's SVD."""

from __future__ import annotations

from pathlib import Path

import pytest

from facet.board.board import LSE_STARTUP
from facet.board.wiring import Wiring
from facet.chip.peripheral import Peripheral
from facet.chip.stm32l4.chip import Stm32L4
from tests.chip import cxx_registers, svd
from tests.chip.fakes import FakeChip

pytestmark = pytest.mark.skipif(
    svd.svd_file() is None, reason="the package cmsis-svd (extra: test) is not installed"
)

HEADERS = Path(__file__).parents[2] / "firmware" / "hal" / "stm32l4" / "registers"

SVD_NAMES = {"FLASH": "Flash"}
"""Where the SVD calls a peripheral otherwise than the reference manual."""

SVD_REGISTER_NAMES = {
    ("DBGMCU", "APB1FZR1"): "APB1_FZR1",
    ("DBGMCU", "APB1FZR2"): "APB1_FZR2",
    ("DBGMCU", "APB2FZR"): "APB2_FZR",
}

SVD_FIELD_NAMES = {
    # The SVD has the names of the flags in SR1 and of the bits that clear them in SCR crossed.
    ("PWR", "SR1"): {"SBF": "CSBF"} | {f"WUF{n}": f"CWUF{n}" for n in range(1, 6)},
    ("RTC", "CR"): {"WUCKSEL": "WCKSEL"},
    ("RCC", "CSR"): {"FWRSTF": "FIREWALLRSTF", "LPWRRSTF": "LPWRSTF"},
    ("PWR", "SCR"): {"CSBF": "SBF"} | {f"CWUF{n}": f"WUF{n}" for n in range(1, 6)},
}

NOT_IN_SVD = {
    "GPIO": {"BRR", "ASCR"},  # RM0351 8.5.11, 8.5.12; the SVD forgot them
    "LPUART": {"GTPR", "RTOR"},  # reserved there (41.7); the model of the USART serves both
    "TIM15": {"SMCR", "CCR2", "OR1", "OR2"},  # 32.5; the SVD has one channel
    "TIM17": {"OR1", "OR2"},  # 32.6.20, 32.6.22
    "TIM2": {"OR2"},  # 31.4.22
    "TIM3": {"OR2"},  # 31.4.24
}

ONLY_IN_SVD = {"TIM4": {"OR"}, "TIM5": {"OR"}}
"""Offsets that RM0351 leaves out of these timers (31.4)."""

SVD_ERRORS = {
    # (peripheral, register, field): the bits by RM0351, where the SVD is wrong.
    ("FLASH", "WRP1BR", "WRP1B_STRT"): (7, 0),  # 3.7.13; the SVD swaps the two
    ("FLASH", "WRP1BR", "WRP1B_END"): (23, 16),
    ("RCC", "AHB1ENR", "CRCEN"): (12, 12),  # 6.4.16, and ST's header; the SVD has 11
    ("RCC", "AHB1RSTR", "CRCRST"): (12, 12),
    ("RCC", "AHB1SMENR", "CRCSMEN"): (12, 12),
    ("TIM1", "RCR", "REP"): (15, 0),  # 30.4.13
    ("TIM8", "RCR", "REP"): (15, 0),
    ("DBGMCU", "IDCODE", "DEV_ID"): (11, 0),  # 48.6.1; the SVD adds the reserved bits
}

CORE_PERIPHERALS = {"SYST", "Systick", "NVIC", "Nvic", "SCB", "Scb", "DWT", "Dwt", "CORE"}
"""Described by Arm, not by ST."""


class _NoCrystals:
    lse_hz = 0
    lse_startup = LSE_STARTUP
    hse_hz = 0


CHIP = Stm32L4(FakeChip(), Wiring(), _NoCrystals())


@pytest.fixture(params=CHIP.bus.peripherals, ids=lambda peripheral: peripheral.name)
def model(request: pytest.FixtureRequest) -> Peripheral:
    found = request.param
    assert isinstance(found, Peripheral)
    return found


def _svd_of(name: str) -> svd.SvdPeripheral:
    return svd.peripherals()[SVD_NAMES.get(name, name)]


def _forgotten(name: str, register: str) -> bool:
    return any(name.startswith(p) and register in rows for p, rows in NOT_IN_SVD.items())


def test_model_lies_at_its_base_address(model: Peripheral) -> None:
    assert model.base == _svd_of(model.name).base


def test_model_has_its_registers_at_their_addresses(model: Peripheral) -> None:
    truth = _svd_of(model.name).registers
    for register, offset in model.declared().items():
        if not _forgotten(model.name, register):
            name = SVD_REGISTER_NAMES.get((model.name, register), register)
            assert offset == truth[name].offset, f"{model.name}_{register}"


def test_model_has_every_register_of_the_svd(model: Peripheral) -> None:
    """An access elsewhere is reported as one to a reserved offset."""
    offsets = set(model.declared().values())
    missing = {n for n, r in _svd_of(model.name).registers.items() if r.offset not in offsets}
    assert missing == ONLY_IN_SVD.get(model.name, set())


def test_model_has_its_fields_in_their_bits(model: Peripheral) -> None:
    truth = _svd_of(model.name).registers
    for name, state in model.registers.items():
        known = truth.get(SVD_REGISTER_NAMES.get((model.name, name), name))
        names = SVD_FIELD_NAMES.get((model.name, name), {})
        for field, place in state.declaration.fields.items():
            if known is not None and names.get(field, field) in known.fields:
                truth_bits = known.fields[names.get(field, field)]
                bits = SVD_ERRORS.get((model.name, name, field), truth_bits)
                assert (place.high, place.low) == bits, f"{model.name}_{name}.{field}"


# -- the firmware's headers
@pytest.fixture(scope="module")
def headers() -> cxx_registers.Headers:
    found = cxx_registers.read(HEADERS)
    assert found.structs, "no register header was understood"
    return found


def _svd_names(instance: str) -> str:
    name = instance.upper()
    return SVD_NAMES.get(name, name)


def test_firmware_has_its_peripherals_at_their_base_addresses(
    headers: cxx_registers.Headers,
) -> None:
    for instance, base in headers.bases.items():
        if instance not in CORE_PERIPHERALS:
            assert base == svd.peripherals()[_svd_names(instance)].base, instance


def test_firmware_has_its_registers_at_their_offsets(headers: cxx_registers.Headers) -> None:
    checked = 0
    for kind, registers in headers.structs.items():
        if kind in CORE_PERIPHERALS:
            continue
        for register, offset in registers.items():
            if _forgotten(kind.upper(), register):
                continue
            if kind == "DmaChannel":  # the SVD numbers the channels; the first begins at 0x08
                truth = svd.peripherals()["DMA1"].registers[f"{register}1"].offset - 0x08
            else:
                truth = _first_of(kind).registers[register].offset
            assert offset == truth, f"{kind}_{register}"
            checked += 1
    assert checked > 100


def test_firmware_has_its_bits_in_their_places(headers: cxx_registers.Headers) -> None:
    checked = 0
    for (kind, register), constants in headers.bits.items():
        if kind in CORE_PERIPHERALS:
            continue
        fields = dict(_fields(kind, register))
        for constant, value in constants.items():
            name = constant.removesuffix("_Pos").removesuffix("_Msk")
            if name not in fields:  # a value of a field, such as SW_PLL
                name = next((f for f in fields if constant.startswith(f"{f}_")), name)
            if name not in fields and len(fields) == 1:  # a value of the only field, such as a key
                name = next(iter(fields))
            row = [place for f, place in fields.items() if f.rstrip("0123456789") == name]
            if row and name not in fields:
                fields[name] = max(row)[0], min(row)[1]  # CWUF_Msk: CWUF1 to CWUF5
            assert name in fields, f"{kind}_{register} has no field for {constant}"
            high, low = fields[name]
            mask = (1 << high + 1) - (1 << low)
            if constant.endswith("_Pos"):
                assert value == low, f"{kind}_{register}.{constant}"
            elif constant.endswith("_Msk") or constant == name:
                assert value == mask, f"{kind}_{register}.{constant}"
            else:
                assert value & ~mask == 0, f"{kind}_{register}.{constant}"
            checked += 1
    assert checked > 50


def _first_of(kind: str) -> svd.SvdPeripheral:
    """The peripheral of a kind: SPI1 for SPI, GPIOA for GPIO, RCC for RCC."""
    found = svd.peripherals()
    names = (kind.upper(), f"{kind.upper()}1", f"{kind.upper()}A", SVD_NAMES.get(kind.upper(), ""))
    return next(found[name] for name in names if name in found)


def _fields(kind: str, register: str) -> dict[str, tuple[int, int]]:
    if kind == "DMA":  # the headers give one channel's registers and flags
        rows = svd.peripherals()["DMA1"].registers
        if f"{register}1" in rows:
            return rows[f"{register}1"].fields
        return {f.removesuffix("1"): bits for f, bits in rows[register].fields.items()}
    fields = _first_of(kind).registers[register].fields
    manual = {theirs: ours for ours, theirs in SVD_FIELD_NAMES.get((kind, register), {}).items()}
    return {manual.get(field, field): bits for field, bits in fields.items()}
