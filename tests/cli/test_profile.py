"""`facet profile` and `facet compare` as a user meets them."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.cli import programs

Facet = Callable[..., Result]

_CALLS = """
__attribute__((noinline)) void blink(uint32_t n) { while (n--) GPIOA_ODR ^= 1 << 5; }
__attribute__((noinline)) void work(void) { blink(10); blink(20); }
void reset(void) { RCC_AHB2ENR |= 1; for (;;) work(); }
"""


@pytest.fixture
def command(facet: Facet) -> Facet:
    """Runs `facet` and checks its exit code."""

    def run(*arguments: object, code: int = 0) -> Result:
        done = facet(*arguments)
        assert done.exit_code == code, done.output
        return done

    return run


@pytest.fixture
def elf(tmp_path: Path) -> Path:
    return programs.build(_CALLS, tmp_path)


def _profile(command: Facet, elf: Path, out: Path, *more: str) -> dict[str, Any]:
    command("profile", elf, "--for", "5ms", "--out", out, *more)
    found: dict[str, Any] = json.loads((out / "profile.json").read_text())
    return found


def test_any_firmware_is_profiled(command: Facet, elf: Path, tmp_path: Path) -> None:
    profile = _profile(command, elf, tmp_path / "out")
    assert profile["cycles"] == sum(f["cycles"] for f in profile["functions"]) > 15_000
    calls = {(c["caller"], c["callee"]): c["calls"] for c in profile["calls"]}
    assert calls["work", "blink"] == pytest.approx(2 * calls["reset", "work"], abs=2)
    assert {f["name"] for f in profile["functions"]} == {"reset", "work", "blink"}
    assert not profile["notes"]
    assert any(line["file"].endswith("program.c") for line in profile["lines"])


def test_without_debugging_information_there_are_functions(
    command: Facet, elf: Path, tmp_path: Path
) -> None:
    bare = tmp_path / "bare.elf"
    subprocess.run(["arm-none-eabi-strip", "-g", "-o", str(bare), str(elf)], check=True)
    profile = _profile(command, bare, tmp_path / "out")
    assert {f["name"] for f in profile["functions"]} == {"reset", "work", "blink"}
    assert profile["lines"] == []
    assert "no debugging information" in profile["notes"][0]


@pytest.mark.parametrize("flat", [False, True])
def test_without_symbols_there_are_addresses(
    command: Facet, elf: Path, tmp_path: Path, flat: bool
) -> None:
    bare = tmp_path / ("bare.bin" if flat else "bare.elf")
    how = ["arm-none-eabi-objcopy", "-O", "binary"] if flat else ["arm-none-eabi-strip"]
    files = [str(elf), str(bare)] if flat else ["-o", str(bare), str(elf)]
    subprocess.run([*how, *files], check=True)
    whole = _profile(command, elf, tmp_path / "whole")
    profile = _profile(command, bare, tmp_path / "out")
    assert "no symbols" in profile["notes"][0]

    def costs(profile: dict[str, Any]) -> dict[int, tuple[int, int]]:
        return {f["address"]: (f["cycles"], f["inclusive"]) for f in profile["functions"]}

    assert costs(profile) == costs(whole)
    assert all(f["name"].startswith("0x0800") for f in profile["functions"])


def test_a_function_is_annotated(command: Facet, elf: Path, tmp_path: Path) -> None:
    done = command("profile", elf, "--for", "5ms", "--out", tmp_path / "out", "--annotate", "blink")
    assert "cycles  share" in done.stdout
    assert "; " in done.stdout
    assert "program.c:" in done.stdout


def test_a_function_that_is_not_there_is_named_with_the_nearest(
    command: Facet, elf: Path, tmp_path: Path
) -> None:
    done = command("profile", elf, "--annotate", "blnk", "--out", tmp_path / "out", code=2)
    assert "no function 'blnk': the nearest are blink" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_name_in_a_firmware_without_symbols_is_refused(
    command: Facet, elf: Path, tmp_path: Path
) -> None:
    bare = tmp_path / "bare.elf"
    subprocess.run(["arm-none-eabi-strip", "-o", str(bare), str(elf)], check=True)
    arguments = ("profile", bare, "--for", "1ms", "--out", tmp_path / "out", "--annotate")
    done = command(*arguments, "blink", code=2)
    assert "has no symbols, and so no function 'blink'" in done.stderr
    done = command(*arguments, "0x08000000", code=2)
    assert "no code of '0x08000000' ran" in done.stderr
    assert not (tmp_path / "out").exists()
    assert "cycles  share" in command(*arguments, "0x08000010").stdout


def test_phases_of_ones_own(command: Facet, elf: Path, tmp_path: Path) -> None:
    file = tmp_path / "phases.toml"
    file.write_text('[phase.blinking]\nfunctions = ["blink"]\n')
    profile = _profile(command, elf, tmp_path / "out", "--phases", str(file))
    cycles = {phase["name"]: phase["cycles"] for phase in profile["phases"]}
    own = {f["name"]: f["cycles"] for f in profile["functions"]}
    assert cycles == {"blinking": own["blink"], "other": own["reset"] + own["work"]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[phase.a]\nfunctions = ["blank"]', "no function 'blank': the nearest are blink"),
        ("[phase.a]\n", r"\[phase.a\] must have just a list of names"),
        ("nothing = 1", "has 'nothing'"),
        ('[phase.other]\nfunctions = ["blink"]', "'other' is for code outside of all phases"),
        ("[[", "is not a TOML file"),
    ],
)
def test_a_wrong_file_of_phases_is_named(
    command: Facet, elf: Path, tmp_path: Path, text: str, message: str
) -> None:
    file = tmp_path / "phases.toml"
    file.write_text(text)
    done = command("profile", elf, "--phases", file, "--out", tmp_path / "out", code=2)
    assert len(done.stderr.strip().splitlines()) == 1
    assert re.search(message, done.stderr)
    assert not (tmp_path / "out").exists()


def test_the_map_of_another_build_is_named(command: Facet, elf: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.map"
    wrong.write_text("Linker script and memory map\n\n.text  0x08000000  0x10\n")
    done = command(
        "profile", elf, "--for", "1ms", "--map", wrong, "--out", tmp_path / "out", code=2
    )
    assert "is not the map of" in done.stderr
    not_a_map = tmp_path / "other.map"
    not_a_map.write_text("hello")
    done = command(
        "profile", elf, "--for", "1ms", "--map", not_a_map, "--out", tmp_path / "out", code=2
    )
    assert "is not a map of GNU ld" in done.stderr


def test_two_runs_give_the_same_bytes(command: Facet, elf: Path, tmp_path: Path) -> None:
    for out in ("one", "two"):
        _profile(command, elf, tmp_path / out)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == [
        "callgrind.out",
        "profile.json",
        "profile.svg",
        "speedscope.json",
        "trace.json",
    ]
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_compare_exits_with_1_for_a_regression(command: Facet, elf: Path, tmp_path: Path) -> None:
    _profile(command, elf, tmp_path / "base")
    base, new = tmp_path / "base" / "profile.json", tmp_path / "new.json"
    assert "No regression" in command("compare", base, base).stdout
    data = json.loads(base.read_text())
    data["cycles"] = round(1.03 * data["cycles"])
    new.write_text(json.dumps(data))
    done = command(
        *("compare", base, new, "--markdown", tmp_path / "cost.md"),
        *("--junit", tmp_path / "cost.xml"),
        code=1,
    )
    assert "1 of" in done.stdout
    assert "total cycles" in (tmp_path / "cost.md").read_text()
    assert 'failures="1"' in (tmp_path / "cost.xml").read_text()
    assert "No regression" in command("compare", base, new, "--max-regress", "4%").stdout


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{}", "is not a profile"),
        ("[1]", "is not a profile"),
        ("{", "new.json"),
        ('{"profile_format": 99}', "profile of form 99"),
    ],
)
def test_compare_names_what_is_not_a_profile(
    command: Facet, tmp_path: Path, content: str, message: str
) -> None:
    file = tmp_path / "new.json"
    file.write_text(content)
    done = command("compare", file, file, code=2)
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_compare_refuses_a_growth_without_percent(command: Facet) -> None:
    done = command("compare", "a", "b", "--max-regress", "2", code=2)
    assert "not a growth in percent" in done.stderr


def test_a_profile_of_another_cycle_model_is_not_compared(
    command: Facet, elf: Path, tmp_path: Path
) -> None:
    full = _profile(command, elf, tmp_path / "full")
    core = _profile(command, elf, tmp_path / "core", "--cycles", "core")
    assert (full["run"]["cycles"], core["run"]["cycles"]) == ("full", "core")
    files = [tmp_path / name / "profile.json" for name in ("full", "core")]
    done = command("compare", *files, code=2)
    assert "of another cycle model: cycles is 'full'" in done.stderr
