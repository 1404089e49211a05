"""Freeze a project into one file, and open such a file elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from synth.errors import UsageError

if TYPE_CHECKING:
    from synth.project import Project
    from synth.project.edition import Edition

_PARTS = ("numpy", "scipy", "pandas", "scikit-learn", "matplotlib", "SQLAlchemy", "rapidfuzz")


def pack(project: Project, path: Path) -> Edition:
    """Write the project as one zip with data, versions and checksums to ``path``."""
    from importlib.metadata import version

    from synth.project.edition import pack_project

    if path.suffix.lower() != ".zip" and str(path) != "-":
        raise UsageError(f"{path}: an edition is a .zip", hint=f"For example: {path.with_suffix('.zip')}")
    return pack_project(project, path, {name: version(name) for name in _PARTS})


def unpack(path: Path, folder: Path) -> tuple[Edition, list[str]]:
    """Open the edition at ``path`` in ``folder``; returns what it says of itself and any faults of its store."""
    from synth.project import open_project
    from synth.project.edition import open_edition

    edition = open_edition(path, folder)
    project = open_project(folder)
    try:
        return edition, project.store.check()
    finally:
        project.close()


def check(path: Path) -> Edition:
    """What the edition at ``path`` says of itself, after its checksums were compared; nothing is written."""
    from synth.project.edition import read_edition

    return read_edition(path)[0]
