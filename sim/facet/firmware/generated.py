"""Files that the firmware's build generates and compiles."""

from __future__ import annotations

import tempfile
from pathlib import Path


def c_string(text: str) -> str:
    """A C string; anything but plain ASCII is an octal escape, which no next digit can extend."""
    return (
        '"'
        + "".join(
            chr(byte) if 32 <= byte < 127 and byte not in b'"\\?' else f"\\{byte:03o}"
            for byte in text.encode()
        )
        + '"'
    )


def replace_file(path: Path, content: bytes) -> None:
    """Writes a file only if it changes, so that nothing is recompiled needlessly."""
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    Path(file.name).replace(path)
