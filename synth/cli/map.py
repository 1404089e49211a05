"""``synth map``: the evidence-gap map of a project, or of a table of studies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from synth.cli.common import current_project, dry_run_option, emit_json, json_option, next_step, print_table, say

if TYPE_CHECKING:
    from synth.steps.map import MapReport


@click.command("map", short_help="Draw an evidence-gap map.")
@click.argument("file", required=False, metavar="[FILE]")
@click.option("--rows", default="", metavar="AXIS", help="Axis of the rows (population).")
@click.option("--cols", default="", metavar="AXIS", help="Axis of the columns (setting).")
@click.option("--south", default="", metavar="LIST", help="Definition of global south: wb_lmic, g77, m49_2021 or dac.")
@click.option("--title", default="", metavar="TEXT", help="What stands above the map (the project's title).")
@click.option(
    "-o", "--out", metavar="OUT", help="Output: .html .svg .png .pdf .csv .json .xlsx .ris (figures/gap_map.html)."
)
@click.option("--cell", nargs=2, metavar="ROW COL", help="For .ris: only the studies of this cell ('*': all).")
@click.option("--since", metavar="LAST.json", help="Last year's map: say what is new, removed, recoded, and where.")
@click.option("--diff", metavar="OUT", help="With --since: write the changes (JSON).")
@click.option("--apply", "changes", metavar="DIFF", help="With --since and -o: last year's map with these changes.")
@click.option("--surprise", is_flag=True, help="List the cells with far fewer studies than chance would give.")
@click.option("--world", is_flag=True, help="Draw the world map of studies instead (.svg .png .pdf).")
@json_option
@dry_run_option
@click.pass_context
def command(
    ctx: click.Context,
    file: str | None,
    rows: str,
    cols: str,
    south: str,
    title: str,
    out: str | None,
    cell: tuple[str, str] | None,
    since: str | None,
    diff: str | None,
    changes: str | None,
    surprise: bool,
    world: bool,
    as_json: bool,
    dry_run: bool,
) -> None:
    """Count studies in the cells of two axes, find the gaps, and draw them.

    Without FILE the project's studies and codes are mapped. FILE is a CSV or XLSX with one row a study, RIS with
    labels, EPPI JSON or an EPPI-Mapper page; a cell of a table may hold several codes between ";" or "|". The page
    opens offline; nothing is loaded from elsewhere. With --json alone nothing is written.
    """
    from synth.steps.map import check_ending, map_file, map_project, write_map

    if out:
        _check_call(check_ending(out), world)
    if changes:
        _apply(since, changes, out, dry_run=dry_run)
        return
    if file:
        report = map_file(file, rows, cols, south, title=title)
        target = Path(out or ("world_map.svg" if world else "gap_map.html"))
    else:
        project = current_project(ctx)
        report = map_project(project, rows, cols, south, title=title)
        target = Path(out) if out else project.folder / "figures" / ("world_map.svg" if world else "gap_map.html")
    writes = not dry_run and (out is not None or not as_json)
    if writes:
        write_map(report, target, world=world, cell=cell)
    if as_json:
        emit_json(report.numbers)
    else:
        _show(report)
        if surprise:
            _show_surprise(report)
    if since:
        _compare(report, since, None if dry_run else diff)
    _close(report, target, writes=writes)


def _check_call(ending: str, world: bool) -> None:
    from synth.errors import UsageError

    if world and ending not in {".svg", ".png", ".pdf"}:
        raise UsageError(
            f"The world map is a picture, not {ending}", hint="Name a file that ends in .svg, .png or .pdf"
        )


def _show(report: MapReport) -> None:
    """The states of the cells as a table on stdout."""
    from synth.maps import GAP_STATES

    gaps = report.numbers["gaps"]
    print_table(
        ["state of a cell", "cells"],
        [[state.label, gaps[state.id]] for state in GAP_STATES if gaps[state.id]],
        right={1},
    )


def _apply(since: str | None, changes: str, out: str | None, *, dry_run: bool) -> None:
    from synth.errors import UsageError
    from synth.steps.map_export import apply_changes

    if not since or not out:
        raise UsageError("--apply needs last year's map and an output", hint="Add --since LAST.json and -o OUT.json")
    if not dry_run:
        apply_changes(since, changes, out)
        say(f"Wrote {out}")


def _compare(report: MapReport, since: str, diff: str | None) -> None:
    """Say what changed since last year's map, and write it where asked."""
    from synth.files import write_text
    from synth.maps.diff import dump_document
    from synth.steps.map_export import compare_with

    found, cells = compare_with(report, since)
    parts = ", ".join(f"{len(found[kind])} {kind}" for kind in ("new", "removed", "recoded"))
    say(f"Since {since}: {parts}; {len(cells)} cells changed their state.")
    for line in cells.head(20).itertuples():
        say(f"  {line.row_label} x {line.col_label}: {line.was or 'not there'} -> {line.now or 'gone'}")
    if diff:
        write_text(diff, dump_document(found | {"cells": cells.to_dict("records")}))
        say(f"Wrote {diff}")


def _show_surprise(report: MapReport) -> None:
    """The cells whose gap is hardly chance, the most surprising first."""
    from synth.maps import score_surprise

    labels = {(gap.row, gap.col): (gap.row_label, gap.col_label) for gap in report.gaps.itertuples()}
    scores = score_surprise(report.table)
    called = scores[scores["q"] <= 0.05].sort_values(["q", "score"], ascending=[True, False])
    say(f"{len(called)} of {len(scores)} cells hold fewer studies than their margins explain (q at most .05).")
    lines = [
        (*labels[line.row, line.col], line.n, f"{line.expected:.1f}", f"{line.q:.3f}") for line in called.itertuples()
    ]
    print_table(["row", "column", "studies", "expected", "q"], lines, right={3, 4})


def _close(report: MapReport, target: Path, *, writes: bool) -> None:
    from synth.steps.map import describe_map

    say(describe_map(report))
    for note in report.notes:
        say(note, "warning")
    if writes:
        say(f"Wrote {target}")
        next_step(f"open {target} in a browser" if target.suffix == ".html" else f"look at {target}")
