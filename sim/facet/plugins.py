"""Parts and boards that other Python packages add, by entry points.

A package names them in its pyproject.toml::

    [project.entry-points."facet.parts"]
    acme_display = "acme_facet.display:make"     # a factory, see facet.device.catalog

    [project.entry-points."facet.boards"]
    acme_x1 = "acme_facet.boards"                # the package that holds acme_x1.toml

Facet's own names come first: an entry point cannot replace a part or a board of Facet.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Final

from facet.errors import FacetError

PARTS: Final = "facet.parts"
"""Entry points that make parts: type in the board file -> factory."""

BOARDS: Final = "facet.boards"
"""Entry points that name boards: board -> package that holds its file."""


def names(group: str) -> list[str]:
    """The names that installed packages add to a group."""
    return sorted(entry_points(group=group).names)


def load(group: str, name: str) -> object | None:
    """Loads the object that an installed package registers under a name; None if no package does.

    Raises:
        FacetError: two packages offer the name, or the package cannot be imported.
    """
    found = list(entry_points(group=group, name=name))
    if not found:
        return None
    if len(found) > 1:
        raise FacetError(
            f"{name!r} of {group!r} comes from {' and from '.join(map(_origin, found))}: "
            "uninstall all but one of them"
        )
    entry = found[0]
    try:
        loaded: object = entry.load()
    except Exception as error:  # whatever the import of foreign code may raise
        raise FacetError(
            f"{name!r} of {group!r} from {_origin(entry)} cannot be loaded: "
            f"{type(error).__name__}: {error}"
        ) from error
    return loaded


def _origin(entry: EntryPoint) -> str:
    if entry.dist is None:
        return entry.value
    return f"{entry.dist.name} {entry.dist.version}"
