"""The Makefile passes its variables on as they are."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from facet.resources import PROJECT

AWKWARD = 'my "own" folder/it\'s  $(ours), 100 %/x'


def commands(target: str, **variables: str) -> list[str]:
    """The words of all commands that `make TARGET` would run."""
    values = [f"{name}={value.replace('$', '$$')}" for name, value in variables.items()]
    printed = subprocess.run(
        ["make", "--dry-run", target, *values], cwd=PROJECT, capture_output=True, text=True
    )
    assert printed.returncode == 0, printed.stderr
    return shlex.split(printed.stdout.replace("\\\n", " "), comments=True)


@pytest.mark.parametrize(
    ("target", "variable", "words"),
    [
        ("sim", "BOARD", ["--board", AWKWARD]),
        ("sim", "MODEL", ["--model", AWKWARD]),
        ("sim", "DATASET", ["--dataset", AWKWARD]),
        ("sim", "OUT", ["--out", AWKWARD]),
        ("eval", "DATASET", ["--dataset", AWKWARD]),
        ("eval", "OUT", ["--json", f"{AWKWARD}/eval.json"]),
        ("faces", "OUT", ["--out", AWKWARD]),
        ("robot", "BOARD", ["--variable", f"BOARD:{AWKWARD}"]),
        ("robot", "MODEL", ["--variable", f"MODEL:{AWKWARD}"]),
        ("robot", "OUT", ["--outputdir", AWKWARD]),
        ("robot", "ENGINE", ["--variable", f"ENGINE:{AWKWARD}"]),
        ("robot", "CYCLES", ["--variable", f"CYCLES:{AWKWARD}"]),
        ("sim", "ENGINE", ["--engine", AWKWARD]),
        ("sim", "CYCLES", ["--cycles", AWKWARD]),
        ("eval", "ENGINE", ["--engine", AWKWARD]),
        ("bench", "ENGINE", ["--engine", AWKWARD]),
        ("bench", "MODEL", ["--model", AWKWARD]),
        ("bench", "OUT", ["--json", f"{AWKWARD}/bench.json"]),
        ("wheel", "OUT", ["--wheel-dir", AWKWARD]),
        ("test", "MODEL", ["--variable", f"MODEL:{AWKWARD}"]),
        ("train", "MODEL", ["--model", AWKWARD]),
        ("train", "DATASET", ["--data", AWKWARD]),
        ("train", "CK", ["--ck", AWKWARD]),
        ("train", "OUT", ["--out", AWKWARD]),
        ("teacher", "DATASET", ["--data", AWKWARD]),
        ("sweep", "DATASET", ["--data", AWKWARD]),
        ("sweep", "SCHEDULER", ["--scheduler", AWKWARD]),
        ("flash", "MODEL", ["tools/flash.sh", "nucleo_l476rg", AWKWARD]),
    ],
)
def test_a_value_stays_one_word(target: str, variable: str, words: list[str]) -> None:
    found = commands(target, **{variable: AWKWARD})
    spans = [found[start : start + len(words)] for start in range(len(found))]
    assert words in spans, found


def test_a_variable_without_a_value_is_not_an_option() -> None:
    found = commands("sim")
    assert "--dataset" not in found
    assert "--limit" not in found


def test_home_is_set_where_the_caller_has_none() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "HOME"}
    shown = subprocess.run(
        ["make", "--silent", "--eval=show: ; @echo $$HOME", "show"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(shown.stdout.strip()).is_absolute()
