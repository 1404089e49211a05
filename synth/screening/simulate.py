"""Replay a finished screening: the order in which a ranking would have shown the records, and how good it is.

Measures follow the definitions of asreview.metrics 3 (loss, NDCG) and asreview-insights 1.6 (recall, WSS, ATD); prior
records count neither as shown nor as relevant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from synth.errors import UsageError
from synth.screening.index import TextIndex
from synth.screening.rank import Ranker, prepare_ranker

Marks = npt.NDArray[np.float64]
FAST_AFTER = 50
FAST_SHARE = 25
"""A fast replay learns anew after each record up to 50, then after every 25th part of what was read."""


@dataclass(frozen=True, slots=True)
class Replay:
    """Rows of the records in the order shown, priors apart. ``fits`` counts how often the ranker learned."""

    priors: tuple[int, ...]
    shown: tuple[int, ...]
    fits: int


def draw_priors(labels: Sequence[int], seed: int) -> tuple[int, int]:
    """One relevant row, then one irrelevant row, by ``numpy.random.default_rng(1000 + seed)``."""
    marks = np.asarray(labels)
    relevant, irrelevant = np.flatnonzero(marks == 1), np.flatnonzero(marks == 0)
    if not len(relevant) or not len(irrelevant):
        missing = "relevant" if not len(relevant) else "irrelevant"
        raise UsageError(f"No {missing} record to start from", hint="A replay needs records of both kinds")
    rng = np.random.default_rng(1000 + seed)
    return int(rng.choice(relevant)), int(rng.choice(irrelevant))


def learn_after_each(read: int) -> int:
    """The exact replay: one record is shown, then the ranker learns."""
    del read
    return 1


def learn_in_growing_steps(read: int) -> int:
    """The fast replay: after 50 records, a 25th part of what was read is shown before the ranker learns again."""
    return 1 if read <= FAST_AFTER else max(read // FAST_SHARE, 1)


def replay_screening(
    texts: Sequence[str],
    labels: Sequence[int],
    priors: Sequence[int],
    ranker: Ranker,
    *,
    step: Callable[[int], int] = learn_after_each,
    index: TextIndex | None = None,
    watch: Callable[[Mapping[int, int]], None] | None = None,
) -> Replay:
    """Show every record once, always the most promising one next, and tell the ranker its label.

    ``priors`` are rows known from the start; as long as only one kind is known, rows follow in file order. After the
    last relevant record the ranker learns once more and the rest follows at once: no measure depends on it.

    ``index`` spares building it again. ``watch`` is told what is known (row to label, in the order shown) whenever the
    ranker has learned; then the rest of the records is shown step by step to the end, as a rule for stopping sees it.
    """
    known = {row: int(labels[row]) for row in priors}
    left, fits = _Left(len(texts), known, sum(labels)), 0
    prepare_ranker(ranker, lambda: texts, index)
    while left.rows:
        can_learn = len(set(known.values())) == 2
        if watch:
            watch(known)
        scores = ranker.rank(known) if can_learn else np.zeros(len(texts))
        fits += can_learn
        size = step(len(known)) if watch or left.relevant(known) else len(left.rows)
        for row in left.take(scores, size if can_learn else min(size, 1)):
            known[row] = int(labels[row])
    return Replay(tuple(priors), tuple(row for row in known if row not in set(priors)), fits)


class _Left:
    """The rows not shown yet, in file order."""

    def __init__(self, size: int, known: dict[int, int], relevant: int) -> None:
        self.rows = [row for row in range(size) if row not in known]
        self._relevant = relevant

    def relevant(self, known: dict[int, int]) -> bool:
        return sum(known.values()) < self._relevant

    def take(self, scores: npt.NDArray[np.float64], size: int) -> list[int]:
        order = np.argsort(-scores[self.rows], kind="stable")[:size]
        taken = [self.rows[place] for place in order]
        gone = set(taken)
        self.rows = [row for row in self.rows if row not in gone]
        return taken


def order_frame(record_ids: Sequence[str], replay: Replay) -> pd.DataFrame:
    """The order as a table: record_id in the order shown; ``prior`` is 1 for those known from the start, who lead."""
    rows = [*replay.priors, *replay.shown]
    prior = [1] * len(replay.priors) + [0] * len(replay.shown)
    return pd.DataFrame({"record_id": [record_ids[row] for row in rows], "prior": prior})


def score_order(shown: Sequence[int]) -> dict[str, float | int | None]:
    """Measures of one order; ``shown`` holds the label (0 or 1) of every record but the priors, in the order shown.

    recall10, recall25: share of the relevant found in the first 10 % and 25 %. wss95: work saved over sampling at 95 %
    recall as asreview-insights computes it, wss95_cohen: as Cohen 2006 defines it. atd: mean place of a relevant
    record. loss: 0 for the best order, 1 for the worst. Without records of both kinds the measures are None.
    """
    marks = np.asarray(shown, dtype=float)
    relevant = int(marks.sum())
    counts: dict[str, float | int | None] = {"n_scored": len(marks), "n_included_scored": relevant}
    if relevant in (0, len(marks)):
        return counts | dict.fromkeys(_MEASURES)
    return counts | {name: measure(marks) for name, measure in _MEASURES.items()}


def _recall_at(marks: Marks, share: float) -> float:
    read = int(np.searchsorted(np.arange(1, len(marks) + 1) / len(marks), share, side="right"))
    return float(marks[:read].sum() / marks.sum())


def _wss_insights(marks: Marks, recall: float) -> float:
    """Against a random curve rounded to whole records; below 1 / (1 - recall) relevant records it looks one back."""
    total, relevant = len(marks), int(marks.sum())
    steps = np.arange(1, relevant + 1)
    found_at = np.searchsorted(np.cumsum(marks), steps)
    random_at = np.searchsorted(np.round(np.linspace(0, relevant, total)), steps)
    place = int(np.searchsorted(steps / relevant, recall, side="right")) - 1
    return float(((random_at - found_at) / total)[place])


def _wss_cohen(marks: Marks, recall: float) -> float:
    needed = int(np.ceil(recall * marks.sum() - 1e-9))
    read = int(np.flatnonzero(marks)[needed - 1]) + 1
    return float((len(marks) - read) / len(marks) - (1 - recall))


def _atd(marks: Marks) -> float:
    return float((np.flatnonzero(marks) + 1).mean())


def _loss(marks: Marks) -> float:
    """Area between the best possible recall curve and this one, as a share of that between best and worst."""
    total, relevant = len(marks), float(marks.sum())
    best = relevant * (total - (relevant - 1) / 2)
    return float((best - np.cumsum(marks).sum()) / (relevant * (total - relevant)))


def _ndcg(marks: Marks) -> float:
    gains = (marks / np.log2(np.arange(2, len(marks) + 2))).sum()
    return float(gains / (1 / np.log2(np.arange(2, int(marks.sum()) + 2))).sum())


def _last_relevant(marks: Marks) -> float:
    return float(np.flatnonzero(marks)[-1] + 1)


_MEASURES: dict[str, Callable[[Marks], float]] = {
    "recall10": lambda marks: _recall_at(marks, 0.10),
    "recall25": lambda marks: _recall_at(marks, 0.25),
    "wss95": lambda marks: _wss_insights(marks, 0.95),
    "wss95_cohen": lambda marks: _wss_cohen(marks, 0.95),
    "atd": _atd,
    "atd_fraction": lambda marks: _atd(marks) / len(marks),
    "loss": _loss,
    "ndcg": _ndcg,
    "last_relevant_at": _last_relevant,
}
