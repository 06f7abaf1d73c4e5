"""Runs trials on Dask, at most one for each worker's thread.

``Client.map`` would give a worker several trials, and Dask blames the death of a worker on all of
them.
"""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final

from facet.errors import FacetError

if TYPE_CHECKING:
    from distributed import Client

LOCAL_CONFIG: Final = {
    # Dask runs a task again after its worker died, this many times.
    "distributed.scheduler.allowed-failures": 1,
    # A dead worker is replaced; on a busy machine that takes longer than Dask's 15 s.
    "distributed.deploy.lost-worker-timeout": "5 minutes",
}
"""Dask's configuration for a cluster on this machine."""

_POLL_s: Final = 1.0
_NO_WORKER_TIMEOUT_s: Final = 60.0


@dataclass(frozen=True)
class Finished:
    """A finished task with its result, or with the reason why there is none."""

    task: Any
    result: Any
    error: str = ""


@contextmanager
def connected(scheduler: str | None, jobs: int | None) -> Iterator[Client]:
    """A client of a scheduler, or of a temporary cluster on this machine.

    Args:
        scheduler: its address; None: processes on this machine.
        jobs: number of these processes; None: one for each core.

    Raises:
        FacetError: Dask is not installed, or no scheduler answers at the address.
    """
    try:
        import dask
        from distributed import Client, LocalCluster
    except ImportError:
        raise FacetError(
            "the search needs Dask, which is not installed: pip install '.[train]'"
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
    client: Client, function: Callable[[Any], Any], tasks: Sequence[Any]
) -> Iterator[Finished]:
    """Run a function on tasks, in their order, as workers become free.

    Args:
        client: from ``connected``.
        function: importable on the workers.
        tasks: its arguments.

    Yields:
        Each task when it has finished, in any order.

    Raises:
        FacetError: the function raised one, no worker for a minute, workers without this package,
            or the connection to the scheduler was lost.
    """
    from distributed import wait

    waiting = deque(tasks)
    running: dict[Any, Any] = {}
    last_worker_s = monotonic()
    while waiting or running:
        threads = _threads(client)
        while waiting and len(running) < threads:
            task = waiting.popleft()
            running[client.submit(function, task, pure=False)] = task
        if threads:
            last_worker_s = monotonic()
        elif monotonic() - last_worker_s > _NO_WORKER_TIMEOUT_s:
            raise FacetError(
                f"no worker for {_NO_WORKER_TIMEOUT_s:.0f} s: start one in the project's folder, "
                f"`dask worker {client.scheduler_info()['address']} --nthreads 1`"
            )
        if not running:
            sleep(_POLL_s)
            continue
        try:
            wait(list(running), timeout=_POLL_s, return_when="FIRST_COMPLETED")
        except TimeoutError:
            continue
        for future in [future for future in running if future.done()]:
            yield _finished(running.pop(future), future)


def _threads(client: Client) -> int:
    try:
        return sum(client.nthreads().values())
    except (OSError, RuntimeError) as error:
        raise _lost(error) from None


def _finished(task: Any, future: Any) -> Finished:
    from distributed.scheduler import KilledWorker

    if future.status == "finished":
        return Finished(task, future.result())
    if future.status != "error":  # cancelled, lost
        raise _lost(future.status)
    error = future.exception()
    if isinstance(error, KilledWorker):
        return Finished(task, None, "its worker died, again after a retry")
    if isinstance(error, FacetError):
        raise error
    if isinstance(error, ImportError):
        raise FacetError(
            f"a worker cannot import what it needs ({error}): start it in the project's folder"
        )
    return Finished(task, None, f"{type(error).__name__}: {error}".splitlines()[0])


def _lost(why: object) -> FacetError:
    return FacetError(f"lost the scheduler ({why}); the same command resumes the search")
