"""Shows the square that will be kept, live, and a few lines of text.

On a screen the picture is in a window, on a terminal (also over ssh) it is drawn in half blocks;
where standard output is a file there are only the lines, each once.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Protocol

import click
import numpy as np
from rich.color import Color
from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from facet.dataset.frame import GrayImage
from facet.dataset.resample import resize_area

if TYPE_CHECKING:
    import tkinter

_PERIOD_s: Final = 0.1
"""Ten pictures a second look live, and a terminal over ssh keeps up."""

_LARGEST_COLUMNS: Final = 64
_SMALLEST_COLUMNS: Final = 16
_LINES_BELOW: Final = 8
_GRAY_STEP: Final = 8
_WINDOW_px: Final = 384


class Display(Protocol):
    """Shows the state of a capture; draws at most ten times a second."""

    def show(self, square: GrayImage | None, text: str, done: int, total: int) -> None:
        """Shows a picture, lines of text and how much is done."""

    def close(self) -> None:
        """Clears what it drew."""


class Lines:
    """A display for files and pipes: prints the text when it changes."""

    def __init__(self) -> None:
        self._said = ""

    def show(self, square: GrayImage | None, text: str, done: int, total: int) -> None:
        """Prints the text if it has changed."""
        if text != self._said:
            click.echo(text)
            self._said = text

    def close(self) -> None:
        """Has nothing to clear."""


class Terminal:
    """Draws in place on a terminal; the picture in a window where there is one.

    Args:
        console: the terminal.
        window: for the picture.
        picture: False for the text only.
    """

    def __init__(self, console: Console, window: Window | None = None, picture: bool = True):
        self._console = console
        self._window = window
        self._picture = picture
        self._live = Live(console=console, transient=True, auto_refresh=False)
        self._live.start()
        self._last_s = float("-inf")
        self._text = ""

    def show(self, square: GrayImage | None, text: str, done: int, total: int) -> None:
        """Draws, at most ten times a second unless the text changes."""
        now_s = time.monotonic()
        if now_s - self._last_s < _PERIOD_s and text == self._text:
            return
        self._last_s, self._text = now_s, text
        parts: list[RenderableType] = []
        if self._window is not None and not self._window.show(square, text):
            self._window = None  # the user has closed it: use the terminal
        if self._picture and self._window is None and square is not None:
            columns = picture_columns(*self._console.size)
            if columns:
                parts.append(HalfBlocks(mirrored(resize_area(square, columns, columns))))
        parts += [Text(text), ProgressBar(total=max(total, 1), completed=done, width=40)]
        self._live.update(Group(*parts), refresh=True)

    def close(self) -> None:
        """Clears the lines and closes the window."""
        self._live.stop()
        if self._window is not None:
            self._window.close()


class HalfBlocks:
    """A gray picture as text: each character shows two pixels, one above the other.

    Args:
        image: uint8 [even height, width].
    """

    def __init__(self, image: GrayImage) -> None:
        self._image = np.minimum(image // _GRAY_STEP * _GRAY_STEP + _GRAY_STEP // 2, 255)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterable[Segment]:
        for row in range(0, len(self._image) - 1, 2):
            for upper, lower in zip(
                self._image[row].tolist(), self._image[row + 1].tolist(), strict=True
            ):
                yield Segment("▀", _two_grays(upper, lower))
            yield Segment.line()


class Window:
    """A Tk window; OpenCV's headless build has no windows."""

    def __init__(self, title: str) -> None:
        import tkinter

        self._tk = tkinter
        self._root = tkinter.Tk()
        self._root.title(title)
        self._label = tkinter.Label(self._root)
        self._label.pack()
        self._text = tkinter.Label(self._root, justify="left", font=("", 14))
        self._text.pack()
        self._image: tkinter.PhotoImage | None = None

    def show(self, square: GrayImage | None, text: str) -> bool:
        """Shows a picture and a text; False once the window has been closed."""
        try:
            if square is not None:
                picture = mirrored(resize_area(square, _WINDOW_px, _WINDOW_px))
                # Tk keeps no reference to the picture: it must live until the next.
                self._image = self._tk.PhotoImage(master=self._root, data=portable_graymap(picture))
                self._label.configure(image=self._image)
            self._text.configure(text=text)
            self._root.update()
        except self._tk.TclError:
            return False
        return True

    def close(self) -> None:
        """Closes it, if the user has not."""
        try:
            self._root.destroy()
        except self._tk.TclError:
            return


def open_display(console: Console, preview: bool) -> Display:
    """The best display that is available: a window, a terminal, or lines.

    Args:
        console: standard output.
        preview: False for the text only.
    """
    if not console.is_terminal:
        return Lines()
    return Terminal(console, _window_if_any() if preview else None, preview)


def picture_columns(width: int, height: int) -> int:
    """Columns for the picture on a terminal of this size in characters; 0 if it is too small."""
    columns = min(width, 2 * (height - _LINES_BELOW), _LARGEST_COLUMNS) // 2 * 2
    return columns if columns >= _SMALLEST_COLUMNS else 0


def mirrored(image: GrayImage) -> GrayImage:
    """The mirror image for the preview; pictures are kept unmirrored."""
    return np.ascontiguousarray(image[:, ::-1])


def portable_graymap(image: GrayImage) -> bytes:
    """The image as a PGM file, which Tk reads."""
    height, width = image.shape
    return b"P5 %d %d 255\n" % (width, height) + image.tobytes()


def light_advice(square: GrayImage) -> str:
    """Advice on the light, or that it is good.

    Chosen: a mean in the lowest or highest fifth of 0..255, a standard deviation below a twelfth.
    """
    mean, spread = float(square.mean()), float(square.std())
    if mean < 50:
        return "too dark: more light on the face"
    if mean > 205:
        return "too bright: less light"
    if spread < 20:
        return "little contrast: light from one side, or wipe the lens"
    return "light is good"


@lru_cache(maxsize=2048)
def _two_grays(upper: int, lower: int) -> Style:
    above, below = Color.from_rgb(upper, upper, upper), Color.from_rgb(lower, lower, lower)
    return Style(color=above, bgcolor=below)


def _window_if_any() -> Window | None:
    try:
        import tkinter
    except ImportError:
        return None
    try:
        return Window("facet capture")
    except tkinter.TclError:  # no screen
        return None
