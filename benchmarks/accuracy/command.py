"""`python -m benchmarks.accuracy --sources folder`: runs what is there and writes the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import click

from benchmarks.accuracy import cmemu, coremark, page, plot, pqm4
from benchmarks.accuracy.figures import Comparison, Sequences, summary
from facet.errors import FacetError
from facet.files import write_file

_PROJECT = Path(__file__).resolve().parents[2]
PAGE = Path("docs/accuracy.md")
PICTURE = Path("docs/images/cycle-errors.svg")

Compare = Callable[[Path, Callable[[str], None]], Iterator[Comparison]]
_FOLDERS = ("pqm4", "cmemu", "coremark")


def collect(
    sources: Path, report: Callable[[str], None]
) -> tuple[dict[str, list[Comparison]], list[Sequences]]:
    """Runs what `sources` has: programs by group, and short sequences of instructions.

    Raises:
        FacetError: there is nothing to run, or something does not run.
    """
    if not any((sources / name).is_dir() for name in _FOLDERS):
        raise FacetError(f"{sources}: none of the folders {', '.join(_FOLDERS)} is there")

    def compared(folder: str, compare: Compare) -> list[Comparison]:
        root = sources / folder
        return list(compare(root, report)) if root.is_dir() else []

    pqm4_programs = compared("pqm4", pqm4.compare)
    groups = {
        page.JUDGED: [c for c in pqm4_programs if not c.fitted],
        page.FITTED: [c for c in pqm4_programs if c.fitted],
        page.C3: compared("coremark", coremark.compare),
        page.M3: compared("cmemu", cmemu.compare(cmemu.STM32F100)),
        page.OTHER_M4: compared("cmemu", cmemu.compare(cmemu.CC2652)),
    }
    has_sequences = (sources / "cmemu").is_dir()
    return groups, list(cmemu.sequences(sources / "cmemu", report)) if has_sequences else []


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
        groups, sequences = collect(sources, lambda name: click.echo(f"  {name}", err=True))
    except FacetError as error:
        raise click.ClickException(str(error)) from None
    write_file(out / PAGE, page.write(groups, sequences).encode())
    write_file(out / PICTURE, plot.draw(groups).encode())
    for name, comparisons in groups.items():
        found = summary(comparisons)
        if found:
            click.echo(
                f"{name}: {found.count} figures, mean {100 * found.mean:.2f} %, "
                f"bias {100 * found.bias:+.2f} %, worst {100 * found.worst:+.2f} %"
            )
    click.echo(out / PAGE)
