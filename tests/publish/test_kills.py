"""`run` killed at any moment leaves the archive readable and the last forecast as it was; the next run succeeds."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from cheap_run import STAGES, Server, reached, serve, times

from forecast.doctor import examine
from forecast.publish import list_runs, read_archive, read_run
from forecast.publish.leftovers import TEMPORARY

KILLS = 100
AT_ONCE = 8
pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that can fork"),
]


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kills")


@pytest.fixture(scope="module")
def server(work: Path) -> Iterator[Server]:
    found = serve(work)
    yield found
    found.stop()


@pytest.fixture(scope="module")
def base(server: Server, work: Path) -> Path:
    """An archive with one good forecast."""
    assert server.wait(server.start(work / "base", 1, work / "base.told")) == 0
    return work / "base"


def test_a_run_may_be_killed_at_any_moment(server: Server, base: Path, work: Path) -> None:
    """Half of the kills fall anywhere in a run, half into the writing of its reports and of the archive."""
    rng = np.random.default_rng(20260228)
    took, seen, left = times(work / "base.told"), Counter(), Counter()
    (good,) = list_runs(base)["path"]
    before = contents(good)
    for number in range(3 * KILLS):
        if seen.total() - seen["done"] == KILLS:  # a run that ended before its signal came was not killed
            break
        out = work / "archive"
        shutil.copytree(base, out)
        mine = out / good.relative_to(base)
        begin = took["report"] if number % 2 else 0.0
        at = begin + rng.random() * (took["done"] - begin)
        told = work / f"{number}.told"
        pid = server.start(out, 2, told)
        time.sleep(at)
        os.kill(pid, signal.SIGKILL)
        code = server.wait(pid)
        seen[reached(told) if code else "done"] += 1
        where = f"kill {number} in {reached(told)}, {at:.2f} s after its start"
        assert code in {0, -signal.SIGKILL}, where
        left.update(["something" if strays(out) else "nothing"])
        assert contents(mine) == before, where
        assert readable(out) >= {mine.name}, where
        again = work / f"{number}.again"
        assert server.wait(server.start(out, 2, again)) == 0, (where, again.with_suffix(".err").read_text())
        assert not strays(out), where
        assert list(list_runs(out)["state"]) == ["complete"] * 2, where
        assert contents(mine) == before, where
        assert [one for one in examine(out) if one.about == "archive" and one.state != "well"] == [], where
        assert current(out) == sorted(set(readable(out)) - {mine.name})[0], where
        if "report" in times(again):
            took = times(again)
        shutil.rmtree(out)
        sys.stdout.write(f"{where}; exit code {code}\n")
        sys.stdout.flush()
    sys.stdout.write(f"\n{KILLS} kills by stage: {dict(seen)}; left behind: {dict(left)}\n")
    assert seen.total() - seen["done"] == KILLS
    assert seen["write"] >= KILLS // 12, seen
    assert len(set(seen) & set(STAGES)) >= 6, seen


def test_runs_at_once_are_all_archived_and_the_same_one_is_computed_once(server: Server, work: Path) -> None:
    out = work / "at-once"
    seeds = [*range(AT_ONCE), *[AT_ONCE] * AT_ONCE]
    runs = [server.start(out, seed, work / f"at-once-{number}.told") for number, seed in enumerate(seeds)]
    assert [server.wait(pid) for pid in runs] == [0] * len(seeds)
    assert not strays(out)
    runs_of = list_runs(out)
    assert list(runs_of["state"]) == ["complete"] * (AT_ONCE + 1)
    assert sorted(read_run(path).meta["seed"] for path in runs_of["path"]) == list(range(AT_ONCE + 1))
    assert [one for one in examine(out) if one.about == "archive" and one.state != "well"] == []
    assert current(out) in set(runs_of["run_id"])


def contents(run: Path) -> dict[str, bytes]:
    return {str(path.relative_to(run)): path.read_bytes() for path in run.rglob("*") if path.is_file()}


def readable(out: Path) -> set[str]:
    """Names of the forecasts of an archive, all of which can be read, as can everything that points to them."""
    runs = list_runs(out)
    assert "damaged" not in set(runs["state"])
    whole = runs[runs["state"] == "complete"]
    for path in whole["path"]:
        read_run(path)
    assert set(read_archive(out)["run_id"]) == set(whole["run_id"])
    assert current(out) in set(whole["run_id"])
    assert (out / "index.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
    return set(whole["run_id"])


def current(out: Path) -> str:
    case = out / "aaa-bbb"
    json.loads((case / "latest.json").read_text(encoding="utf-8"))
    assert (case / "latest.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
    return json.loads((case / "status.json").read_text(encoding="utf-8"))["current"]["run_id"]


def strays(out: Path) -> list[Path]:
    """Folders and files that no finished run has."""
    torn = [Path(path) for path in list_runs(out).query("state != 'complete'")["path"]]
    return [*torn, *(path for path in out.rglob("*") if path.name.startswith(TEMPORARY))]
