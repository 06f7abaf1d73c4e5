"""Names board, model, firmware and commit in Robot's reports, as metadata of the suite.

Robot writes them into log.html, report.html and, as properties, into the JUnit file.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from robot.libraries.BuiltIn import BuiltIn, RobotNotRunningError

from facet.report.provenance import of_boot, of_target
from facet.target.target import Target

_of_the_run: dict[str, list[str]] = {}
"""Name -> its values in all suites of this run; the top suite lists them all."""


def report_target(target: Target) -> None:
    """Adds the provenance of a target at power-on."""
    try:
        source = BuiltIn().get_variable_value("${SUITE SOURCE}")
    except RobotNotRunningError:  # the library is used outside of a run
        return
    suite = Path(source) if source else Path.cwd()
    _report(of_target(target, suite if suite.is_dir() else suite.parent))


def report_boot(message: Mapping[str, Any]) -> None:
    """Adds the contents of the device's boot message."""
    _report(of_boot(message))


def _report(found: Mapping[str, str]) -> None:
    robot = BuiltIn()
    try:
        for name, value in found.items():
            values = _of_the_run.setdefault(name, [])
            if value not in values:
                values.append(value)
            robot.set_suite_metadata(name, ", ".join(values), top=True)
            robot.set_suite_metadata(name, value)
    except RobotNotRunningError:
        return
