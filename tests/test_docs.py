"""The pages agree with the repository."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools import fidelity

PROJECT = Path(__file__).resolve().parent.parent
PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))]


def test_the_ledger_of_fidelity_is_up_to_date() -> None:
    assert fidelity.PAGE.read_text() == fidelity.page(fidelity.all_marks()), "run make fidelity"


def test_a_mark_is_read_over_its_lines() -> None:
    code = "\n".join(
        [
            "    # FIDELITY:",
            "    #   model: Time jumps. It",
            "    #     does not run.",
            "    #   silicon: Time runs; it takes its time.",
            "    #   hides: A race.",
            "    x = 1",
            '    """Does it.',
            "",
            "    FIDELITY:",
            "        model: A register is stored.",
            "        silicon: It acts.",
            "        hides: Nothing.",
            '    """',
            "// FIDELITY:",
            "//   model: A table is short.",
            "//   silicon: It is long.",
            "//   hides: Nothing.",
            "static int x;",
        ]
    )
    marks = list(fidelity.marks_in("a.py", code))
    assert [(m.line, m.model, m.silicon, m.hides) for m in marks] == [
        (1, "Time jumps. It does not run.", "Time runs; it takes its time.", "A race."),
        (9, "A register is stored.", "It acts.", "Nothing."),
        (14, "A table is short.", "It is long.", "Nothing."),
    ]


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        ("time jumps; silicon takes it; hides a race", "this one has none"),
        ("model: Time jumps. silicon: It runs.", "this one has model, silicon"),
        ("silicon: It runs. model: Time jumps. hides: A race.", "has silicon, model, hides"),
        ("model: Time jumps silicon: It runs. hides: A race.", "not in whole sentences"),
    ],
)
def test_a_mark_without_three_sentences_is_refused(mark: str, message: str) -> None:
    with pytest.raises(fidelity.MarkError, match=rf"a\.py:1: .*{message}"):
        list(fidelity.marks_in("a.py", f"# FIDELITY: {mark}\n"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text())
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (page.parent / link).exists()] == []


def test_make_help_names_every_target_that_the_readme_names() -> None:
    text = subprocess.run(["make", "help"], cwd=PROJECT, capture_output=True, text=True, check=True)
    named = set(re.findall(r"make ([a-z]+)", (PROJECT / "README.md").read_text()))
    known = set(re.findall(r"^  ([a-z]+) ", text.stdout, re.MULTILINE))
    assert named - known == set()


def test_fidelity_check_fails_where_the_page_is_stale(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "sim" / "facet").mkdir(parents=True)
    (tmp_path / "docs").mkdir()
    script = tmp_path / "tools" / "fidelity.py"
    script.write_text((PROJECT / "tools" / "fidelity.py").read_text())
    (tmp_path / "sim" / "facet" / "a.py").write_text(
        "# FIDELITY: model: A. silicon: B. hides: C.\n"
    )
    (tmp_path / "docs" / "fidelity.md").write_text("old")
    stale = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True)
    assert stale.returncode == 1
    assert "run make fidelity" in stale.stderr
    subprocess.run([sys.executable, script], check=True)
    assert subprocess.run([sys.executable, script, "--check"]).returncode == 0
