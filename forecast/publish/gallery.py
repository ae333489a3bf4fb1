"""Any table of a forecast drawn by one call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from forecast.errors import UsageError
from forecast.publish.course import history_figure, waiting_figure
from forecast.publish.figures import change_figure, hazard_figure, ladder_figure, ladder_interval_figure, reply_figure
from forecast.publish.scenario_figure import concession_figure, next_move_figure, scenario_figure
from forecast.publish.sequence_figure import sequence_figure
from forecast.publish.timeline import latent_figure
from forecast.publish.wording import side_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure

    from forecast.publish.tables import Meta, Tables


class Told(Protocol):
    """What carries facts and tables: a forecast, an archived run, a published forecast's `forecast`."""

    @property
    def meta(self) -> Meta:
        """Facts."""
        ...

    @property
    def tables(self) -> Tables:
        """Tables by name."""
        ...


_OF: Final[dict[str, tuple[str, Callable[[Meta, Tables], Figure]]]] = {
    "ladder": ("ladder", lambda _, t: ladder_figure(t["ladder"])),
    "intervals": ("ladder", lambda _, t: ladder_interval_figure(t["ladder"])),
    "change": ("change", lambda _, t: change_figure(t["change"])),
    "history": ("history", lambda _, t: history_figure(t["history"], t.get("events"))),
    "latents": ("latents", lambda m, t: latent_figure(t["latents"], t["signals"], side_words(m))),
    "sequence": ("sequence", lambda _, t: sequence_figure(t["sequence"])),
    "replies": ("replies", lambda _, t: reply_figure(t["replies"])),
    "waiting": ("waiting", lambda _, t: waiting_figure(t["waiting"])),
    "hazard": ("hazard", lambda _, t: hazard_figure(t["hazard"])),
    "scenarios": ("scenarios", lambda _, t: scenario_figure(t["scenarios"])),
    "concessions": ("concessions", lambda m, t: concession_figure(t["concessions"], sides=side_words(m))),
    "next_moves": ("next_moves", lambda m, t: next_move_figure(t["next_moves"], sides=side_words(m))),
}


def plot(told: Told, name: str = "ladder") -> Figure:
    """Draw a table of a forecast or of an archived run as its report does.

    Parameters
    ----------
    told
        From `run_forecast`, `predict`, `read_run`, or the `forecast` that `publish_forecast` returns.
    name
        ladder, intervals (the ladder with its 80 % intervals), change, history, latents, sequence, replies, waiting,
        hazard, scenarios, concessions or next_moves. For other options there is a function of each, such as
        `plot_scenarios`.

    Raises
    ------
    UsageError
        There is no such figure, or the forecast does not hold its table.
    """
    drawable = [key for key, (table, _) in _OF.items() if table in told.tables and len(told.tables[table])]
    if name not in drawable:
        why = "the forecast does not hold its table" if name in _OF else "there is no such figure"
        raise UsageError(f"plot {name!r}: {why}; this one can draw {', '.join(drawable)}")
    return _OF[name][1](told.meta, told.tables)
