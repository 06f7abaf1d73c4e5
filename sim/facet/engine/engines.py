"""The CPU engines that there are, by name."""

from __future__ import annotations

import importlib
from typing import Final

from facet.engine.protocol import EngineFactory
from facet.errors import FacetError

DEFAULT: Final = "unicorn"

_FACTORIES: Final = {
    "renode": "facet.engine.renode.factory",
    "unicorn": "facet.engine.unicorn.factory",
}
"""Name -> module that holds the engine's factory as `FACTORY`; loaded when it is chosen."""


def names() -> list[str]:
    """The names that `select` knows."""
    return sorted(_FACTORIES)


def select(name: str) -> EngineFactory:
    """The factory of an engine's cores.

    Raises:
        FacetError: there is no engine of this name, or it cannot run here.
    """
    if name not in _FACTORIES:
        raise FacetError(f"no CPU engine {name!r}: there are {', '.join(names())}")
    factory: EngineFactory = importlib.import_module(_FACTORIES[name]).FACTORY
    factory.prepare()
    return factory
