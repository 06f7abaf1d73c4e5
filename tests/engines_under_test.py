"""The CPU engines as parameters of tests; Renode's are skipped where there is no Renode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pytest

from facet.cycles.parts import Parts
from facet.engine.renode import installation

NEEDS_RENODE: Final = (
    pytest.mark.renode,
    pytest.mark.skipif(
        not installation.is_present(), reason="there is no Renode to test with (docs/renode.md)"
    ),
)
"""Marks of a test that runs Renode."""


@dataclass(frozen=True)
class EngineUnderTest:
    """An engine, and how it counts cycles.

    Attributes:
        name: of the engine.
        cycles: what its cycle count takes in; None: what it does where it is not asked.
    """

    name: str
    cycles: Parts | None = None


COUNTING: Final = (
    pytest.param(EngineUnderTest("unicorn"), id="unicorn"),
    pytest.param(EngineUnderTest("renode", Parts.FULL), id="renode-full", marks=NEEDS_RENODE),
)
"""The engines that count cycles by the cycle model."""

ENGINES: Final = (
    *COUNTING,
    pytest.param(EngineUnderTest("renode"), id="renode", marks=NEEDS_RENODE),
)
"""All engines, for `pytest.mark.parametrize` and fixtures."""
