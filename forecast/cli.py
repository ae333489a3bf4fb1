"""Ask for it: the command `forecast` and its verbs."""

from __future__ import annotations

import os
from typing import Final

import typer
from rich.console import Console
from rich.markup import escape

from forecast.backtests import backtest
from forecast.errors import ForecastError
from forecast.studies import study
from forecast.verbs import archived, asking, comparing, desk, making, records, scenarios
from forecast.verbs.options import hushable

INTERRUPTED: Final = 130
"""Exit code after Ctrl-C, as shells count it."""
app = typer.Typer(
    help="Forecast coercive bargaining between two adversaries: record in, calibrated ladder of outcomes out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 the record breaks a rule, 2 wrong request, 3 the gate refused publication, "
    "4 archive damaged or not writable, 5 a full fit is due, 6 of several runs at least one failed.",
)
app.add_typer(study, name="study")

app.command(
    epilog="Examples: forecast run · forecast run --as-of 2026-02-13 --json - · forecast run --record my-crisis"
)(hushable(making.run))
app.command(
    epilog="Examples: forecast update · forecast update --fit · "
    "forecast update forecasts/us-iran/RUN --record my-crisis --as-of 2026-10-09"
)(hushable(making.update))
app.command(epilog="Example: forecast fit --as-of 2026-02-13 --out posterior.nc")(hushable(making.fit))
app.command(
    epilog="Examples: forecast pretrain --corpora corpora --out learned.json · "
    "forecast pretrain --corpora corpora --as-of 1985-12-31 --out to-1985.json"
)(hushable(making.pretrain))
app.command(epilog="Example: forecast check my-crisis")(records.check)
app.command(
    epilog="Examples: forecast questions · forecast questions mine.yaml --record my-crisis · "
    "forecast questions --as-of 2026-02-13 --answers"
)(hushable(records.questions))
app.command(
    epilog="Examples: forecast init my-crisis --side-a TUR --side-b GRC · "
    "forecast init aegean --side-a TUR --side-b GRC --start 2020-01-01 --onset 2020-07-21"
)(records.init)
app.command(epilog="Examples: forecast add my-crisis · forecast add my-crisis week-27.csv")(records.add)
app.command(
    name="import",
    epilog="Examples: forecast import mie mie-1.0.csv --out records/mie · forecast import icb downloads --out icb",
)(records.import_)
app.command(
    epilog="Examples: forecast report forecasts/us-iran/RUN --out page.html · forecast report RUN --pdf page.pdf · "
    "forecast report --index forecasts"
)(archived.report)
app.command(
    epilog="Examples: forecast export forecasts --out hub · "
    "forecast export archive --out hub --record my-crisis --stamp prospective --team mine"
)(archived.export)
app.command(epilog="Examples: forecast score · forecast score archive --record my-crisis --out scores")(desk.score)
app.command(
    epilog="Examples: forecast schedule --cron '30 5 * * *' --record my-crisis · forecast schedule --every 6h --now"
)(desk.schedule)
app.command(epilog="Example: forecast watch my-crisis --out archive --hook ./mail-report")(desk.watch)
app.command(epilog="Examples: forecast doctor · forecast doctor archive --record my-crisis")(desk.doctor)
app.command(epilog="Examples: forecast thin archive --keep 20 · forecast thin archive --dry-run")(desk.thin)
app.command(epilog="Example: forecast prior --as-of 2026-02-13")(hushable(making.prior))
app.command(
    epilog="Examples: forecast scenario · forecast scenario mine.yaml --run forecasts/us-iran/RUN --report page.html · "
    "forecast scenario --no-curve --no-watch --json -"
)(hushable(scenarios.scenario))
app.command(
    epilog="Examples: forecast compare forecasts/us-iran/EARLIER forecasts/us-iran/LATER · "
    "forecast compare EARLIER LATER --record my-crisis --report page.html · forecast compare EARLIER LATER --json -"
)(hushable(comparing.compare))
app.command(
    epilog="Examples: forecast treatments forecasts/us-iran/RUN · forecast treatments posterior.nc --out moved.csv"
)(hushable(asking.treatments))
app.command(
    epilog="Examples: forecast sensitivity forecasts/us-iran/RUN · forecast sensitivity posterior.nc --out power.csv"
)(hushable(asking.sensitivity))
app.command(
    epilog="Examples: forecast benchmark W · forecast benchmark M --data mie-1.0.csv --task M2 · "
    "forecast benchmark U --data backtest · forecast benchmark K --data docs/evidence/sbc-ranks.csv.gz"
)(hushable(asking.benchmark))
app.command(
    epilog="Examples: forecast backtest --models baselines · forecast backtest --record my-crises --workers 4 · "
    "forecast backtest --models inside --variant no-credibility --out plain --with backtest"
)(hushable(backtest))


def main() -> None:
    """Run the command; errors of this package become one message and their exit code."""
    # before NumPy is loaded: chains use all cores already, and the order of BLAS sums then depends on no setting
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        app()
    except ForecastError as error:
        # not the console of progress, which --quiet silences
        Console(stderr=True, highlight=False).print(f"[bold red]forecast:[/] {escape(str(error))}", soft_wrap=True)
        raise SystemExit(error.exit_code) from None
    except SystemExit as left:
        if left.code == INTERRUPTED:
            said = "stopped; nothing half-made counts as a forecast, what was archived before stays"
            Console(stderr=True, highlight=False).print(f"[bold red]forecast:[/] {said}", soft_wrap=True)
        raise


if __name__ == "__main__":
    main()
