"""``synth prisma``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from synth.cli.common import (
    current_project,
    dry_run_option,
    emit_json,
    json_option,
    next_step,
    print_table,
    say,
)

if TYPE_CHECKING:
    from synth.report import FlowCounts, Stream

_LINES = (
    ("records identified", "identified"),
    ("counted by their source, not here", "noted"),
    ("duplicates removed", "duplicates"),
    ("in quarantine", "unreadable"),
    ("records screened", "screened"),
    ("not read", "unread"),
    ("excluded", "excluded"),
    ("awaiting classification", "unclear"),
    ("reports sought", "sought"),
    ("not retrieved", "not_retrieved"),
    ("not yet assessed", "pending"),
    ("assessed", "assessed"),
    ("excluded in full text", "excluded_full"),
    ("awaiting classification (full text)", "unclear_full"),
    ("reports included", "included"),
)


@click.command("prisma", short_help="Draw the PRISMA 2020 flow from the project's own counts.")
@click.option("-o", "--output", metavar="FILE", help="Write the flow to FILE: .svg, .png, .pdf, or .csv (PRISMA.csv).")
@click.option("--from", "source", metavar="CSV", help="Draw a PRISMA.csv instead of the project's counts.")
@json_option
@dry_run_option
@click.pass_context
def command(ctx: click.Context, output: str | None, source: str | None, as_json: bool, dry_run: bool) -> None:
    """Count the flow of records from the project's own rows and draw it as PRISMA 2020 asks.

    What nobody recorded says "not recorded"; it is never shown as nought.
    """
    from synth.steps.prisma import draw_flow_file, make_flow

    if source:
        result = draw_flow_file(source, output, dry_run=dry_run)
    else:
        result = make_flow(current_project(ctx), output, dry_run=dry_run)
    if as_json:
        emit_json(result.to_dict())
    elif output != "-":
        _print_counts(result.counts)
    for problem in result.problems:
        say(f"The sums do not come out: {problem}", "warning")
    if result.path:
        say(f"{'Would write' if dry_run else 'Written'}: {result.path}")
    next_step("synth report" if result.path else "synth prisma -o prisma.svg")


def _print_counts(counts: FlowCounts) -> None:
    columns: list[tuple[str, Stream]] = [("databases and registers", counts.main)]
    columns += [("other methods", counts.other)] if counts.other else []
    rows = [[words, *(_number(getattr(stream, name)) for _, stream in columns)] for words, name in _LINES]
    print_table(["", *(head for head, _ in columns)], rows, right=set(range(1, len(columns) + 1)))
    click.echo("")
    totals = (("studies", counts.studies), ("reviews, apart", counts.reviews), ("reports", counts.reports))
    print_table(["included", "number"], [[words, _number(value)] for words, value in totals], right={1})


def _number(value: int | None) -> str:
    return "not recorded" if value is None else f"{value:,}"
