"""Undo as a new row: which run may be taken back, and what still stands on it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from synth.errors import StateError
from synth.project.project import Project
from synth.project.store import naming_database_faults

_STANDS_ON = (
    ("records", "groupings", "record_id"),
    ("records", "decisions", "record_id"),
    ("records", "study_works", "record_id"),
    ("studies", "effects", "study_id"),
    ("studies", "labels", "study_id"),
    ("studies", "answers", "study_id"),
)


def find_dependents(project: Project, run_id: int) -> list[int]:
    """Later runs, not undone, whose rows speak of rows that ``run_id`` wrote."""
    later: set[int] = set()
    with naming_database_faults(project.store.place), project.store.engine.connect() as connection:
        for table, other, column in _STANDS_ON:
            query = sa.text(
                f"SELECT DISTINCT run_id FROM {other} WHERE run_id > :run AND {column} IN "  # noqa: S608  names are ours
                f"(SELECT id FROM {table} WHERE run_id = :run) AND run_id NOT IN (SELECT id FROM undone_runs)"
            )
            later.update(int(row[0]) for row in connection.execute(query, {"run": run_id}))
    return sorted(later)


def find_undoable(project: Project, run_id: int | None = None) -> tuple[int, str]:
    """The id and step of ``run_id`` (default: the last run that is still in force), if it may be undone.

    Raises StateError if there is nothing to undo, if the run is undone already, or if later runs stand on it.
    """
    runs = project.store.read("runs", everything=True)
    live = set(project.read("runs")["id"].astype(int))
    target = run_id if run_id is not None else _last(runs, live)
    if target not in set(runs["id"].astype(int)):
        raise StateError(f"there is no run {target}", hint="See all runs with: synth log", kept="Nothing was changed")
    step = str(runs.loc[runs["id"] == target, "step"].iloc[0])
    if target not in live:
        raise StateError(f"run {target} ({step}) is undone already", hint="See: synth log", kept="Nothing was changed")
    if step == "init":
        raise StateError(
            "the making of the project cannot be undone", hint="Delete its folder instead", kept="Nothing was changed"
        )
    if dependents := find_dependents(project, target):
        raise StateError(
            f"run {target} ({step}) cannot be undone: later runs stand on it",
            why=f"Runs that use what it wrote: {', '.join(map(str, dependents[-8:]))}",
            hint=f"Undo those first, the newest first: synth undo {dependents[-1]}",
            kept="Nothing was changed",
        )
    return target, step


def undo_run(project: Project, run_id: int | None = None) -> tuple[int, str]:
    """Take back a run by a new row; returns its id and step. An undo may itself be undone."""
    target, step = find_undoable(project, run_id)
    with project.run("undo", {"run": target}, undoes=target):
        pass
    return target, step


def _last(runs: Any, live: set[int]) -> int:
    rows = runs[(runs["undoes"].isna()) & (runs["step"] != "init")]
    numbers = [int(number) for number in rows["id"] if int(number) in live]
    if not numbers:
        raise StateError("there is nothing to undo", hint="See what was done with: synth log")
    return max(numbers)
