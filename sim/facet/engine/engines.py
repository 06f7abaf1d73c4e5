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


def check(name: str) -> None:
    """Checks that an engine can be chosen here, without loading it.

    Raises:
        FacetError: no engine has this name, or what it needs is not installed.
    """
    _factory(name).check()


def select(name: str) -> EngineFactory:
    """The factory of an engine's cores.

    Raises:
        FacetError: no engine has this name, or what it needs is not installed or does not
            load.
    """
    factory = _factory(name)
    factory.prepare()
    return factory


def _factory(name: str) -> EngineFactory:
    if name not in _FACTORIES:
        raise FacetError(f"no CPU engine {name!r}: there are {', '.join(names())}")
    factory: EngineFactory = importlib.import_module(_FACTORIES[name]).FACTORY
    return factory
