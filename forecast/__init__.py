"""Forecasts of coercive bargaining between two adversaries: the public names, loaded on first use."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

# Compiling the gradient takes longer than it saves at full optimisation; numba reads this when it is imported.
os.environ.setdefault("NUMBA_OPT", "1")

_HOME = {
    "read_record": "forecast.record",
    "read_questions": "forecast.record",
    "check_record": "forecast.record",
    "as_of": "forecast.record",
    "init_record": "forecast.record",
    "add_facts": "forecast.record",
    "build_panel": "forecast.record.panel",
    "import_record": "forecast.record.importers",
    "read_priors": "forecast.inference.prior_file",
    "read_history": "forecast.model.learned",
    "with_history": "forecast.model.learned",
    "pretrain": "forecast.inference.pretrain",
    "build_model": "forecast.model.build",
    "model_graph": "forecast.model.graph",
    "fit": "forecast.inference.fit",
    "Sampling": "forecast.inference.fit",
    "sample_prior": "forecast.inference.fit",
    "save_posterior": "forecast.inference.fit",
    "load_posterior": "forecast.inference.fit",
    "update_posterior": "forecast.inference.update",
    "diagnosis_of": "forecast.inference.update",
    "Updating": "forecast.inference.update",
    "simulate": "forecast.outlook.simulate",
    "predict": "forecast.outlook.forecast",
    "Forecast": "forecast.outlook.forecast",
    "scenario": "forecast.scenarios",
    "ScenarioResult": "forecast.scenarios",
    "read_scenarios": "forecast.record.interventions",
    "compare": "forecast.movers",
    "Comparison": "forecast.movers",
    "archive": "forecast.publish.archive",
    "archive_table": "forecast.publish.collected",
    "archive_ladders": "forecast.publish.collected",
    "read_run": "forecast.publish.archive",
    "render_report": "forecast.publish.report",
    "render_pdf": "forecast.publish.typeset",
    "plot": "forecast.publish.gallery",
    "plot_ladder": "forecast.publish.figures",
    "plot_intervals": "forecast.publish.figures",
    "plot_change": "forecast.publish.figures",
    "plot_hazard": "forecast.publish.figures",
    "plot_replies": "forecast.publish.figures",
    "plot_latents": "forecast.publish.timeline",
    "plot_history": "forecast.publish.course",
    "plot_waiting": "forecast.publish.course",
    "plot_sequence": "forecast.publish.sequence_figure",
    "plot_calibration": "forecast.publish.calibration_figure",
    "plot_movers": "forecast.publish.waterfall",
    "plot_scenarios": "forecast.publish.scenario_figure",
    "plot_concessions": "forecast.publish.scenario_figure",
    "plot_next_moves": "forecast.publish.scenario_figure",
    "Settings": "forecast.stages",
    "run_forecast": "forecast.run",
    "publish_forecast": "forecast.run",
    "update_forecast": "forecast.update",
    "look_ahead": "forecast.look",
    "score_archive": "forecast.scorecard",
    "export_hub": "forecast.hubverse",
    "run_all": "forecast.many",
    "Newer": "forecast.update",
}
# Importing a submodule binds its name here, so a public name must not be that of a submodule.
_RENAMED = {
    "archive": "read_archive",
    "run_forecast": "run",
    "publish_forecast": "publish",
    "update_forecast": "update",
    "look_ahead": "look",
    "score_archive": "scorecard",
    "plot_ladder": "ladder_figure",
    "plot_intervals": "ladder_interval_figure",
    "plot_change": "change_figure",
    "plot_hazard": "hazard_figure",
    "plot_replies": "reply_figure",
    "plot_latents": "latent_figure",
    "plot_history": "history_figure",
    "plot_waiting": "waiting_figure",
    "plot_sequence": "sequence_figure",
    "plot_calibration": "calibration_figure",
    "plot_movers": "waterfall_figure",
    "plot_scenarios": "scenario_figure",
    "plot_concessions": "concession_figure",
    "plot_next_moves": "next_move_figure",
}
__all__ = sorted(_HOME)  # pyright: ignore[reportUnsupportedDunderAll] - the table above is the list of public names


def __getattr__(name: str) -> Any:  # noqa: ANN401 - names of many kinds
    """Load a public name on first use, so that reading an archive does not start the sampler's libraries."""
    if name not in _HOME:
        raise AttributeError(f"module 'forecast' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), _RENAMED.get(name, name))


def __dir__() -> list[str]:
    return __all__
