"""Options that several studies share, and how studies talk."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

say = Console(stderr=True, highlight=False)

Folder = Annotated[Path, typer.Option("--out", help="Folder for the tables; finished parts in it are kept.")]
Table = Annotated[Path, typer.Option("--out", help="CSV file to write.")]
RecordFolder = Annotated[Path | None, typer.Option("--record", help="Folder of the record.")]
