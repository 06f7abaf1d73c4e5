"""`facet models`: the trained models, what each costs and how good it is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from facet.board import board as boards
from facet.cli.console import console
from facet.errors import FacetError
from facet.model.card import CK_SETS, SET_TITLES, ModelCard, read_card, read_cards
from facet.model.fit import Fit, fit
from facet.model.folder import names
from facet.report.tables import plain_table
from facet.resources import MODELS

_LIST_WIDTH = 120
_TINTED_SHARE = 0.05
_COVERAGE_SHOWN_percent = (0, 50, 60, 70, 80, 90)


@click.command("models")
@click.argument("name", required=False)
@click.option("--json", "is_json", is_flag=True, help="Print JSON instead of tables.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=MODELS,
    show_default="models/trained",
    help="The folder of the models and their cards.",
)
def command(name: str | None, is_json: bool, folder: Path) -> None:
    """List the trained models with their figures, or show the card of NAME in full."""
    if name is not None:
        card = _card(folder, name)
        if is_json:
            _print_json({**card.raw, "boards": _boards_json(card)})
        else:
            _show(card)
        return
    cards = read_cards(folder)
    if not cards:
        raise FacetError(f"no models in {folder}: `make train MODEL=facet-nano` makes one")
    if is_json:
        _print_json([_summary(card) for card in cards])
    else:
        _list(cards)


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=1, ensure_ascii=False))


def _card(folder: Path, name: str) -> ModelCard:
    path = folder / f"{name}.json"
    if not path.exists():
        have = ", ".join(names(folder)) or "none"
        raise FacetError(f"no model {name!r} in {folder}: there are {have}")
    return read_card(path)


# -- the list
def _list(cards: Sequence[ModelCard]) -> None:
    heads = ("params", "MACs", ".tflite", "RAM", "accuracy", "of five", "F1", "worst")
    table = plain_table("model", "classes", *heads, "test", "fits", numbers=heads)
    for card in cards:
        figures, worst = card.figures, card.worst_scene
        table.add_row(
            card.name,
            card.label_set.name,
            f"{card.parameters:,}",
            _millions(card.macs),
            f"{card.file_bytes:,}",
            f"{card.arena_bytes:,}",
            Text(_share(figures.accuracy if figures else None), "bold"),
            _share(figures.five_class if figures else None),
            _share(figures.macro_f1 if figures else None),
            _share(worst[1] if worst else None),
            "CK+" if card.test in CK_SETS else {"public_test": "FER+"}.get(card.test, card.test),
            _fitting(_fits(card)),
        )
    screen = console()
    screen.width = max(screen.width, _LIST_WIDTH)  # rather wrapped by the terminal than cut
    screen.print(table)
    click.echo(
        "\nRAM: the arena in the firmware, bytes. accuracy: of the int8 model; FER+: on PublicTest,"
        "\nCK+: on people outside of the training data. Compare models with the same classes only."
        "\nof five: answers and faces restricted to the five classes. F1: macro. worst: accuracy in"
        "\nthe change of the scene that costs most. The card of a model: facet models NAME"
    )


def _fitting(fits: Sequence[Fit]) -> str:
    """The boards on which it fits, as a short text."""
    good = [one.board for one in fits if one.fits]
    bad = [one.board for one in fits if not one.fits]
    if not good or not bad:
        return "all boards" if good else "none"
    return f"not {bad[0]}" if len(bad) == 1 and len(good) > 1 else ", ".join(good)


def _fits(card: ModelCard) -> list[Fit]:
    return [fit(card, boards.load(name)) for name in boards.names()]


def _summary(card: ModelCard) -> dict[str, Any]:
    figures, worst = card.figures, card.worst_scene
    return {
        "name": card.name,
        "label_set": card.label_set.name,
        "labels": list(card.label_set.labels),
        "parameters": card.parameters,
        "macs": card.macs,
        "file_bytes": card.file_bytes,
        "peak_activation_bytes": card.peak_activation_bytes,
        "arena_bytes": card.arena_bytes,
        "test": card.test or None,
        "frames": figures.frames if figures else None,
        "accuracy": figures.accuracy if figures else None,
        "five_class_accuracy": figures.five_class if figures else None,
        "macro_f1": figures.macro_f1 if figures else None,
        "worst_scene": {"condition": worst[0], "accuracy": worst[1]} if worst else None,
        "boards": _boards_json(card),
    }


def _boards_json(card: ModelCard) -> dict[str, Any]:
    return {one.board: {"fits": one.fits, "why_not": one.why_not or None} for one in _fits(card)}


# -- one card
def _show(card: ModelCard) -> None:
    screen = console()
    screen.print(Text(card.name, "bold"), f"({card.label_set.name}:", end=" ")
    screen.print(", ".join(card.label_set.labels) + ")")
    click.echo(
        f"{card.parameters:,} parameters, {card.macs:,} MACs, {card.file_bytes:,} bytes of flash,\n"
        f"{card.peak_activation_bytes:,} bytes of activations at once, "
        f"{card.arena_bytes:,} bytes of arena in the firmware"
    )
    for one in _fits(card):
        click.echo(f"  {one.board}: {one.why_not or 'fits'}")
    sections: list[tuple[str, Table]] = [("how good", _sets_table(card))]
    if card.figures is not None:
        raw, title = card.figures.raw, SET_TITLES[card.test]
        sections += [
            (f"by class, {title}", _classes_table(raw)),
            (f"confusion, {title}", _confusion_table(card.label_set.labels, raw["confusion"])),
            (f"refusing the unsure, {title}", _coverage_table(raw)),
        ]
    if "robustness" in card.raw:
        sections.append(_robustness_section(card.raw["robustness"]))
    sections.append(("operators", _operators_table(card)))
    for title, table in sections:
        click.echo()
        screen.print(Text(title, "bold"))
        screen.print(table)
    click.echo()
    screen.print(Text("training", "bold"))
    for key, value in card.raw.get("training", {}).items():
        click.echo(f"  {key}: {_words(value)}")


def _sets_table(card: ModelCard) -> Table:
    heads = ("frames", "int8", "float", "of five", "macro F1", "AUC", "precision", "recall", "F1")
    table = plain_table("set", *heads, numbers=heads)
    for name, figures in card.sets.items():
        weighted = figures.raw["weighted"]
        table.add_row(
            SET_TITLES.get(name, name),
            f"{figures.frames:,}",
            Text(_share(figures.accuracy), "bold"),
            _share(figures.float_accuracy),
            _share(figures.five_class),
            _share(figures.macro_f1),
            _share(figures.raw["auc"]),
            *(_share(weighted[key]) for key in ("precision", "recall", "f1")),
        )
    table.caption = "precision, recall, F1: each class weighted by its frames"
    table.caption_justify = "left"
    return table


def _classes_table(raw: Mapping[str, Any]) -> Table:
    heads = ("frames", "precision", "recall", "F1", "AUC")
    table = plain_table("class", *heads, numbers=heads)
    for entry in raw["classes"]:
        shares = (_share(entry[key]) for key in ("precision", "recall", "f1", "auc"))
        table.add_row(entry["label"], f"{entry['frames']:,}", *shares)
    return table


def _confusion_table(labels: Sequence[str], confusion: Sequence[Sequence[int]]) -> Table:
    """The confusion matrix: a row for each label, a column for each answer, shares as colours."""
    table = plain_table("shown \\ said", *labels, numbers=labels)
    for i, (label, row) in enumerate(zip(labels, confusion, strict=True)):
        cells = []
        for j, count in enumerate(row):
            share = count / max(sum(row), 1)
            depth = round(60 + 110 * min(share if i == j else 2 * share, 1))
            colour = f"rgb(0,{depth},0)" if i == j else f"rgb({depth},0,0)"
            style = f"white on {colour}" if share >= _TINTED_SHARE else ""
            cells.append(Text(f" {count:,}" if count else "·", style if count else "dim"))
        table.add_row(label, *cells)
    return table


def _coverage_table(raw: Mapping[str, Any]) -> Table:
    table = plain_table("uncertain below", "answered", "accuracy", numbers=("answered", "accuracy"))
    for point in raw["coverage"]:
        if point["threshold_percent"] in _COVERAGE_SHOWN_percent:
            table.add_row(
                f"{point['threshold_percent']} %",
                _share(point["coverage"]),
                _share(point["accuracy"]),
            )
    edge = raw["edge_impulse"]
    table.caption = (
        f"with those below {edge['threshold_percent']} % counted as wrong, as\n"
        f"Edge Impulse does: {_share(edge['accuracy'])}"
    )
    table.caption_justify = "left"
    return table


def _robustness_section(raw: Mapping[str, Any]) -> tuple[str, Table]:
    table = plain_table("scene", "accuracy", "macro F1", numbers=("accuracy", "macro F1"))
    for entry in raw["conditions"]:
        is_worst = entry["condition"] == raw["worst"]["condition"]
        table.add_row(
            entry["condition"],
            Text(_share(entry["accuracy"]), "red" if is_worst else ""),
            _share(entry["macro_f1"]),
        )
    title = SET_TITLES.get(raw["set"], raw["set"])
    return f"in changed scenes, {raw['frames']:,} frames of {title}", table


def _operators_table(card: ModelCard) -> Table:
    table = plain_table("operator", "output", "MACs", numbers=("output", "MACs"))
    for op in card.raw["operators"]:
        shape = "x".join(str(n) for n in op["output"][1:])
        table.add_row(op["operator"].lower(), shape, f"{op['macs']:,}" if op["macs"] else "")
    return table


# -- words
def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _millions(macs: int) -> str:
    return f"{macs / 1e6:.{2 if macs < 10e6 else 1}f} M"


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_words(entry)}" for key, entry in value.items())
    return str(value)
