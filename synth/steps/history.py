"""The project's history: what was done, and taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synth.project import Project


@dataclass(frozen=True, slots=True)
class LoggedRun:
    """One run: its number, time, command, arguments, and whether it still counts."""

    id: int
    at: str
    step: str
    arguments: dict[str, Any]
    version: str
    undone: bool
    undoes: int | None


def list_runs(project: Project) -> list[LoggedRun]:
    """Every run, oldest first, undone ones too."""
    runs = project.store.read("runs", everything=True)
    live = set(project.read("runs")["id"].astype(int))
    return [
        LoggedRun(
            int(row.id), row.at, row.step, row.arguments or {}, row.version, int(row.id) not in live, _whole(row.undoes)
        )
        for row in runs.itertuples()
    ]


def _whole(value: Any) -> int | None:
    import pandas as pd

    return None if pd.isna(value) else int(value)


def undo(project: Project, run_id: int | None = None, *, dry_run: bool = False) -> tuple[int, str]:
    """Take back a run (the last one by default); returns its number and step."""
    from synth.project.undo import find_undoable, undo_run

    return find_undoable(project, run_id) if dry_run else undo_run(project, run_id)
