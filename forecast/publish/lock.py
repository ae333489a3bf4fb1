"""One writer at a time: locks of an archive, which the system releases when a process ends, however it ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from forecast.errors import ArchiveError

WAIT: Final = 600.0
"""Seconds that a writer waits for another to finish its run folder and the index."""


def case_locked(out: Path | str, case: str) -> AbstractContextManager[None]:
    """Hold the lock of one case, so that many cases are written at a time; raises as `locked` does.

    Whoever takes the lock of the archive as well takes it second, and only for what all cases share: ledger and index.
    """
    return locked(out, f"case-{case}")


@contextmanager
def locked(out: Path | str, name: str = "archive", *, wait: float = WAIT) -> Iterator[None]:
    """Hold a lock of an archive; the thread that holds it may take it again.

    Parameters
    ----------
    out
        Folder of the archive; it is made where it does not exist.
    name
        Which lock: `archive` is held while ledger or index is written, others while a case is written or computed.
    wait
        Seconds to wait for whoever holds it; without limit below 0.

    Raises
    ------
    ArchiveError
        Another process holds it for longer than that.
    OSError
        The folder cannot be written.
    """
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder.resolve() / f".{name}.lock", is_singleton=True)
    try:
        lock.acquire(timeout=wait)
    except Timeout as error:
        raise ArchiveError(
            f"{lock.lock_file}: another process has held this lock of the archive for {wait:.0f} seconds; wait for it, "
            "or end it: its lock goes with it"
        ) from error
    try:
        yield
    finally:
        lock.release()
