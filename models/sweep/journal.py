"""What a sweep has found so far, kept so that it can be broken off and resumed."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from facet.errors import FacetError
from facet.files import write_file
from models.sweep.footprint import Footprint
from models.sweep.space import Candidate

_SETTINGS: Final = "sweep.json"
_RESULTS: Final = "results.jsonl"


@dataclass(frozen=True)
class Result:
    """A finished trial of a rung.

    Args:
        trial: its number, from 1.
        rung: 0 for the first round, in which all candidates are trained.
        epochs: that it was trained for.
        seed: of its weights and batches.
        accuracy: of the averaged weights on the validation faces, 0..1.
        cross_entropy: likewise, in nats.
        best_epoch: the epoch whose weights these are.
        candidate: what was trained.
        cost: what it costs.
    """

    trial: int
    rung: int
    epochs: int
    seed: int
    accuracy: float
    cross_entropy: float
    best_epoch: int
    candidate: Candidate
    cost: Footprint


class Journal:
    """A sweep's folder: ``sweep.json`` with its settings, ``results.jsonl`` with a line a trial.

    Args:
        folder: where; made by ``writing`` where it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def settings(self) -> dict[str, Any]:
        """What the sweep in the folder is.

        Raises:
            FacetError: there is none.
        """
        path = self.folder / _SETTINGS
        try:
            return dict(json.loads(path.read_text()))
        except FileNotFoundError:
            raise FacetError(
                f"{self.folder}: no sweep here ({_SETTINGS} is missing); give the folder that "
                "was a sweep's --out"
            ) from None
        except (OSError, ValueError) as error:
            raise FacetError(f"{path} cannot be read: {error}") from None

    @contextmanager
    def writing(self, settings: Mapping[str, Any]) -> Iterator[None]:
        """Hold the folder for a sweep, a new one or the one that was begun there.

        Args:
            settings: what the sweep is; must be those of the one that was begun.

        Raises:
            FacetError: it holds another sweep, or another process writes to it.
        """
        if (self.folder / _SETTINGS).exists():
            self._compare(settings)
        else:
            write_file(self.folder / _SETTINGS, (json.dumps(settings, indent=2) + "\n").encode())
        with (self.folder / _RESULTS).open("ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise FacetError(f"{self.folder}: another sweep is writing here") from None
            self._drop_torn_line()
            yield

    def append(self, result: Result) -> None:
        """Write a finished trial, to the disk, before this returns."""
        self._write({**asdict(result), "candidate": result.candidate.words})

    def append_failure(self, trial: int, rung: int, reason: str) -> None:
        """Write that a trial failed; a resumed sweep tries it again."""
        self._write({"trial": trial, "rung": rung, "error": reason})

    def results(self) -> dict[tuple[int, int], Result]:
        """The finished trials by rung and trial, in this order.

        Raises:
            FacetError: a line is none of a sweep's.
        """
        found = {}
        for line in self._entries():
            if "error" not in line:
                words = {
                    **line,
                    "candidate": Candidate.of(line["candidate"]),
                    "cost": Footprint(**line["cost"]),
                }
                result = Result(**words)
                found[result.rung, result.trial] = result
        return dict(sorted(found.items()))

    def failures(self) -> dict[tuple[int, int], str]:
        """Why trials failed, by rung and trial, of those that have not finished since."""
        finished = self.results()
        found = {(e["rung"], e["trial"]): e["error"] for e in self._entries() if "error" in e}
        return {key: why for key, why in sorted(found.items()) if key not in finished}

    def _entries(self) -> list[dict[str, Any]]:
        path = self.folder / _RESULTS
        if not path.exists():
            return []
        *lines, _torn = path.read_bytes().split(b"\n")
        entries = []
        for number, line in enumerate(lines, 1):
            try:
                entry = json.loads(line)
                if not {"trial", "rung"} <= set(entry):
                    raise ValueError
            except (ValueError, TypeError):
                raise FacetError(
                    f"{path}:{number}: no result of a sweep; remove the line"
                ) from None
            entries.append(entry)
        return entries

    def _write(self, entry: Mapping[str, Any]) -> None:
        with (self.folder / _RESULTS).open("ab", buffering=0) as file:
            file.write(json.dumps(entry).encode() + b"\n")
            os.fsync(file.fileno())

    def _drop_torn_line(self) -> None:
        """Cut off what a crash left of a line."""
        path = self.folder / _RESULTS
        data = path.read_bytes()
        if data and not data.endswith(b"\n"):
            os.truncate(path, data.rfind(b"\n") + 1)

    def _compare(self, settings: Mapping[str, Any]) -> None:
        begun = self.settings
        different = [
            f"{key} {begun.get(key)}, not {settings.get(key)}"
            for key in sorted({*begun, *settings})
            if begun.get(key) != settings.get(key)
        ]
        if different:
            raise FacetError(
                f"{self.folder} holds another sweep ({'; '.join(different)}): choose another "
                "--out, or remove it"
            )
