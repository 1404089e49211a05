"""``synth plot``."""

from __future__ import annotations

from typing import Any

import click

from synth.cli.common import current_project, dry_run_option, emit_json, json_option, say

_COLUMNS = (
    "ai",
    "bi",
    "ci",
    "di",
    "n1i",
    "n2i",
    "m1i",
    "sd1i",
    "m2i",
    "sd2i",
    "yi",
    "vi",
    "sei",
    "estimate",
    "ci_low",
    "ci_high",
    "se",
    "p",
)


@click.command("plot", short_help="Draw a figure: SVG, PDF or PNG.")
@click.argument("kind", required=False, metavar="[KIND]")
@click.argument("data", required=False, metavar="[DATA.csv]")
@click.option("-o", "--output", metavar="FILE", help="Write the figure to FILE: .svg, .pdf or .png.")
@click.option("--table", metavar="CSV", help="Write the table that says the same to CSV (- is stdout).")
@click.option("--name", "names", multiple=True, help="The declared synthesis to draw (may be repeated for panels).")
@click.option("--title", default="", help="Title of the figure.")
@click.option(
    "--width", type=click.FloatRange(60, 1000), default=180.0, show_default=True, help="Width in mm, at least."
)
@click.option("--dpi", type=click.IntRange(50, 1200), default=300, show_default=True, help="Dots per inch of a PNG.")
@click.option("--check", is_flag=True, help="Look for overlaps, small print, cut intervals; exit 3 if there are any.")
@click.option("--measure", help="With DATA: RR, OR, RD, MD, SMD ..., as in synth meta.")
@click.option("--slab", metavar="COL", help="With DATA: column with the names of the studies.")
@click.option("--subgroup", metavar="COL", help="With DATA: column with groups.")
@click.option("--method", default="REML", show_default=True, help="With DATA: estimator of tau2.")
@click.option(
    "--preset",
    default="plain",
    show_default=True,
    metavar="NAME",
    help="Forest: look in the manner of cochrane, bmj, lancet or jama, or plain.",
)
@click.option(
    "--columns",
    "show",
    metavar="NAMES",
    help="Forest of DATA: columns to show, parted by commas: events, means, rob, or any column of DATA.",
)
@click.option("--mods", metavar="FORMULA", help='Bubble: the moderator, such as "~ year".')
@click.option("--order", metavar="COL", help="Cumulative: column by whose numbers studies come in.")
@click.option("--test", default="knha", show_default=True, help="With DATA: knha, adhoc, z or t.")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="KEY=COL",
    help="With DATA: where a number stands, for example ai=events.",
)
@json_option
@dry_run_option
@click.pass_context
def command(ctx: click.Context, /, kind: str | None, data: str | None, **options: Any) -> None:
    """Draw a figure of the project, or of DATA as synth meta takes it. Without KIND: list the kinds."""
    from synth.steps.plot import make_plot

    if kind is None:
        _list_kinds()
        return
    result = make_plot(
        kind,
        _request(ctx, kind, data, options),
        options["output"],
        check=options["check"],
        dry_run=options["dry_run"],
        dpi=options["dpi"],
    )
    if options["table"] and not options["dry_run"]:
        from synth.files import write_text

        write_text(options["table"], result.drawing.table.to_csv(index=False, lineterminator="\n"))
    if options["as_json"]:
        emit_json(result.to_dict())
    elif not options["output"] and not options["table"] and not options["check"]:
        click.echo(result.drawing.table.to_csv(index=False, lineterminator="\n"), nl=False)
        say(f"That is the figure's table. To draw it: synth plot {kind} -o {kind}.svg")
    if result.path not in ("", "-"):
        say(f"{'Would write' if options['dry_run'] else 'Written'}: {result.path}")
    for problem in result.problems:
        say(problem, "warning")
    if result.problems:
        ctx.exit(3)
    if options["check"]:
        say("No fault of layout was found.", "good")


def _request(ctx: click.Context, kind: str, data: str | None, options: dict[str, Any]) -> Any:
    from synth.steps.plot import PlotRequest, find_kind

    find_kind(kind)
    chosen = {
        "measure": options["measure"],
        "slab": options["slab"],
        "subgroup": options["subgroup"],
        "method": options["method"],
        "test": options["test"],
        **{name: options[name] for name in ("mods", "order") if options[name]},
        "show": tuple(name.strip() for name in (options["show"] or "").split(",") if name.strip()),
        "columns": _read_columns(options["columns"]),
    }
    return PlotRequest(
        project=None if data else current_project(ctx),
        data=data or "",
        names=tuple(options["names"]),
        title=options["title"],
        preset=options["preset"],
        width_mm=options["width"],
        options=chosen,
    )


def _read_columns(pairs: tuple[str, ...]) -> dict[str, str]:
    from synth.errors import UsageError

    found = {}
    for pair in pairs:
        key, sign, column = pair.partition("=")
        if not sign or key not in _COLUMNS:
            raise UsageError(f"--column {pair}: KEY=COL is needed", hint=f"Keys are {', '.join(_COLUMNS)}")
        found[key] = column
    return found


def _list_kinds() -> None:
    from synth.cli.common import next_step, print_table
    from synth.steps.plot import find_kinds

    print_table(["kind", "what it shows"], [[kind.name, kind.help] for kind in find_kinds().values()])
    next_step("synth plot forest -o forest.svg")
