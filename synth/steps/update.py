"""This year's exports against last year's project: people are asked only about what is new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from synth.steps.import_ import ImportReport, SourceNotes, import_files
from synth.steps.progress import Progress, quiet

if TYPE_CHECKING:
    from synth.project import Project


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """What an update brought: records found, those of works already known, and the works that are new."""

    imported: ImportReport
    found: int
    known: int
    new_works: tuple[str, ...]
    to_look_at: int
    conflicts: tuple[str, ...]
    split: tuple[str, ...] = ()


def update_project(
    project: Project,
    paths: Sequence[Path],
    *,
    notes: SourceNotes | None = None,
    person: str = "",
    dry_run: bool = False,
    progress: Progress = quiet,
) -> UpdateReport:
    """Import ``paths``, find duplicates among old and new, and name the works that nobody has seen.

    ``dry_run`` reads the files and writes nothing; it can count records, not yet works.
    """
    from synth.steps.dedupe import dedupe_project

    before = set(project.read("records")["id"])
    imported = import_files(project, paths, notes=notes, person=person, dry_run=dry_run, progress=progress)
    found = sum(file.found for file in imported.files)
    if dry_run:
        return UpdateReport(imported, found, 0, (), 0, ())
    deduped = dedupe_project(project, progress=progress)
    records = project.read("records")
    fresh = records[~records["id"].isin(before)]
    old_works = set(records.loc[records["id"].isin(before), "work_id"])
    new_works = tuple(sorted(set(fresh["work_id"]) - old_works))
    known = int(fresh["work_id"].isin(old_works).sum()) + sum(file.read for file in imported.files if file.known)
    return UpdateReport(imported, found, known, new_works, deduped.maybe, tuple(deduped.conflicts), deduped.split)
