"""Programs of tests, built with the HAL of each chip."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from facet.board.board import load
from facet.firmware.board_source import write_board_source
from facet.firmware.cxx_headers import cxx_headers_of

FIRMWARE = Path(__file__).resolve().parents[2] / "firmware"


@dataclass(frozen=True)
class Chip:
    """The board-specific part of a program's build."""

    board: str
    hal: str
    linker_script: str
    toolchain: str
    flags: str
    libraries: str = ""
    cxx_headers_of: str = ""

    def build(self, program: str, folder: Path) -> Path:
        """Compiles a program with the board's HAL; headers in `folder` replace those of the HAL."""
        source, elf = folder / "program.cc", folder / "program.elf"
        source.write_text(program)
        board = load(self.board)
        write_board_source(board, board.chip, folder)
        own = "-std=c++17 -O2 -g -fno-exceptions -fno-rtti -ffunction-sections"
        link = "-nostartfiles -Wl,--gc-sections"
        hal = FIRMWARE / "hal" / self.hal
        sources = [f for g in (FIRMWARE / "hal" / "common", hal) for f in sorted(g.glob("*.cc"))]
        headers = cxx_headers_of(self.cxx_headers_of) if self.cxx_headers_of else []
        subprocess.run(
            [
                *f"{self.toolchain}g++ {self.flags} {own} {link} -I{folder} -I{FIRMWARE}".split(),
                f"-L{hal}",
                *(word for header in headers for word in ("-isystem", header)),
                *map(str, [*sources, *sorted(hal.glob("*.S")), source]),
                *f"-T{hal / self.linker_script} {self.libraries} -o {elf}".split(),
            ],
            check=True,
        )
        return elf

    def function_at(self, elf: Path, address: int) -> str:
        """The function that an address lies in."""
        where = subprocess.run(
            [f"{self.toolchain}addr2line", "-f", "-C", "-e", str(elf), hex(address)],
            capture_output=True,
            text=True,
            check=True,
        )
        return where.stdout.splitlines()[0]


STM32L4 = Chip(
    board="nucleo_l476rg",
    hal="stm32l4",
    linker_script="stm32l476rg.ld",
    toolchain="arm-none-eabi-",
    flags="-mcpu=cortex-m4 -mthumb -mfpu=fpv4-sp-d16 -mfloat-abi=hard --specs=nano.specs",
)
STM32L432 = replace(STM32L4, board="nucleo_l432kc", linker_script="stm32l432kc.ld")
ESP32C3 = Chip(
    board="esp32c3_devkitm",
    hal="esp32c3",
    linker_script="esp32c3.ld",
    toolchain="riscv64-unknown-elf-",
    flags="-march=rv32imc -mabi=ilp32 --specs=picolibc.specs -nodefaultlibs -DF_CPU=160000000L",
    libraries="-lc -lgcc",
    cxx_headers_of="arm-none-eabi-g++",
)
