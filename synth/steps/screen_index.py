"""The index of a project's works, built once and kept in the project's cache folder."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from synth.project import Project
    from synth.screening import TextIndex

CACHE = ".synth-cache"
"""A folder beside synth.toml that may be deleted at any time."""
WORTH_KEEPING = 2000
"""Below this number of works the index is built sooner than it is looked up."""


def open_index(project: Project, works: pd.DataFrame) -> TextIndex:
    """The index of the works' texts, in their order: from the cache if it holds them, else built and kept there."""
    from synth.screening import build_index, join_works, load_index, name_index

    texts = join_works(works)
    if len(texts) < WORTH_KEEPING:
        return build_index(texts)
    folder = project.folder / CACHE / name_index(texts)
    found = load_index(folder)
    if found is None:
        found = build_index(texts)
        _keep(found, folder)
    return found


def _keep(index: TextIndex, folder: Path) -> None:
    """Write the index where it is looked for, and delete older ones; a disk that refuses costs time, nothing else."""
    from synth.screening import save_index

    with contextlib.suppress(OSError):
        save_index(index, folder)
        for other in folder.parent.glob("index-*"):
            if other != folder:
                shutil.rmtree(other, ignore_errors=True)
