"""Ends a run of the board early when the user or the system asks for it by a signal."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_REPEAT_S: Final = 0.05


class Interruption:
    """The signal that ended a run.

    Attributes:
        signal: its number; None while none has come.
    """

    def __init__(self) -> None:
        self.signal: int | None = None

    @property
    def exit_code(self) -> int:
        """128 plus the signal's number, as shells have it; 0 without a signal."""
        return 128 + self.signal if self.signal is not None else 0


@contextmanager
def interruptible(stop: Callable[[], None]) -> Iterator[Interruption]:
    """Makes SIGINT and SIGTERM call `stop` while the block runs, in place of ending the program.

    The call comes from another thread, because Python's own handlers wait for the end of the native
    code that runs the board's instructions. It is repeated until the block ends: a run that is just
    about to begin forgets an earlier one.

    Outside of the main thread, where Python can handle no signals, nothing changes.
    """
    interruption = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield interruption
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    ended = threading.Event()

    def watch() -> None:
        number = os.read(reader, 1)[0]
        if number in _SIGNALS:
            interruption.signal = number
            while not ended.wait(_REPEAT_S):
                stop()

    watcher = threading.Thread(target=watch, daemon=True)
    before = {number: signal.signal(number, lambda *_: None) for number in _SIGNALS}
    fd_before = signal.set_wakeup_fd(writer)
    watcher.start()
    try:
        yield interruption
    finally:
        signal.set_wakeup_fd(fd_before)
        for number, handler in before.items():
            signal.signal(number, handler)
        ended.set()
        os.write(writer, b"\0")  # ends the watcher where no signal came
        watcher.join()
        os.close(reader)
        os.close(writer)
