"""How many relevant works the ranking itself still expects among the unread ones.

Scores of works that a machine was trained on are too sure of themselves; so the read works are scored by machines that
did not see them (three folds), and a logistic regression learns from those scores how likely relevance is (Platt 1999,
Advances in Large Margin Classifiers). Applied to the scores of the unread works it gives a number of expected finds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from synth.screening.index import TextIndex
from synth.screening.rank import Scores, fit_machine, score_fitted

FOLDS = 3
FEWEST = 4
"""Relevant and irrelevant works that must be known, each; with fewer nothing is expected (None)."""
_PLATT_C = 10.0


def expect_relevant(
    index: TextIndex, labels: Mapping[int, int], unread: Sequence[int], *, seed: int = 0
) -> float | None:
    """Sum over the ``unread`` rows of the chance that each is relevant; None with fewer than four of each kind known.

    ``labels``: row to 1 or 0, in the order in which they became known; ``seed`` fixes folds and solver.
    """
    known = np.array(list(labels.values()))
    if min(known.sum(), len(known) - known.sum()) < FEWEST:
        return None
    if not len(unread):
        return 0.0
    apart = _score_apart(index, labels, known, seed)
    scores = score_fitted(index, list(labels), fit_machine(index, labels, seed=seed))[list(unread)]
    return float(_learn_chances(apart, known, scores).sum())


def _score_apart(index: TextIndex, labels: Mapping[int, int], known: npt.NDArray[np.int_], seed: int) -> Scores:
    """The score of each known row by a machine that was not trained on it."""
    rows = np.array(list(labels))
    folds = _deal_folds(known, seed)
    scores = np.zeros(len(rows))
    for fold in range(FOLDS):
        rest = folds != fold
        machine = fit_machine(index, dict(zip(rows[rest].tolist(), known[rest].tolist(), strict=True)), seed=seed)
        scores[~rest] = score_fitted(index, rows[rest].tolist(), machine, only=rows[~rest].tolist())
    return scores


def _deal_folds(known: npt.NDArray[np.int_], seed: int) -> npt.NDArray[np.int_]:
    """A fold for each row: both kinds are shuffled and dealt out in turn."""
    rng = np.random.default_rng(seed)
    folds = np.zeros(len(known), dtype=int)
    for kind in (0, 1):
        rows = np.flatnonzero(known == kind)
        folds[rng.permutation(rows)] = np.arange(len(rows)) % FOLDS
    return folds


def _learn_chances(apart: Scores, known: npt.NDArray[np.int_], scores: Scores) -> Scores:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  loads slowly, and not every command needs it

    middle, spread = apart.mean(), apart.std() or 1.0
    platt = LogisticRegression(C=_PLATT_C).fit(((apart - middle) / spread)[:, None], known)
    return np.asarray(platt.predict_proba(((scores - middle) / spread)[:, None])[:, 1], dtype=float)
