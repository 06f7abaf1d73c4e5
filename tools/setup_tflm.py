#!/usr/bin/env python3
"""Download TFLite Micro's C++ source into .cache/tflm, from the crate `tfmicro` 0.1.0.

Cargo downloads it, because cargo has the settings for its registry, mirrors and proxies. The script
checks the crate's hash and unpacks only what the firmware compiles. If the source is there already,
or TFLM_DIR is set, it does nothing and needs no network.

    python tools/setup_tflm.py        # prints the folder that holds tensorflow/lite
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

CRATE = "tfmicro"
VERSION = "0.1.0"
SHA256 = "b2da8beabd85d11badfc2d603a31c9fb468702cda5fc034ac872fbaf43544e94"

PROJECT = Path(__file__).absolute().parent.parent
CACHE = PROJECT / ".cache" / "tflm"

# Inside the crate.
_TENSORFLOW = f"{CRATE}-{VERSION}/submodules/tensorflow/"
_LICENSE = f"{CRATE}-{VERSION}/LICENSE-APACHE"
_LITE = "tensorflow/lite/"
_DOWNLOADS = _LITE + "micro/tools/make/downloads/"
_KEEP = (
    *(_LITE + part for part in ("c/", "core/api/", "kernels/internal/", "schema/")),
    *(_LITE + "micro/" + part for part in ("kernels/", "memory_planner/")),
    *(_DOWNLOADS + part for part in ("flatbuffers/include/", "gemmlowp/", "ruy/")),
)
# Of these folders, only what lies directly in them.
_KEEP_FLAT = (_LITE.rstrip("/"), _LITE + "kernels", _LITE + "micro")
_SUFFIXES = {".h", ".c", ".cc"}
_NOT_WANTED = ("_test.cc", "test_util.cc", "test_main.cc")

# The crate depends on these, the firmware does not. If cargo has no `info`, empty crates replace
# them, so that `cargo fetch` downloads only the one crate.
_UNWANTED = {
    "bindgen": "0.53.2",
    "cc": "1.0.52",
    "cpp": "0.5.5",
    "cpp_build": "0.5.5",
    "cty": "0.2.1",
    "error-chain": "0.12.2",
    "fs_extra": "1.1.0",
    "glob": "0.3.0",
    "log": "0.4.8",
    "managed": "0.7.2",
    "ordered-float": "1.0.2",
}
_UNWANTED_FEATURES = {"cc": ["parallel"], "managed": ["alloc", "std"]}


class SetupError(Exception):
    """The source cannot be brought here; one line with the reason and the remedy."""


def tflm_dir() -> Path:
    """Returns the folder that contains `tensorflow/lite`: TFLM_DIR, or else the project's own."""
    override = os.environ.get("TFLM_DIR")
    return Path(override).expanduser().resolve() if override else CACHE / f"{CRATE}-{VERSION}"


def _is_complete(folder: Path) -> bool:
    return (folder / _LITE / "micro/micro_interpreter.cc").is_file() and (
        folder / _DOWNLOADS / "flatbuffers/include/flatbuffers/flatbuffers.h"
    ).is_file()


def _home() -> Path:
    """Returns the user's home folder, or one in the project for a user who has none."""
    try:
        return Path.home()
    except RuntimeError:  # HOME is not set, and the user has no entry in the password file
        return PROJECT / ".cache" / "home"


def _cargo_home() -> Path:
    return Path(os.environ.get("CARGO_HOME", _home() / ".cargo"))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _crate_in_cache() -> Path | None:
    """Returns the crate's file in cargo's registry cache; None if missing or changed."""
    for path in sorted(_cargo_home().glob(f"registry/cache/*/{CRATE}-{VERSION}.crate")):
        if _sha256(path) == SHA256:
            return path
        print(f"{path}: not {CRATE} {VERSION} (wrong sha256), ignored", file=sys.stderr)
    return None


def _run_cargo(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    # Without the sparse protocol, cargo before 1.70 clones the registry's whole index.
    environment = os.environ | {"CARGO_REGISTRIES_CRATES_IO_PROTOCOL": "sparse"}
    environment.setdefault("HOME", str(_home()))
    if arguments[0] == "fetch":
        environment |= {"RUSTC_BOOTSTRAP": "1", "CARGO_UNSTABLE_SPARSE_REGISTRY": "true"}
    return subprocess.run(
        ["cargo", *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )


def _write_fetch_project(folder: Path) -> None:
    """Writes a Cargo project that depends on the crate, with its dependencies made empty."""
    manifest = [
        "[package]",
        'name = "fetch"',
        'version = "0.0.0"',
        "[dependencies]",
        f'{CRATE} = "={VERSION}"',
        "[patch.crates-io]",
    ]
    for name, version in _UNWANTED.items():
        manifest.append(f'{name} = {{ path = "{name}" }}')
        features = "".join(f"{f} = []\n" for f in _UNWANTED_FEATURES.get(name, []))
        crate = folder / name
        (crate / "src").mkdir(parents=True)
        (crate / "src" / "lib.rs").touch()
        (crate / "Cargo.toml").write_text(
            f'[package]\nname = "{name}"\nversion = "{version}"\n[features]\n{features}'
        )
    (folder / "Cargo.toml").write_text("\n".join(manifest) + "\n")
    (folder / "src").mkdir()
    (folder / "src" / "lib.rs").touch()


def _fetch_crate() -> Path:
    if shutil.which("cargo") is None:
        raise SetupError(
            "cargo, which downloads TFLite Micro's source, is missing: run"
            " tools/setup_toolchain.sh, or set TFLM_DIR to a copy of the source"
        )
    with tempfile.TemporaryDirectory() as scratch:
        result = _run_cargo(["info", f"{CRATE}@{VERSION}"], Path(scratch))  # cargo 1.82 and later
        if _crate_in_cache() is None:
            _write_fetch_project(Path(scratch))
            result = _run_cargo(["fetch"], Path(scratch))
    crate = _crate_in_cache()
    if crate is None:
        reason = (result.stderr.strip().splitlines() or ["no message"])[-1].strip()
        raise SetupError(
            f"cargo could not download {CRATE} {VERSION} with sha256 {SHA256[:16]}… ({reason}):"
            " check the network, or set TFLM_DIR to a copy of the source"
        )
    return crate


def _is_wanted(name: str) -> bool:
    in_folder = name.startswith(_KEEP) or str(Path(name).parent) in _KEEP_FLAT
    is_source = Path(name).suffix in _SUFFIXES and not name.endswith(_NOT_WANTED)
    return in_folder and is_source and ".." not in name


def _unpack(crate: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix="partial-", dir=target.parent))
    try:
        with tarfile.open(crate) as archive:
            for member in archive:
                if not member.isfile():
                    continue
                if member.name == _LICENSE:
                    path = partial / "LICENSE"
                elif member.name.startswith(_TENSORFLOW):
                    name = member.name.removeprefix(_TENSORFLOW)
                    if not _is_wanted(name):
                        continue
                    path = partial / name
                else:
                    continue
                content = archive.extractfile(member)
                assert content is not None  # a regular file has content
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.read())
        if not _is_complete(partial):
            raise SetupError(f"{crate}: the unpacked TFLite Micro is incomplete")
        shutil.rmtree(target, ignore_errors=True)
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def main() -> int:
    """Provides the source and prints its folder; returns 0 on success."""
    folder = tflm_dir()
    try:
        if not _is_complete(folder):
            if os.environ.get("TFLM_DIR"):
                raise SetupError(
                    f"TFLM_DIR={folder} does not contain tensorflow/lite/micro and its downloads:"
                    " unset it, and cargo downloads the source"
                )
            _unpack(_crate_in_cache() or _fetch_crate(), folder)
    except (SetupError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
