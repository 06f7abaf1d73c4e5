"""TFLite Micro as a library, compiled without changes."""

from __future__ import annotations

from typing import Any

import sources
from common import Build
from setup_tflm import tflm_dir


def library(build: Build, helpers_only: bool = False) -> Any:
    """TFLite Micro's library.

    Args:
        build: the build.
        helpers_only: just the functions that the project's own kernels call.
    """
    root = tflm_dir()
    if not sources.has_tflm(root):
        build.fail("TFLite Micro's source is missing: run `make setup` (or tools/setup_tflm.py)")
    env = build.env.Clone()
    env.Append(
        CPPPATH=[str(path) for path in sources.tflm_includes(root)],
        CPPDEFINES=["NDEBUG", "TF_LITE_STATIC_MEMORY"],
        CCFLAGS=["-w"],
    )
    folder = build.folder / "tflm"
    objects = [
        env.Object(str(folder / f"{name}.o"), str(root / name))
        for name in sources.tflm_sources(helpers_only)
    ]
    return env.StaticLibrary(str(folder), objects)


def own_environment(build: Build) -> Any:
    """An environment for the project's own sources that call TFLite Micro.

    TensorFlow's headers are the system's to the compiler, so that they cause no warnings.
    """
    env = build.env.Clone()
    env.Append(
        CPPPATH=[str(build.firmware), str(build.generated)],
        CPPDEFINES=["NDEBUG", "TF_LITE_STATIC_MEMORY"],
        CCFLAGS=[
            flag for path in sources.tflm_includes(tflm_dir()) for flag in ("-isystem", str(path))
        ],
    )
    build.warn_always(env)
    return env
