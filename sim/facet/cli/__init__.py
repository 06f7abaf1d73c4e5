"""The command `facet`: one module a subcommand, loaded when it is asked for."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from typing import Any, Final

import click

from facet import __version__
from facet.errors import DeviceFailedError, FacetError

BAD_INPUT: Final = 2
"""Exit code for what the user can mend: a wrong option, file, model or board."""

FAILED: Final = 1
"""Exit code when the firmware ran and did something wrong."""

INTERNAL: Final = 70
"""Exit code of a fault of Facet's own, EX_SOFTWARE of sysexits.h; says nothing of the firmware."""

_COMMANDS: Final = {
    "run": "facet.cli.run",
    "init": "facet.cli.init",
    "sim": "facet.cli.simulate",
    "eval": "facet.cli.evaluate",
    "boards": "facet.cli.boards",
    "models": "facet.cli.models",
    "check": "facet.cli.check",
    "faces": "facet.cli.faces",
    "capture": "facet.cli.capture",
    "export": "facet.cli.export",
    "import": "facet.cli.import_",
}
"""Subcommand -> the module that holds it as `command`."""


# NumPy's matrices are small here, and its threads would wait for one another on every core; set
# before NumPy is loaded, and inherited by the processes of `facet eval`.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


class _LazyGroup(click.Group):
    """Imports a subcommand's module only to run it: `facet run` starts without the rest."""

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
        except FacetError as error:
            click.secho(f"facet: {error}", fg="red", err=True)
            ctx.exit(FAILED if isinstance(error, DeviceFailedError) else BAD_INPUT)
        except BrokenPipeError:  # the reader of the pipe has gone: there is nothing left to do
            sys.stderr.close()
            ctx.exit(FAILED)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            traceback.print_exc()
            click.secho(f"facet: internal error: {error}", fg="red", err=True)
            click.secho("This is a fault of Facet, not of the firmware or of the input.", err=True)
            ctx.exit(INTERNAL)


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="facet")
def main() -> None:
    """Face-emotion firmware in a simulated board: faces in, what the device says out."""
