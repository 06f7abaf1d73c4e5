"""The report of a search: the Pareto front as a table, all networks as a picture."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure
from optuna.trial import FrozenTrial

from facet.errors import FacetError
from facet.files import write_files
from models.plotting import svg_of, svg_style
from models.search.space import plan_of
from models.search.study import Study, candidate_number


def write_report(study: Study, rung: int | None = None) -> str:
    """Write ``report.md`` and ``front.svg`` into the folder of a search.

    Args:
        study: the results.
        rung: from 1; None: the last that has any.

    Returns:
        The report.

    Raises:
        FacetError: no search, or no result in it.
    """
    settings = study.settings
    shown = max(study.rungs, 1) if rung is None else rung
    trials = list(study.finished(shown - 1).values()) if shown <= study.rungs else []
    if not trials:
        raise FacetError(f"{study.folder}: no trial of rung {shown} has finished")
    title = (
        f"Search in {settings['space']}, seed {settings['seed']}: rung {shown}, {len(trials)} "
        f"networks, {trials[0].user_attrs['epochs']} epochs"
    )
    front = study.pareto_front(shown - 1)
    lines = [f"# {title}", "", "![Accuracy against multiply-accumulates](front.svg)", ""]
    lines += ["The Pareto front of accuracy, multiply-accumulates and file size:", ""]
    lines += [*_table(front), "", "```python"]
    lines += [f"{plan_of(trial.params)}  # trial {candidate_number(trial)}" for trial in front]
    lines += ["```", ""]
    lines += [
        f"Trial {number}, rung {i + 1}, failed: {why}"
        for (i, number), why in study.failures().items()
    ]
    text = "\n".join(lines).rstrip("\n") + "\n"
    picture = plot(trials, set(map(candidate_number, front)), f"{title}: validation accuracy")
    write_files(study.folder, {"report.md": text.encode(), "front.svg": picture.encode()})
    return text


def _table(trials: Sequence[FrozenTrial]) -> list[str]:
    heads = (
        *("trial", "accuracy", "cross-entropy", "MACs", "file, bytes", "activations, bytes"),
        *("parameters", "learning rate", "weight decay"),
    )
    rows = [
        (
            str(candidate_number(trial)),
            f"{trial.values[0]:.4f}",
            f"{trial.user_attrs['cross_entropy']:.4f}",
            *(
                f"{trial.user_attrs[key]:,}"
                for key in ("macs", "file_bytes", "peak_activation_bytes", "parameters")
            ),
            f"{trial.params['learning_rate']:g}",
            f"{trial.params['weight_decay']:g}",
        )
        for trial in trials
    ]
    return [f"| {' | '.join(row)} |" for row in (heads, ["---:"] * len(heads), *rows)]


def plot(trials: Sequence[FrozenTrial], front: set[int], title: str) -> str:
    """All networks as SVG: accuracy against MACs, the color shows the file size.

    Args:
        trials: of one rung.
        front: candidates of the Pareto front, which get a ring and their number.
        title: of the picture.
    """
    with svg_style():
        figure = Figure(figsize=(8.5, 4.8), layout="constrained")
        axes = figure.add_subplot()
        axes.set_title(title, loc="left")
        axes.set_xlabel("million multiply-accumulates per inference; ring and number: Pareto front")
        axes.set_ylabel("accuracy")
        in_front = [candidate_number(trial) in front for trial in trials]
        points = axes.scatter(
            [trial.values[1] / 1e6 for trial in trials],
            [trial.values[0] for trial in trials],
            c=[trial.values[2] for trial in trials],
            edgecolors=["black" if ringed else "none" for ringed in in_front],
        )
        figure.colorbar(points, label="file, bytes")
        for trial, ringed in zip(trials, in_front, strict=True):
            if ringed:
                axes.annotate(
                    str(candidate_number(trial)),
                    (trial.values[1] / 1e6, trial.values[0]),
                    xytext=(0, 6),
                    textcoords="offset points",
                    ha="center",
                )
        return svg_of(figure)
