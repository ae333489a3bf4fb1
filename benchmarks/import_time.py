"""How long `import forecast` and `forecast --help` take: whole processes in turn, beside an empty interpreter.

Usage: uv run python benchmarks/import_time.py [--repeats 15] [--show]
       --show lists the imports that take longest (python -X importtime)
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from measured import Row, Times, held, in_turn, keep, median, of_process

PYTHON = [sys.executable]
COMMANDS = {
    "an empty interpreter": [*PYTHON, "-c", "pass"],
    "import forecast": [*PYTHON, "-c", "import forecast"],
    "forecast --help": [*PYTHON, "-m", "forecast.cli", "--help"],
}
BARS = {"import forecast": 0.5, "forecast --help": 0.7}
LIGHT = ("pymc", "pytensor", "numba", "nutpie", "arviz", "matplotlib", "sklearn", "scipy", "xarray", "pandas", "numpy")


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--repeats", type=int, default=15)
    words.add_argument("--show", action="store_true", help="list the slowest imports instead")
    asked = words.parse_args()
    if asked.show:
        slowest()
        return
    found = in_turn({name: timed(command) for name, command in COMMANDS.items()}, asked.repeats)
    rows = []
    for name, times in found.items():
        for kind, values in (("CPU", [t.cpu for t in times]), ("wall", [t.wall for t in times])):
            row = Row("import", f"{name}, {kind}", *median(values), "s", repeats=asked.repeats)
            rows.append(held(row, BARS[name]) if name in BARS else row)
    keep(rows)
    for name, command in (("import forecast", "import forecast"), ("forecast --help", "import forecast.cli")):
        print(f"{name} loads: {', '.join(loaded(command)) or 'none of the large libraries'}")


def timed(command: list[str]):
    def run() -> Times:
        return of_process(command)

    return run


def loaded(statement: str) -> list[str]:
    """Large libraries that a statement loads."""
    code = f"{statement}; import sys; print(*[name for name in {LIGHT!r} if name in sys.modules])"
    return subprocess.run([*PYTHON, "-c", code], capture_output=True, text=True, check=True).stdout.split()


def slowest(number: int = 25) -> None:
    """The imports of the command that take longest themselves."""
    told = subprocess.run(
        [*PYTHON, "-X", "importtime", "-m", "forecast.cli", "--help"], capture_output=True, text=True, check=True
    ).stderr
    lines = [line.removeprefix("import time:").split("|") for line in told.splitlines() if "|" in line]
    lines = [line for line in lines if line[0].strip().isdigit()]
    for own, cumulative, name in sorted(lines, key=lambda line: -int(line[0]))[:number]:
        print(f"{int(own) / 1000:8.1f} ms itself {int(cumulative) / 1000:8.1f} ms with what it imports {name.strip()}")


if __name__ == "__main__":
    main()
