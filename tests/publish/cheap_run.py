"""Whole runs, one process each, in which sampler and simulator are stand-ins; checks, report and archive are real.

As a script it is a server: it imports and warms everything once, then forks a process for every run that it is asked
for, so that a run costs a second or two and can be killed like any other.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import NamedTuple

DRAWS = 40
TABLES = ("ladder", "quantities", "questions", "basis", "hazard", "parameters", "sources")
HERE = Path(__file__).parent
STAGES = ("begin", "check", "as-of", "panel", "ask", "gate", "views", "report", "write", "archive", "pages", "done")
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")


class Server(NamedTuple):
    """The server process: asked by lines, it answers each with one line."""

    process: subprocess.Popen

    def start(self, out: Path, seed: int, told: Path) -> int:
        """Begin a run into an archive; its stages are written to the file `told`. Returns its process id."""
        return int(self._ask(f"run\t{out}\t{seed}\t{told}"))

    def wait(self, pid: int) -> int:
        """Exit code of a run, once it has ended; the negative number of the signal that killed it."""
        return int(self._ask(f"wait\t{pid}"))

    def stop(self) -> None:
        """End the server."""
        with self.process:  # closes its pipes and waits for its end
            pass

    def _ask(self, line: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


def serve(work: Path) -> Server:
    """Start a server and wait until it is warm."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / "cheap_run.py"), str(work)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | ONE_THREAD,
    )  # fmt: skip
    assert process.stdout is not None
    if process.stdout.readline().strip() != "ready":
        with process:
            raise RuntimeError("the server of runs did not start; its error is above")
    return Server(process)


def reached(told: Path) -> str:
    """The last stage that a run told."""
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    return lines[-1].split("\t")[1] if lines else STAGES[0]


def times(told: Path) -> dict[str, float]:
    """Seconds from the start of a run to the first line of each stage."""
    rows = [line.split("\t") for line in told.read_text(encoding="utf-8").splitlines()]
    found: dict[str, float] = {}
    for when, stage in rows:
        found.setdefault(stage, float(when) - float(rows[0][0]))
    return found


def _main(work: Path) -> None:
    stand_ins()
    from full_record import full_record

    record = full_record(work / "record", reference="none").path
    config = record / "record.yaml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("covered_until: null", "covered_until: 2024-06-30"), encoding="utf-8")
    _warm(record, work)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        verb, *words = line.rstrip("\n").split("\t")
        if verb == "run":
            pid = os.fork()
            if pid == 0:
                _child(record, Path(words[0]), int(words[1]), Path(words[2]))
            answer = pid
        else:
            answer = os.waitstatus_to_exitcode(os.waitpid(int(words[0]), 0)[1])
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


def stand_ins() -> None:
    """Put the stand-ins in the place of sampler and simulator of this process."""
    sys.path[:0] = [str(HERE), *(str(HERE.parent / name) for name in ("inference", "model", "panel"))]
    from made_up_forecast import example_meta, example_tables
    from prior_trees import drawn, tree_of

    from forecast import release, run, stages
    from forecast.outlook.forecast import Forecast

    tables = example_tables()
    few = {name: tables[name] for name in TABLES} | {"gate": tables["gate"].assign(passed=True)}

    def fit(panel, _priors, sampling, **_):
        tree = tree_of(drawn(panel, draws=DRAWS, seed=sampling.seed), panel)
        tree.attrs["seed"] = sampling.seed
        return tree

    def predict(tree, *_, **named):
        about = tree["panel"].attrs
        told = {"case": about["case"], "as_of": about["as_of"], "horizons": list(named["horizons"])}
        return Forecast({**example_meta(), **told, "gate_passed": True}, few)

    run.fit = fit
    run.movers_since_last = lambda forecast, *_, **__: forecast  # it moves draws of the posterior, as simulations do
    stages.predict = predict
    stages.code_hash = lambda: "0" * 64  # a run that is repeated is the same though a file was edited meanwhile
    for name, stage in (("compose_report", "report"), ("write_run", "write"), ("write_current", "pages")):
        setattr(release, name, _telling(getattr(release, name), stage))


def _telling(function, stage):
    def call(*given, **named):
        _tell(stage)
        return function(*given, **named)

    return call


_TOLD: list[int] = []


def _tell(stage: str, _text: str = "") -> None:
    for descriptor in _TOLD:
        os.write(descriptor, f"{time.time()}\t{stage}\n".encode())


def _run(record: Path, out: Path, seed: int) -> None:
    from forecast.inference.fit import Sampling
    from forecast.run import publish
    from forecast.stages import Settings

    settings = Settings(prior_sets=False, what_if=False, sampling=Sampling(seed=seed))
    publish(record, settings, out=out, progress=_tell)


def _warm(record: Path, work: Path) -> None:
    """Load all native code, but leave out the PDF: a pool of threads that it starts would not survive a fork."""
    from forecast import release

    real = release._pdf
    release._pdf = lambda *_: {}
    _run(record, work / "warm", 1)
    release._pdf = real


def _child(record: Path, out: Path, seed: int, told: Path) -> None:
    code = 70
    try:
        _TOLD.append(os.open(told, os.O_WRONLY | os.O_CREAT | os.O_APPEND))
        quiet = os.open(told.with_suffix(".err"), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        _tell("begin")
        _run(record, out, seed)
        _tell("done")
        code = 0
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os._exit(code)


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
