"""The configuration of a hub of forecasts, as the hubverse asks for it (schemas 5.0.1): hub, tasks, models."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import pandas as pd

from forecast.errors import UsageError
from forecast.terms import LADDER

SCHEMAS: Final = "https://raw.githubusercontent.com/hubverse-org/schemas/main/v5.0.1"
TASK_IDS: Final = ("location", "reference_date", "horizon", "target_end_date", "target")
HUB_COLUMNS: Final = (*TASK_IDS, "output_type", "output_type_id", "value")
ORACLE_COLUMNS: Final = (*TASK_IDS, "output_type", "output_type_id", "oracle_value")
LADDER_TARGET: Final = "ladder"
ABBREVIATION: Final = r"[a-zA-Z0-9_+]{1,16}"
LICENCES: Final = (
    "apache-2.0", "cc-by-4.0", "cc-by-nc-4.0", "cc-by-nc-nd-4.0", "cc-by-sa-4.0", "gpl-3.0", "lgpl-3.0", "mit",
)  # fmt: skip
LONGEST_ID: Final = 30
LONGEST_NAME: Final = 100
LONGEST_METHODS: Final = 200


class About(NamedTuple):
    """Who stands behind a hub: abbreviation of the team, names, address, repository on GitHub (owner/name), licence."""

    team: str = "crisis"
    name: str = "Forecasts of coercive bargaining"
    maintainer: str = "crisis-forecast"
    email: str = ""
    repository: str = ""
    license: str = "apache-2.0"


class Model(NamedTuple):
    """A model of a hub: its abbreviation, its name, and how it forecasts in at most 200 characters."""

    abbr: str
    name: str
    methods: str


def check_about(about: About) -> None:
    """Check what a user says of a hub.

    Raises
    ------
    UsageError
        The abbreviation has a letter that file names of a hub must not have, the repository is no owner/name, or the
        licence is none that hubs know.
    """
    if not re.fullmatch(ABBREVIATION, about.team):
        raise UsageError(f"--team {about.team!r}: write at most 16 letters, digits or '_', without '-'; e.g. crisis")
    if about.repository and not re.fullmatch(r"[\w.-]+/[\w.-]+", about.repository):
        raise UsageError(f"--repository {about.repository!r}: write owner/name of a repository on GitHub")
    if about.license not in LICENCES:
        raise UsageError(f"--license {about.license!r}: use one of {', '.join(LICENCES)}")


def admin_document(about: About) -> dict[str, Any]:
    """Content of `hub-config/admin.json`."""
    owner, _, name = about.repository.partition("/")
    return {
        "schema_version": f"{SCHEMAS}/admin-schema.json",
        "name": about.name,
        "maintainer": about.maintainer,
        "contact": {"name": about.maintainer} | ({"email": about.email} if about.email else {}),
        "repository": {"host": "github", "owner": owner, "name": name} if about.repository else {},
        "file_format": ["csv"],
        "timezone": "Africa/Abidjan",  # the schema lists no UTC; this is UTC all year
    }


def tasks_document(rows: pd.DataFrame, wordings: Mapping[str, str], late: int) -> dict[str, Any]:
    """Content of `hub-config/tasks.json`: one kind of round, named by its as-of day.

    Parameters
    ----------
    rows
        All model output of the hub, columns `HUB_COLUMNS`.
    wordings
        Targets in words.
    late
        Days after the as-of day by which the last forecast was made.
    """
    ladder, binary = (rows[(rows["output_type"] == kind)] for kind in ("pmf", "mean"))
    share = {"type": "double", "minimum": 0, "maximum": 1}
    tasks = [
        {
            "task_ids": _task_ids(ladder),
            "output_type": {"pmf": {"output_type_id": {"required": list(LADDER)}, "value": share, "is_required": True}},
            "target_metadata": [_target(LADDER_TARGET, wordings, "rung", "ordinal")],
        }
    ]
    if len(binary):
        names = list(dict.fromkeys(binary["target"]))
        tasks.append(
            {
                "task_ids": _task_ids(binary),
                "output_type": {"mean": {"output_type_id": {"required": None}, "value": share, "is_required": False}},
                "target_metadata": [_target(name, wordings, "probability", "binary") for name in names],
            }
        )
    return {
        "schema_version": f"{SCHEMAS}/tasks-schema.json",
        "rounds": [
            {
                "round_id_from_variable": True,
                "round_id": "reference_date",
                "model_tasks": tasks,
                "submissions_due": {"relative_to": "reference_date", "start": 0, "end": late},
            }
        ],
        "output_type_id_datatype": "character",
        "derived_task_ids": ["target_end_date"],
    }


def metadata_document(about: About, model: Model, version: str) -> dict[str, Any]:
    """Content of `model-metadata/<team>-<model>.yml`."""
    return {
        "schema_version": f"{SCHEMAS}/admin-schema.json",
        "team_name": about.maintainer,
        "team_abbr": about.team,
        "model_name": model.name,
        "model_abbr": model.abbr,
        "model_version": version,
        "model_contributors": [{"name": about.maintainer} | ({"email": about.email} if about.email else {})],
        "license": about.license,
        "model_details": {
            "data_inputs": "a dated, sourced record of what both sides said, moved and did, as known on the as-of day",
            "methods": model.methods[:LONGEST_METHODS],
        },
    }


def metadata_schema() -> dict[str, Any]:
    """Content of `hub-config/model-metadata-schema.json`: what the file of every model must say."""
    text = {"type": "string"}
    abbreviation = text | {"pattern": f"^{ABBREVIATION}$"}
    details = {
        "type": "object",
        "properties": {"data_inputs": text, "methods": text | {"maxLength": LONGEST_METHODS}},
        "required": ["data_inputs", "methods"],
    }
    properties = {
        "schema_version": text | {"format": "uri"},
        "team_name": text,
        "team_abbr": abbreviation,
        "model_name": text,
        "model_abbr": abbreviation,
        "model_version": text,
        "model_contributors": {"type": "array", "items": {"type": "object", "required": ["name"]}, "minItems": 1},
        "license": text | {"enum": list(LICENCES)},
        "model_details": details,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Metadata of a model",
        "type": "object",
        "properties": properties,
        "required": list(properties),
    }


def target_id(target: str) -> str:
    """Identifier of a target, at most 30 characters long; a longer one keeps its beginning and gets a hash."""
    if len(target) <= LONGEST_ID:
        return target
    return f"{target[: LONGEST_ID - 9]}_{hashlib.sha256(target.encode()).hexdigest()[:8]}"


def _task_ids(rows: pd.DataFrame) -> dict[str, Any]:
    """Values that may stand in each column; none is required, since a case may join or leave."""
    values = {name: sorted(set(rows[name].tolist())) for name in TASK_IDS if name != "target"}
    values["target"] = list(dict.fromkeys(rows["target"]))
    return {name: {"required": None, "optional": values[name]} for name in TASK_IDS}


def _target(name: str, wordings: Mapping[str, str], unit: str, kind: str) -> dict[str, Any]:
    words = wordings.get(name, name)
    return {
        "target_id": target_id(name),
        "target_name": words if len(words) <= LONGEST_NAME else f"{words[: LONGEST_NAME - 1]}…",
        "target_units": unit,
        "target_type": kind,
        "target_keys": {"target": name},
        "description": words,
        "is_step_ahead": False,
    }
