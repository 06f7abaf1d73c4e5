"""Programs for bare cores, compiled on the spot."""

from __future__ import annotations

from tests.engine.conftest import program

__all__ = ["program"]
