"""Facet's firmware for a board: firmware.elf with a model, and the table of its memory."""

from __future__ import annotations

import os
from typing import Any

import memory
import sources
import tflm
from common import Build
from SCons.Script import AlwaysBuild, Default

from facet.errors import FacetError
from facet.firmware.model_source import write_model_source
from facet.model.checked import CheckedModel, read_checked
from facet.model.fit import others_that_hold, read_rooms, why_not
from facet.model.folder import path_of

DEFAULT_MODEL = "facet-small"


def build(build: Build) -> None:
    """Declares the targets.

    Environment variables: FACET_MODEL, a model by name or path; FACET_BOARD, a board file whose
    pins the firmware takes (by default that of the environment).
    """
    board = build.board
    assert board is not None
    build.board_source(os.environ.get("FACET_BOARD") or board.id)
    checked = _checked(build)
    rooms = {room.name: room for room in read_rooms(build.facet / "platforms/platformio/boards")}
    room = rooms[board.id]
    if reason := why_not(checked.model, room):
        others = others_that_hold(checked.model, rooms.values())
        build.fail(f"{checked.path} does not fit onto {room.title}: {reason}; {others}")

    env = tflm.own_environment(build)
    env.Append(LINKFLAGS=build.link_flags())
    memories = memory.Memories.of(board)
    misfit = memory.Misfit(checked, room, list(rooms.values()))
    env.Replace(LINKCOM=env.Action(memory.Link(memories, misfit), "Linking $TARGET"))
    program = env.Program(
        str(build.folder / "firmware.elf"),
        [*_objects(build, env), _model_object(build, env)],
        LIBS=[tflm.library(build), *board.get("build.libraries")],
    )
    env.Depends(program, [str(script) for script in build.linker_script.parent.glob("*.ld")])
    report = env.Action(memory.Report(checked, memories, misfit), None)
    Default(build.flat_image(env, program), AlwaysBuild(build.env.Alias("memory", program, report)))


def _checked(build: Build) -> CheckedModel:
    try:
        checked = read_checked(path_of(os.environ.get("FACET_MODEL") or DEFAULT_MODEL))
        write_model_source(checked, build.generated)
    except FacetError as error:
        build.fail(str(error))
        raise
    return checked


def _objects(build: Build, env: Any) -> list[Any]:
    return build.compile(env, [*sources.app_sources(build.firmware), *build.hal_sources()])


def _model_object(build: Build, env: Any) -> Any:
    model = env.Object(
        str(build.folder / "own" / "model_bundle.o"), str(build.generated / "model_bundle.S")
    )
    env.Depends(model, str(build.generated / "model.tflite"))
    return model
