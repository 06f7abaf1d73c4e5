"""Option types that several subcommands share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import click

from facet.time import Time, parse


class SpanType(click.ParamType[Time]):
    """A span of virtual time: ``2s``, ``250ms``, ``10us``."""

    name = "time"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Time:
        """Reads the option's text."""
        if isinstance(value, Time):
            return value
        try:
            return parse(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


@dataclass(frozen=True)
class Planned:
    """Something to be done at a time: text to send, or a button to press."""

    what: str
    at: Time


class PlannedType(click.ParamType[Planned]):
    """``WHAT@TIME``; WHAT may hold further ``@``."""

    def __init__(self, what: str) -> None:
        self.name = f"{what}@time"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Planned:
        """Reads the option's text."""
        if isinstance(value, Planned):
            return value
        what, at_sign, time = str(value).rpartition("@")
        if not at_sign or not what:
            self.fail(f"{value!r} must be {self.name}, for example {self.name[:1]}@500ms")
        try:
            return Planned(what, parse(time))
        except ValueError as error:
            self.fail(str(error), param, ctx)


SPAN = SpanType()

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "\\": "\\"}


def unescape(text: str) -> bytes:
    r"""Text as a person types it in a shell: ``\n``, ``\r``, ``\t``, ``\0``, ``\\``, ``\x1b``."""

    def replaced(match: re.Match[str]) -> str:
        code = match[1]
        return chr(int(code[1:], 16)) if code[0] == "x" else _ESCAPES.get(code, match[0])

    # \xNN is one byte; everything else is sent as UTF-8.
    parts = re.split(r"(\\x[0-9a-fA-F]{2})", text)
    return b"".join(
        bytes([int(part[2:], 16)])
        if index % 2
        else re.sub(r"\\(.)", replaced, part).encode("utf-8", "surrogateescape")
        for index, part in enumerate(parts)
    )


board_option = click.option(
    "--board",
    default="nucleo_l476rg",
    show_default=True,
    help="A board of `facet boards`, or a board file of your own (.toml).",
)

model_option = click.option(
    "--model",
    default="facet-small",
    show_default=True,
    envvar="FACET_MODEL",
    help="A model of models/trained, or the path of a .tflite with its card beside it.",
)

firmware_option = click.option(
    "--firmware",
    type=click.Path(path_type=Path),
    help="Take this firmware (.elf) instead of building one with --model.",
)
