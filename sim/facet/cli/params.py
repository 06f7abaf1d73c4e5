"""Options and option types that several subcommands share."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

import click
from click.core import ParameterSource

from facet.cycles.parts import Parts
from facet.dataset.names import FolderNames
from facet.dataset.splits import SPLITS
from facet.engine import engines
from facet.errors import FacetError
from facet.files import check_regular
from facet.firmware.labels import labels_in
from facet.time import Time, parse


class SpanType(click.ParamType[Time]):
    """A span of virtual time: ``250ms``, ``2s``, ``1h30min``."""

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
    """An action at a time: text to send, or a button to press."""

    what: str
    at: Time


class ShareType(click.FloatRange):
    """A share from 0 to 1; "not a number" is refused."""

    def __init__(self) -> None:
        super().__init__(0, 1)

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Reads the option's text."""
        share = float(super().convert(value, param, ctx))  # type: ignore[arg-type]
        if math.isnan(share):
            self.fail(f"{value!r} is not a share of 0 to 1", param, ctx)
        return share


class LabelsType(click.ParamType[FolderNames]):
    """The meaning of folder names: ``a,b,c``, ``1=a,2=b``, a label set or a known data set."""

    name = "labels"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> FolderNames:
        """Reads the option's text."""
        if isinstance(value, FolderNames):
            return value
        return FolderNames.parse(str(value))


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
            unescape(what)
            return Planned(what, parse(time))
        except ValueError as error:
            self.fail(str(error), param, ctx)


SPAN = SpanType()

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "\\": "\\"}


_PIECE = re.compile(r"\\x(?P<byte>[0-9a-fA-F]{2})|\\(?P<code>.)|(?P<text>[^\\]+|\\\Z)", re.DOTALL)


def unescape(text: str) -> bytes:
    r"""Text as a person types it in a shell: ``\n``, ``\r``, ``\t``, ``\0``, ``\\``, ``\x1b``.

    ``\xNN`` is one byte; everything else becomes UTF-8. Another letter stays, with its backslash.

    Raises:
        ValueError: two hexadecimal digits do not follow ``\x``.
    """
    return b"".join(map(_bytes_of, _PIECE.finditer(text)))


def _bytes_of(piece: re.Match[str]) -> bytes:
    byte, code = piece["byte"], piece["code"]
    if byte is not None:
        return bytes([int(byte, 16)])
    if code == "x":
        found = piece.string[piece.start() : piece.start() + 4]
        raise ValueError(f"{found!r}: \\x needs two hex digits, such as \\x1b")
    meant = piece[0] if code is None else _ESCAPES.get(code, piece[0])
    return meant.encode("utf-8", "surrogateescape")


def check_firmware(firmware: Path | None) -> None:
    """Refuses a firmware that is not a file, or that has a model beside another one of --model.

    Raises:
        FacetError: it is missing, or a device that could be read without end; or the command line
            has --model as well, which would be ignored.
    """
    if firmware is None:
        return
    check_regular(firmware)
    source = click.get_current_context().get_parameter_source("model")
    if source is ParameterSource.COMMANDLINE and labels_in(firmware) is not None:
        raise FacetError(
            f"--model with --firmware: {firmware} has a model of its own, which answers; leave"
            " out one of the two options"
        )


split_option = click.option(
    "--split",
    type=click.Choice(SPLITS),
    help="Part of the data set. Default: the test split (public, test or validation), or "
    "everything in a data set without splits.",
)

labels_option = click.option(
    "--labels",
    "names",
    type=LabelsType(),
    metavar="NAMES",
    help="Labels of folders that are not named by a label: surprise,fear,... in the order of "
    "numbered folders; 1=surprise,2=fear,...; or raf-db.",
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
    help="Take this firmware (.elf) instead of building one with --model. A flat image has no "
    "labels: there --model names them.",
)


def _engine_that_runs(_context: click.Context, _option: click.Parameter, name: str) -> str:
    if name != engines.DEFAULT:  # spares `--help` and bad options the engine's modules
        engines.check(name)
    return name


engine_option = click.option(
    "--engine",
    type=click.Choice(engines.names()),
    default=engines.DEFAULT,
    show_default=True,
    envvar="FACET_ENGINE",
    callback=_engine_that_runs,
    help="What executes the firmware's instructions; renode: docs/renode.md.",
)


class PartsType(click.ParamType[Parts]):
    """What the cycle count takes in: ``core``, ``flash`` or ``full``."""

    name = "parts"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """The choices, for the help."""
        return f"[{'|'.join(part.value for part in Parts)}]"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Parts:
        """Reads the option's text."""
        try:
            return Parts(value)
        except ValueError:
            known = ", ".join(part.value for part in Parts)
            self.fail(f"{value!r} is not one of {known}", param, ctx)


cycles_option = click.option(
    "--cycles",
    type=PartsType(),
    help="What the cycle count takes in: the core alone, code in flash too, or data in flash too "
    "(unicorn: full by default; renode: without this, a mean for each instruction).",
)
