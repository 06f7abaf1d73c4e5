"""Finds the C++ headers of another compiler, for a compiler without its own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


class HeadersError(Exception):
    """The other compiler does not print the folders of its headers."""


def cxx_headers_of(compiler: str) -> list[str]:
    """Folders in which `compiler` looks for the C++ library's headers, in its order.

    Headers of templates fit any chip; functions of the library itself must not be called.
    """
    words = [compiler, "-x", "c++", "-E", "-v", os.devnull]
    try:
        printed = subprocess.run(words, capture_output=True, text=True, check=True).stderr
    except (OSError, subprocess.CalledProcessError) as error:
        raise HeadersError(f"{compiler} is missing or broken ({error})") from error
    folders = [os.path.normpath(line.strip()) for line in printed.splitlines() if "/c++/" in line]
    found = [folder for folder in folders if Path(folder).is_dir()]
    if not found:
        raise HeadersError(f"{compiler} has no C++ headers")
    return list(dict.fromkeys(found))
