"""``synth meta``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click

from synth.cli.common import (
    WIDTH,
    current_project,
    dry_run_option,
    emit_json,
    next_step,
    print_table,
    say,
    show_progress,
)

if TYPE_CHECKING:
    import pandas as pd

    from synth.meta import RobustFit, Subgroups
    from synth.steps.meta import FileResult, SynthesisResult

_MARKS = {"favours": " (f)", "against": " (a)", "none": " (n)"}
_COLUMNS = {
    "ai": "events, arm 1",
    "bi": "people without the event, arm 1",
    "ci": "events, arm 2",
    "di": "people without the event, arm 2",
    "n1i": "people, arm 1",
    "n2i": "people, arm 2",
    "m1i": "mean, arm 1",
    "sd1i": "standard deviation, arm 1",
    "m2i": "mean, arm 2",
    "sd2i": "standard deviation, arm 2",
    "xi": "events, one arm",
    "mi": "people without the event, one arm",
    "ni": "people, one arm or sample",
    "ti": "person-time, one arm",
    "x1i": "events, arm 1 (rates)",
    "t1i": "person-time, arm 1",
    "x2i": "events, arm 2 (rates)",
    "t2i": "person-time, arm 2",
    "ri": "correlations",
    "yi": "effects on the scale of analysis",
    "vi": "their variances",
    "sei": "their standard errors",
    "estimate": "printed estimates",
    "ci-low": "lower limits",
    "ci-high": "upper limits",
    "se": "their standard errors",
    "p": "their exact p-values",
}

_OF_FILES = frozenset(
    {
        "measure",
        "slab",
        "subgroup",
        "add",
        "to",
        "drop00",
        "mods",
        "cluster",
        "weights",
        "unweighted",
        "tau2_groups",
        "report",
    }
)
"""Options that say nothing to a project: its syntheses are declared."""


def _column_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for name, words in reversed(_COLUMNS.items()):
        key = name.replace("-", "_")
        function = click.option(f"--{name}", f"column_{key}", metavar="COL", help=f"Column: {words} (default: {key}).")(
            function
        )
    return function


@click.command("meta", short_help="Pool effects, or say why they may not be pooled.")
@click.argument("file", required=False, metavar="[FILE]")
@click.option("--name", "names", multiple=True, help="Run only the declared synthesis of this name (may be repeated).")
@click.option("--measure", help="RR, OR, RD, MD, SMD, ROM, IRR, COR, PR ...; GEN for yi and vi of any kind.")
@_column_options
@click.option("--slab", metavar="COL", help="Column with the names of the studies.")
@click.option(
    "--method",
    help="Estimator of tau2: REML (default), DL, PM, ML, EB, HE, HS, HSk, SJ, PMM, DLIT, SJIT, GENQ (with --weights); "
    "EE or FE for a common effect.",
)
@click.option("--test", help="knha (Knapp-Hartung, default), adhoc, z or t.")
@click.option("--subgroup", metavar="COL", help="Column with groups: each is pooled by itself, and they are compared.")
@click.option("--tau2", "tau2_groups", help="With --subgroup: separate (default) or common, one tau2 for all groups.")
@click.option("--mods", metavar="FORMULA", help='Moderators, such as "~ year + setting", "~ a * b" or "~ log(dose)".')
@click.option("--cluster", metavar="COL", help="Column with clusters of dependent rows: adds robust tests (CR2).")
@click.option("--weights", metavar="COL", help="Column with weights, instead of inverse variances.")
@click.option("--unweighted", is_flag=True, help="Weigh all rows alike.")
@click.option("--level", type=float, default=95.0, show_default=True, help="Confidence level in percent.")
@click.option("--add", type=float, help="What is added to empty cells (default 0.5).")
@click.option("--to", help="Where it is added: only0 (default), all, if0all or none.")
@click.option("--drop00", is_flag=True, help="Leave out studies with no events, or only events, in both arms.")
@click.option("--suggested", is_flag=True, help="Take in values that no person has checked; the result says so.")
@click.option(
    "--json", "json_out", metavar="OUT", help="Write everything as JSON to OUT; - is stdout, instead of the summary."
)
@click.option(
    "--csv", "csv_out", metavar="OUT", help="Write the rows and the pooled result as CSV to OUT; - is stdout."
)
@click.option("--report", is_flag=True, help="Add the methods paragraph, with versions and references.")
@dry_run_option
@click.pass_context
def command(ctx: click.Context, /, file: str | None, **options: Any) -> None:
    """Pool the effects of FILE (CSV), or run the declared syntheses of the project.

    FILE has one row per study: events or means of two arms, or yi and vi, or an estimate with its interval. What may
    not be pooled is refused with the rows and the reason.
    """
    if file is None:
        _run_project(ctx, options)
    else:
        _run_file(file, options)


def _run_file(file: str, options: dict[str, Any]) -> None:
    from synth.steps.meta import meta_file

    columns = {
        name.removeprefix("column_"): value for name, value in options.items() if name.startswith("column_") and value
    }
    rules = {name: options[name] for name in ("add", "to") if options[name] is not None}
    result = meta_file(
        file,
        measure=options["measure"],
        columns=columns,
        slab=options["slab"],
        method=options["method"] or "REML",
        test=options["test"] or "knha",
        subgroup=options["subgroup"],
        level=options["level"],
        rules={**rules, "drop00": options["drop00"]},
        mods=options["mods"],
        cluster=options["cluster"],
        tau2_groups=options["tau2_groups"] or "separate",
        weights=options["weights"],
        weighted=not options["unweighted"],
    )
    _write_json(result.to_dict(), options)
    _write_csv(result.fit.summary_frame(), options)
    if "-" not in (options["json_out"], options["csv_out"]):
        _print_file(result)
        if options["report"]:
            _print_methods(result)


def _write_json(value: Any, options: dict[str, Any]) -> None:
    out = options["json_out"]
    if out == "-":
        emit_json(value)
    elif out and not options["dry_run"]:
        from synth.files import write_text

        write_text(out, json.dumps(value, ensure_ascii=False, sort_keys=True, indent=2) + "\n")
        say(f"Written: {out}")


def _write_csv(frame: pd.DataFrame, options: dict[str, Any]) -> None:
    out = options["csv_out"]
    if out == "-" or (out and not options["dry_run"]):
        from synth.files import write_text

        write_text(out, frame.to_csv(lineterminator="\n"))


def _print_file(result: FileResult) -> None:
    click.echo(result.fit.summary(), nl=False)
    fit_cautions = {str(caution) for caution in result.fit.cautions}
    for caution in result.cautions:
        if caution not in fit_cautions:
            click.echo(f"Caution: {caution}")
    if result.robust is not None:
        _print_robust(result.robust)
    if result.subgroups is not None:
        _print_groups(result.subgroups)
    if len(result.left_out):
        click.echo(f"\nLeft out, {len(result.left_out)} of {len(result.left_out) + result.fit.k} rows:")
        _print_by_reason((reason, f"row {row} ({name})") for row, name, reason in result.left_out.to_numpy().tolist())


def _print_robust(robust: RobustFit) -> None:
    click.echo(f"\nAllowing for {robust.clusters} clusters ({robust.kind}):")
    frame = robust.coefficients_frame()
    rows = [[name, *(f"{value:.4f}" for value in values)] for name, *values in frame.itertuples()]
    print_table(["", "estimate", "se", "tval", "df", "pval", "ci.lb", "ci.ub"], rows, right=set(range(1, 8)))


def _print_methods(result: FileResult) -> None:
    from textwrap import fill

    click.echo(f"\nMethods\n{fill(result.methods.paragraph, width=WIDTH)}\n\nReferences")
    for reference in result.methods.references:
        click.echo(f"- {reference}")


def _print_groups(groups: Subgroups) -> None:
    from synth.meta import describe_estimate

    click.echo(f"\nBy {groups.by}:")
    rows = [
        [
            level,
            fit.k,
            describe_estimate(fit),
            f"{fit.tau2:.3g}",
            f"{fit.I2:.0f} %",
            "" if fit.k > 1 else "too small to pool",
        ]
        for level, fit in zip(groups.levels, groups.fits, strict=True)
    ]
    print_table(["group", "k", "result", "tau2", "I2", ""], rows, right={3, 4})
    for caution in groups.cautions:
        click.echo(f"Caution: {caution}")
    if groups.df:
        click.echo(f"Test of subgroup differences: Q(df = {groups.df}) = {groups.QB:.2f}, p = {groups.QBp:.4f}")


def _run_project(ctx: click.Context, options: dict[str, Any]) -> None:
    from synth.steps.meta import run_syntheses

    _refuse_file_options(options)
    project = current_project(ctx)
    results = run_syntheses(
        project,
        options["names"] or None,
        method=options["method"],
        test=options["test"],
        include_suggested=options["suggested"],
        save=not options["dry_run"],
        progress=show_progress,
    )
    _write_json([result.to_dict() for result in results], options)
    _write_csv(_list_rows(results), options)
    if "-" not in (options["json_out"], options["csv_out"]):
        for result in results:
            _print_synthesis(result)
        next_step("synth plot forest")
    if any(result.refused is not None for result in results):
        ctx.exit(3)


def _refuse_file_options(options: dict[str, Any]) -> None:
    """Columns and measures of a project are declared, never given on the command line."""
    given = [name for name in options if name.startswith("column_") or name in _OF_FILES]
    used = next((name for name in given if options[name]), None)
    if used is not None:
        from synth.errors import UsageError

        option = used.removeprefix("column_").removesuffix("_groups").replace("_", "-")
        raise UsageError(
            f"--{option} belongs to a file, and no FILE was given",
            hint="Declare it in synth.toml ([[synthesis]]), or name a FILE",
        )


def _list_rows(results: list[SynthesisResult]) -> pd.DataFrame:
    """All rows of all syntheses, pooled and left out, in one table."""
    import pandas as pd

    columns = [
        "effect_id",
        "study_id",
        "name",
        "measure",
        "informant",
        "direction",
        "subgroup",
        "yi",
        "vi",
        "rule",
        "reason",
    ]
    parts = [
        part.reindex(columns=columns).assign(synthesis=result.name, pooled=pooled)
        for result in results
        for part, pooled in ((result.chosen.pooled, "yes"), (result.chosen.left_out, "no"))
        if not part.empty
    ]
    index = ["synthesis", "effect_id"]
    return pd.concat(parts).set_index(index) if parts else pd.DataFrame(columns=[*columns, "pooled"])


def _print_synthesis(result: SynthesisResult) -> None:
    click.echo(f"{result.name}{' (post hoc)' if result.post_hoc else ''}")
    click.echo(result.describe())
    for text in (result.refused.why, result.refused.hint) if result.refused else ():
        click.echo(text)
    for deviation in result.deviations:
        click.echo(f"Deviation: {deviation}")
    for caution in result.cautions:
        click.echo(f"Caution: {caution}")
    if result.subgroups is not None:
        _print_groups(result.subgroups)
    _print_rows(result)
    _print_directions(result)
    click.echo("")


def _print_rows(result: SynthesisResult) -> None:
    left = result.chosen.left_out
    outside = left["rule"].isin(["outcome_domain", "outcome"])
    if not result.chosen.pooled.empty:
        pooled = result.chosen.pooled
        click.echo(f"\n{'Not pooled' if result.refused else 'Pooled'}, {len(pooled)} rows:")
        print_table(
            ["effect", "study", "estimate", "from"],
            pooled[["effect_id", "name", "estimate", "source"]].to_numpy().tolist(),
        )
    if (~outside).any():
        shown = left[~outside]
        click.echo(f"\nLeft out, {len(shown)} rows (f: favours the programme, a: against it, n: no difference):")
        _print_by_reason(
            (row["reason"], f"{row['effect_id']}{_MARKS.get(row['direction'], '')} {row['name']}")
            for row in shown.to_dict("records")
        )
    if outside.any():
        click.echo(f"\n{int(outside.sum())} effects are on other outcomes.")


def _print_by_reason(pairs: Iterable[tuple[str, str]]) -> None:
    """Each reason once, with its rows below it: sentences do not fit into a column."""
    from textwrap import fill

    by_reason: dict[str, list[str]] = {}
    for reason, row in pairs:
        by_reason.setdefault(reason, []).append(row)
    for reason, rows in by_reason.items():
        click.echo(f"- {reason}:")
        printable = "".join(letter if letter.isprintable() else " " for letter in "; ".join(rows))
        click.echo(fill(printable, width=WIDTH, initial_indent="  ", subsequent_indent="  "))


def _print_directions(result: SynthesisResult) -> None:
    count, test = result.directions, result.sign_test
    click.echo(
        f"\nDirections of {count.total} studies: {count.favours} favour the programme, {count.against} go against it, "
        f"{count.none} show none, {count.unclear} unclear"
    )
    if test is not None:
        click.echo(
            f"Sign test: {test.favours} of {test.n} in favour, share {test.share:.2f} "
            f"[{test.ci_low:.2f}, {test.ci_high:.2f}] (Clopper-Pearson), p = {test.p:.4f}"
        )
