"""Text from outside (names of files, labels) as it is shown to people."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text on one line: what cannot be printed becomes an escape, such as ``\\n``."""
    return "".join(
        character
        if character.isprintable()
        else character.encode("unicode_escape", "backslashreplace").decode("ascii")
        for character in text
    )


def shortened(text: str, most: int) -> str:
    """The end of a text that is too long: of a path, it says more than the beginning."""
    return text if len(text) <= most else f"…{text[1 - most :]}"


def brief(error: BaseException, most: int = 160) -> str:
    """What a library's exception says, on one line of a bounded length."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= most else f"{text[: most - 1]}…"
