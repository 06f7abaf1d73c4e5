"""Work spread over processes that end with the process that started them.

The standard library's pools leave their workers behind when the process that owns them is killed,
and finish the work under way when it is interrupted. Here each worker watches a pipe whose other
end only the owner has: it closes whatever ends the owner.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from typing import Any, Final, TypeVar

from facet.errors import DeviceFailedError, FacetError
from facet.garbage import collect_rarely

Item = TypeVar("Item")
Result = TypeVar("Result")

_OWNER_IS_GONE: Final = 1
"""Exit code of a worker whose owner has ended."""


def cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_processes(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    jobs: int,
    on_done: Callable[[Result], None] = lambda _result: None,
) -> Iterator[Result]:
    """Applies a function to items in several processes.

    Args:
        work: a function that can be pickled.
        items: its arguments.
        jobs: processes.
        on_done: called with each result as soon as it is there, in any order.

    Returns:
        the results in the order of the items.

    Raises:
        FacetError: a process died.
        Exception: what `work` raised, for the first item that failed.
    """
    # Not fork: the libraries in this process may have threads, whose locks a fork would copy.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([work.__module__, *_modules_of(work)])
    lifeline, held = context.Pipe(duplex=False)
    workers: dict[Connection, Any] = {}
    try:
        with _interrupts_blocked():
            for _ in range(min(jobs, len(items))):
                ours, theirs = context.Pipe()
                process = context.Process(target=_serve, args=(theirs, lifeline, work), daemon=True)
                process.start()
                theirs.close()
                workers[ours] = process
        yield from _results(workers, items, on_done)
    finally:
        for connection, process in workers.items():
            process.kill()
            process.join()
            connection.close()
        lifeline.close()
        held.close()


def _results(
    workers: dict[Connection, Any], items: Sequence[Any], on_done: Callable[[Any], None]
) -> Iterator[Any]:
    pending = iter(enumerate(items))
    at_work: set[Connection] = set()

    def give(connection: Connection) -> None:
        at_work.discard(connection)
        task = next(pending, None)
        if task is not None:
            connection.send(task)
            at_work.add(connection)

    for connection in workers:
        give(connection)
    done: dict[int, Any] = {}
    following = 0
    while at_work:
        for ready in wait(list(at_work)):
            assert isinstance(ready, Connection)
            try:
                number, result, error = ready.recv()
            except (EOFError, ConnectionError):
                raise _died(workers[ready]) from None
            if error is not None:
                raise error
            on_done(result)
            done[number] = result
            give(ready)
        while following in done:
            yield done.pop(following)
            following += 1


def _died(process: Any) -> FacetError:
    process.join(1)
    code = process.exitcode
    how = f"was ended by signal {-code}" if code is not None and code < 0 else f"exited with {code}"
    return FacetError(
        f"a process of the evaluation {how}; if memory ran out, try fewer with --jobs"
    )


def _serve(connection: Connection, lifeline: Connection, work: Callable[[Any], Any]) -> None:
    """The loop of a worker: receives items and sends results until the owner ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the owner ends the others
    threading.Thread(target=_end_with_owner, args=(lifeline,), daemon=True).start()
    collect_rarely()
    while True:
        try:
            number, item = connection.recv()
        except (EOFError, ConnectionError):
            return
        result, failure = None, None
        try:
            result = work(item)
        except Exception as error:
            failure = _sendable(error)
        with suppress(ConnectionError):
            connection.send((number, result, failure))


def _end_with_owner(lifeline: Connection) -> None:
    with suppress(EOFError, OSError):
        lifeline.recv_bytes()  # nothing is ever sent: it returns when the owner has ended
    os._exit(_OWNER_IS_GONE)


def _sendable(error: Exception) -> Exception:
    """An exception that survives pickling, with its traceback as a note."""
    text = "".join(traceback.format_exception(error))
    with suppress(Exception):
        copy = pickle.loads(pickle.dumps(error))
        assert type(copy) is type(error)
        error.add_note(f"in a worker process:\n{text}")
        return error
    kinds = (DeviceFailedError, FacetError, RuntimeError)
    kind = next((kind for kind in kinds if isinstance(error, kind)), RuntimeError)
    lost = kind(str(error) or type(error).__name__)
    lost.add_note(f"in a worker process:\n{text}")
    return lost


def _modules_of(work: Any) -> list[str]:
    """The module of the function inside of a ``functools.partial``."""
    inner = getattr(work, "func", None)
    return [inner.__module__] if inner is not None else []


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Processes that start meanwhile inherit the mask, so that Ctrl-C ends none of them early."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
