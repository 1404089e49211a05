"""``synth dedupe``: records to works, in a project or from files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from synth.cli.common import current_project, dry_run_option, emit_json, json_option, next_step, say, show_progress

if TYPE_CHECKING:
    from synth.project import Project
    from synth.steps.dedupe import DedupeReport


@click.command("dedupe", short_help="Find which records are one work.")
@click.argument("files", nargs=-1, metavar="[FILES...]")
@click.option("-o", "--out", metavar="OUT", help="Write one record a work here: .ris .csv .jsonl ...")
@click.option("--groups", metavar="G.csv", help="Write record_id,group_id here.")
@click.option("--review", metavar="R.csv", help="Write the pairs to look at here, with reasons.")
@click.option("--same", nargs=2, metavar="A B", help="Keep that records A and B are one work.")
@click.option("--different", nargs=2, metavar="A B", help="Keep that records A and B are not one work.")
@click.option("--person", metavar="P", default="", help="Who says so; needed with --same and --different.")
@json_option
@dry_run_option
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[str, ...],
    out: str | None,
    groups: str | None,
    review: str | None,
    same: tuple[str, str] | None,
    different: tuple[str, str] | None,
    person: str,
    as_json: bool,
    dry_run: bool,
) -> None:
    """Group records that tell of one publication; never merge an erratum, a conference version or part II.

    Without FILES: the project's records. Answers given with --same and --different are kept for ever and always win.
    """
    outputs = {"out": out, "groups": groups, "review": review}
    if files:
        _refuse_answers(same, different)
        _dedupe_files(ctx, files, {} if dry_run else outputs, as_json)
        return
    project = current_project(ctx)
    _keep_answers(project, same, different, person, dry_run)
    _dedupe_project(project, {} if dry_run else outputs, as_json, dry_run)


def _refuse_answers(same: object, different: object) -> None:
    from synth.errors import UsageError

    if same or different:
        raise UsageError(
            "--same and --different need a project to be kept in",
            hint="Import the files into one: synth init DIR, then synth import FILES...",
        )


def _keep_answers(
    project: Project, same: tuple[str, str] | None, different: tuple[str, str] | None, person: str, dry_run: bool
) -> None:
    from synth.errors import UsageError
    from synth.steps.dedupe import answer_pair

    if (same or different) and not person:
        raise UsageError("Who says so?", hint="Name the person with --person P")
    for relation, pair in (("same", same), ("different", different)):
        if pair and not dry_run:
            answer_pair(project, *pair, relation, person)


def _dedupe_files(ctx: click.Context, files: tuple[str, ...], outputs: dict[str, str | None], as_json: bool) -> None:
    from synth.steps.dedupe import dedupe_files, write_works

    done = dedupe_files(files, progress=show_progress)
    if outputs.get("out"):
        write_works(done.records, str(outputs["out"]))
    groups = zip(done.found.groups["record_id"], done.found.groups["group_id"], strict=True)
    _write_tables(outputs, groups, done.found.pairs)
    _tell(done.report, as_json)
    if done.report.quarantined:
        say(f"{done.report.quarantined} pieces are no records; synth convert --quarantine keeps them", "warning")
        ctx.exit(4)


def _dedupe_project(project: Project, outputs: dict[str, str | None], as_json: bool, dry_run: bool) -> None:
    from synth.steps.dedupe import dedupe_project, list_pairs, write_works

    report = dedupe_project(project, dry_run=dry_run, progress=show_progress)
    if any(outputs.values()):
        records = project.read("records")
        if outputs.get("out"):
            write_works(records, str(outputs["out"]))
        _write_tables(outputs, zip(records["id"], records["work_id"], strict=True), list_pairs(project))
    _tell(report, as_json)
    for work in report.split:
        say(f"Work {work} was two: new records show that its records tell different publications.", "warning")
    for work in report.conflicts:
        say(f"{work}: one person decided differently about two records of this work; look at it again", "warning")
    next_step("synth screen next" if not report.maybe else "synth dedupe --review review.csv")


def _write_tables(outputs: dict[str, str | None], groups: Any, pairs: Any) -> None:
    from synth.files import write_text
    from synth.steps.dedupe import format_groups, format_review

    if outputs.get("groups"):
        write_text(str(outputs["groups"]), format_groups(groups))
    if outputs.get("review"):
        write_text(str(outputs["review"]), format_review(pairs))


def _tell(report: DedupeReport, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        emit_json({**asdict(report), "merged": report.merged})
    say(report.sentence(), "good")
