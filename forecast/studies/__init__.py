"""The command `forecast study`: evidence that inference is right, each study written as tables."""

from __future__ import annotations

import typer

from forecast.studies import inference, published, scores

study = typer.Typer(
    help="Evidence that inference is right: calibration, recovery, predictive checks, gates. Long; most resume.",
    no_args_is_help=True,
)

study.command(epilog="Example: forecast study sbc --simulations 1000 --out evidence/sbc")(inference.sbc)
study.command(epilog="Example: forecast study recovery posterior.nc --worlds 10 --out evidence/recovery")(
    inference.recovery
)
study.command(epilog="Example: forecast study geometry posterior.nc --out geometry.json")(inference.geometry)
study.command(epilog="Example: forecast study predictive posterior.nc --out evidence/predictive")(inference.predictive)
study.command(epilog="Example: forecast study gates --first 2025-06-01 --out evidence/gates.csv")(inference.gates)
study.command(epilog="Example: forecast study comparison bt/published bt/no-pooling --out evidence/comparison.csv")(
    scores.comparison
)
study.command(epilog="Example: forecast study reliability bt/published --out evidence/reliability.csv --figure r.png")(
    scores.reliability
)
study.command(
    epilog="Example: forecast study standings bt/all --leave-out bt/tuned --out evidence/backtest-others.csv"
)(scores.standings)
study.command(epilog="Example: forecast study placebo posterior.nc --out evidence/placebo.csv")(inference.placebo)
study.command(epilog="Example: forecast study pool backtests/inside backtests/others --ship")(scores.pool)
study.command(epilog="Example: forecast study windows --ship")(scores.windows)
study.command(epilog="Example: forecast study updates --posteriors evidence/posteriors --out evidence/updates.csv")(
    inference.updates
)
study.command(epilog="Example: forecast study threats ties_v4.csv --out evidence/threats.csv")(published.threats)
study.command(epilog="Example: forecast study history --corpora corpora --out evidence/history")(published.history)
