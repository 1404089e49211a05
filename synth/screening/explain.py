"""Why a work stands where it stands: the words that speak for it, and the known relevant works it is like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from synth.screening.index import TextIndex
from synth.screening.rank import fit_machine

_SHOWN = 8
_NEAREST = 3
_LEAST_LIKE = 0.05
"""Below this cosine two texts have next to nothing in common."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why one text is ranked where it is.

    ``words_for`` and ``words_against``: (word or pair of words, share of the score), strongest first. ``like``: rows of
    known relevant works and how like they are (cosine, 0 to 1). ``basis``: what the order rests on.
    """

    basis: str
    words_for: tuple[tuple[str, float], ...]
    words_against: tuple[tuple[str, float], ...]
    like: tuple[tuple[int, float], ...]


def explain_rows(
    index: TextIndex, labels: Mapping[int, int], rows: Sequence[int], *, query: str = "", seed: int = 0
) -> list[Reasons]:
    """The reasons for each of ``rows``.

    From the machine that ``labels`` train (exactly: its score is their sum and a constant); with nothing to train on,
    from the relevant works, or from the words of ``query``.
    """
    relevant = [row for row, mark in labels.items() if mark]
    basis, columns, weights = _weigh_columns(index, labels, relevant, query, seed)
    found = []
    for row in rows:
        best, worst = _weigh_words(index, row, columns, weights)
        found.append(Reasons(basis, best, worst, _find_like(index, row, relevant)))
    return found


def _weigh_columns(
    index: TextIndex, labels: Mapping[int, int], relevant: Sequence[int], query: str, seed: int
) -> tuple[str, np.ndarray, np.ndarray]:
    if relevant and len(relevant) < len(labels):
        columns, weights, _ = fit_machine(index, labels, seed=seed)
        return "model", columns, weights
    if relevant:
        middle = np.asarray(index.matrix[list(relevant)].mean(axis=0)).ravel()
        columns = np.flatnonzero(middle)
        return "similarity", columns, middle[columns]
    columns, weights = index.vocabulary.read(query)
    return "question", columns, weights


_Words = tuple[tuple[str, float], ...]


def _weigh_words(index: TextIndex, row: int, columns: np.ndarray, weights: np.ndarray) -> tuple[_Words, _Words]:
    """Words of the row that speak for it, and against it, strongest first."""
    start, end = index.matrix.indptr[row], index.matrix.indptr[row + 1]
    held, values = index.matrix.indices[start:end], index.matrix.data[start:end]
    at = np.minimum(np.searchsorted(columns, held), max(len(columns) - 1, 0))
    known = columns[at] == held if len(columns) else np.zeros(len(held), dtype=bool)
    parts = values[known] * weights[at[known]]
    order = np.argsort(-parts, kind="stable")
    names = [(index.vocabulary.name(int(held[known][place])), float(parts[place])) for place in order]
    best = [pair for pair in names if pair[1] > 0][:_SHOWN]
    worst = [pair for pair in reversed(names) if pair[1] < 0][:_SHOWN]
    return tuple(best), tuple(worst)


def _find_like(index: TextIndex, row: int, relevant: Sequence[int]) -> tuple[tuple[int, float], ...]:
    others = [one for one in relevant if one != row]
    if not others:
        return ()
    likeness = np.asarray((index.matrix[others] @ index.matrix[[row]].T).todense(), dtype=float).ravel()
    order = np.argsort(-likeness, kind="stable")[:_NEAREST]
    return tuple((others[at], float(likeness[at])) for at in order if likeness[at] >= _LEAST_LIKE)
