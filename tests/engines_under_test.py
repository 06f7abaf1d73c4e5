"""The CPU engines as parameters of tests; Renode's are skipped where there is no Renode."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import pytest

from facet.cycles.parts import Parts
from facet.engine.renode import installation
from facet.errors import FacetError


def _why_there_is_no_renode() -> str:
    """The error of the search; empty where Renode was found."""
    try:
        installation.find()
    except FacetError as error:
        return str(error)
    return ""


NEEDS_RENODE: Final = (
    pytest.mark.renode,
    pytest.mark.skipif(bool(_why_there_is_no_renode()), reason=_why_there_is_no_renode()),
)
"""Marks of a test that runs Renode."""

Test = TypeVar("Test", bound=Callable[..., None])


def needs_renode(test: Test) -> Test:
    """Marks a test that runs Renode."""
    for mark in NEEDS_RENODE:
        test = mark(test)
    return test


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
