"""Replay finished screenings: labelled files in, orders, measures and a plot out. Needs no project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from synth.errors import UsageError
from synth.files import read_bytes, write_text
from synth.steps.progress import Progress, quiet

if TYPE_CHECKING:
    import pandas as pd

    from synth.screening import GroupRecall, Reading, Replay, Stopped, Stopper, TextIndex, Trail

EVERY = 40
"""How often the ranking may be asked during a whole reading what it expects among the unread (four trainings each)."""


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """A finished screening: texts (title and abstract) and labels (1 included, 0 excluded), record by record.

    ``readable``: has an abstract of 50 letters or more. ``columns``: everything else in the file, by column.
    """

    name: str
    record_ids: tuple[str, ...]
    texts: tuple[str, ...]
    labels: tuple[int, ...]
    readable: tuple[bool, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Simulation:
    """One replay: its order (record_id, prior), the labels in the order shown (priors left out) and its measures.

    ``stops``: where each rule would have stopped. ``groups``: how the groups of records fared.
    """

    name: str
    seed: int
    model: str
    priors: tuple[str, ...]
    order: pd.DataFrame
    shown: tuple[int, ...]
    measures: dict[str, float | int | None]
    stops: Mapping[str, Stopped] = field(default_factory=dict)
    groups: tuple[GroupRecall, ...] = ()


def read_labelled(path: Path) -> LabelledSet:
    """Read a labelled CSV: record_id, title, abstract, label_included (1 or 0)."""
    from synth.screening import has_abstract, join_text, read_sheet

    rows = read_sheet(read_bytes(path), str(path), needed=["record_id", "label_included"])
    if not rows:
        raise UsageError(f"{path}: holds no records", hint="A labelled file has one row a record")
    ids = tuple(row["record_id"].strip() for row in rows)
    _check_unique(ids, path)
    texts = tuple(join_text(row.get("title", ""), row.get("abstract", "")) for row in rows)
    columns = {name: tuple(row.get(name, "").strip() for row in rows) for name in rows[0] if name != "line"}
    return LabelledSet(
        path.stem,
        ids,
        texts,
        tuple(_read_label(row, path) for row in rows),
        tuple(has_abstract(row.get("abstract")) for row in rows),
        columns,
    )


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


@dataclass(frozen=True, slots=True)
class _Plan:
    """How a set is replayed."""

    model: str
    fast: bool
    rules: Mapping[str, Stopper]
    groups: Mapping[str, tuple[str, ...]]


def simulate(
    path: Path,
    *,
    priors: Sequence[str] = (),
    seeds: Sequence[int] = (0,),
    model: str = "svm",
    fast: bool = False,
    stops: Sequence[str] = (),
    groups: Sequence[str] = (),
    progress: Progress = quiet,
) -> list[Simulation]:
    """Replay one labelled file, once for each seed.

    ``priors`` are record ids known from the start; without any, each seed draws one relevant and then one irrelevant
    record. ``fast`` learns in growing steps instead of after each record. ``stops`` names rules for stopping
    (``advice``, ``consecutive:50`` ...); ``groups`` names columns of the file whose values are compared, beside
    having an abstract or not.
    """
    from synth.screening import build_index, find_stopper

    labelled = read_labelled(path)
    rules = {name: find_stopper(name) for name in stops}
    plan = _Plan(model, fast, rules, _read_groups(labelled, groups, path))
    fixed = _find_rows(labelled, priors, path)
    index = build_index(labelled.texts)
    return [_replay(labelled, fixed, seed, plan, index) for seed in progress(seeds, label=labelled.name)]


def _read_groups(labelled: LabelledSet, names: Sequence[str], path: Path) -> dict[str, tuple[str, ...]]:
    from difflib import get_close_matches

    for name in names:
        if name not in labelled.columns:
            near = get_close_matches(name, list(labelled.columns), n=1)
            raise UsageError(
                f"{path}: there is no column {name!r} to compare groups by",
                hint=f"Did you mean {near[0]}?" if near else f"It has: {', '.join(labelled.columns)}",
            )
    found = {name: labelled.columns[name] for name in names}
    return found | {"abstract": tuple("" if known else "missing" for known in labelled.readable)}


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


def _replay(labelled: LabelledSet, fixed: tuple[int, ...], seed: int, plan: _Plan, index: TextIndex) -> Simulation:
    from synth.screening import draw_priors, find_stop, order_frame, score_order

    replay, trail = _read_through(labelled, fixed or draw_priors(labelled.labels, seed), seed, plan, index)
    stops = {name: find_stop(rule, trail, seed=seed) for name, rule in plan.rules.items()}
    shown = tuple(labelled.labels[row] for row in replay.shown)
    return Simulation(
        labelled.name,
        seed,
        plan.model,
        _name_priors(labelled, replay),
        order_frame(labelled.record_ids, replay),
        shown,
        score_order(shown),
        stops,
        _compare(replay, shown, plan, stops),
    )


def _read_through(
    labelled: LabelledSet, priors: tuple[int, ...], seed: int, plan: _Plan, index: TextIndex
) -> tuple[Replay, Trail]:
    import numpy as np

    from synth.screening import Trail, find_ranker, learn_after_each, learn_in_growing_steps, replay_screening

    course = _Course(labelled, index, priors, seed) if "advice" in {r.name for r in plan.rules.values()} else None
    replay = replay_screening(
        labelled.texts,
        labelled.labels,
        priors,
        find_ranker(plan.model, seed=seed),
        step=learn_in_growing_steps if plan.fast else learn_after_each,
        index=index,
        watch=course,
    )
    marks = np.array([labelled.labels[row] for row in replay.shown], dtype=int)
    readable = np.array([labelled.readable[row] for row in replay.shown], dtype=bool)
    return replay, Trail(marks, readable, tuple(course.points) if course else ())


class _Course:
    """Notes, every 40th part of the way, how many relevant records the ranking expects among the unread.

    It is asked only where the rest of the advice would allow a stop; elsewhere the number counts as beyond all bounds.
    """

    def __init__(self, labelled: LabelledSet, index: TextIndex, priors: Sequence[int], seed: int) -> None:
        self.points: list[tuple[int, float | None]] = []
        self._labelled, self._index, self._seed = labelled, index, seed
        self._priors = set(priors)
        self._apart = [row for row, known in enumerate(labelled.readable) if not known and row not in self._priors]
        self._every, self._next = max(len(labelled.texts) // EVERY, 1), 0

    def __call__(self, known: Mapping[int, int]) -> None:
        from synth.screening import expect_relevant

        if len(known) < self._next:
            return
        self._next = len(known) + self._every
        value: float | None = float("inf")
        if self._matters(known):
            unread = [row for row, can_read in enumerate(self._labelled.readable) if can_read and row not in known]
            value = expect_relevant(self._index, known, unread, seed=self._seed)
        self.points.append((len(known) - len(self._priors), value))

    def _matters(self, known: Mapping[int, int]) -> bool:
        """With the records without an abstract as far as they are read, or with all of them, the test allows a stop."""
        from synth.screening import asks_ranking

        read = [row for row in known if row not in self._priors]
        rest = [row for row in self._apart if row not in known]
        return asks_ranking(self._look(read)) or asks_ranking(self._look([*read, *rest]))

    def _look(self, rows: Sequence[int]) -> Reading:
        import numpy as np

        from synth.screening import Reading

        labels, readable = np.array(self._labelled.labels), np.array(self._labelled.readable)
        total = len(labels) - len(self._priors)
        total_readable = int(readable.sum()) - sum(readable[row] for row in self._priors)
        return Reading(labels[list(rows)], readable[list(rows)], total, int(total_readable))


def _compare(
    replay: Replay, shown: Sequence[int], plan: _Plan, stops: Mapping[str, Stopped]
) -> tuple[GroupRecall, ...]:
    from synth.screening import compare_groups

    columns = {name: [values[row] for row in replay.shown] for name, values in plan.groups.items()}
    first = next(iter(stops.values()), None)
    read = None if first is None else [place < first.at for place in range(len(shown))]
    return tuple(compare_groups(shown, columns, read_at_stop=read))


def _name_priors(labelled: LabelledSet, replay: Replay) -> tuple[str, ...]:
    return tuple(labelled.record_ids[row] for row in replay.priors)


def write_order(simulation: Simulation, path: Path | str) -> None:
    """Write ``record_id,prior`` in the order shown."""
    write_text(path, simulation.order.to_csv(index=False, lineterminator="\n"))


def plot_simulations(simulations: Sequence[Simulation], path: Path) -> None:
    """Draw the relevant records found against the records read, one line a replay, with the stop of the first rule.

    Replays of several sets are drawn in per cent of each set.
    """
    from synth.figures.recall import RecallCurve, RecallPlot, save_recall

    several = len({one.name for one in simulations}) > 1
    curves = tuple(
        RecallCurve(_name_curve(one, simulations, several=several), *_course_of(one, several=several))
        for one in simulations
    )
    first = simulations[0]
    names = f"{len({one.name for one in simulations})} sets" if several else first.name
    rule = f" (diamond: stop by {next(iter(first.stops))})" if first.stops else ""
    plot = RecallPlot(
        curves,
        works=PERMILLE if several else len(first.shown),
        title=f"Replay of {names}: relevant records found{rule}",
        relevant=PERMILLE if several else sum(first.shown),
        thing="records",
        percent=several,
    )
    save_recall(plot, path)


PERMILLE = 1000
"""Curves of sets of different sizes are drawn in thousandths of each set."""


def _name_curve(one: Simulation, simulations: Sequence[Simulation], *, several: bool) -> str:
    if several:
        return one.name if len({two.seed for two in simulations}) == 1 else f"{one.name}, {one.seed}"
    return f"seed {one.seed}" if len(simulations) > 1 else ""


def _course_of(one: Simulation, *, several: bool) -> tuple[tuple[int, ...], int | None]:
    """Found after each record read (or each thousandth), and where the first rule stopped."""
    found, total = tuple(accumulate(one.shown)), len(one.shown)
    stop = next((stopped.at for stopped in one.stops.values()), None)
    if not several:
        return found, stop
    relevant = max(found[-1], 1) if found else 1
    places = [min(max(total * step // PERMILLE, 1), total) for step in range(1, PERMILLE + 1)]
    shares = tuple(PERMILLE * found[place - 1] // relevant for place in places) if found else ()
    return shares, None if stop is None else PERMILLE * stop // max(total, 1)


def list_bounds(shown: Sequence[int], *, looks: int = 20) -> list[dict[str, int]]:
    """The bound on the relevant records missed, at each of ``looks`` equal steps but the last: read, found, bound."""
    from synth.screening import bound_missed

    total = len(shown)
    places = sorted({total * step // looks for step in range(1, looks)} - {0})
    return [
        {"read": read, "found": sum(shown[:read]), "missed_bound": bound_missed(shown[:read], total)} for read in places
    ]


def average_measures(simulations: Sequence[Simulation]) -> dict[str, float | None]:
    """The mean of each measure over the replays; None where a replay has none."""
    found: dict[str, float | None] = {}
    for name in simulations[0].measures:
        values = [value for one in simulations if (value := one.measures[name]) is not None]
        found[name] = sum(values) / len(values) if len(values) == len(simulations) else None
    return found


@dataclass(frozen=True, slots=True)
class RuleSummary:
    """One rule over many replays.

    ``kept``: share of replays that reached 95 % recall; ``share``: mean share read;
    ``worst``: lowest recall; ``failing``: sets of which fewer than nine tenths of the replays reached it;
    ``bound_held``: share of replays in which the bound at the stop was right.
    """

    rule: str
    replays: int
    sets: int
    kept: float
    share: float
    recall: float
    worst: float
    failing: tuple[str, ...]
    bound_held: float


def summarise_stops(simulations: Sequence[Simulation], *, target: float = 0.95) -> list[RuleSummary]:
    """How each rule did, over all replays."""
    names = list(simulations[0].stops) if simulations else []
    return [_summarise(name, simulations, target) for name in names]


def _summarise(name: str, simulations: Sequence[Simulation], target: float) -> RuleSummary:
    stops = [one.stops[name] for one in simulations]
    kept = [stopped.recall >= target - 1e-9 for stopped in stops]
    by_set: dict[str, list[bool]] = {}
    for one, good in zip(simulations, kept, strict=True):
        by_set.setdefault(one.name, []).append(good)
    size = len(stops)
    return RuleSummary(
        name,
        size,
        len(by_set),
        sum(kept) / size,
        sum(stopped.share for stopped in stops) / size,
        sum(stopped.recall for stopped in stops) / size,
        min(stopped.recall for stopped in stops),
        tuple(sorted(one for one, good in by_set.items() if sum(good) / len(good) < 0.9)),
        sum(stopped.missed <= stopped.missed_bound for stopped in stops) / size,
    )
