"""A user's own program for a board: PlatformIO's usual build, linked with Facet's HAL.

In the user's platformio.ini:

    [env:mine]
    platform = symlink:///path/to/facet/platforms/platformio
    board = nucleo_l476rg
    custom_board_file = my_board.toml    ; optional: whose pins the HAL takes

`src/` and `lib/` are the project's. It may call the HAL and the camera's driver ("hal/console.h",
"driver/arducam.h"); both are a library, of which the linker takes what is called. A program with a
vector table and a Reset_Handler of its own needs nothing of them.
"""

from __future__ import annotations

from pathlib import Path

import sources
from common import Build
from SCons.Script import Default


def build(build: Build) -> None:
    """Declares firmware.elf and firmware.bin."""
    if build.board is None:
        build.fail("the environment names no board: board = nucleo_l476rg, for example")
    env, board = build.env, build.board
    build.board_source(_board_file(build))

    hal = env.Clone()
    hal.Append(CPPPATH=[str(build.firmware), str(build.generated)])
    build.warn_always(hal)
    driver = sources.driver_sources(build.firmware)
    library = hal.StaticLibrary(
        str(build.folder / "facet_hal"), build.compile(hal, [*build.hal_sources(), *driver])
    )

    env.Replace(LDSCRIPT_PATH="")  # else PlatformIO names the script once more
    env.Append(
        CPPPATH=[str(build.firmware)],
        LINKFLAGS=build.link_flags(),
        LIBS=[library, *board.get("build.libraries")],
    )
    program = env.BuildProgram()
    env.Depends(program, [str(script) for script in build.linker_script.parent.glob("*.ld")])
    Default(program, build.flat_image(env, program))


def _board_file(build: Build) -> str:
    """The board file that the environment names, or the board's own."""
    own = build.env.GetProjectOption("custom_board_file", "")
    return str(build.project / Path(own).expanduser()) if own else str(build.board.id)
