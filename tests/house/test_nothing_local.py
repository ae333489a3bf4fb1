"""No file of the project names a package registry, a path of one machine, or a lock that would record either."""

from __future__ import annotations

import re
from pathlib import Path

# Written in pieces, so that this file does not find itself.
HOSTS = ("py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com")
FOLDERS = ("work", "root", "tmp", "home", "Users")
LOCAL = re.compile("|".join([*map(re.escape, HOSTS), rf"(?<![\w.:/-])/(?:{'|'.join(FOLDERS)})/[\w.]"]))
BINARY = {".png", ".ico", ".nc", ".pdf", ".gz"}


def test_no_file_names_a_registry_or_a_machine(project_files: list[Path], root: Path):
    found = []
    for file in project_files:
        if file.suffix not in BINARY:
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                if LOCAL.search(line):
                    found.append(f"{file.relative_to(root)}:{number}: {line[:120]}")
    assert found == []


def test_no_lock_is_kept(project_files: list[Path]):
    assert [file.name for file in project_files if file.name in ("uv.lock", "poetry.lock", "pdm.lock")] == []
