"""synth simulate: replay finished screenings."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from synth.cli.common import dry_run_option, emit_json, print_table, say, show_progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from synth.screening import GroupRecall, Stopped
    from synth.steps.simulate import Simulation


def _read_seeds(text: str, seed: int) -> list[int]:
    """``0-11`` or ``0,3,5``; the one seed where nothing is given. Raises UsageError for anything else."""
    from synth.errors import UsageError

    try:
        seeds: list[int] = []
        for part in text.split(",") if text else [str(seed)]:
            first, _, last = part.partition("-")
            seeds.extend(range(int(first), int(last or first) + 1))
    except ValueError:
        raise UsageError(f"{text!r} names no seeds", hint="Write a range (0-11) or a list (0,3,5)") from None
    if not seeds:
        raise UsageError(f"{text!r} names no seeds", hint="The smaller one stands first: 0-11")
    return seeds


def _split(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


@click.command("simulate", short_help="Replay finished screenings: order, measures, stops, plot.")
@click.argument("labelled", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--priors", metavar="ID,ID", default="", help="Records known from the start (default: drawn).")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of draw and ranker.")
@click.option("--seeds", metavar="0-11", default="", help="Several replays: a range, or a list with commas.")
@click.option("--model", default="svm", show_default=True, help="The ranking model: svm (elas_u4) or blend.")
@click.option("--fast", is_flag=True, help="Learn in growing steps after 50 records, not after each one.")
@click.option(
    "--stop",
    "stops",
    multiple=True,
    metavar="RULE",
    help="Where a rule would stop: advice, consecutive:50, percentage:50, hypergeometric, qbcb, knee, safe.",
)
@click.option("--groups", metavar="COLUMN,COLUMN", default="", help="Compare the groups of records by these columns.")
@click.option(
    "--order", "order_path", metavar="FILE", help="Write record_id,prior in the order shown (one replay only)."
)
@click.option("--plot", "plot_path", type=click.Path(path_type=Path), help="Draw found against read: SVG, PDF or PNG.")
@click.option("--table", "as_table", is_flag=True, help="Print a table, not JSON.")
@click.option("--json", "as_json", is_flag=True, help="The measures are JSON anyway; accepted for uniformity.")
@dry_run_option
def command(
    labelled: tuple[Path, ...],
    priors: str,
    seed: int,
    seeds: str,
    model: str,
    fast: bool,
    stops: tuple[str, ...],
    groups: str,
    order_path: str | None,
    plot_path: Path | None,
    as_table: bool,
    as_json: bool,
    dry_run: bool,
) -> None:
    """Replay each LABELLED.csv (record_id, title, abstract, label_included) and print measures as JSON.

    The order is the one in which the ranking would have shown the records, learning after each of them.
    """
    from synth.errors import UsageError
    from synth.steps.simulate import plot_simulations, simulate, write_order

    numbers = _read_seeds(seeds, seed)
    if order_path and len(numbers) * len(labelled) > 1:
        raise UsageError("An order file holds one replay", hint="Give one file and one --seed, or leave --order out")
    if priors and len(labelled) > 1:
        raise UsageError("--priors name records of one file", hint="Give one file, or let the priors be drawn")
    replays: list[Simulation] = []
    for path in labelled:
        replays += simulate(
            path,
            priors=_split(priors),
            seeds=numbers,
            model=model,
            fast=fast,
            stops=stops,
            groups=_split(groups),
            progress=show_progress,
        )
    if order_path and not dry_run:
        write_order(replays[0], order_path)
    if plot_path and not dry_run:
        plot_simulations(replays, plot_path)
    if order_path != "-":
        _print_measures(replays, as_table=as_table and not as_json)


def _print_measures(replays: list[Simulation], *, as_table: bool) -> None:
    from synth.steps.simulate import average_measures, summarise_stops

    if any(replay.measures["loss"] is None for replay in replays):
        say("Records of one kind only: there is nothing to measure", "warning")
    _warn_of_late(replays)
    rules = [asdict(one) for one in summarise_stops(replays)]
    if as_table:
        _print_tables(replays, rules)
    elif len(replays) == 1:
        emit_json(_describe(replays[0]))
    else:
        emit_json(
            {"mean": average_measures(replays), "replays": [_describe(one) for one in replays]}
            | ({"rules": rules} if rules else {})
        )


_TABLE = ("recall10", "recall25", "wss95", "atd_fraction", "loss", "ndcg")


def _print_tables(replays: Sequence[Simulation], rules: Sequence[dict[str, Any]]) -> None:
    from synth.steps.simulate import average_measures

    mean = average_measures(list(replays))
    rows = [[one.name, one.seed, *(_number(one.measures[name]) for name in _TABLE)] for one in replays]
    rows.append(["mean", "", *(_number(mean[name]) for name in _TABLE)])
    print_table(["set", "seed", *_TABLE], rows, right=set(range(1, 2 + len(_TABLE))))
    if rules:
        click.echo()
        heads = ["rule", "reached 95 %", "share read", "mean recall", "worst", "bound held", "failing sets"]
        names = ("kept", "share", "recall", "worst", "bound_held")
        cells = [[one["rule"], *(_number(one[name]) for name in names), len(one["failing"])] for one in rules]
        print_table(heads, cells, right={1, 2, 3, 4, 5})


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _warn_of_late(replays: Sequence[Simulation]) -> None:
    late = sorted({(one.column, one.value) for replay in replays for one in replay.groups if one.is_late})
    for column, value in late:
        say(f"Relevant records with {column} {value} stand a fifth of the list or more behind the others", "warning")


def _describe(replay: Simulation) -> dict[str, Any]:
    from synth.steps.simulate import list_bounds

    stops = {name: _describe_stop(one) for name, one in replay.stops.items()}
    first = {"stop": next(iter(stops.values())), "bounds": list_bounds(replay.shown)} if stops else {}
    more = {"stops": stops} if len(stops) > 1 else {}
    groups = [_describe_group(one) for one in replay.groups]
    return {
        "set": replay.name,
        "seed": replay.seed,
        "model": replay.model,
        "priors": list(replay.priors),
        **replay.measures,
        **first,
        **more,
        "groups": groups,
    }


def _describe_stop(one: Stopped) -> dict[str, Any]:
    return {
        "position": one.position,
        "share": one.share,
        "recall": one.recall,
        "missed_bound": one.missed_bound,
        "found": one.found,
        "missed": one.missed,
    }


def _describe_group(one: GroupRecall) -> dict[str, Any]:
    return asdict(one) | {"late": one.is_late}
