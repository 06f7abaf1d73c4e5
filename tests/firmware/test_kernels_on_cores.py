"""The convolutions compute on both cores what TFLite's reference kernels compute there.

The host's unit tests hold more layers against it, but the M4 has instructions of its own for them.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from facet.firmware.cxx_headers import cxx_headers_of
from facet.firmware.elf import Firmware
from facet.time import ms
from tests.engine.bare_core import BareCore
from tests.engine.bare_rv32 import BareRv32
from tools.setup_tflm import tflm_dir

PROJECT = Path(__file__).resolve().parents[2]
PROGRAM = Path(__file__).with_name("kernels_on_core.cc")
LAYERS = 110  # as many as the program's Main compares
_MEMORY = {
    "arm-none-eabi-g++": """
        .text 0x08000000 : { KEEP(*(.vectors)) *(.text*) *(.rodata*) }
        .bss 0x20001000 (NOLOAD) : { *(.bss*) }""",
    "riscv64-unknown-elf-g++": """
        .text 0x42000000 : { KEEP(*(.start)) *(.text*) }
        .rodata 0x3C008000 : { *(.rodata*) *(.srodata*) }
        .bss 0x3FC90000 (NOLOAD) : { *(.bss*) *(.sbss*) }""",
}
_FLAGS = {
    "arm-none-eabi-g++": [
        *("-mcpu=cortex-m4", "-mthumb", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard"),
        "--specs=nano.specs",
    ],
    "riscv64-unknown-elf-g++": ["-march=rv32imc", "-mabi=ilp32", "--specs=picolibc.specs"],
}


def compiled(compiler: str, folder: Path) -> Path:
    """The program as the firmware's build compiles its kernels, without start-up code."""
    script = folder / "program.ld"
    script.write_text(f"SECTIONS {{{_MEMORY[compiler]}\n}}\n")
    elf = folder / "program.elf"
    kernels = [
        PROJECT / "firmware" / "kernel" / f"{n}.cc" for n in ("conv_2d", "depthwise_conv_2d")
    ]
    downloads = tflm_dir() / "tensorflow" / "lite" / "micro" / "tools" / "make" / "downloads"
    folders = [str(tflm_dir()), *(str(downloads / name) for name in ("gemmlowp", "ruy"))]
    if compiler.startswith("riscv"):
        folders += cxx_headers_of("arm-none-eabi-g++")
    includes = [flag for path in folders for flag in ("-isystem", path)]
    subprocess.run(
        [
            *(compiler, *_FLAGS[compiler], "-O2", "-g", "-std=c++17", "-fno-exceptions"),
            *("-fno-rtti", "-fno-threadsafe-statics", "-ffunction-sections", "-fdata-sections"),
            *("-DNDEBUG", "-DTF_LITE_STATIC_MEMORY", f"-I{PROJECT / 'firmware'}", *includes),
            *("-nostartfiles", "-Wl,--gc-sections", "-Wl,--build-id=none", "-Wl,--entry=start"),
            *(
                "-Wl,--no-warn-rwx-segments",
                f"-T{script}",
                "-o",
                str(elf),
                str(PROGRAM),
                *map(str, kernels),
            ),
            *("-nodefaultlibs", "-lc", "-lgcc"),  # the RISC-V compiler came without libstdc++
        ],
        check=True,
    )
    return elf


def run_to_the_end(board: BareCore | BareRv32) -> None:
    for second in range(1, 20):
        board.run(ms(1000 * second))
        if board.word("done"):
            break
    assert not board.faults
    assert board.word("done") == 1, f"stuck after {board.word('layers')} layers"
    assert board.word("layers") == LAYERS
    assert board.word("values") > 50 * LAYERS
    assert board.word("wrong") == 0


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("arm-none-eabi-g++") is None, reason="needs make setup")
def test_on_the_cortex_m4(tmp_path: Path) -> None:
    elf = compiled("arm-none-eabi-g++", tmp_path)
    run_to_the_end(BareCore(Firmware(elf, "EM_ARM", "a Cortex-M4")))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("riscv64-unknown-elf-g++") is None, reason="needs make setup")
def test_on_the_esp32c3(tmp_path: Path) -> None:
    elf = compiled("riscv64-unknown-elf-g++", tmp_path)
    run_to_the_end(BareRv32(Firmware(elf, "EM_RISCV", "an RV32 core")))
