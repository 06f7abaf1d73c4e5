"""The programs that are part of the package are what their sources make, and nothing else."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from facet.chip.esp32c3 import build, built, rom
from facet.errors import FacetError

PACKAGES = {"rom": "facet.chip.esp32c3.rom", "bootloader": "facet.chip.esp32c3.bootloader"}
ROM = Path(rom.__file__).parent


def _tools_here() -> dict[str, str] | None:
    try:
        return build.tools()
    except (OSError, subprocess.CalledProcessError):
        return None


@pytest.mark.parametrize("name", PACKAGES)
def test_the_sources_make_the_same_bytes(name: str, tmp_path: Path) -> None:
    recorded = built.record(PACKAGES[name], name)
    wanted = {tool: version for tool, version in recorded.items() if tool != "sha256"}
    if (here := _tools_here()) != wanted:
        pytest.skip(f"{name}.elf was built with {wanted}, here is {here}")
    build.build(name, tmp_path / "again.elf")
    assert (tmp_path / "again.elf").read_bytes() == (
        build.FOLDERS[name] / f"{name}.elf"
    ).read_bytes()


@pytest.mark.parametrize("name", PACKAGES)
def test_no_path_of_a_machine_is_in_the_file(name: str) -> None:
    data = (build.FOLDERS[name] / f"{name}.elf").read_bytes()
    assert not re.search(rb"/(home|root|tmp|work|usr)/", data)


def test_a_damaged_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "damaged_rom"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "rom.txt").write_text((ROM / "rom.txt").read_text())
    (package / "rom.elf").write_bytes((ROM / "rom.elf").read_bytes()[:-1])
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(FacetError, match=r"rom\.elf of damaged_rom is not what rom\.txt says"):
        built.program("damaged_rom", "rom")


def test_each_function_stands_at_its_public_address() -> None:
    """The table in assembly names the same function at each address as functions.txt."""
    text = (ROM / "table.S").read_text()
    names = {address: name for name, address in rom.functions().items()}
    rows = re.findall(r"function (0x[0-9a-f]+), (\w+)", text)
    assert len(rows) == len(rom.modelled()) == 304
    same_code = {
        # Function -> the one that does the same.
        "ets_isr_mask": "esprv_intc_int_disable",
        "ets_isr_unmask": "esprv_intc_int_enable",
        "uart_tx_flush": "uart_tx_wait_idle",
        "ets_sha_disable": "ets_sha_enable",
        "atol": "atoi",
    }
    for address, name in rows:
        public = names[int(address, 16)]
        assert same_code.get(public, public) == name


def test_addresses_that_programs_rely_on() -> None:
    """A few of esp32c3.rom.ld, copied by hand."""
    functions = rom.functions()
    assert functions["ets_printf"] == 0x4000_0040
    assert functions["memcpy"] == 0x4000_0358
    assert functions["Cache_Invalidate_ICache_All"] == 0x4000_04D8
    assert functions["rom_gpio_pad_select_gpio"] == 0x4000_05C8
    assert functions["crc32_le"] == 0x4000_0628
    assert functions["__adddf3"] == 0x4000_076C
    assert functions["__unordsf2"] == 0x4000_08C8
    assert functions["usb_uart_tx_one_char"] == 0x4000_08D8


def test_a_function_that_is_not_there_has_a_name() -> None:
    assert "ROM function tinfl_decompress is not modelled" in str(rom.why_absent(0x4000_00F4))
    assert "(of Bluetooth, Wi-Fi and radio)" in str(rom.why_absent(0x4000_1000))
    assert "(without a public name)" in str(rom.why_absent(0x4003_0000))
    assert rom.why_absent(rom.functions()["ets_printf"]) is None
    assert rom.why_absent(0x4200_0000) is None


def test_every_function_is_called_by_a_test() -> None:
    folder = Path(__file__).parent
    sources = [folder.parent / "programs.py", *folder.glob("test_*.py")]
    text = "\n".join(path.read_text() for path in sources if path != Path(__file__))
    called = set(re.findall(r"\b(\w+)\(", text))
    assert sorted(set(rom.modelled()) - called) == []
