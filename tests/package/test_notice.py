"""NOTICE names what Facet is used with."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from facet.chip.esp32c3 import built, rom
from facet.resources import PROJECT

NOTICE = (PROJECT / "NOTICE").read_text()


def test_it_names_each_package_that_pip_installs_and_its_licence() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    needed = {re.split(r"[<>=!~;\[ ]", entry)[0] for entry in project["dependencies"]}
    section = NOTICE.partition("2. Python packages")[2].partition("\n3. ")[0]
    named = set(re.findall(r"^  ([a-z][\w-]+) {2,}\S", section, re.MULTILINE))
    assert named == needed


def test_it_names_the_crate_that_the_firmware_is_built_from() -> None:
    setup = (PROJECT / "tools" / "setup_tflm.py").read_text()
    crate, version = (re.search(rf'^{name} = "(.+)"', setup, re.M) for name in ("CRATE", "VERSION"))
    assert crate is not None
    assert version is not None
    assert f"crate {crate[1]} {version[1]}" in NOTICE


def test_it_names_the_libraries_in_the_rom() -> None:
    """The ROM is linked with them; the versions are those that it was built with."""
    tools = built.record("facet.chip.esp32c3.rom", "rom")
    gcc = re.search(r"(\d+\.\d+)\.\d+$", tools["gcc"])
    assert gcc is not None
    notices = (Path(rom.__file__).parent / "NOTICE.txt").read_text()
    assert f"libgcc of GCC {gcc[1]}" in notices
    for text in (NOTICE, notices):
        assert f"picolibc {tools['picolibc']}" in text
