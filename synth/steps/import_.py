"""Read exports into the project, or note a source that is no file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth.errors import SynthError, UsageError
from synth.files import write_text
from synth.steps.progress import Progress, quiet

if TYPE_CHECKING:
    from synth.project import Project
    from synth.project.store import Run
    from synth.records.record import ByteLedger, Issue, Quarantined, Reading, Record

SIDECAR = "searches.csv"
"""All sources with what PRISMA-S asks of a search, as a table beside the project's database."""
SEARCH_COLUMNS = (
    "kind", "database", "platform", "query", "searched_on", "file_name", "format", "encoding", "hits_reported", "found",
    "read", "quarantined", "loaded_at", "loaded_by", "file_sha256",
)  # fmt: skip
_KEPT_PIECES = 64
"""A file of so many pieces (8 MB) is kept in memory between reading and writing; a larger one is read twice."""
_BATCH = 1000
"""Records that are written at a time; all of a file stand in one transaction."""

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
    bytes: ByteLedger | None = None


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


@dataclass(frozen=True, slots=True)
class _Read:
    """A file that was read through: all but its records, how many these are, and they themselves if they are few."""

    path: Path
    reading: Reading
    number: int
    kept: tuple[Record, ...] | None


def import_files(
    project: Project,
    paths: Sequence[Path],
    *,
    notes: SourceNotes | None = None,
    person: str = "",
    hits: int | None = None,
    dry_run: bool = False,
    progress: Progress = quiet,
) -> ImportReport:
    """Read ``paths`` and append their records, one transaction a file; ``dry_run`` reads only.

    All files are read before anything is written: if one cannot be read, none is imported. ``hits``: how many the
    source itself counted, where the file does not say it. ``searches.csv`` beside the project is renewed.
    """
    notes = notes or SourceNotes()
    check_kind(notes.kind)
    check_date(notes.searched_on)
    known = set(project.read("sources")["file_sha256"].dropna())
    reads = [_read_through(path, hits, progress) for path in paths]
    files = []
    for read in reads:
        is_known = read.reading.sha256 in known
        known.add(read.reading.sha256)
        if not is_known and not dry_run:
            _write_file(project, read, notes, person, progress)
        files.append(_describe(read, notes, is_known))
    if not dry_run:
        write_searches(project)
    folder = None if dry_run else _keep_quarantine(project, files)
    return ImportReport(tuple(files), folder)


def _read_through(path: Path, hits: int | None, progress: Progress) -> _Read:
    """Read a file to its end. Raises UnreadableInput for what is no export."""
    from synth.records import collector_paused, open_export

    kept: list[Record] = []
    try:
        export = open_export(path)
        keep = export.pieces <= _KEPT_PIECES
        with collector_paused():
            for records in progress(export, label=f"read {path.name}", total=export.pieces):
                kept.extend(records if keep else ())
    except SynthError as fault:
        fault.kept = "Nothing was imported"
        raise
    assert export.reading is not None
    reading = export.reading if hits is None else replace(export.reading, hits_reported=hits)
    return _Read(path, reading, export.read, tuple(kept) if keep else None)


def _describe(read: _Read, notes: SourceNotes, known: bool) -> ImportedFile:
    reading = read.reading
    return ImportedFile(
        file_name=reading.path.name,
        format=reading.format,
        encoding=reading.encoding,
        database=notes.database or reading.database,
        found=read.number + len(reading.quarantine),
        read=read.number,
        quarantined=len(reading.quarantine),
        hits_reported=reading.hits_reported,
        known=known,
        issues=reading.issues,
        quarantine=reading.quarantine,
        bytes=reading.ledger,
    )


def _write_file(project: Project, read: _Read, notes: SourceNotes, person: str, progress: Progress) -> None:
    """Write a file's source, records and quarantine in one transaction, a batch at a time."""
    reading = read.reading
    arguments = {"file": reading.path.name, **{key: value for key, value in asdict(notes).items() if value}}
    with project.run("import", arguments, input_sha256=reading.sha256) as run:
        source_id = run.append("sources", [_source_row(read, notes, run, person)])[0]
        for batch in _cut_batches(_iterate(read, progress)):
            run.append("records", [record_row(record, reading.sha256, source_id) for record in batch])
        run.append("quarantine", [{"source_id": source_id, **asdict(piece)} for piece in reading.quarantine])


def _iterate(read: _Read, progress: Progress) -> Iterator[Record]:
    """The records of a file, read again if they were too many to keep. Raises UnreadableInput if it has changed."""
    from synth.errors import UnreadableInput
    from synth.records import open_export

    if read.kept is not None:
        yield from read.kept
        return
    export = open_export(read.path)
    for records in progress(export, label=f"import {read.path.name}", total=export.pieces):
        yield from records
    if export.reading is None or export.reading.sha256 != read.reading.sha256:
        raise UnreadableInput(
            f"{read.path}: has changed while it was read",
            hint="Import it again",
            kept="Nothing of this file was imported",
        )


def _cut_batches(records: Iterable[Record]) -> Iterator[list[Record]]:
    stream = iter(records)
    return iter(lambda: list(islice(stream, _BATCH)), [])


def _source_row(read: _Read, notes: SourceNotes, run: Run, person: str) -> dict[str, Any]:
    reading = read.reading
    return {
        **asdict(notes),
        "database": notes.database or reading.database,
        "searched_on": notes.searched_on or None,
        "file_name": reading.path.name,
        "file_sha256": reading.sha256,
        "format": reading.format,
        "encoding": reading.encoding,
        "hits_reported": reading.hits_reported,
        "found": read.number + len(reading.quarantine),
        "read": read.number,
        "quarantined": len(reading.quarantine),
        "loaded_at": run.at,
        "loaded_by": person or None,
    }


def write_searches(project: Project) -> Path:
    """Write all sources of the project as a table for people (PRISMA-S), and return its place."""
    import csv
    import io

    from synth.records import guard_cell

    sources = project.read("sources").sort_values("id")
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(SEARCH_COLUMNS)
    for row in sources.to_dict("records"):
        writer.writerow([guard_cell(_show(row.get(column))) for column in SEARCH_COLUMNS])
    write_text(project.folder / SIDECAR, stream.getvalue())
    return project.folder / SIDECAR


def _show(value: Any) -> str:
    return "" if value is None or str(value) in {"nan", "<NA>", "NaT"} else str(value)


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
    write_searches(project)
