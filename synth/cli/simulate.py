"""synth simulate: replay a finished screening."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from synth.cli.common import emit_json, say, show_progress

if TYPE_CHECKING:
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


@click.command("simulate", short_help="Replay a finished screening: order, measures, plot.")
@click.argument("labelled", type=click.Path(path_type=Path))
@click.option("--priors", metavar="ID,ID", default="", help="Records known from the start (default: drawn).")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of draw and ranker.")
@click.option("--seeds", metavar="0-11", default="", help="Several replays: a range, or a list with commas.")
@click.option("--model", default="svm", show_default=True, help="The ranking model.")
@click.option("--fast", is_flag=True, help="Learn in growing steps after 50 records, not after each one.")
@click.option("--order", "order_path", metavar="FILE", help="Write record_id,prior in the order shown (one seed only).")
@click.option("--plot", "plot_path", type=click.Path(path_type=Path), help="Draw found against read: SVG, PDF or PNG.")
@click.option("--json", "as_json", is_flag=True, help="The measures are JSON anyway; accepted for uniformity.")
def command(
    labelled: Path,
    priors: str,
    seed: int,
    seeds: str,
    model: str,
    fast: bool,
    order_path: str | None,
    plot_path: Path | None,
    as_json: bool,
) -> None:
    """Replay LABELLED.csv (record_id, title, abstract, label_included) and print measures as JSON.

    The order is the one in which the ranking would have shown the records, learning after each of them.
    """
    from synth.errors import UsageError
    from synth.steps.simulate import plot_simulations, simulate, write_order

    del as_json
    names = [name.strip() for name in priors.split(",") if name.strip()]
    numbers = _read_seeds(seeds, seed)
    if order_path and len(numbers) > 1:
        raise UsageError("An order file holds one replay", hint="Give one --seed, or leave --order out")
    replays = simulate(labelled, priors=names, seeds=numbers, model=model, fast=fast, progress=show_progress)
    if order_path:
        write_order(replays[0], order_path)
    if plot_path:
        plot_simulations(replays, plot_path)
    if order_path != "-":
        _print_measures(replays)


def _print_measures(replays: list[Simulation]) -> None:
    from synth.steps.simulate import average_measures

    if any(replay.measures["loss"] is None for replay in replays):
        say("Records of one kind only: there is nothing to measure", "warning")
    if len(replays) == 1:
        emit_json(_describe(replays[0]))
        return
    emit_json({"mean": average_measures(replays), "replays": [_describe(replay) for replay in replays]})


def _describe(replay: Simulation) -> dict[str, Any]:
    return {
        "set": replay.name,
        "seed": replay.seed,
        "model": replay.model,
        "priors": list(replay.priors),
        **replay.measures,
    }
