"""The engines that execute the programs."""

from __future__ import annotations

import pytest

from tests.engines_under_test import ENGINES
from tests.strict import program


@pytest.fixture(params=ENGINES)
def each_engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs the test's programs in each engine."""
    monkeypatch.setattr(program, "engine_under_test", request.param)
