"""People: works known before, pilots, the split of the work, tags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from synth.errors import StateError, UsageError
from synth.steps.screen import (
    TITLE_ABSTRACT,
    check_person,
    criteria_in_force,
    hash_shown,
    list_assigned,
    merge_current,
    record_criteria,
    settle_current,
)
from synth.steps.screen_stop import KNOWN

if TYPE_CHECKING:
    import pandas as pd

    from synth.project import Project

_KEPT = "Nothing was recorded"


@dataclass(frozen=True, slots=True)
class Known:
    """Works named as relevant before reading: recorded now, and those that had a verdict of the person already."""

    recorded: tuple[tuple[str, str], ...]
    decided_before: tuple[tuple[str, str], ...]


def know_works(project: Project, names: Sequence[str], *, person: str = "", dry_run: bool = False) -> Known:
    """Record works as relevant at title and abstract because they are known: by DOI, PMID, id or title.

    They are the person's decisions, marked as known before: the ranking learns from them, and the bound on what is
    missed leaves them out, as no reading found them. All are recorded, or none: a name that means no work is an error.
    """
    person = check_person(project, person)
    works = merge_current(project, project.read("records"))
    chosen = _find_named(project, works, names)
    decisions = project.read("decisions")
    mine = decisions[(decisions["person_id"] == person) & (decisions["stage"] == TITLE_ABSTRACT)]
    before = set(mine["current_work_id"])
    rows = [row for row in works.itertuples(index=False) if row.work_id in chosen]
    fresh = [row for row in rows if row.work_id not in before]
    if fresh and not dry_run:
        with project.run("screen know", {"works": len(fresh), "person": person}) as run:
            number = record_criteria(project, run, criteria_in_force(project, TITLE_ABSTRACT))
            run.append(
                "decisions",
                [
                    {
                        "work_id": row.work_id,
                        "record_id": row.record_id,
                        "stage": TITLE_ABSTRACT,
                        "person_id": person,
                        "verdict": "include",
                        "note": "known before",
                        "ranker": KNOWN,
                        "criteria_id": number,
                        "text_sha256": hash_shown(row.title, row.abstract),
                    }
                    for row in fresh
                ],
            )
    named = [(str(row.work_id), str(row.title or "")) for row in rows]
    return Known(tuple(one for one in named if one[0] not in before), tuple(one for one in named if one[0] in before))


def _find_named(project: Project, works: pd.DataFrame, names: Sequence[str]) -> set[str]:
    from synth.screening import MatchTable, find_named

    records, sources = project.read("records"), project.read("sources")
    files = {int(number): str(name) for number, name in zip(sources["id"], sources["file_name"], strict=True)}
    table = MatchTable(works, records, files)
    found, missing = set(), []
    for name in names:
        try:
            found.add(find_named(table, name))
        except UsageError as fault:
            missing.append(f"{name!r} ({fault.message})")
    if missing:
        raise UsageError(
            f"{len(missing)} of {len(names)} names mean no work of the project: {'; '.join(missing[:3])}",
            hint="Import the record first, or name it by DOI, PMID or its whole title",
            kept=_KEPT,
        )
    return found


@dataclass(frozen=True, slots=True)
class Assigned:
    """Works given to people now: person to number; ``works`` of them altogether."""

    stage: str
    works: int
    people: dict[str, int]


def assign_pilot(
    project: Project, *, number: int = 20, stage: str = TITLE_ABSTRACT, seed: int = 0, dry_run: bool = False
) -> Assigned:
    """Give the same random works, undecided so far, to every reviewer; they come first in everybody's list."""
    from synth.screening import draw_pilot

    people = _reviewers(project, 2)
    chosen = draw_pilot(_list_free(project, stage), number, seed)
    return _assign(project, stage, dict.fromkeys(people, chosen), "screen pilot", seed, dry_run=dry_run)


def assign_split(
    project: Project, *, each: int = 1, stage: str = TITLE_ABSTRACT, seed: int = 0, dry_run: bool = False
) -> Assigned:
    """Divide the works that nobody was given and nobody decided among the reviewers, ``each`` people a work."""
    from synth.screening import split_works

    people = _reviewers(project, each)
    given = split_works(_list_free(project, stage), people, each=each, seed=seed)
    return _assign(project, stage, given, "screen split", seed, dry_run=dry_run)


def _reviewers(project: Project, least: int) -> list[str]:
    people = [person["id"] for person in project.config.people if person["role"] == "reviewer"]
    if len(people) < max(least, 1):
        raise UsageError(
            f"synth.toml names {len(people)} reviewers, and {max(least, 1)} are needed",
            hint='Add: [[people]]  id = "ana"  name = "Ana Ruiz"',
            kept=_KEPT,
        )
    return people


def _list_free(project: Project, stage: str) -> list[str]:
    from synth.screening import check_stage, list_eligible

    stage = check_stage(stage)
    works = merge_current(project, project.read("records"))
    settled = settle_current(project, project.read("decisions"))
    taken = set(settled.loc[settled["stage"] == stage, "work_id"]) | set(list_assigned(project, stage))
    free = [work for work in list_eligible(list(works["work_id"]), settled, stage) if work not in taken]
    if not free:
        raise StateError("Every work is decided or given to somebody already", kept=_KEPT)
    return free


def _assign(
    project: Project, stage: str, given: dict[str, list[str]], step: str, seed: int, *, dry_run: bool
) -> Assigned:
    rows = [{"work_id": work, "stage": stage, "person_id": person} for person, works in given.items() for work in works]
    if not dry_run:
        with project.run(step, {"stage": stage, "rows": len(rows)}, seed=seed) as run:
            run.append("assignments", rows)
    return Assigned(stage, len({row["work_id"] for row in rows}), {name: len(works) for name, works in given.items()})


def tag_work(
    project: Project, work: str, word: str, *, person: str = "", note: str = "", dry_run: bool = False
) -> tuple[str, str]:
    """Attach a free word to a work; returns the work's id and the word."""
    from synth.screening import find_work

    person, word = check_person(project, person), " ".join(word.split())
    if not word:
        raise UsageError("A tag is a word", hint='For example: synth screen tag 1a2b3c4d "pilot study"', kept=_KEPT)
    records = project.read("records")
    work_id = find_work(work, dict(zip(records["id"], records["work_id"], strict=True)))
    if not dry_run:
        row = {"work_id": work_id, "person_id": person, "tag": word, "note": note.strip() or None}
        with project.run("screen tag", {"work": work_id, "tag": word}) as run:
            run.append("tags", [row])
    return work_id, word
