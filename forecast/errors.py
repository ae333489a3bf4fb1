"""One family of errors: each says where, what was found, what is right, and the way out."""

from __future__ import annotations


class ForecastError(Exception):
    """Base of every error that this package raises on purpose; `exit_code` is what the command line returns."""

    exit_code = 1


class RecordError(ForecastError):
    """The record breaks a rule of the codebook; `problems` lists every finding."""

    def __init__(self, message: str, problems: tuple[object, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class UsageError(ForecastError):
    """A request that cannot be carried out as asked (unknown case, as-of date outside the record, folder in use)."""

    exit_code = 2


class GateError(ForecastError):
    """The posterior or the forecast failed the publication gate; nothing was published."""

    exit_code = 3


class FitDueError(ForecastError):
    """An update of an earlier fit cannot be used; a full fit is due, and nothing was published."""

    exit_code = 5


class SomeFailedError(ForecastError):
    """Of several runs at least one has no forecast; the others are archived."""

    exit_code = 6


class ReportError(ForecastError):
    """The report could not be typeset; the forecast itself is whole."""

    exit_code = 4


class ArchiveError(ForecastError):
    """The archive is damaged, incomplete, or would have to be overwritten."""

    exit_code = 4
