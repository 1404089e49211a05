"""The order of reading: what is most likely relevant comes first.

``svm`` (also under its published name, ``elas_u4``) follows the recipe that ASReview 3 publishes: TF-IDF over words and
pairs of words of title and abstract (sublinear), a linear support vector machine with squared hinge loss and C = .11,
relevant works weighted 9.8 times as heavy as irrelevant ones in sum, refitted from scratch, highest decision value
first. ``blend`` adds two more readings of the same words, a logistic regression and a naive Bayes: each orders the
works, and the places are averaged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import pandas as pd

from synth.errors import UsageError
from synth.screening.index import TextIndex, build_index

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Scores = npt.NDArray[np.float64]
Labels = Mapping[int, int]
"""Row of the text: 1 relevant, 0 irrelevant; in the order in which they became known."""

C = 0.11
RATIO = 9.8
BAYES_ALPHA = 3.822
BAYES_RATIO = 1.2
"""The constants of the naive Bayes that ASReview publishes as ``elas_u3``."""


class Ranker(Protocol):
    """A plug-in of ``synth.rankers``: made with ``seed=``, shown all texts once, asked for scores after decisions."""

    name: str

    def fit(self, texts: Sequence[str]) -> None:
        """Read the texts; row numbers refer to this order."""
        ...

    def rank(self, labels: Labels) -> Scores:
        """One score per text, higher is more likely relevant. ``labels`` holds at least one 1 and one 0."""
        ...


@runtime_checkable
class IndexedRanker(Protocol):
    """A ranker that can work on an index made before, instead of reading all texts again."""

    def use(self, index: TextIndex) -> None:
        """Take the index of all texts."""
        ...


class LinearRanker:
    """TF-IDF and a linear support vector machine, the recipe at the head of this file. ``seed`` fixes the solver."""

    name = "svm"

    def __init__(self, *, seed: int = 0) -> None:
        self.seed = seed
        self._index: TextIndex | None = None

    def fit(self, texts: Sequence[str]) -> None:
        """Build the index of all texts, read or unread."""
        self._index = build_index(texts)

    def use(self, index: TextIndex) -> None:
        """Take an index made before."""
        self._index = index

    def rank(self, labels: Labels) -> Scores:
        """Decision values of a machine trained on ``labels``, one per text."""
        assert self._index is not None, "fit comes before rank"
        return _score_rows(self._index, labels, [fit_machine(self._index, labels, seed=self.seed)])[0]


class BlendRanker:
    """The places that three readings of the same words give, averaged; ``seed`` fixes the solvers."""

    name = "blend"

    def __init__(self, *, seed: int = 0) -> None:
        self.seed = seed
        self._index: TextIndex | None = None

    def fit(self, texts: Sequence[str]) -> None:
        """Build the index of all texts, read or unread."""
        self._index = build_index(texts)

    def use(self, index: TextIndex) -> None:
        """Take an index made before."""
        self._index = index

    def rank(self, labels: Labels) -> Scores:
        """Weighted mean of the places (0 to 1, 1 is the most promising), one per text."""
        assert self._index is not None, "fit comes before rank"
        machine = fit_machine(self._index, labels, seed=self.seed)
        readings = _score_rows(self._index, labels, [machine, fit_logistic(self._index, labels, seed=self.seed)])
        readings.append(fit_bayes(self._index, labels))
        places = [weight * _places(scores) for weight, scores in zip(BLEND, readings, strict=True)]
        return np.asarray(sum(places), dtype=float) / sum(BLEND)


BLEND = (1.0, 0.5, 0.5)
"""Weights of the support vector machine, the logistic regression and the naive Bayes."""


def _places(scores: Scores) -> Scores:
    """0 for the lowest score to just below 1 for the highest; equal scores in the order of rows, first one highest."""
    places = np.empty(len(scores))
    places[np.argsort(-scores, kind="stable")[::-1]] = np.arange(len(scores))
    return places / max(len(scores), 1)


class Linear(Protocol):
    """A trained linear model of scikit-learn."""

    coef_: Scores
    intercept_: Scores


Fitted = tuple[npt.NDArray[np.int64], Scores, float]
"""Columns that the training works hold, their weights, and the constant; every other column weighs nothing."""


def fit_machine(index: TextIndex, labels: Labels, *, seed: int = 0) -> Fitted:
    """The support vector machine of the recipe, trained on ``labels``."""
    # scikit-learn takes a second to load: what only counts decisions must not wait for it.
    from sklearn.svm import LinearSVC  # noqa: PLC0415

    return _fit(LinearSVC(loss="squared_hinge", C=C, random_state=seed), index, labels)


def fit_logistic(index: TextIndex, labels: Labels, *, seed: int = 0) -> Fitted:
    """A logistic regression (C = 1) with the same weights of the works."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  as above

    return _fit(LogisticRegression(C=1.0, solver="liblinear", random_state=seed), index, labels)


def _fit(model: Any, index: TextIndex, labels: Labels) -> Fitted:
    rows, known = list(labels), np.array(list(labels.values()))
    held, columns = _training_part(index.matrix, rows)
    model.fit(held, known, sample_weight=weigh_labels(known))
    return columns, np.asarray(model.coef_, dtype=float).ravel(), float(np.ravel(model.intercept_)[0])


def _training_part(matrix: csr_matrix, rows: Sequence[int]) -> tuple[csr_matrix, npt.NDArray[np.int64]]:
    """The rows without the columns that none of them holds, and which columns are left."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415  as above

    part = matrix[list(rows)]
    columns, places = np.unique(part.indices, return_inverse=True)
    width = max(len(columns), 1)
    return csr_matrix((part.data, places.astype(np.int32), part.indptr), shape=(len(rows), width)), columns


def _score_rows(index: TextIndex, labels: Labels, fitted: Sequence[Fitted]) -> list[Scores]:
    """Decision values of models that were trained on the same works: of every text, the training works included."""
    columns = fitted[0][0]
    weights = np.column_stack([weights[: len(columns)] for _, weights, _ in fitted])
    scores = index.score(columns, weights)
    held, _ = _training_part(index.matrix, list(labels))
    if len(columns):
        scores[list(labels)] = held @ weights
    return [scores[:, number] + constant for number, (_, _, constant) in enumerate(fitted)]


def score_fitted(
    index: TextIndex, trained: Sequence[int], fitted: Fitted, *, only: Sequence[int] | None = None
) -> Scores:
    """Decision values of one model for all texts, or for the rows in ``only``; ``trained``: rows it learned from."""
    columns, weights, constant = fitted
    if only is None:
        return _score_rows(index, dict.fromkeys(trained, 0), [fitted])[0]
    full = np.zeros(index.matrix.shape[1])
    full[columns] = weights[: len(columns)]
    return np.asarray(index.matrix[list(only)] @ full, dtype=float) + constant


def fit_bayes(index: TextIndex, labels: Labels) -> Scores:
    """Log odds of a multinomial naive Bayes on single words, one per text (alpha 3.822, ratio 1.2)."""
    rows, known = list(labels), np.array(list(labels.values()))
    part, columns = _training_part(index.matrix, rows)
    single = index.vocabulary.single
    total = int(single.sum()) or 1
    inside = single[columns] if len(single) else np.zeros(len(columns), dtype=bool)
    scaled = part.multiply(index.word_scale[rows][:, None]).tocsr()[:, : len(columns)][:, inside]
    weights = weigh_labels(known, BAYES_RATIO)
    logs, absent = [], []
    for kind in (1, 0):
        sums = np.asarray(scaled.T @ (weights * (known == kind))).ravel()
        whole = sums.sum() + total * BAYES_ALPHA
        logs.append(np.log((sums + BAYES_ALPHA) / whole))
        absent.append(np.log(BAYES_ALPHA / whole))
    base = absent[0] - absent[1]
    scores = index.score(columns[inside], logs[0] - logs[1] - base)
    return np.asarray(scores * index.word_scale + base * index.word_sums, dtype=float)


def weigh_labels(known: npt.NDArray[np.int_], ratio: float = RATIO) -> Scores:
    """Weights of the training works: relevant ones sum to ``ratio`` times the irrelevant, all sum to their number."""
    relevant = int(known.sum())
    weights = np.where(known == 1, 1.0, relevant / (ratio * (len(known) - relevant)))
    return np.asarray(weights * (len(known) / weights.sum()), dtype=float)


RANKERS: dict[str, Callable[..., Ranker]] = {"blend": BlendRanker, "svm": LinearRanker, "elas_u4": LinearRanker}
"""The rankers of our own; others register under the entry point group ``synth.rankers``."""


def find_ranker(name: str, *, seed: int = 0) -> Ranker:
    """A ranker by its name: one of ours, or one registered by a package (entry point group ``synth.rankers``)."""
    if name in RANKERS:
        return RANKERS[name](seed=seed)
    known = {entry.name: entry for entry in entry_points(group="synth.rankers")}
    if name not in known:
        names = sorted({*known, *RANKERS})
        near = get_close_matches(name, names, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(names)}"
        raise UsageError(f"There is no ranking model {name!r}", hint=hint)
    ranker: Ranker = known[name].load()(seed=seed)
    return ranker


def join_text(title: object, abstract: object) -> str:
    """What a ranker reads of a work: title and abstract; missing ones (None, NaN) are empty."""
    return f"{_text(title)} {_text(abstract)}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def join_works(works: pd.DataFrame) -> list[str]:
    """The texts of a work frame, in its order."""
    return [join_text(title, abstract) for title, abstract in zip(works["title"], works["abstract"], strict=True)]


def rank_works(
    works: pd.DataFrame,
    decisions: pd.DataFrame,
    *,
    seed: int = 0,
    query: str = "",
    ranker: Ranker | None = None,
    index: TextIndex | None = None,
) -> pd.DataFrame:
    """Order the works that nobody has decided: columns work_id, score (higher first), rank (1 first).

    ``works`` has work_id, title and abstract; ``decisions`` has work_id and verdict, one row per work: include and
    exclude are learned from, any other verdict only takes the work out of the list. ``query`` is the review's question,
    criteria or seed words, used as long as nothing relevant is known. ``index`` is the index of the works' texts, in
    the order of ``works``, where one was made before.

    ``attrs["model"]`` says what the order rests on: the ranker's name; ``similarity`` (to the relevant works, when
    nothing irrelevant is known); ``question`` (to the query); ``none`` (nothing is known: a fixed, arbitrary order).
    """
    works = works.reset_index(drop=True)
    verdicts = dict(zip(decisions["work_id"], decisions["verdict"], strict=True))
    labels = label_rows(list(works["work_id"]), verdicts)
    ranker = ranker or LinearRanker(seed=seed)
    model, scores = _score_texts(lambda: join_works(works), labels, query, ranker, index)
    undecided = [row for row, work_id in enumerate(works["work_id"]) if work_id not in verdicts]
    return _in_order(works["work_id"].iloc[undecided], scores[undecided], model)


def label_rows(work_ids: Sequence[str], verdicts: Mapping[str, str]) -> dict[int, int]:
    """Labels in the order of the decisions: the solver's last digits depend on it."""
    rows = {work_id: row for row, work_id in enumerate(work_ids)}
    marks = {"include": 1, "exclude": 0}
    return {
        rows[work_id]: marks[verdict] for work_id, verdict in verdicts.items() if verdict in marks and work_id in rows
    }


def _score_texts(
    read_texts: Callable[[], Sequence[str]], labels: Labels, query: str, ranker: Ranker, index: TextIndex | None
) -> tuple[str, Scores]:
    relevant = [row for row, mark in labels.items() if mark]
    if relevant and len(relevant) < len(labels):
        prepare_ranker(ranker, read_texts, index)
        return ranker.name, ranker.rank(labels)
    index = index or build_index(read_texts())
    return score_cold(index, relevant, query)


def prepare_ranker(ranker: Ranker, read_texts: Callable[[], Sequence[str]], index: TextIndex | None) -> None:
    """Give the ranker the index, if there is one and it can use it; else let it read the texts."""
    if index is not None and isinstance(ranker, IndexedRanker):
        ranker.use(index)
    else:
        ranker.fit(read_texts())


def score_cold(index: TextIndex, relevant: Sequence[int], query: str) -> tuple[str, Scores]:
    """Scores as long as there is nothing to tell relevant from irrelevant by, and what they rest on."""
    if relevant:
        return "similarity", index.compare_rows(relevant)
    scores = index.compare(query) if query.strip() else np.zeros(index.matrix.shape[0])
    return ("question" if scores.any() else "none"), scores


def _in_order(work_ids: pd.Series[Any], scores: Scores, model: str) -> pd.DataFrame:
    """Highest score first; equal scores by a hash of the name, so that no source's order decides."""
    frame = pd.DataFrame({"work_id": work_ids.to_numpy(), "score": scores})
    frame["tie"] = [hashlib.sha256(str(work_id).encode()).hexdigest() for work_id in frame["work_id"]]
    frame = frame.sort_values(["score", "tie"], ascending=[False, True], ignore_index=True).drop(columns="tie")
    frame["rank"] = np.arange(1, len(frame) + 1)
    frame.attrs["model"] = model
    return frame
