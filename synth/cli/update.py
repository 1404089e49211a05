"""``synth update``."""

from __future__ import annotations

from pathlib import Path

import click

from synth.cli.common import current_project, dry_run_option, emit_json, json_option, next_step, say
from synth.cli.common import show_progress as progress
from synth.errors import QUARANTINED


@click.command("update", short_help="Add this year's exports; ask only about what is new.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--database", default="", metavar="NAME", help="Name of the database.")
@click.option("--searched-on", default="", metavar="DATE", help="Date of the search, as 2026-03-01.")
@click.option("--person", default="", metavar="ID", help="Who imports.")
@dry_run_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[Path, ...],
    database: str,
    searched_on: str,
    person: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Read FILES, match them with what the project knows, and list only the works that nobody has decided on.

    Every old decision stays. If a new record joins two old works whose decisions differ, that is said here.
    """
    from synth.cli.import_ import show_import
    from synth.steps.import_ import SourceNotes
    from synth.steps.update import update_project

    notes = SourceNotes(database=database, searched_on=searched_on)
    report = update_project(current_project(ctx), files, notes=notes, person=person, dry_run=dry_run, progress=progress)
    if as_json:
        emit_json(
            {
                "found": report.found,
                "known": report.known,
                "new_works": list(report.new_works),
                "to_look_at": report.to_look_at,
                "conflicts": list(report.conflicts),
                "split": list(report.split),
            }
        )
    else:
        show_import(report.imported, dry_run=dry_run, then="")
    if not dry_run:
        say(
            f"{report.found:,} found, {report.known:,} already known (their decisions stay), "
            f"{len(report.new_works):,} new works.",
            "good",
        )
        for work in report.split:
            say(f"Work {work} was two: new records show that its records tell different publications.", "warning")
        for work in report.conflicts:
            say(f"Work {work} joins works whose decisions differ; look at it with: synth screen conflicts", "warning")
        next_step("synth screen next" if report.new_works else "synth status")
    if report.imported.quarantined:
        ctx.exit(QUARANTINED)
