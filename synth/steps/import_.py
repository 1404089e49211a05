"""Read exports into the project, or note a source that is no file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth.errors import SynthError, UsageError
from synth.files import write_text
from synth.steps.progress import Progress, quiet

if TYPE_CHECKING:
    from synth.project import Project
    from synth.project.store import Run
    from synth.records.record import Issue, Quarantined, Reading, Record

KINDS = ("database", "register", "website", "citations", "organisation", "other")


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """What became of one file. ``known`` is true when the same bytes were imported before; then nothing was written."""

    file_name: str
    format: str
    encoding: str
    database: str
    found: int
    read: int
    quarantined: int
    hits_reported: int | None
    known: bool
    issues: tuple[Issue, ...] = ()
    quarantine: tuple[Quarantined, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What one call read: file by file, and the folder that keeps quarantined text."""

    files: tuple[ImportedFile, ...]
    quarantine_folder: Path | None = None

    @property
    def quarantined(self) -> int:
        """Pieces put into quarantine by this call."""
        return sum(file.quarantined for file in self.files if not file.known)

    @property
    def read(self) -> int:
        """Records newly read by this call."""
        return sum(file.read for file in self.files if not file.known)


@dataclass(frozen=True, slots=True)
class SourceNotes:
    """What people say about a search (PRISMA-S): where, through what, with which words, when."""

    kind: str = "database"
    database: str = ""
    platform: str = ""
    query: str = ""
    searched_on: str = ""


def check_date(text: str) -> str:
    """``text`` if it is a date (2026-03-01) or empty. Raises UsageError otherwise."""
    if not text:
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise UsageError(
            f"{text!r} is not a date",
            hint="Write it as year-month-day, for example 2026-03-01",
            kept="Nothing was changed",
        ) from None


def check_kind(kind: str) -> str:
    """``kind`` if it is a kind of source. Raises UsageError naming the nearest otherwise."""
    if kind in KINDS:
        return kind
    from difflib import get_close_matches

    near = get_close_matches(kind, KINDS, n=1)
    raise UsageError(
        f"unknown kind of source {kind!r}",
        kept="Nothing was changed",
        hint=f"Did you mean {near[0]}?" if near else f"Kinds: {', '.join(KINDS)}",
    )


def import_files(
    project: Project,
    paths: Sequence[Path],
    *,
    notes: SourceNotes | None = None,
    person: str = "",
    dry_run: bool = False,
    progress: Progress = quiet,
) -> ImportReport:
    """Read ``paths`` and append their records, one transaction a file; ``dry_run`` reads only.

    All files are read before anything is written: if one cannot be read, none is imported.
    """
    from synth.records import read_file

    notes = notes or SourceNotes()
    check_kind(notes.kind)
    check_date(notes.searched_on)
    known = set(project.read("sources")["file_sha256"].dropna())
    readings = [_read_one(read_file, path) for path in progress(paths, label="read", total=len(paths))]
    files = []
    for reading in progress(readings, label="import", total=len(readings)):
        is_known = reading.sha256 in known
        known.add(reading.sha256)
        if not is_known and not dry_run:
            _write_reading(project, reading, notes, person)
        files.append(_describe(reading, notes, is_known))
    folder = None if dry_run else _keep_quarantine(project, files)
    return ImportReport(tuple(files), folder)


def _read_one(read_file: Any, path: Path) -> Reading:
    try:
        reading: Reading = read_file(path)
    except SynthError as fault:
        fault.kept = "Nothing was imported"
        raise
    return reading


def _describe(reading: Reading, notes: SourceNotes, known: bool) -> ImportedFile:
    return ImportedFile(
        file_name=reading.path.name,
        format=reading.format,
        encoding=reading.encoding,
        database=notes.database or reading.database,
        found=reading.found,
        read=len(reading.records),
        quarantined=len(reading.quarantine),
        hits_reported=reading.hits_reported,
        known=known,
        issues=reading.issues,
        quarantine=reading.quarantine,
    )


def _write_reading(project: Project, reading: Reading, notes: SourceNotes, person: str) -> None:
    arguments = {"file": reading.path.name, **{key: value for key, value in asdict(notes).items() if value}}
    with project.run("import", arguments, input_sha256=reading.sha256) as run:
        source_id = run.append("sources", [_source_row(reading, notes, run, person)])[0]
        run.append("records", [record_row(record, reading.sha256, source_id) for record in reading.records])
        run.append("quarantine", [{"source_id": source_id, **asdict(piece)} for piece in reading.quarantine])


def _source_row(reading: Reading, notes: SourceNotes, run: Run, person: str) -> dict[str, Any]:
    return {
        **asdict(notes),
        "database": notes.database or reading.database,
        "searched_on": notes.searched_on or None,
        "file_name": reading.path.name,
        "file_sha256": reading.sha256,
        "format": reading.format,
        "encoding": reading.encoding,
        "hits_reported": reading.hits_reported,
        "found": reading.found,
        "read": len(reading.records),
        "quarantined": len(reading.quarantine),
        "loaded_at": run.at,
        "loaded_by": person or None,
    }


def record_row(record: Record, file_sha256: str, source_id: int) -> dict[str, Any]:
    """A record as a row of the table ``records``."""
    from synth.records.record import name_record

    row = {name: getattr(record, name) for name in record.__slots__}
    for name in ("titles", "abstracts"):
        row[name] = [{"text": text.text, "lang": text.lang} for text in row[name]]
    for name in ("authors", "keywords", "languages", "affiliations", "urls", "raw"):
        row[name] = list(row[name])
    return {**row, "id": name_record(file_sha256, record.position), "source_id": source_id}


def _keep_quarantine(project: Project, files: Sequence[ImportedFile]) -> Path | None:
    """Write quarantined text beside the project, one readable file per export, and return the folder."""
    pieces = [file for file in files if file.quarantine and not file.known]
    folder = project.folder / "quarantine"
    for file in pieces:
        write_text(folder / f"{file.file_name}.txt", quarantine_text(file.file_name, file.quarantine))
    return folder if pieces else None


def quarantine_text(file_name: str, quarantine: Sequence[Quarantined]) -> str:
    """Quarantined pieces as text: a head line with file:line, code and reason, then the text, verbatim."""
    parts = [
        f"{file_name}:{piece.line_start}-{piece.line_end}: {piece.code}: {piece.reason}\n{piece.raw.rstrip()}\n"
        for piece in quarantine
    ]
    return "\n".join(parts)


def note_source(project: Project, notes: SourceNotes, found: int, *, person: str = "") -> None:
    """Log a source that is no file (a website, an organisation, citation searching) with the number it gave."""
    check_kind(notes.kind)
    check_date(notes.searched_on)
    if found < 0:
        raise UsageError(f"--found {found}: a count cannot be negative", kept="Nothing was changed")
    with project.run("import", {**asdict(notes), "found": found}) as run:
        run.append(
            "sources",
            [
                {
                    **asdict(notes),
                    "searched_on": notes.searched_on or None,
                    "hits_reported": found,
                    "found": 0,
                    "read": 0,
                    "quarantined": 0,
                    "loaded_at": run.at,
                    "loaded_by": person or None,
                }
            ],
        )
