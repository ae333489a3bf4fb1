"""The rules of a hub (hubverse schemas 5.0.1, and the checks of submissions that its validator lists), as a checker."""

from __future__ import annotations

import json
import re
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from jsonschema import Draft202012Validator, FormatChecker

VALUES = {"type": ["array", "null"], "uniqueItems": True}
TASK_ID = {
    "type": "object",
    "properties": {"required": VALUES, "optional": VALUES},
    "required": ["required", "optional"],
    "additionalProperties": False,
}
SHARE = {
    "type": "object",
    "properties": {"type": {"const": "double"}, "minimum": {"const": 0}, "maximum": {"const": 1}},
    "required": ["type", "minimum", "maximum"],
    "additionalProperties": False,
}


def output_type(required: dict[str, Any]) -> dict[str, Any]:
    ids = {"type": "object", "properties": {"required": required}, "required": ["required"],
           "additionalProperties": False}  # fmt: skip
    return {"type": "object", "properties": {"output_type_id": ids, "value": SHARE, "is_required": {"type": "boolean"}},
            "required": ["output_type_id", "value", "is_required"], "additionalProperties": False}  # fmt: skip


CATEGORIES = {"type": "array", "uniqueItems": True, "items": {"type": "string"}}
POINT = output_type({"type": "null"})
TARGET = {
    "type": "object",
    "properties": {
        "target_id": {"type": "string", "maxLength": 30},
        "target_name": {"type": "string", "maxLength": 100},
        "target_units": {"type": "string", "maxLength": 100},
        "target_keys": {"type": ["object", "null"], "minProperties": 1, "maxProperties": 1},
        "target_type": {"enum": ["continuous", "discrete", "date", "binary", "nominal", "ordinal", "compositional"]},
        "is_step_ahead": {"type": "boolean"},
    },
    "required": ["target_id", "target_name", "target_units", "target_type", "target_keys", "is_step_ahead"],
}
TASKS = {
    "type": "object",
    "properties": {
        "schema_version": {"type": "string", "pattern": r"^https://raw\.githubusercontent\.com/hubverse-org/schemas/main/v5\.0\.1/tasks-schema\.json$"},
        "output_type_id_datatype": {"enum": ["auto", "character", "double", "integer", "logical", "Date"]},
        "derived_task_ids": CATEGORIES,
        "rounds": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {
                    "round_id_from_variable": {"type": "boolean"},
                    "round_id": {"type": "string"},
                    "submissions_due": {
                        "type": "object",
                        "properties": {"relative_to": {"type": "string"}, "start": {"type": "integer"},
                                       "end": {"type": "integer"}},
                        "required": ["relative_to", "start", "end"],
                        "additionalProperties": False,
                    },
                    "model_tasks": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {
                                "task_ids": {"type": "object", "additionalProperties": TASK_ID},
                                "output_type": {
                                    "type": "object",
                                    "properties": {"pmf": output_type(CATEGORIES), "mean": POINT},
                                    "additionalProperties": False,
                                },
                                "target_metadata": {"type": "array", "items": TARGET},
                            },
                            "required": ["task_ids", "output_type", "target_metadata"],
                            "additionalProperties": False,
                        },
                    },
                },
                "required": ["round_id_from_variable", "round_id", "model_tasks", "submissions_due"],
            },
        },
    },
    "required": ["rounds", "schema_version"],
    "additionalProperties": False,
}  # fmt: skip
ADMIN = {
    "type": "object",
    "properties": {
        "schema_version": {"type": "string", "pattern": r"/v5\.0\.1/admin-schema\.json$"},
        "name": {"type": "string"},
        "maintainer": {"type": "string"},
        "contact": {"type": "object", "properties": {"name": {"type": "string"}, "email": {"format": "email"}}},
        "repository": {"type": "object", "properties": {"host": {"enum": ["github"]}}},
        "file_format": {"type": "array", "items": {"enum": ["csv", "parquet", "arrow"]}},
        "timezone": {"type": "string", "pattern": "^[A-Z][A-Za-z]+/"},
    },
    "required": ["schema_version", "name", "maintainer", "contact", "repository", "file_format", "timezone"],
    "additionalProperties": False,
}
OUTPUT = ("output_type", "output_type_id", "value")
MODEL = re.compile(r"[a-zA-Z0-9_+]{1,16}-[a-zA-Z0-9_+]{1,16}")


def faults(hub: Path) -> list[str]:
    """Every rule that a hub breaks, as one line each."""
    tasks = json.loads((hub / "hub-config" / "tasks.json").read_text(encoding="utf-8"))
    admin = json.loads((hub / "hub-config" / "admin.json").read_text(encoding="utf-8"))
    metadata = json.loads((hub / "hub-config" / "model-metadata-schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(metadata)
    found = [f"admin.json: {error.message}" for error in _errors(admin, ADMIN)]
    found += [f"tasks.json: {error.message}" for error in _errors(tasks, TASKS)]
    if found:
        return found
    if not {"team_abbr", "model_abbr"} <= set(metadata["properties"]):
        found.append("model-metadata-schema.json: needs team_abbr and model_abbr")
    found += _target_faults(tasks)
    for folder in sorted((hub / "model-output").iterdir()):
        found += _metadata_faults(hub, folder.name, metadata)
        for file in sorted(folder.iterdir()):
            found += [f"{file.name}: {told}" for told in _file_faults(file, folder.name, tasks)]
    return found + _oracle_faults(hub, tasks)


def _errors(document: Any, schema: dict) -> list:
    return list(Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(document))


def _groups(tasks: dict) -> list[dict]:
    return list(chain.from_iterable(one["model_tasks"] for one in tasks["rounds"]))


def _allowed(group: dict, name: str) -> set:
    values = group["task_ids"][name]
    return {str(value) for value in (*(values["required"] or ()), *(values["optional"] or ()))}


def _target_faults(tasks: dict) -> list[str]:
    found, known = [], [one["target_id"] for group in _groups(tasks) for one in group["target_metadata"]]
    if len(known) != len(set(known)):
        found.append("tasks.json: a target_id stands twice")
    for group in _groups(tasks):
        keys = {value for one in group["target_metadata"] for value in (one["target_keys"] or {}).values()}
        if keys != _allowed(group, "target"):
            found.append("tasks.json: target_keys are not the values of the task id target")
        if any(not _allowed(group, name) for name in group["task_ids"]):
            found.append("tasks.json: a task id without any value")
    lost = [
        one["round_id"] for one in tasks["rounds"] for g in one["model_tasks"] if one["round_id"] not in g["task_ids"]
    ]
    return found + [f"tasks.json: round_id {name} is no task id of every group" for name in lost]


def _metadata_faults(hub: Path, model: str, schema: dict) -> list[str]:
    if not MODEL.fullmatch(model):
        return [f"{model}: is no team-model"]
    file = hub / "model-metadata" / f"{model}.yml"
    if not file.exists():
        return [f"{model}: has no metadata"]
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    found = [f"{file.name}: {error.message}" for error in _errors(document, schema)]
    if f"{document.get('team_abbr')}-{document.get('model_abbr')}" != model:
        found.append(f"{file.name}: its abbreviations are not those of its name")
    return found


def _file_faults(file: Path, model: str, tasks: dict) -> list[str]:
    named = re.fullmatch(r"(\d{4}-\d{2}-\d{2})-(.+)\.csv", file.name)
    if not named or named[2] != model:
        return [f"is not called <round>-{model}.csv"]
    rows = pd.read_csv(file, dtype=str, keep_default_na=False)
    (only,) = tasks["rounds"]
    ids = list(_groups(tasks)[0]["task_ids"])
    if list(rows.columns) != [*ids, *OUTPUT]:
        return [f"has columns {list(rows.columns)}"]
    found = [] if set(rows[only["round_id"]]) == {named[1]} else ["holds rows of another round"]
    if rows.duplicated([*ids, "output_type", "output_type_id"]).any():
        found.append("holds a value twice")
    values = rows["value"].astype(float)
    if not values.between(0, 1).all():
        found.append("holds a value outside 0 to 1")
    return found + [told for kind in sorted(set(rows["output_type"])) for told in _kind_faults(rows, kind, ids, tasks)]


def _kind_faults(rows: pd.DataFrame, kind: str, ids: list[str], tasks: dict) -> list[str]:
    group = next((one for one in _groups(tasks) if kind in one["output_type"]), None)
    if group is None:
        return [f"has the unknown output type {kind}"]
    mine = rows[rows["output_type"] == kind]
    found = [f"{name}: a value that tasks.json does not list" for name in ids
             if not set(mine[name]) <= _allowed(group, name)]  # fmt: skip
    wanted = group["output_type"][kind]["output_type_id"]["required"]
    for _, part in mine.groupby(ids):
        if kind == "pmf" and list(part["output_type_id"]) != wanted:
            found.append("a pmf without all its categories in their order")
        if kind == "pmf" and abs(part["value"].astype(float).sum() - 1) > 1e-8:
            found.append("a pmf that does not sum to 1")
    if kind == "mean" and set(mine["output_type_id"]) != {"NA"}:
        found.append("a mean with an output_type_id")
    days = pd.to_datetime(mine["target_end_date"]) - pd.to_datetime(mine["reference_date"])
    if not (days.dt.days == mine["horizon"].astype(int)).all():
        found.append("target_end_date does not follow from reference_date and horizon")
    return found


def _oracle_faults(hub: Path, tasks: dict) -> list[str]:
    rows = pd.read_csv(hub / "target-data" / "oracle-output.csv", dtype=str, keep_default_na=False)
    ids = list(_groups(tasks)[0]["task_ids"])
    if list(rows.columns) != [*ids, "output_type", "output_type_id", "oracle_value"]:
        return [f"oracle-output.csv: has columns {list(rows.columns)}"]
    found = []
    if rows.duplicated([*ids, "output_type", "output_type_id"]).any():
        found.append("oracle-output.csv: holds a value twice")
    values = rows.assign(oracle_value=rows["oracle_value"].astype(float))
    if not values["oracle_value"].isin([0.0, 1.0]).all():
        found.append("oracle-output.csv: a value other than 0 and 1")
    sums = values[values["output_type"] == "pmf"].groupby(ids)["oracle_value"].agg(["sum", "size"])
    if not ((sums["sum"] == 1) & (sums["size"] == 7)).all():
        found.append("oracle-output.csv: a pmf that is not 1 for one category and 0 for the others")
    known = set().union(*(_allowed(group, "target") for group in _groups(tasks)))
    if not set(rows["target"]) <= known:
        found.append("oracle-output.csv: a target that tasks.json does not list")
    return found
