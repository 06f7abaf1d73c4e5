"""The project's structure: imports go one way, and source files are short."""

from __future__ import annotations

import ast
import re
import subprocess
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import facet

ROOT = Path(facet.__file__).parent
PROJECT = Path(__file__).resolve().parent.parent

SOURCES = (".py", ".c", ".cc", ".cpp", ".h", ".S", ".cs", ".sh", ".robot", ".resource")
MOST_LINES = 400
LENGTH = re.compile(r"^\W*Length: \S.{20,}$", re.MULTILINE)
"""States in a file's first 30 lines why it is longer, as in ``# Length: one table of ...``."""

MOST_LINES_OF_MODELS = 5_500


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


def _sources() -> list[Path]:
    """The source files of the project: those that git tracks or would track."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=PROJECT, capture_output=True, text=True, check=True)
    paths = [PROJECT / name for name in sorted(set(names.stdout.split("\0"))) if name]
    return [path for path in paths if path.suffix in SOURCES and path.is_file()]


def _is_too_long(text: str) -> bool:
    """Whether a file has more lines than allowed and its head states no cause."""
    lines = text.splitlines()
    return len(lines) > MOST_LINES and not LENGTH.search("\n".join(lines[:30]))


def test_a_source_file_above_400_lines_states_its_cause() -> None:
    sources = _sources()
    assert len(sources) > 500
    too_long = [
        f"{path.relative_to(PROJECT)} has {len(path.read_text().splitlines())} lines: split it "
        "by subject, or state the cause in its head, as in 'Length: one table of ...'"
        for path in sources
        if _is_too_long(path.read_text())
    ]
    assert too_long == []


@pytest.mark.parametrize(
    ("head", "count", "too_long"),
    [
        ("", 400, False),
        ("", 401, True),
        ("# Length: one table of all registers\n", 401, False),
        (" * Length: one table of all registers\n", 401, False),
        ("# Length: long\n", 401, True),
        ("x = 1\n" * 30 + "# Length: one table of all registers\n", 401, True),
    ],
)
def test_a_cause_is_a_line_in_the_head_of_the_file(head: str, count: int, too_long: bool) -> None:
    rest = count - head.count("\n")
    assert _is_too_long(head + "x = 1\n" * rest) is too_long


def test_the_models_code_stays_small() -> None:
    lines = sum(len(path.read_text().splitlines()) for path in (PROJECT / "models").rglob("*.py"))
    assert 4_000 < lines <= MOST_LINES_OF_MODELS
