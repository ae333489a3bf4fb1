"""What a killed run leaves in an archive: finished where it was whole, removed where it was not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from forecast.errors import ArchiveError
from forecast.publish.manifest import MANIFEST, Manifest, check_digest, file_sha256

TEMPORARY: Final = ".tmp-"
WAITING: Final = f"{TEMPORARY}{MANIFEST}"
"""The manifest of a run that has all its files; renaming it to `manifest.json` makes the run a forecast."""


def settle(case_folder: Path, quick_folder: Path) -> list[str]:
    """Finish or remove what killed runs left in the folders of a case; call it only with the lock of the archive held.

    A run folder is written under a temporary name, then renamed, and its manifest is renamed last. Whole ones, whose
    every file has the hash of their manifest, are finished; others are removed. Folders that no run leaves behind are
    not touched.

    Returns
    -------
    list of str
        One line for each folder that was finished or removed.
    """
    return [_settled(folder) for base in (case_folder, quick_folder) for folder in sorted(_left(base))]


def _left(base: Path) -> Iterator[Path]:
    if base.is_dir():
        for folder in base.iterdir():
            torn = (folder / WAITING).exists() and not (folder / MANIFEST).exists()
            if folder.is_dir() and (folder.name.startswith(TEMPORARY) or torn):
                yield folder


def _settled(folder: Path) -> str:
    manifest = _whole(folder)
    if manifest is None:
        shutil.rmtree(folder)
        return f"{folder}: removed, it was cut short"
    target = folder.with_name(manifest.run_id)
    if target != folder:
        if target.exists():
            shutil.rmtree(folder)
            return f"{folder}: removed, the run is in the archive"
        folder.rename(target)
    (target / WAITING).replace(target / MANIFEST)
    return f"{target}: finished, it was cut short when all its files were written"


def _whole(folder: Path) -> Manifest | None:
    """The waiting manifest of a folder in which every file is as it says; None where anything is amiss."""
    try:
        manifest = check_digest(folder / WAITING)
        same = all(file_sha256(folder / name) == entry.sha256 for name, entry in manifest.files.items())
    except (ArchiveError, OSError):
        return None
    return manifest if same else None
