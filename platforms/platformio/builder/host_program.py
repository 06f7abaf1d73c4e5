"""The firmware's portable part on the host: its unit tests, or a program that runs a model."""

from __future__ import annotations

import sources
import tflm
from common import Build
from SCons.Script import Default

from facet.firmware.model_source import write_input, write_operators


def build(build: Build) -> None:
    """Declares the unit tests if `pio test` runs, else the program that runs a model."""
    test = build.env.get("PIOTEST_RUNNING_NAME")
    tests = build.facet / "tests" / "firmware"
    env = tflm.own_environment(build)
    write_input(build.generated)
    if test:
        own = sorted((tests / test).glob("*.cc"))
        libraries = ["gtest", "gtest_main", "pthread"]
        # GoogleTest's headers need both; our code is compiled without in the firmware.
        env.Append(CXXFLAGS=["-fexceptions", "-frtti"])
    else:
        write_operators(build.generated)
        own = [tests / "invoke" / "main.cc"]
        libraries = []
    objects = build.compile(env, [*own, *sources.portable_sources(build.firmware)])
    library = tflm.library(build, helpers_only=bool(test))
    Default(env.Program(str(build.folder / "program"), objects, LIBS=[library, *libraries]))
