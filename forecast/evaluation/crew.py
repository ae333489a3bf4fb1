"""Who does the work: this process, spawned processes, or a Dask cluster; what comes out does not depend on it."""

from __future__ import annotations

import os
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

from forecast.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
_here: dict[str, Any] = {}  # of a spawned process: the function and the job that it was started with


def work[Job, Part, Result](
    function: Callable[[Job, Part], Result],
    job: Job,
    parts: Sequence[Part],
    *,
    workers: int = 1,
    scheduler: str = "",
    lost: Callable[[Part, Exception], Result] | None = None,
) -> Iterator[Result]:
    """Yield `function(job, part)` for every part, in the order in which they are done.

    Parameters
    ----------
    function
        A function at the top of a module; its result must not depend on which parts a process did before.
    job
        What all parts share; it is sent to each process once.
    parts
        The parts, the longest first.
    workers
        Spawned processes, each with one thread; 1 for this process.
    scheduler
        Address of a Dask scheduler, such as ``tcp://10.0.0.1:8786``, whose workers are used instead. It gives a part
        whose worker was lost to another, four times in all.
    lost
        Result of a part that Dask gave up because its worker was lost each time; without it, that is raised.

    Raises
    ------
    UsageError
        The extra ``dask`` is not installed, or nothing answers at the address.
    """
    if scheduler:
        yield from _on_cluster(function, job, parts, scheduler, lost)
    elif workers == 1 or len(parts) < 2:
        for part in parts:
            yield function(job, part)
    else:
        yield from _in_processes(function, job, parts, min(workers, len(parts)))


def _in_processes(function: Callable, job: Any, parts: Sequence, workers: int) -> Iterator:  # noqa: ANN401
    with (
        _one_thread_each(),
        ProcessPoolExecutor(
            workers, mp_context=get_context("spawn"), initializer=_start, initargs=(function, job)
        ) as pool,
    ):
        waiting = [pool.submit(_do, part) for part in parts]
        try:
            for done in as_completed(waiting):
                yield done.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _on_cluster[Job, Part, Result](
    function: Callable[[Job, Part], Result],
    job: Job,
    parts: Sequence[Part],
    address: str,
    lost: Callable[[Part, Exception], Result] | None,
) -> Iterator[Result]:
    try:
        from distributed import Client, KilledWorker  # pyright: ignore[reportMissingImports]
        from distributed import as_completed as as_done  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise UsageError(
            "--scheduler needs Dask, which is not installed; install crisis-forecast[dask] here and on the workers"
        ) from error
    try:
        client = Client(address, timeout=10, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise UsageError(
            f"no Dask scheduler answers at {address} ({error}); start one with `dask scheduler`"
        ) from error
    with client:
        shared = client.submit(_held, job, pure=False)  # made anew where the worker that holds it is lost
        waiting = {client.submit(function, shared, part, pure=False): part for part in parts}
        for done in as_done(waiting, loop=client.loop):
            try:
                yield done.result()
            except KilledWorker as error:
                if lost is None:
                    raise
                yield lost(waiting[done], error)


def _held[Job](job: Job) -> Job:
    return job


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Processes that are started inside inherit one thread for every library."""
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _start(function: Callable, job: Any) -> None:  # noqa: ANN401
    _here.update(function=function, job=job)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A process whose parent was killed must not work on unseen."""
    parent = parent_process()
    while parent is not None and parent.is_alive():
        time.sleep(1.0)
    os._exit(1)


def _do(part: Any) -> Any:  # noqa: ANN401
    return _here["function"](_here["job"], part)
