"""How long the reports of an archived run take to render, and how large they are.

Usage: uv run python benchmarks/report_rendering.py forecasts/us-iran/RUN [--repeats 7]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from measured import Row, held, keep, median, of_call

from forecast.publish import compose_report, html_page, pdf_pages, read_run

SECONDS, MEGABYTES = 5.0, 2.0


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("run", type=Path, help="folder of an archived run")
    words.add_argument("--repeats", type=int, default=7)
    asked = words.parse_args()
    run = read_run(asked.run)
    made: dict[str, str | bytes] = {}

    def page() -> None:
        made["HTML"] = html_page(compose_report(run.meta, run.tables))

    def typeset() -> None:
        made["PDF"] = pdf_pages(compose_report(run.meta, run.tables))

    page(), typeset()  # libraries and fonts are loaded
    rows = []
    for name, render in (("HTML", page), ("PDF", typeset)):
        times = [of_call(render) for _ in range(asked.repeats)]
        for kind, values in (("CPU", [t.cpu for t in times]), ("wall", [t.wall for t in times])):
            rows.append(held(Row("report", f"{name}, {kind}", *median(values), "s", repeats=asked.repeats), SECONDS))
        content = made[name]
        size = len(content.encode() if isinstance(content, str) else content) / 1e6
        rows.append(held(Row("report", f"{name}, size", size, size, size, "MB"), MEGABYTES))
    keep(rows)


if __name__ == "__main__":
    main()
