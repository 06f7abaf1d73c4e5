"""Built firmware is kept, and a read-only clone gives a clear message instead of a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from facet.board.board import load
from facet.errors import FacetError
from facet.firmware.build import FirmwareCache
from facet.model.bundle import ModelBundle, find

BOARD = load("nucleo_l476rg")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone whose build takes no time; it counts its builds in the file `builds`."""
    (tmp_path / "platformio.ini").write_text("")
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "setup_tflm.py").write_text("")
    (tmp_path / "builds").write_text("")

    def build(_self: FirmwareCache, _board: str, model: ModelBundle, *_others: object) -> Path:
        with (tmp_path / "builds").open("a") as builds:
            builds.write(f"{model.name}\n")
        return tmp_path / "builds"

    monkeypatch.setattr(FirmwareCache, "_build", build)
    return tmp_path


def builds(project: Path) -> list[str]:
    return (project / "builds").read_text().split()


def test_a_firmware_is_built_once(project: Path) -> None:
    cache = FirmwareCache(project)
    first = cache.get(BOARD, find("facet-nano"))
    assert cache.get(BOARD, find("facet-nano")) == first
    assert builds(project) == ["facet-nano"]


def test_a_change_of_the_firmwares_source_builds_again(project: Path) -> None:
    cache = FirmwareCache(project)
    first = cache.get(BOARD, find("facet-nano"))
    (project / "firmware").mkdir()
    (project / "firmware" / "main.cc").write_text("int main() {}")
    assert cache.get(BOARD, find("facet-nano")) != first
    assert len(builds(project)) == 2


def test_a_clone_that_cannot_be_written_serves_what_is_built(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    cache = FirmwareCache(project)
    built = cache.get(BOARD, find("facet-nano"))
    lock = project / ".cache" / "firmware" / "lock"
    lock.unlink()
    lock.mkdir()  # root may write anywhere, but not a file in the place of a folder
    assert cache.get(BOARD, find("facet-nano")) == built
    with pytest.raises(FacetError, match=r"cannot be written \(.*make it writable, .*or give a"):
        cache.get(BOARD, find("facet-small"))
    assert builds(project) == ["facet-nano"]


def test_a_folder_without_the_firmwares_source_is_not_a_clone(tmp_path: Path) -> None:
    with pytest.raises(FacetError, match=r"only in a clone of Facet.*--facet-firmware"):
        FirmwareCache(tmp_path).get(BOARD, find("facet-nano"))
