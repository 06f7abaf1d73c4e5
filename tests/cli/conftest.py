"""The command as a user types it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from facet.cli import main
from tests.cli import programs


@pytest.fixture
def facet() -> Callable[..., Result]:
    """Runs `facet` with arguments, in this process."""

    def run(*arguments: str | Path) -> Result:
        # GNU readline, which pytest's workers import, puts a width of 80 into the environment.
        runner = CliRunner(env={"COLUMNS": None})
        result = runner.invoke(main, [str(argument) for argument in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture
def built(tmp_path: Path) -> Callable[[str], Path]:
    """Compiles one of `programs`."""
    return lambda source: programs.build(source, tmp_path)
