"""The package's structure: imports go one way."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import facet

ROOT = Path(facet.__file__).parent


def _imports(path: Path) -> set[str]:
    """The modules of facet that a file imports, as dotted names below facet."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            if node.module == "facet":
                found |= {alias.name for alias in node.names}
            elif node.module.startswith("facet."):
                found.add(node.module.removeprefix("facet."))
        elif isinstance(node, ast.Import):
            found |= {
                alias.name.removeprefix("facet.")
                for alias in node.names
                if alias.name.startswith("facet.")
            }
    return found


def _package_graph() -> dict[str, set[str]]:
    """Each package or top-level module of facet, with those that it imports."""
    graph: dict[str, set[str]] = {}
    for path in ROOT.rglob("*.py"):
        place = path.relative_to(ROOT)
        here = place.parts[0].removesuffix(".py")
        if here in ("__init__", "__main__"):
            continue
        graph.setdefault(here, set()).update(
            there
            for there in (name.split(".")[0] for name in _imports(path))
            if there not in (here, "__version__")
        )
    return graph


def test_no_cycle_between_packages() -> None:
    graph = _package_graph()
    assert {"chip", "engine", "cycles", "board", "device", "timeline"} <= graph.keys()
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize(
    ("lower", "upper"),
    [
        ("time", "timeline"),
        ("timeline", "engine"),
        ("board", "chip"),
        ("board", "device"),
        ("cycles", "engine"),
        ("chip", "machine"),
        ("device", "machine"),
        ("machine", "target"),
        ("target", "robot"),
        ("target", "cli"),
    ],
)
def test_lower_layers_do_not_import_upper_ones(lower: str, upper: str) -> None:
    graph, seen, todo = _package_graph(), set(), [lower]
    while todo:
        package = todo.pop()
        if package not in seen:
            seen.add(package)
            todo += graph.get(package, ())
    assert upper not in seen
