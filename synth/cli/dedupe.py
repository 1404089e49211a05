"""``synth dedupe``: records to works, in a project or from files; ``synth dedupe review``: look at doubtful pairs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from synth.cli.common import (
    current_project,
    dry_run_option,
    emit_json,
    json_option,
    next_step,
    print_table,
    say,
    show_progress,
)

if TYPE_CHECKING:
    from synth.project import Project
    from synth.steps.dedupe import DedupeReport
    from synth.steps.dedupe_review import DoubtfulPair


class _FilesOrReview(click.Command):
    """``dedupe review`` is a command of its own; a file of that name is read as ``./review``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] == "review":
            ctx.meta["synth.dedupe.review"] = args[1:]
            args = []
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        rest = ctx.meta.pop("synth.dedupe.review", None)
        if rest is None:
            return super().invoke(ctx)
        with review.make_context("review", list(rest), parent=ctx) as inner:
            return review.invoke(inner)


@click.command("dedupe", cls=_FilesOrReview, short_help="Find which records are one work.")
@click.argument("files", nargs=-1, metavar="[FILES...]")
@click.option("-o", "--out", metavar="OUT", help="Write one record a work here: .ris .csv .jsonl ...")
@click.option("--groups", metavar="G.csv", help="Write record_id,group_id here.")
@click.option("--review", metavar="R.csv", help="Write the pairs to look at here, with reasons; R.html is a page.")
@click.option("--relations", metavar="R.csv", help="Write related pairs here: errata, preprints, translations ...")
@click.option("--sources", is_flag=True, help="Show which databases found the works, and what only one found.")
@click.option("--same", nargs=2, metavar="A B", help="Keep that records A and B are one work.")
@click.option("--different", nargs=2, metavar="A B", help="Keep that records A and B are not one work.")
@click.option("--related", nargs=3, metavar="A B KIND", help="Keep how A and B are related: erratum, preprint ...")
@click.option("--answers", metavar="FILE", help="Keep the answers in a list that came back (CSV).")
@click.option("--person", metavar="P", default="", help="Who says so; needed with answers if there are several people.")
@click.option("--workers", metavar="N", type=click.IntRange(0), default=0, help="Compare in N processes (Dask).")
@click.option("--scheduler", metavar="tcp://...", default="", help="Compare on the Dask cluster at this address.")
@json_option
@dry_run_option
@click.pass_context
def command(ctx: click.Context, /, files: tuple[str, ...], as_json: bool, dry_run: bool, **options: Any) -> None:
    """Group records that tell of one publication; never merge an erratum, a conference version or part II.

    Without FILES: the project's records. Answers are kept for ever and always win. "synth dedupe review" shows the
    doubtful pairs one at a time.
    """
    told = [(*pair, name) for name in ("same", "different") if (pair := options[name])]
    if options["related"]:
        one, other, kind = options["related"]
        told.append((one, other, f"related: {kind}"))
    outputs = {name: None if dry_run else options[name] for name in ("out", "groups", "review", "relations")}
    cluster = {"workers": options["workers"], "scheduler": options["scheduler"]}
    if files:
        _refuse_answers(told, options["answers"])
        _dedupe_files(ctx, files, outputs, as_json, sources=options["sources"], **cluster)
        return
    project = current_project(ctx)
    _keep_answers(project, told, options["answers"], options["person"], dry_run)
    _dedupe_project(project, outputs, as_json, dry_run, sources=options["sources"], **cluster)


def _refuse_answers(told: object, answers: object) -> None:
    from synth.errors import UsageError

    if told or answers:
        raise UsageError(
            "--same, --different, --related and --answers need a project to be kept in",
            hint="Import the files into one: synth init DIR, then synth import FILES...",
        )


def _keep_answers(
    project: Project, told: list[tuple[str, str, str]], answers: str | None, person: str, dry_run: bool
) -> None:
    from synth.errors import UsageError
    from synth.steps.dedupe import answer_pair
    from synth.steps.dedupe_review import import_answers

    if told and not person and len(project.config.people) != 1:
        raise UsageError("Who says so?", hint="Name the person with --person P")
    for one, other, relation in [] if dry_run else told:
        answer_pair(project, one, other, relation, person)
    if answers:
        found = import_answers(project, answers, person, dry_run=dry_run)
        say(f"{found.kept} answers kept, {found.known} were known, {found.open} pairs still open")


def _dedupe_files(
    ctx: click.Context,
    files: tuple[str, ...],
    outputs: dict[str, str | None],
    as_json: bool,
    *,
    sources: bool,
    **cluster: Any,
) -> None:
    from synth.steps.dedupe import dedupe_files, write_works
    from synth.steps.dedupe_review import lay_out_pairs
    from synth.steps.dedupe_sources import count_overlap

    review = outputs.get("review") or ""
    keep = bool(outputs.get("out") or sources or review.lower().endswith((".html", ".htm")))
    done = dedupe_files(files, keep_records=keep, progress=show_progress, **cluster)
    if outputs.get("out"):
        write_works(done.records, str(outputs["out"]), done.found.pairs)
    groups = zip(done.found.groups["record_id"], done.found.groups["group_id"], strict=True)
    pairs = done.found.pairs
    _write_tables(outputs, groups, pairs)
    if _is_page(outputs):
        _write_page(outputs, lay_out_pairs(pairs[pairs["relation"] == "maybe"], done.records), "Pairs to look at")
    if sources:
        _show_sources(count_overlap(done.records, dict(enumerate((Path(file).name for file in files), 1))), as_json)
        as_json = False
    _tell(done.report, as_json)
    if done.report.quarantined:
        say(f"{done.report.quarantined} pieces are no records; synth convert --quarantine keeps them", "warning")
        ctx.exit(4)


def _dedupe_project(
    project: Project, outputs: dict[str, str | None], as_json: bool, dry_run: bool, *, sources: bool, **cluster: Any
) -> None:
    from synth.steps.dedupe import dedupe_project, list_pairs, write_works

    report = dedupe_project(project, dry_run=dry_run, progress=show_progress, **cluster)
    if any(outputs.values()):
        records, pairs = project.read("records"), list_pairs(project)
        if outputs.get("out"):
            write_works(records, str(outputs["out"]), pairs)
        _write_tables(outputs, zip(records["id"], records["work_id"], strict=True), pairs)
    if _is_page(outputs):
        from synth.steps.dedupe_review import list_doubtful

        _write_page(outputs, list_doubtful(project), f"{project.config.title}: pairs to look at")
    if sources:
        from synth.steps.dedupe_sources import count_project_overlap

        _show_sources(count_project_overlap(project), as_json)
        as_json = False
    _tell(report, as_json)
    for work in report.split:
        say(f"Work {work} was two: new records show that its records tell different publications.", "warning")
    for work in report.conflicts:
        say(f"{work}: one person decided differently about two records of this work; look at it again", "warning")
    next_step("synth screen next" if not report.maybe else "synth dedupe review")


def _is_page(outputs: dict[str, str | None]) -> bool:
    return (outputs.get("review") or "").lower().endswith((".html", ".htm"))


def _write_tables(outputs: dict[str, str | None], groups: Any, pairs: Any) -> None:
    from synth.files import write_text
    from synth.steps.dedupe import format_groups, format_relations, format_review

    if outputs.get("groups"):
        write_text(str(outputs["groups"]), format_groups(groups))
    if outputs.get("review") and not _is_page(outputs):
        write_text(str(outputs["review"]), format_review(pairs))
    if outputs.get("relations"):
        write_text(str(outputs["relations"]), format_relations(pairs))


def _write_page(outputs: dict[str, str | None], pairs: list[DoubtfulPair], title: str) -> None:
    from synth.files import write_text
    from synth.steps.dedupe_review import format_page

    write_text(str(outputs["review"]), format_page(pairs, title))


def _show_sources(overlap: Any, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        emit_json(asdict(overlap))
        return
    rows: list[list[object]] = [
        [one.name, one.records, one.works, one.unique, one.shared, one.duplicates] for one in overlap.sources
    ]
    heads = ["database", "records", "works", "found by it alone", "by others too", "twice in it"]
    print_table(heads, rows, right={1, 2, 3, 4, 5})


def _tell(report: DedupeReport, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        emit_json({**asdict(report), "merged": report.merged})
    say(report.sentence(), "good")
    if report.kinds:
        say("Related, not merged: " + ", ".join(f"{number} {kind}" for kind, number in report.kinds.items()))


@click.command("review", short_help="Look at doubtful pairs, one at a time.")
@click.option("--person", metavar="P", default="", help="Who answers (default: the project's only person).")
@json_option
@click.pass_context
def review(ctx: click.Context, person: str, as_json: bool) -> None:
    """Show the doubtful pairs one at a time and keep each answer at once.

    Keys: s same, n not the same, r related (then a kind), u undo, q quit. Then run synth dedupe again.
    """
    from dataclasses import asdict

    from synth.steps.dedupe_review import Review, list_doubtful, walk

    project = current_project(ctx)
    pairs = list_doubtful(project)
    if as_json:
        emit_json([asdict(pair) for pair in pairs])
        return
    if not pairs:
        say("No pair is in doubt", "good")
        return
    answered = walk(Review(project, person, pairs), _show_pair, _ask)
    say(f"{answered} of {len(pairs)} pairs answered")
    next_step("synth dedupe")


def _ask(question: str) -> str:
    """One key from a terminal, one line from anything else; the end of input quits."""
    click.echo(f"{question}: ", nl=False, err=True)
    if sys.stdin.isatty():
        key = click.getchar()
        click.echo(key, err=True)
        return key
    return sys.stdin.readline() or "q"


def _show_pair(pair: DoubtfulPair, number: int, total: int) -> None:
    """The fields of both records side by side, as wide as the terminal; "·" marks fields that differ."""
    import shutil
    import textwrap

    width = max(40, min(shutil.get_terminal_size().columns, 160))
    name = 12
    half = (width - name - 5) // 2
    click.echo(f"\n{number} of {total}   {'; '.join(pair.reasons)}")
    for field, one, other in (("", pair.record_id_1, pair.record_id_2), *pair.fields):
        left, right = textwrap.wrap(one, half) or [""], textwrap.wrap(other, half) or [""]
        mark = "·" if field and one != other else " "
        for line in range(max(len(left), len(right))):
            head = f"{mark} {field}" if not line else ""
            a = left[line] if line < len(left) else ""
            b = right[line] if line < len(right) else ""
            click.echo(f"{head:<{name}} {a:<{half}}  {b}".rstrip())
