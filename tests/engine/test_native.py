"""The native part: found, compiled once, or refused in one clear line."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

from facet import native
from facet.errors import FacetError
from facet.resources import PROJECT

PART = "part"
SOURCE = "unsigned answer(void) { return 42; }\n"


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A C source whose library is neither in a wheel nor in the cache."""
    monkeypatch.setenv("FACET_CACHE", str(tmp_path / "cache"))
    file = tmp_path / "sources" / "part.c"
    file.parent.mkdir()
    file.write_text(SOURCE)
    monkeypatch.setitem(native.LIBRARIES, PART, (file.parent,))
    return file


@pytest.mark.usefixtures("source")
def test_it_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert native.load(PART).answer() == 42
    monkeypatch.setenv("CC", "no-such-compiler")
    assert native.load(PART).answer() == 42


def test_a_changed_source_is_compiled_again(source: Path) -> None:
    native.load(PART)
    source.write_text(SOURCE.replace("42", "43"))
    assert native.load(PART).answer() == 43


@pytest.mark.usefixtures("source")
def test_the_library_of_the_wheel_needs_no_compiler(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "IN_WHEEL", tmp_path)
    native.compile_library(PART, tmp_path / native.file_name(PART))
    monkeypatch.setenv("CC", "no-such-compiler")
    assert native.load(PART).answer() == 42
    assert not (tmp_path / "cache").exists()


@pytest.mark.usefixtures("source")
def test_a_library_of_the_wheel_for_another_system_is_compiled_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "IN_WHEEL", tmp_path)
    (tmp_path / native.file_name(PART)).write_bytes(b"not a library")
    assert isinstance(native.load(PART), ctypes.CDLL)


@pytest.mark.usefixtures("source")
def test_without_a_compiler_the_error_names_the_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.raises(FacetError, match=r"no C compiler .*part library.*install gcc.* or set CC"):
        native.load(PART)


def test_what_the_compiler_refuses_is_named(source: Path, tmp_path: Path) -> None:
    source.write_text("int answer(void) { return; }\n")
    with pytest.raises(FacetError, match=r"could not compile the part library: .*part\.c:1"):
        native.load(PART)
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.usefixtures("source")
def test_a_cache_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FACET_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(FacetError, match=r"cannot be written: .*set FACET_CACHE to a folder"):
        native.load(PART)


@pytest.mark.usefixtures("source")
def test_without_a_home_folder_it_is_in_the_clone_or_an_error_names_what_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FACET_CACHE")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)

    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    monkeypatch.setattr(native, "PROJECT", tmp_path)
    assert native.load(PART).answer() == 42
    assert (tmp_path / ".cache" / "native" / native.file_name(PART)).exists()
    monkeypatch.setattr(native, "IN_CLONE", False)
    with pytest.raises(FacetError, match="set HOME, or FACET_CACHE"):
        native.load(PART)


def test_each_library_that_a_wheel_compiles_has_sources() -> None:
    for folders in native.LIBRARIES.values():
        assert any(folder.glob("*.c") for folder in folders)


def test_a_wheels_build_needs_no_package_for_it() -> None:
    program = f"import sys; sys.path.insert(0, {str(PROJECT / 'sim')!r}); import facet.native"
    subprocess.run([sys.executable, "-I", "-S", "-c", program], check=True)
