"""``synth report``."""

from __future__ import annotations

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


@click.command("report", short_help="Write the whole review as one page.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    default="report.html",
    show_default=True,
    help="The page to write (.html; - is stdout).",
)
@click.option(
    "--map",
    "gap_map",
    metavar="ADDRESS",
    default="",
    help="Where the gap map lies, seen from the page; the report links to it.",
)
@json_option
@dry_run_option
@click.pass_context
def command(ctx: click.Context, output: str, gap_map: str, as_json: bool, dry_run: bool) -> None:
    """Write the review as one page of HTML that needs no network: sources, flow, studies, syntheses, map, runs."""
    from synth.steps.report import write_report

    result = write_report(current_project(ctx), output, dry_run=dry_run, gap_map=gap_map, progress=show_progress)
    if as_json:
        emit_json(result.to_dict())
    elif output != "-":
        print_table(
            ["in the report", "number"], [[name.replace("_", " "), value] for name, value in result.numbers.items()]
        )
    for problem in result.problems:
        say(f"The sums do not come out: {problem}", "warning")
    if output != "-":
        say(f"{'Would write' if dry_run else 'Written'}: {output}")
    next_step("synth pack")
