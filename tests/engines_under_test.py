"""The CPU engines as parameters of tests; Renode's is skipped where there is no Renode."""

from __future__ import annotations

from typing import Final

import pytest

from facet.engine.renode import installation

NEEDS_RENODE: Final = (
    pytest.mark.renode,
    pytest.mark.skipif(
        not installation.is_present(), reason="there is no Renode to test with (docs/renode.md)"
    ),
)
"""Marks of a test that runs Renode."""

ENGINES: Final = ("unicorn", pytest.param("renode", marks=NEEDS_RENODE))
"""For `pytest.mark.parametrize` and fixtures."""
