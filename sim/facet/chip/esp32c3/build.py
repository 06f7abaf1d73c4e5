"""Builds rom/rom.elf and bootloader/bootloader.elf from the C files beside them.

    python -m facet.chip.esp32c3.build

Users need no compiler: both files are part of the package. The same compiler and library make the
same bytes, and the .txt beside each says which they were.
"""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

from facet.chip.esp32c3 import rom

PREFIX = "riscv64-unknown-elf-"
FOLDERS = {name: Path(__file__).parent / name for name in ("rom", "bootloader")}
"""Program -> where its sources, its .elf and its .txt lie."""

# The ISA as it was before the CSR instructions became an extension of their own: the compiler's
# libraries are built for it.
_COMPILE = (
    *("-march=rv32im", "-misa-spec=2.2", "-mabi=ilp32", "-O2", "-std=c11", "-ffreestanding"),
    *("-fno-builtin", "-fno-tree-loop-distribute-patterns", "-ffunction-sections"),
    *("-fdata-sections", "-msmall-data-limit=0", "-fno-common", "-Wall", "-Wextra", "-Werror"),
)
_LINK = (
    *("--specs=picolibc.specs", "-nostartfiles", "-Wl,--no-relax", "-Wl,--gc-sections"),
    *("-Wl,--build-id=none", "-Wl,--no-warn-rwx-segments", "-Wl,-s"),
)
_OF_THE_ROM = (
    *("ets_printf", "ets_update_cpu_frequency", "uart_tx_wait_idle", "memcpy", "Cache_MMU_Init"),
    *("Cache_Dbus_MMU_Set", "Cache_Ibus_MMU_Set", "Cache_Invalidate_ICache_All"),
)
"""What the bootloader calls."""


def tools() -> dict[str, str]:
    """What a program is built with here: name -> version.

    Raises:
        OSError, subprocess.CalledProcessError: a tool is missing.
    """
    versions = {tool: _output(PREFIX + tool, "--version").splitlines()[0] for tool in ("gcc", "ld")}
    probe = "#include <picolibc.h>\n__PICOLIBC_VERSION__\n"
    text = _output(PREFIX + "gcc", "--specs=picolibc.specs", "-E", "-P", "-", stdin=probe)
    return {**versions, "picolibc": text.split('"')[1]}


def build(name: str, elf: Path) -> None:
    """Compiles and links a program.

    Args:
        name: of `FOLDERS`.
        elf: the file to write.

    Raises:
        OSError, subprocess.CalledProcessError: a tool is missing or failed.
    """
    folder = FOLDERS[name]
    sources = sorted(path.name for path in folder.iterdir() if path.suffix in (".c", ".S"))
    symbols: list[str] = []
    if name == "bootloader":
        table = rom.functions()
        symbols = [f"-Wl,--defsym={function}={table[function]:#x}" for function in _OF_THE_ROM]
    # By names without a path, in the folder: no path of this machine gets into the file.
    command = [PREFIX + "gcc", *_COMPILE, *_LINK, *symbols, "-T", f"{name}.ld"]
    subprocess.run([*command, "-o", str(elf), *sources], cwd=folder, check=True)
    elf.chmod(0o644)


def _output(*command: str, stdin: str = "") -> str:
    return subprocess.run(command, input=stdin, check=True, capture_output=True, text=True).stdout


def main() -> None:
    """Writes the .elf and .txt files."""
    versions = "".join(f"{tool}: {version}\n" for tool, version in tools().items())
    for name, folder in FOLDERS.items():
        elf = folder / f"{name}.elf"
        build(name, elf)
        digest = hashlib.sha256(elf.read_bytes()).hexdigest()
        (folder / f"{name}.txt").write_text(f"sha256: {digest}\n{versions}")


if __name__ == "__main__":
    main()
