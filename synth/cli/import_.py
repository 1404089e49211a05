"""``synth import``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from synth.cli.common import current_project, dry_run_option, emit_json, json_option, next_step, print_table, say
from synth.cli.common import show_progress as progress
from synth.errors import QUARANTINED, UsageError

if TYPE_CHECKING:
    from synth.project import Project
    from synth.steps.import_ import ImportReport, SourceNotes

MOST_ISSUES = 5


@click.command("import", short_help="Read exports of databases into the project.")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--kind",
    default="database",
    metavar="KIND",
    show_default=True,
    help="database, register, website, citations, organisation or other.",
)
@click.option("--database", "--name", "database", default="", metavar="NAME", help="Name of the database or website.")
@click.option("--platform", default="", metavar="NAME", help="Ovid, EBSCO, ProQuest ...")
@click.option("--query", default="", metavar="TEXT", help="The search string.")
@click.option("--searched-on", default="", metavar="DATE", help="Date of the search, as 2026-03-01.")
@click.option("--found", type=int, metavar="N", help="For a source that is no file: how many it gave.")
@click.option("--no-input", is_flag=True, help="Never ask, also on a terminal.")
@click.option("--person", default="", metavar="ID", help="Who imports.")
@dry_run_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[Path, ...],
    kind: str,
    database: str,
    platform: str,
    query: str,
    searched_on: str,
    found: int | None,
    no_input: bool,
    person: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Read FILES of any format that synth knows into the project (synth convert --help names them).

    The format is found by content. What cannot be read as a record is kept word for word in quarantine, so that
    found = read + quarantined for every file. A file that was imported before is left alone. What PRISMA-S asks of a
    search (database, platform, query, date) is kept in searches.csv beside the project; on a terminal, synth asks for
    what is missing. Without FILES, --kind, --name and --found log a source that is no file.
    """
    from synth.steps.import_ import SourceNotes, check_date, check_kind, import_files

    project = current_project(ctx)
    check_kind(kind), check_date(searched_on)
    notes = SourceNotes(kind, database, platform, query, searched_on)
    if files and not (no_input or as_json or dry_run):
        notes = ask_for_notes(notes)
    if not files:
        _note(project, notes, found, person, dry_run=dry_run, as_json=as_json)
        return
    if found is not None and len(files) > 1:
        raise UsageError(
            "--found counts one source, and several files were named",
            kept="Nothing was changed",
            hint="Import the files one by one, each with its own --found",
        )
    report = import_files(project, files, notes=notes, person=person, hits=found, dry_run=dry_run, progress=progress)
    if as_json:
        emit_json([_plain(file) for file in report.files])
    else:
        show_import(report, dry_run=dry_run)
    if report.quarantined:
        ctx.exit(QUARANTINED)


def _note(
    project: Project, notes: SourceNotes, found: int | None, person: str, *, dry_run: bool, as_json: bool
) -> None:
    """Log a source that is no file."""
    from synth.steps.import_ import note_source

    if found is None:
        raise UsageError(
            "no files named", kept="Nothing was changed", hint="Name the exports: synth import pubmed.nbib scopus.csv"
        )
    if not dry_run:
        note_source(project, notes, found, person=person)
    if as_json:
        emit_json({**_plain(notes), "found": found})
    said = f"{notes.kind} {notes.database} gave {found}".replace("  ", " ")
    say(f"{'Would note' if dry_run else 'Noted'}: {said}.", "good")


QUESTIONS = (
    ("database", "Database (Enter: as the file says)"),
    ("platform", "Platform, such as Ovid or EBSCO (Enter: none)"),
    ("query", "Search string (Enter: none)"),
    ("searched_on", "Date of the search, as 2026-03-01 (Enter: unknown)"),
)
"""What PRISMA-S asks of a search."""


def ask_for_notes(notes: SourceNotes) -> SourceNotes:
    """The notes, with what is missing asked for on a terminal; elsewhere they stay as they are."""
    from dataclasses import replace

    from synth.steps.import_ import check_date

    if not (sys.stdin.isatty() and sys.stderr.isatty()) or notes.kind not in {"database", "register"}:
        return notes
    missing = [(name, question) for name, question in QUESTIONS if not getattr(notes, name)]
    answers = {
        name: click.prompt(question, default="", show_default=False, err=True).strip() for name, question in missing
    }
    check_date(answers.get("searched_on", ""))
    return replace(notes, **answers)


def _plain(file: object) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(file)  # type: ignore[call-overload, no-any-return]


def show_import(report: ImportReport, *, dry_run: bool = False, then: str = "synth dedupe") -> None:
    """The import table, what was assumed, and the next step (``then``; empty for none)."""
    print_table(
        ["file", "format", "encoding", "found", "read", "quarantined", ""],
        [
            [
                file.file_name,
                file.format,
                file.encoding,
                file.found,
                file.read,
                file.quarantined,
                "already imported" if file.known else "",
            ]
            for file in report.files
        ],
    )
    if dry_run:
        _show_bytes(report)
    for file in report.files:
        _show_issues(file.file_name, [(issue.line, issue.message) for issue in file.issues])
        if file.hits_reported is not None and file.hits_reported != file.found:
            say(f"{file.file_name}: the database speaks of {file.hits_reported}, found {file.found}.", "warning")
        for piece in file.quarantine[:MOST_ISSUES]:
            say(f"{file.file_name}:{piece.line_start}: {piece.reason}", "warning")
    if report.quarantine_folder:
        say(f"Quarantined text is kept in {report.quarantine_folder}", "warning")
    say(f"{'Would read' if dry_run else 'Read'} {report.read:,} records.", "good")
    if then:
        next_step("synth import FILES" if dry_run else then)


def _show_bytes(report: ImportReport) -> None:
    """Where the bytes of each file would go."""
    click.echo()
    print_table(
        ["bytes of", "total", "records", "headers", "quarantine", "blank", "marks, CR", "lost"],
        [
            [
                file.file_name,
                part.total,
                part.records,
                part.headers,
                part.quarantine,
                part.blank,
                part.dropped,
                part.lost,
            ]
            for file in report.files
            if (part := file.bytes) is not None
        ],
    )


def _show_issues(name: str, issues: list[tuple[int, str]]) -> None:
    for line, message in issues[:MOST_ISSUES]:
        say(f"{name}:{line}: {message}")
    if len(issues) > MOST_ISSUES:
        say(f"{name}: and {len(issues) - MOST_ISSUES} more notes of this kind (all with --json)")
