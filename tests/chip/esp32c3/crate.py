"""Register addresses out of the source of the crate esp32c3, made from Espressif's SVD file."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

VERSION = "0.34.0"

_DOC = r'#\[doc = "(0x[0-9a-f]+)(?:\.\.(0x[0-9a-f]+))? - [^"]*"\]\s+#\[inline\(always\)\]\s+'
_ACCESSOR = re.compile(_DOC + r"pub const fn (\w+)\(&self(, n: usize)?\) -> &(\w+)")
_BASE = re.compile(r"pub type (\w+) = crate::Periph<(\w+)::RegisterBlock, (0x[0-9a-f_]+)>")
_FIELD = re.compile(
    r'#\[doc = "Bits? (\d+)(?::(\d+))?(?: - (?:\\.|[^"])*)?"\]\s+'
    r"#\[inline\(always\)\]\s+pub fn (\w+)\(&(mut )?self\)"
)
_SAME = re.compile(r"pub use (\w+) as (\w+);")  # a register like another one of the block
_ELSEWHERE = re.compile(r"pub use crate::(\w+)::\{(\w+)(?: as (\w+))?, ")
_RESET = re.compile(r"const RESET_VALUE: u32 = (0x[0-9a-f_]+|0)")


@dataclass
class CrateRegister:
    """A register.

    Attributes:
        offset: bytes from the peripheral's base.
        fields: name -> (highest bit, lowest bit).
        reset: the value after reset; None where the crate does not describe the register.
        writable: the bits that a program can write.
        readable: the bits that a program can read.
    """

    offset: int
    fields: dict[str, tuple[int, int]] = field(default_factory=dict)
    reset: int | None = None
    writable: int = 0
    readable: int = 0


def source() -> Path | None:
    """The crate's source; None if cargo has not unpacked it (tools/setup_esp32c3_crate.sh does)."""
    home = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo"))
    found = sorted(home.glob(f"registry/src/*/esp32c3-{VERSION}/src/lib.rs"))
    return found[0].parent if found else None


@cache
def bases() -> dict[str, tuple[str, int]]:
    """Peripheral -> its module in the crate and its base address."""
    root = source()
    assert root is not None
    return {
        name: (module, int(base.replace("_", ""), 16))
        for name, module, base in _BASE.findall((root / "lib.rs").read_text())
    }


def _described(path: Path, offset: int) -> CrateRegister:
    register = CrateRegister(offset)
    if path.exists():
        text = path.read_text()
        for low, high, name, written in _FIELD.findall(text):
            highest, lowest = int(high or low), int(low)
            register.fields[name.upper()] = (highest, lowest)
            mask = (2 << highest) - (1 << lowest)
            if written:
                register.writable |= mask
            else:
                register.readable |= mask
        if not register.fields:  # one field of 32 bits, which svd2rust does not name
            register.writable = 0xFFFF_FFFF if "impl crate::Writable" in text else 0
            register.readable = 0xFFFF_FFFF if "impl crate::Readable" in text else 0
        reset = _RESET.search(text)
        register.reset = int(reset[1].replace("_", ""), 16) if reset else 0
    return register


def _block(module: Path, base: int, label: str) -> dict[str, CrateRegister]:
    """The registers of a block or of a cluster in it.

    `label` is formatted with each register's name: a cluster's number is part of it.
    """
    found: dict[str, CrateRegister] = {}
    text = module.with_suffix(".rs").read_text()
    files = {same: module / f"{name}.rs" for name, same in _SAME.findall(text) if name.islower()}
    for other, name, same in _ELSEWHERE.findall(text):
        files[same or name] = module.parent / other / f"{name}.rs"
    lengths = {
        kind: int(count) for kind, count in re.findall(r"\w+: \[(\w+); (?:0x)?(\d+)\],", text)
    }
    for first, end, name, numbered, kind in _ACCESSOR.findall(text):
        offset = base + int(first, 16)
        inner = module / name
        if inner.with_suffix(".rs").exists() and inner.is_dir():  # a cluster
            if numbered:
                count = lengths[kind]
                size = (int(end, 16) - int(first, 16)) // count
                for number in range(count):
                    found |= _block(inner, offset + number * size, f"{name.upper()}[{number}].{{}}")
            continue
        described = _described(files.get(name, inner.with_suffix(".rs")), offset)
        if numbered:
            for number in range(lengths[kind]):
                found[f"{name.upper()}[{number}]"] = replace(described, offset=offset + 4 * number)
        else:
            found[label.format(name.upper())] = described
            continue
    if label != "{}":
        return {k if "." in k else label.format(k): v for k, v in found.items()}
    return found


@cache
def registers(peripheral: str) -> dict[str, CrateRegister]:
    """The registers of a peripheral; those of an array as ``NAME[3]``."""
    root = source()
    assert root is not None
    return _block(root / bases()[peripheral][0], 0, "{}")
