"""Turns every error into one line for the user and an exit code."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, NoReturn, TextIO

import click

from facet import __version__
from facet.errors import DeviceFailedError, FacetError, InternalError
from facet.text import printable

FAILED: Final = 1
"""Exit code when the firmware ran and did something wrong, or fell short of a limit."""

BAD_INPUT: Final = 2
"""Exit code for what the user can correct: a wrong option, file, model or board."""

INTERNAL: Final = 70
"""Exit code of a fault of Facet itself: EX_SOFTWARE of sysexits.h."""

INTERRUPTED: Final = 130
"""Exit code after Ctrl-C: 128 + SIGINT, as shells have it."""

READER_IS_GONE: Final = 141
"""Exit code where the reader of a pipe has ended: 128 + SIGPIPE."""

_PACKAGE: Final = Path(__file__).resolve().parents[1]


class ReaderIsGoneError(Exception):
    """The process that read standard output has ended."""


@contextmanager
def reported(debug: bool) -> Iterator[None]:
    """Ends the program with one line and an exit code for every error within.

    Args:
        debug: whether to print the traceback as well.

    Raises:
        SystemExit: something went wrong.
    """
    try:
        check_streams()
        yield
        sys.stdout.flush()
    except SystemExit:
        _flush()
        raise
    except BaseException as error:
        _end(error, debug)


def check_streams() -> None:
    """Refuses a closed standard output; replaces a closed standard error by nothing.

    Characters that a stream cannot show are written as escapes: names of files hold any bytes.
    """
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115 for the rest of the program
    if sys.stdout is None:
        sys.stdout = sys.stderr
        raise FacetError("standard output is closed: send it to /dev/null to see nothing")
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def _end(error: BaseException, debug: bool) -> NoReturn:
    if debug and not isinstance(error, click.ClickException):
        _say("".join(traceback.format_exception(error)), None)
    code = _report(error)
    _flush()
    sys.exit(code)


def _report(error: BaseException) -> int:
    """Prints the error; returns the exit code."""
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    if isinstance(error, click.Abort | KeyboardInterrupt):
        _say("facet: interrupted", None)
        return INTERRUPTED
    if isinstance(error, BrokenPipeError | ReaderIsGoneError):
        return READER_IS_GONE
    line, code = _meaning(error)
    _say(f"facet: {printable(line)}", "red")
    if code == INTERNAL:
        _say(
            f"This is a fault of Facet {__version__}, not of the firmware or of the input. Please "
            "report it with the command; --debug shows the traceback.",
            None,
        )
    return code


def _meaning(error: BaseException) -> tuple[str, int]:
    """The line for an error, and the exit code."""
    if isinstance(error, DeviceFailedError):
        return str(error), FAILED
    if isinstance(error, FacetError):
        return str(error), BAD_INPUT
    if isinstance(error, MemoryError):
        return "out of memory: take fewer frames or smaller files", BAD_INPUT
    if isinstance(error, OSError) and error.errno is not None:
        name = error.filename if isinstance(error.filename, str) else None
        if name is None and error.errno == errno.ENOSPC:
            name = "standard output"
        what = f"{name}: {error.strerror}" if name else str(error.strerror)
        return what, BAD_INPUT
    text = " ".join(str(error).split())
    kind = "" if isinstance(error, InternalError) else f"{type(error).__name__}: "
    return f"internal error: {kind}{text} {_place(error.__traceback__)}", INTERNAL


def _place(trace: TracebackType | None) -> str:
    """The last line of Facet's own code that an error went through."""
    own = [
        frame
        for frame in traceback.extract_tb(trace)
        if Path(frame.filename).is_relative_to(_PACKAGE)
    ]
    if not own:
        return ""
    file = Path(own[-1].filename).relative_to(_PACKAGE.parent)
    return f"(at {file}:{own[-1].lineno} in {own[-1].name})"


def _say(text: str, colour: str | None) -> None:
    with suppress(OSError, ValueError):
        click.secho(text, fg=colour, err=True)


def _flush() -> None:
    """Writes the buffered output; at the program's end Python would print its own error."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            _replace(stream)


def _replace(stream: TextIO) -> None:
    """Discards output that cannot be written."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
