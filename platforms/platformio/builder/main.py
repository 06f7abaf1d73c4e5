"""SCons build of the firmware for a board, or of its portable part for the host.

PlatformIO runs this file inside SCons. Environments with a board make firmware.elf; `native` makes
the host's unit tests (`pio test`) or, with `pio run`, a program that runs a model on the host.
"""

import os
import shutil
import sys
from pathlib import Path

from SCons.Script import AlwaysBuild, Default, DefaultEnvironment

env = DefaultEnvironment()
project = Path(env.subst("$PROJECT_DIR")).resolve()
here = project / "platforms" / "platformio"
sys.path[:0] = [str(here / "python"), str(here / "builder"), str(project / "tools")]

import memory  # noqa: E402
import sources  # noqa: E402
from cxx_headers import HeadersError, cxx_headers_of  # noqa: E402
from model_bundle.error import ModelError  # noqa: E402
from model_bundle.fit import others_that_hold, read_rooms, why_not  # noqa: E402
from model_bundle.write import find_model, read_bundle, write_bundle  # noqa: E402
from setup_tflm import tflm_dir  # noqa: E402


def fail(message: str) -> None:
    """End the build with one clear line."""
    print(f"error: {message}", file=sys.stderr)
    env.Exit(1)


tflm = tflm_dir()
firmware = project / "firmware"
build = Path(env.subst("$BUILD_DIR"))
board = env.BoardConfig() if "BOARD" in env else None
prefix = board.get("build.toolchain") if board else ""

if not sources.has_tflm(tflm):
    fail("TFLite Micro's source is missing: run `make setup` (or tools/setup_tflm.py)")
if shutil.which(f"{prefix}g++") is None:
    fail(f"{prefix}g++ is missing: run `make setup` (or tools/setup_toolchain.sh)")

# ---- What all programs have in common ------------------------------------------------------------

env.Replace(
    AR=f"{prefix}gcc-ar",
    AS=f"{prefix}gcc",
    CC=f"{prefix}gcc",
    CXX=f"{prefix}g++",
    LINK=f"{prefix}g++",
    RANLIB=f"{prefix}gcc-ranlib",
    ARFLAGS=["rcD"],  # D: no times, no owners
    PROGNAME="firmware" if board else "program",
    PROGSUFFIX=".elf" if board else "",
)
# The binary must not know where it was built: the same bytes from any folder. The last match wins.
# SCons makes paths inside of the project relative.
relative = os.path.relpath(build.resolve(), project)
folders = {project: ".", build.resolve(): "build", relative: "build", tflm: "tflm"}
prefix_maps = [f"-ffile-prefix-map={folder}={name}" for folder, name in folders.items()]
env.Append(
    CPPDEFINES=["NDEBUG", "TF_LITE_STATIC_MEMORY"],
    CCFLAGS=["-O2", "-g", "-ffunction-sections", "-fdata-sections", *prefix_maps],
    CXXFLAGS=["-std=c++17", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics"],
    LINKFLAGS=["-Wl,--gc-sections"],
)
if board:
    cpu_flags = board.get("build.cpu_flags")
    env.Append(
        CCFLAGS=cpu_flags,
        CXXFLAGS=["-fno-use-cxa-atexit"],
        LINKFLAGS=cpu_flags,
    )
    if "build.cxx_headers_of" in board:
        try:
            for folder in cxx_headers_of(board.get("build.cxx_headers_of")):
                env.Append(CXXFLAGS=["-isystem", folder])
        except HeadersError as error:
            fail(f"{error}: run `make setup` (or tools/setup_toolchain.sh)")

tflm_includes = [str(path) for path in sources.tflm_includes(tflm)]

# TensorFlow's code as it came, its warnings off.
others = env.Clone()
others.Append(CPPPATH=tflm_includes, CCFLAGS=["-w"])
tflm_library = others.StaticLibrary(
    str(build / "tflm"),
    [
        others.Object(str(build / "tflm" / f"{name}.o"), str(tflm / name))
        for name in sources.tflm_sources(helpers_only="PIOTEST_RUNNING_NAME" in env)
    ],
)

# Ours with all warnings, as errors; TensorFlow's headers are the system's to the compiler.
ours = env.Clone()
ours.Append(
    CPPPATH=[str(firmware)],
    CCFLAGS=["-Wall", "-Wextra", "-Wshadow", "-Werror"]
    + [flag for path in tflm_includes for flag in ("-isystem", path)],
)


def compile_ours(files: list[Path]) -> list[object]:
    """Objects of the project's own sources, under the same names in the build folder."""
    return [
        ours.Object(str(build / "own" / f"{path.relative_to(project)}.o"), str(path))
        for path in files
    ]


# ---- The firmware of a board ---------------------------------------------------------------------


def build_firmware() -> None:
    """Targets of a board: firmware.elf with its model, and the table of its memory."""
    generated = build / "generated"
    try:
        bundle = read_bundle(find_model(project, os.environ.get("FACET_MODEL")))
        write_bundle(bundle, generated)
    except ModelError as error:
        fail(str(error))
    rooms = {room.name: room for room in read_rooms(here / "boards")}
    room = rooms[board.id]
    if reason := why_not(bundle.model, room):
        others = others_that_hold(bundle.model, rooms.values())
        fail(f"{bundle.path} does not fit onto {room.title}: {reason}; {others}")
    linker_script = project / board.get("build.ldscript")
    board_folder = [str(project / board.get("build.include"))] if "build.include" in board else []
    ours.Append(
        CPPDEFINES=[("F_CPU", "$BOARD_F_CPU")],
        CPPPATH=[str(generated), *board_folder],
        ASPPFLAGS=[*cpu_flags, f"-Wa,-I{generated}"],
        LINKFLAGS=[
            "-nostartfiles",
            *board.get("build.link_flags"),
            f"-L{linker_script.parent}",
            f"-T{linker_script}",
            f"-Wl,-Map={build / 'firmware.map'}",
        ],
    )
    memories = memory.Memories.of(board)
    misfit = memory.Misfit(bundle, room, list(rooms.values()))
    ours.Replace(LINKCOM=ours.Action(memory.Link(memories, misfit), "Linking $TARGET"))
    model_object = ours.Object(
        str(build / "own" / "model_bundle.o"), str(generated / "model_bundle.S")
    )
    ours.Depends(model_object, str(generated / "model.tflite"))
    objects = compile_ours(sources.firmware_sources(firmware, board.get("build.hal")))
    program = ours.Program(
        str(build / "firmware.elf"),
        [*objects, model_object],
        LIBS=[tflm_library, *board.get("build.libraries")],
    )
    ours.Depends(program, [str(script) for script in linker_script.parent.glob("*.ld")])
    # The image byte for byte as it lies in flash, for tools that want no ELF.
    flat = ours.Command(
        str(build / "firmware.bin"), program, f"{prefix}objcopy -O binary $SOURCE $TARGET"
    )
    report = ours.Action(memory.Report(bundle, memories, misfit), None)
    Default(flat, AlwaysBuild(env.Alias("memory", program, report)))


# ---- Programs for the host -----------------------------------------------------------------------


def build_for_host() -> None:
    """The unit tests if `pio test` runs, else the program that runs a model."""
    test = env.get("PIOTEST_RUNNING_NAME")
    tests = project / "tests" / "firmware"
    if test:
        own = sorted((tests / test).glob("*.cc"))
        libraries = ["gtest", "gtest_main", "pthread"]
        # GoogleTest's headers need both; our code is compiled without in the firmware.
        ours.Append(CXXFLAGS=["-fexceptions", "-frtti"])
    else:
        own = [tests / "invoke" / "main.cc"]
        libraries = []
    objects = compile_ours([*own, *sources.portable_sources(firmware)])
    Default(ours.Program(str(build / "program"), objects, LIBS=[tflm_library, *libraries]))


if board:
    build_firmware()
else:
    build_for_host()
