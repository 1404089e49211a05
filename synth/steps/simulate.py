"""Replay finished screenings: labelled files in, orders, measures and a plot out. Needs no project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from synth.errors import UsageError
from synth.files import read_bytes, write_text
from synth.steps.progress import Progress, quiet

if TYPE_CHECKING:
    import pandas as pd

    from synth.screening import Replay


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """A finished screening: texts (title and abstract) and labels (1 included, 0 excluded), record by record."""

    name: str
    record_ids: tuple[str, ...]
    texts: tuple[str, ...]
    labels: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Simulation:
    """One replay: its order (record_id, prior), the labels in the order shown (priors left out) and its measures."""

    name: str
    seed: int
    model: str
    priors: tuple[str, ...]
    order: pd.DataFrame
    shown: tuple[int, ...]
    measures: dict[str, float | int | None]


def read_labelled(path: Path) -> LabelledSet:
    """Read a labelled CSV: record_id, title, abstract, label_included (1 or 0)."""
    from synth.screening import join_text, read_sheet

    rows = read_sheet(read_bytes(path), str(path), needed=["record_id", "label_included"])
    if not rows:
        raise UsageError(f"{path}: holds no records", hint="A labelled file has one row a record")
    ids = tuple(row["record_id"].strip() for row in rows)
    _check_unique(ids, path)
    texts = tuple(join_text(row.get("title", ""), row.get("abstract", "")) for row in rows)
    return LabelledSet(path.stem, ids, texts, tuple(_read_label(row, path) for row in rows))


def _read_label(row: dict[str, str], path: Path) -> int:
    label = row.get("label_included", "").strip()
    if label not in ("0", "1", "0.0", "1.0"):
        raise UsageError(f"{path}:{row['line']}: label_included is {label!r}", hint="It must be 1 (included) or 0")
    return int(float(label))


def _check_unique(ids: Sequence[str], path: Path) -> None:
    seen: set[str] = set()
    for record_id in ids:
        if record_id in seen:
            raise UsageError(
                f"{path}: the record_id {record_id!r} stands there twice", hint="Give every record an id of its own"
            )
        seen.add(record_id)


def simulate(
    path: Path,
    *,
    priors: Sequence[str] = (),
    seeds: Sequence[int] = (0,),
    model: str = "svm",
    fast: bool = False,
    progress: Progress = quiet,
) -> list[Simulation]:
    """Replay one labelled file, once for each seed.

    ``priors`` are record ids known from the start; without any, each seed draws one relevant and then one irrelevant
    record. ``fast`` learns in growing steps instead of after each record.
    """
    labelled = read_labelled(path)
    fixed = _find_rows(labelled, priors, path)
    return [_replay(labelled, fixed, seed, model, fast=fast) for seed in progress(seeds, label=labelled.name)]


def _find_rows(labelled: LabelledSet, priors: Sequence[str], path: Path) -> tuple[int, ...]:
    from difflib import get_close_matches

    rows = {record_id: row for row, record_id in enumerate(labelled.record_ids)}
    for record_id in priors:
        if record_id not in rows:
            near = get_close_matches(record_id, labelled.record_ids, n=1)
            raise UsageError(
                f"{path}: there is no record {record_id!r} to start from",
                hint=f"Did you mean {near[0]}?" if near else "See the column record_id",
            )
    return tuple(dict.fromkeys(rows[record_id] for record_id in priors))


def _replay(labelled: LabelledSet, fixed: tuple[int, ...], seed: int, model: str, *, fast: bool) -> Simulation:
    from synth.screening import (
        draw_priors,
        find_ranker,
        learn_after_each,
        learn_in_growing_steps,
        order_frame,
        replay_screening,
        score_order,
    )

    priors = fixed or draw_priors(labelled.labels, seed)
    step = learn_in_growing_steps if fast else learn_after_each
    replay = replay_screening(labelled.texts, labelled.labels, priors, find_ranker(model, seed=seed), step=step)
    shown = tuple(labelled.labels[row] for row in replay.shown)
    return Simulation(
        labelled.name,
        seed,
        model,
        _name_priors(labelled, replay),
        order_frame(labelled.record_ids, replay),
        shown,
        score_order(shown),
    )


def _name_priors(labelled: LabelledSet, replay: Replay) -> tuple[str, ...]:
    return tuple(labelled.record_ids[row] for row in replay.priors)


def write_order(simulation: Simulation, path: Path | str) -> None:
    """Write ``record_id,prior`` in the order shown."""
    write_text(path, simulation.order.to_csv(index=False, lineterminator="\n"))


def plot_simulations(simulations: Sequence[Simulation], path: Path) -> None:
    """Draw the relevant records found against the records read, one line a replay."""
    from synth.figures.recall import RecallCurve, RecallPlot, save_recall

    first = simulations[0]
    names = [f"seed {one.seed}" if len(simulations) > 1 else "" for one in simulations]
    curves = tuple(
        RecallCurve(name, tuple(accumulate(one.shown))) for name, one in zip(names, simulations, strict=True)
    )
    title = f"Replay of {first.name}: relevant records found"
    plot = RecallPlot(curves, works=len(first.shown), title=title, relevant=sum(first.shown), thing="records")
    save_recall(plot, path)


def average_measures(simulations: Sequence[Simulation]) -> dict[str, float | None]:
    """The mean of each measure over the replays; None where a replay has none."""
    found: dict[str, float | None] = {}
    for name in simulations[0].measures:
        values = [value for one in simulations if (value := one.measures[name]) is not None]
        found[name] = sum(values) / len(values) if len(values) == len(simulations) else None
    return found
