"""Work on Dask: one task to a worker's thread at a time, and once more where the worker died."""

from __future__ import annotations

import logging
import os
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from facet.errors import FacetError

if TYPE_CHECKING:
    from distributed import Client

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")

LOCAL_CONFIG: Final = {
    # Whether to try again is decided here, not by the scheduler.
    "distributed.scheduler.allowed-failures": 0,
    # A worker that died is started anew; on a busy machine that takes longer than Dask's 15 s.
    "distributed.deploy.lost-worker-timeout": "5 minutes",
}
"""What a cluster of this machine's is configured with."""

_TRIES: Final = 2
_POLL_s: Final = 1.0
_PATIENCE_s: Final = 60.0
"""For a worker to come, where there is none."""


@dataclass(frozen=True)
class Finished(Generic[_Task, _Result]):
    """A task that ended: with its result, or with why there is none."""

    task: _Task
    result: _Result | None
    error: str = ""


@contextmanager
def connected(scheduler: str | None, jobs: int | None) -> Iterator[Client]:
    """A connection to a scheduler, or to a cluster of this machine's that lasts as long.

    Args:
        scheduler: its address; None: processes on this machine.
        jobs: how many processes; None: one for each core.

    Raises:
        FacetError: Dask is not installed, or nothing answers at the address.
    """
    try:
        import dask
        from distributed import Client, LocalCluster
    except ImportError:
        raise FacetError(
            "sweeps need Dask, which is not installed: pip install '.[train]'"
        ) from None
    if scheduler:
        try:
            client = Client(scheduler, timeout=10)
        except (OSError, ValueError) as error:
            reason = str(error) or type(error).__name__
            raise FacetError(
                f"--scheduler {scheduler}: no Dask scheduler there ({reason})"
            ) from None
        with client:
            yield client
        return
    with (
        dask.config.set(LOCAL_CONFIG),
        LocalCluster(
            n_workers=jobs or len(os.sched_getaffinity(0)),
            threads_per_worker=1,
            processes=True,
            memory_limit=0,
            dashboard_address=None,
            silence_logs=logging.CRITICAL,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def run_all(
    client: Client, function: Callable[[_Task], _Result], tasks: Sequence[_Task]
) -> Iterator[Finished[_Task, _Result]]:
    """Run a function over tasks, in their order as workers get free.

    No more tasks are handed out than there are threads: Dask blames a worker's death on all that
    it was given, not only on what it was running.

    Args:
        client: from ``connected``.
        function: importable on the workers.
        tasks: its arguments.

    Yields:
        Each task when it has ended, in any order.

    Raises:
        FacetError: one that the function raised, no worker for a minute, workers without this
            package, or the scheduler went away.
    """
    from distributed import wait

    waiting = deque((task, 1) for task in tasks)
    running: dict[Any, tuple[_Task, int]] = {}
    idle_s = 0.0
    while waiting or running:
        threads = _threads(client)
        while waiting and len(running) < threads:
            task, attempt = waiting.popleft()
            key = f"{function.__name__}-{uuid.uuid4().hex}"
            running[client.submit(function, task, key=key, pure=False)] = task, attempt
        idle_s = 0.0 if threads else idle_s + _POLL_s
        if idle_s > _PATIENCE_s:
            raise FacetError(
                f"no worker for {_PATIENCE_s:.0f} s: start one in the project's folder, "
                f"`dask worker {client.scheduler_info()['address']} --nthreads 1`"
            )
        done = _ended(wait, running) if running else _paused(client)
        for future in done:
            task, attempt = running.pop(future)
            if _died(future) and attempt < _TRIES:
                waiting.appendleft((task, attempt + 1))
            else:
                yield _finished(task, future)


def _ended(wait: Callable[..., Any], running: dict[Any, Any]) -> list[Any]:
    """The futures that have ended, in the order in which they were handed out."""
    try:
        wait(list(running), timeout=_POLL_s, return_when="FIRST_COMPLETED")
    except TimeoutError:
        return []
    return [future for future in running if future.done()]


def _paused(client: Client) -> list[Any]:
    client.sync(_sleep)
    return []


async def _sleep() -> None:
    import asyncio

    await asyncio.sleep(_POLL_s)


def _threads(client: Client) -> int:
    try:
        return sum(client.nthreads().values())
    except (OSError, RuntimeError) as error:
        raise _gone(error) from None


def _died(future: Any) -> bool:
    from distributed.scheduler import KilledWorker

    return future.status == "error" and isinstance(future.exception(), KilledWorker)


def _finished(task: _Task, future: Any) -> Finished[_Task, Any]:
    if future.status == "finished":
        return Finished(task, future.result())
    if future.status != "error":  # cancelled, lost
        raise _gone(future.status)
    if _died(future):
        return Finished(task, None, f"the worker died, {_TRIES} times")
    error = future.exception()
    if isinstance(error, FacetError):
        raise error
    if isinstance(error, ImportError):
        raise FacetError(
            f"a worker lacks what it needs ({error}): start it in the project's folder"
        )
    return Finished(task, None, f"{type(error).__name__}: {error}".splitlines()[0])


def _gone(why: object) -> FacetError:
    return FacetError(f"the scheduler went away ({why}); the same command goes on from here")
