"""``synth extract``: studies, coding sheets, answers, checks."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from synth.cli.common import current_project, dry_run_option, emit_json, json_option, next_step, print_table, say
from synth.cli.extract_countries import countries
from synth.cli.extract_suggest import suggest

if TYPE_CHECKING:
    import pandas as pd

    from synth.extract import BadSheet

person_option = click.option("--person", metavar="NAME", help="Who answers; needed if the project has several people.")
document_option = click.option("--document", metavar="FILE", help="Text of the report: quotes must stand in it.")


@click.group("extract", short_help="Make studies of works, code them, check and export.")
def command() -> None:
    """From included works to studies, answers, codes and effects."""


def _show_problems(fault: BadSheet, *, as_json: bool) -> None:
    """All mistakes of a sheet; the error that follows names the first."""
    found = [asdict(problem) for problem in fault.problems]
    if as_json:
        emit_json({"problems": found})
    elif len(found) > 1:
        print_table(["where", "problem", "hint"], [[p.place, p.text, p.hint] for p in fault.problems])


def _done(dry_run: bool) -> str:
    return "would be written" if dry_run else "written"


@command.command("studies", short_help="Name studies and link works to them.")
@click.argument("links", required=False, metavar="[LINKS.csv]")
@click.option("--studies", metavar="FILE.csv", help="Sheet of studies: id, name, kind (primary or review), year.")
@person_option
@json_option
@dry_run_option
@click.pass_context
def make_studies(
    ctx: click.Context, links: str | None, studies: str | None, person: str | None, as_json: bool, dry_run: bool
) -> None:
    """Link works to studies from a sheet: study, role, and one of record_id, file with position, doi, pmid, title."""
    from synth.errors import UsageError
    from synth.extract import BadSheet
    from synth.steps import extract

    if not links and not studies:
        raise UsageError("no sheet given", hint="synth extract studies LINKS.csv --studies STUDIES.csv")
    try:
        made = extract.make_studies(current_project(ctx), links, studies=studies, person=person, dry_run=dry_run)
    except BadSheet as fault:
        _show_problems(fault, as_json=as_json)
        raise
    if as_json:
        emit_json(asdict(made))
    say(f"{made.studies} studies and {made.links} links to works {_done(dry_run)}.", "good")
    next_step("synth extract form -o sheet.csv")


@command.command("form", short_help="Write a blank coding sheet.")
@click.option("-o", "--output", default="-", metavar="FILE.csv", help="Where to write it (default: stdout).")
@click.option("--level", default="study", help="Questions of which level: study, report, arm, outcome or effect.")
@click.option("--question", "questions", multiple=True, metavar="ID", help="Only this question; may be given again.")
@json_option
@dry_run_option
@click.pass_context
def form(ctx: click.Context, output: str, level: str, questions: tuple[str, ...], as_json: bool, dry_run: bool) -> None:
    """Write a coding sheet with one row a study and one column a question."""
    from synth.steps import extract

    rows = extract.make_form(current_project(ctx), level=level, questions=questions)
    if as_json:
        emit_json({"columns": rows[0], "studies": len(rows) - 1})
    if not dry_run and not (as_json and output == "-"):
        _write_csv(output, rows)
    if output != "-":
        say(f"{output}: {len(rows) - 1} studies, {len(rows[0]) - 2} columns to fill, {_done(dry_run)}.", "good")
        next_step(f"synth extract fill {output}")


def _write_csv(path: str, rows: list[list[str]]) -> None:
    import csv
    import io

    from synth.files import write_text

    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows(rows)
    write_text(path, stream.getvalue())


@command.command("fill", short_help="Take in a coding sheet: answers, labels or effects.")
@click.argument("sheet", metavar="FILE.csv")
@click.option("--kind", type=click.Choice(["answers", "labels", "effects"]), help="What it holds.")
@person_option
@document_option
@json_option
@dry_run_option
@click.pass_context
def fill(
    ctx: click.Context,
    sheet: str,
    kind: str | None,
    person: str | None,
    document: str | None,
    as_json: bool,
    dry_run: bool,
) -> None:
    """Take in a sheet. Either every row is right, or every mistake is listed and nothing is written."""
    from synth.extract import BadSheet
    from synth.steps import extract

    project = current_project(ctx)
    try:
        made = extract.fill_sheet(project, sheet, kind=kind, person=person, document=document, dry_run=dry_run)
    except BadSheet as fault:
        _show_problems(fault, as_json=as_json)
        raise
    if as_json:
        emit_json(asdict(made))
    known = f"; {made.known} known already" if made.known else ""
    say(f"{made.rows} {made.kind} of {made.studies} studies by {made.person} {_done(dry_run)}{known}.", "good")
    next_step("synth extract check")


@command.command("set", short_help="Answer one question by hand.")
@click.argument("study")
@click.argument("question")
@click.argument("value")
@click.option("--quote", default="", help="The sentence that says so, word for word.")
@click.option("--place", default="", help="Where it stands: table 2, page 7, an address.")
@click.option("--arm", default="", help="The arm it is about.")
@click.option("--effect", default="", help="The effect or finding it is about.")
@person_option
@document_option
@json_option
@dry_run_option
@click.pass_context
def set_answer(ctx: click.Context, /, study: str, question: str, value: str, as_json: bool, **options: Any) -> None:
    """Answer QUESTION for STUDY. "not reported", "not applicable" and "unclear" are three different answers."""
    from synth.steps import extract

    stored = extract.set_answer(current_project(ctx), study, question, value, **options)
    if as_json:
        emit_json({"study": study, "question": question, "value": stored})
    say(f"{study}, {question}: {stored!r} {_done(options['dry_run'])}.", "good")


@command.command("check", short_help="Doubts about the numbers.")
@json_option
@click.pass_context
def check(ctx: click.Context, as_json: bool) -> None:
    """List numbers that cannot be or hardly can be right; nothing is changed."""
    from synth.steps import extract

    found = extract.check_extraction(current_project(ctx))
    if as_json:
        emit_json([asdict(each) for each in found])
    elif found:
        print_table(["study", "row", "doubt", "seen at"], [[f.study_id, f.row_id, f.text, f.place] for f in found])
    say(f"{len(found)} doubts." if found else "No doubts.", "warning" if found else "good")


@command.command("reconcile", short_help="Where two people's answers differ.")
@click.argument("person_1")
@click.argument("person_2")
@json_option
@click.pass_context
def reconcile(ctx: click.Context, person_1: str, person_2: str, as_json: bool) -> None:
    """Show only the disagreements of two people, and their agreement question by question."""
    from synth.steps import extract

    found = extract.reconcile_people(current_project(ctx), person_1, person_2)
    if as_json:
        emit_json(
            {
                "disagreements": found.disagreements.to_dict("records"),
                "one_sided": found.one_sided.to_dict("records"),
                "agreement": [{**asdict(each), "share": each.share} for each in found.agreement],
            }
        )
        return
    rows = found.disagreements[["study_id", "effect_id", "question_id", "value_1", "value_2"]].to_numpy().tolist()
    print_table(["study", "effect", "question", person_1, person_2], rows)
    for each in found.agreement:
        kappa = "" if each.kappa is None else f", kappa {each.kappa:.2f}"
        say(f"{each.question_id}: {each.agreed} of {each.n} the same{kappa}")
    say(f"{len(found.one_sided)} answers were given by one of the two only.")


@command.command("export", short_help="Tables of studies, effects, findings and costs.")
@click.option("-o", "--output", default="tables", metavar="DIR", help="Folder to write to (default: tables).")
@json_option
@dry_run_option
@click.pass_context
def export(ctx: click.Context, output: str, as_json: bool, dry_run: bool) -> None:
    """Write studies.csv, effects.csv, findings.csv and costs.csv."""
    from pathlib import Path

    from synth.steps import extract

    tables = extract.export_tables(current_project(ctx))
    frames = {"studies": tables.studies, "effects": tables.effects, "findings": tables.findings, "costs": tables.costs}
    for name, frame in frames.items():
        if not dry_run:
            _write_frame(Path(output) / f"{name}.csv", frame)
    if as_json:
        emit_json({name: len(frame) for name, frame in frames.items()})
    counts = ", ".join(f"{len(frame)} {name}" for name, frame in frames.items())
    say(f"{output}: {counts} {_done(dry_run)}.", "good")
    next_step("synth meta")


def _write_frame(path: Any, frame: pd.DataFrame) -> None:
    from synth.files import write_text

    write_text(path, frame.to_csv(index=False, lineterminator="\n"))


command.add_command(countries)
command.add_command(suggest)
