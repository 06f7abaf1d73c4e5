"""Text from outside (names of files, labels) in printable form."""

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
    """The end of a text that is too long; the end of a path identifies the file."""
    return text if len(text) <= most else f"…{text[1 - most :]}"


def brief(error: BaseException, most: int = 160) -> str:
    """The message of a library's exception, on one line of a bounded length."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= most else f"{text[: most - 1]}…"


def counted(number: int, noun: str) -> str:
    """A number with its noun: ``1 frame``, ``1,200 frames``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
