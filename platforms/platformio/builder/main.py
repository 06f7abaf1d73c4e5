"""SCons build: Facet's firmware for a board, its portable part for the host, or a user's program.

PlatformIO runs this file inside SCons. In Facet's own project, environments with a board make
firmware.elf; `native` makes the host's unit tests (`pio test`) or, with `pio run`, a program that
runs a model on the host. In any other project that names this platform, the project's own sources
are built (`user_program.py`).
"""

import sys
from pathlib import Path

from SCons.Script import DefaultEnvironment

env = DefaultEnvironment()
facet = Path(env.PioPlatform().get_dir()).resolve().parents[1]
project = Path(env.subst("$PROJECT_DIR"))
own = (project / "platformio.ini").resolve() == facet / "platformio.ini"
if own:
    facet = project  # the folder itself, or a folder of links to its files
folders = ("platforms/platformio/builder", "sim", "tools")
sys.path[:0] = [str(facet / folder) for folder in folders]

from common import Build  # noqa: E402

build = Build(env, facet)
if not own:
    import user_program

    user_program.build(build)
elif build.board:
    import facet_firmware

    facet_firmware.build(build)
else:
    import host_program

    host_program.build(build)
