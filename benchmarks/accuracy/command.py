"""`python -m benchmarks.accuracy --sources folder`: runs what is there and writes the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import click

from benchmarks.accuracy import cc2652, coremark, page, plot, pqm4
from benchmarks.accuracy.figures import Comparison, summary
from facet.errors import FacetError
from facet.files import write_file

_PROJECT = Path(__file__).resolve().parents[2]
PAGE = Path("docs/accuracy.md")
PICTURE = Path("docs/images/cycle-errors.svg")

Compare = Callable[[Path, Callable[[str], None]], Iterator[Comparison]]
_SOURCES: dict[str, Compare] = {
    "pqm4": pqm4.compare,
    "cmemu": cc2652.compare,
    "coremark": coremark.compare,
}


def collect(sources: Path, report: Callable[[str], None]) -> dict[str, list[Comparison]]:
    """Runs what `sources` has, by group.

    Raises:
        FacetError: there is nothing to run, or something does not run.
    """
    present = {name: compare for name, compare in _SOURCES.items() if (sources / name).is_dir()}
    if not present:
        raise FacetError(f"{sources}: none of the folders {', '.join(_SOURCES)} is there")
    found = {name: list(compare(sources / name, report)) for name, compare in present.items()}
    return {
        page.JUDGED: [c for c in found.get("pqm4", []) if not c.fitted],
        page.FITTED: [c for c in found.get("pqm4", []) if c.fitted],
        page.C3: found.get("coremark", []),
        page.OTHER_M4: found.get("cmemu", []),
    }


@click.command()
@click.option(
    "--sources",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="Folder with pqm4, cmemu and coremark, as far as they are there.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=_PROJECT,
    help="Where docs/accuracy.md and its picture are written.",
)
def main(sources: Path, out: Path) -> None:
    """Compare the simulator's cycles with published ones."""
    try:
        groups = collect(sources, lambda name: click.echo(f"  {name}", err=True))
    except FacetError as error:
        raise click.ClickException(str(error)) from None
    write_file(out / PAGE, page.write(groups).encode())
    write_file(out / PICTURE, plot.draw(groups).encode())
    for name, comparisons in groups.items():
        found = summary(comparisons)
        if found:
            click.echo(
                f"{name}: {found.count} figures, mean {100 * found.mean:.2f} %, "
                f"bias {100 * found.bias:+.2f} %, worst {100 * found.worst:+.2f} %"
            )
    click.echo(out / PAGE)
