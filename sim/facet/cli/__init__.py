"""The command `facet`: one module for each subcommand, loaded when it is used."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any, Final

import click

from facet import __version__
from facet.cli.failures import BAD_INPUT, FAILED, INTERNAL, ReaderIsGoneError, reported
from facet.errors import FacetError
from facet.garbage import collect_rarely

__all__ = ["BAD_INPUT", "FAILED", "INTERNAL", "main"]

_DEBUG: Final = "--debug"

_COMMANDS: Final = {
    "run": "facet.cli.run",
    "init": "facet.cli.init",
    "sim": "facet.cli.simulate",
    "profile": "facet.cli.profile",
    "compare": "facet.cli.compare",
    "eval": "facet.cli.evaluate",
    "boards": "facet.cli.boards",
    "models": "facet.cli.models",
    "check": "facet.cli.check",
    "faces": "facet.cli.faces",
    "capture": "facet.cli.capture",
    "export": "facet.cli.export",
    "import": "facet.cli.import_",
}
"""Subcommand -> the module with its `command`."""


# NumPy's matrices are small here, and its threads would wait for one another on every core; set
# before NumPy is loaded, and inherited by the processes of `facet eval`.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


class _LazyGroup(click.Group):
    """Imports a subcommand's module only to run it, so that `facet run` starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command = importlib.import_module(_COMMANDS[cmd_name]).command
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # click would exit with 1, which is the firmware's failure
            raise ReaderIsGoneError from None

    def main(  # type: ignore[override]
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Runs the command line; every error ends in one line and an exit code."""
        words = list(sys.argv[1:] if args is None else args)
        debug = _DEBUG in words
        words = [word for word in words if word != _DEBUG]
        if not standalone_mode:
            return super().main(words, prog_name, standalone_mode=False, **extra)
        collect_rarely()
        with reported(debug):
            _refuse_empty(words)
            code = super().main(words, prog_name, standalone_mode=False, **extra)
        sys.exit(code if isinstance(code, int) else 0)


def _refuse_empty(words: Sequence[str]) -> None:
    """Refuses an empty value of any option or argument: an unset variable of a shell.

    An empty path would be the current folder.

    Raises:
        FacetError: there is one; names the option.
    """
    for place, word in enumerate(words):
        name, is_assigned, value = word.partition("=")
        is_option = name.startswith("--")
        if is_option and is_assigned and not value.strip():
            raise FacetError(f"{name} is empty: {_EMPTY_CURE}")
        if not word.strip():
            before = words[place - 1] if place else ""
            is_value = before.startswith("--") and "=" not in before
            what = before if is_value else f"argument {place + 1}"
            raise FacetError(f"{what} is empty: {_EMPTY_CURE}")


_EMPTY_CURE: Final = "give a value, or leave it out (is a variable of the shell unset?)"


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="facet")
@click.option(_DEBUG, is_flag=True, help="With any command: show the traceback of an error.")
def main(debug: bool) -> None:
    """Runs firmware on a simulated board, shows faces to its camera and prints its output.

    Exit codes: 0 success; 1 the firmware broke a rule, failed or fell short of a limit; 2 wrong
    input; 70 a fault of Facet itself; 130 interrupted.
    """
