"""A process that archives the made-up forecast and is killed at its n-th flush to disk, as a power cut would end it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

KILLED = 9
SCRIPT = """
import os, sys
sys.path.insert(0, sys.argv[1])
from made_up_forecast import example_meta, example_tables
from forecast.publish import write_run
stop, count = int(sys.argv[3]), 0
def dying(real):
    def sync(descriptor):
        global count
        count += 1
        if count == stop:
            os._exit(9)
        return real(descriptor)
    return sync
os.fsync = dying(os.fsync)
write_run(sys.argv[2], example_meta(), example_tables(), extra_files={"report.html": "x"})
"""


def write_and_die(out: Path, stop: int) -> int:
    """Exit code: `KILLED`, or 0 where the run was done before its flush number `stop`."""
    command = [sys.executable, "-c", SCRIPT, str(Path(__file__).parent), str(out), str(stop)]
    return subprocess.run(command, check=False, capture_output=True).returncode
