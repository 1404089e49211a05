"""The order of reading: what is most likely relevant comes first.

The default follows the recipe that ASReview 3 publishes as ``elas_u4``: TF-IDF over words and pairs of words of title
and abstract (sublinear), a linear support vector machine with squared hinge loss and C = .11, relevant works weighted
9.8 times as heavy as irrelevant ones in sum, refitted from scratch, highest decision value first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from synth.errors import UsageError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Scores = npt.NDArray[np.float64]
Labels = Mapping[int, int]
"""Row of the text: 1 relevant, 0 irrelevant; in the order in which they became known."""

C = 0.11
RATIO = 9.8
MAX_SHARE = 0.95
"""Words in more than this share of the texts say nothing."""
_FEW = 20
"""Below this number of texts a share of .95 would forbid words that stand in all but one of them."""


class Ranker(Protocol):
    """A plug-in of ``synth.rankers``: made with ``seed=``, shown all texts once, asked for scores after decisions."""

    name: str

    def fit(self, texts: Sequence[str]) -> None:
        """Read the texts; row numbers refer to this order."""
        ...

    def rank(self, labels: Labels) -> Scores:
        """One score per text, higher is more likely relevant. ``labels`` holds at least one 1 and one 0."""
        ...


class TextIndex:
    """TF-IDF of words and pairs of words. ``matrix`` is texts x words, rows of length 1 (or 0 for an empty text)."""

    def __init__(self, texts: Sequence[str]) -> None:
        # scikit-learn takes a second to load: what only counts decisions must not wait for it.
        from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415

        self._words = TfidfVectorizer(
            ngram_range=(1, 2), sublinear_tf=True, min_df=1, max_df=MAX_SHARE if len(texts) >= _FEW else 1.0
        )
        self.matrix: csr_matrix = self._read(texts)

    def _read(self, texts: Sequence[str]) -> csr_matrix:
        from scipy.sparse import csr_matrix  # noqa: PLC0415  as above

        try:
            return csr_matrix(self._words.fit_transform(texts))
        except ValueError:
            # Not one word to tell the texts apart: all of them are empty, or all of them are the same.
            self._words = None
            return csr_matrix((len(texts), 1))

    def compare(self, text: str) -> Scores:
        """Cosine of every text to ``text``, 0 to 1."""
        if self._words is None:
            return np.zeros(self.matrix.shape[0])
        return np.asarray((self.matrix @ self._words.transform([text]).T).todense(), dtype=float).ravel()

    def compare_rows(self, rows: Sequence[int]) -> Scores:
        """Cosine of every text to the mean of the texts in ``rows``."""
        middle = np.asarray(self.matrix[list(rows)].mean(axis=0)).ravel()
        length = float(np.linalg.norm(middle))
        return np.asarray(self.matrix @ middle, dtype=float) / (length or 1.0)


class LinearRanker:
    """TF-IDF and a linear support vector machine, the recipe at the head of this file. ``seed`` fixes the solver."""

    name = "svm"

    def __init__(self, *, seed: int = 0) -> None:
        self.seed = seed
        self._index: TextIndex | None = None

    def fit(self, texts: Sequence[str]) -> None:
        """Build the index of all texts, read or unread."""
        self._index = TextIndex(texts)

    def rank(self, labels: Labels) -> Scores:
        """Decision values of a machine trained on ``labels``, one per text."""
        from sklearn.svm import LinearSVC  # noqa: PLC0415  as above

        assert self._index is not None, "fit comes before rank"
        rows, known = list(labels), np.array(list(labels.values()))
        machine = LinearSVC(loss="squared_hinge", C=C, random_state=self.seed)
        machine.fit(self._index.matrix[rows], known, sample_weight=weigh_labels(known))
        return np.asarray(machine.decision_function(self._index.matrix), dtype=float)


def weigh_labels(known: npt.NDArray[np.int_]) -> Scores:
    """Weights of the training works: relevant ones sum to 9.8 times the irrelevant ones, all sum to their number."""
    relevant = int(known.sum())
    weights = np.where(known == 1, 1.0, relevant / (RATIO * (len(known) - relevant)))
    return np.asarray(weights * (len(known) / weights.sum()), dtype=float)


def find_ranker(name: str, *, seed: int = 0) -> Ranker:
    """A ranker by the name under which it is registered (entry point group ``synth.rankers``)."""
    known = {entry.name: entry for entry in entry_points(group="synth.rankers")}
    if name not in known:
        near = get_close_matches(name, list(known), n=1)
        hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(sorted(known))}"
        raise UsageError(f"There is no ranking model {name!r}", hint=hint)
    ranker: Ranker = known[name].load()(seed=seed)
    return ranker


def join_text(title: object, abstract: object) -> str:
    """What a ranker reads of a work: title and abstract; missing ones (None, NaN) are empty."""
    return f"{_text(title)} {_text(abstract)}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def rank_works(
    works: pd.DataFrame, decisions: pd.DataFrame, *, seed: int = 0, query: str = "", ranker: Ranker | None = None
) -> pd.DataFrame:
    """Order the works that nobody has decided: columns work_id, score (higher first), rank (1 first).

    ``works`` has work_id, title and abstract; ``decisions`` has work_id and verdict, one row per work: include and
    exclude are learned from, any other verdict only takes the work out of the list. ``query`` is the review's question,
    criteria or seed words, used as long as nothing relevant is known.

    ``attrs["model"]`` says what the order rests on: the ranker's name; ``similarity`` (to the relevant works, when
    nothing irrelevant is known); ``question`` (to the query); ``none`` (nothing is known: a fixed, arbitrary order).
    """
    works = works.reset_index(drop=True)
    verdicts = dict(zip(decisions["work_id"], decisions["verdict"], strict=True))
    labels = _label_rows(works["work_id"], verdicts)
    texts = [join_text(title, abstract) for title, abstract in zip(works["title"], works["abstract"], strict=True)]
    model, scores = _score_texts(texts, labels, query, ranker or LinearRanker(seed=seed))
    undecided = [row for row, work_id in enumerate(works["work_id"]) if work_id not in verdicts]
    return _in_order(works["work_id"].iloc[undecided], scores[undecided], model)


def _label_rows(work_ids: pd.Series[Any], verdicts: Mapping[str, str]) -> dict[int, int]:
    """Labels in the order of the decisions: the solver's last digits depend on it."""
    rows = {work_id: row for row, work_id in enumerate(work_ids)}
    marks = {"include": 1, "exclude": 0}
    return {
        rows[work_id]: marks[verdict] for work_id, verdict in verdicts.items() if verdict in marks and work_id in rows
    }


def _score_texts(texts: Sequence[str], labels: Labels, query: str, ranker: Ranker) -> tuple[str, Scores]:
    relevant = [row for row, mark in labels.items() if mark]
    if relevant and len(relevant) < len(labels):
        ranker.fit(texts)
        return ranker.name, ranker.rank(labels)
    if relevant:
        return "similarity", TextIndex(texts).compare_rows(relevant)
    scores = TextIndex(texts).compare(query) if query.strip() else np.zeros(len(texts))
    return ("question" if scores.any() else "none"), scores


def _in_order(work_ids: pd.Series[Any], scores: Scores, model: str) -> pd.DataFrame:
    """Highest score first; equal scores by a hash of the name, so that no source's order decides."""
    frame = pd.DataFrame({"work_id": work_ids.to_numpy(), "score": scores})
    frame["tie"] = [hashlib.sha256(str(work_id).encode()).hexdigest() for work_id in frame["work_id"]]
    frame = frame.sort_values(["score", "tie"], ascending=[False, True], ignore_index=True).drop(columns="tie")
    frame["rank"] = np.arange(1, len(frame) + 1)
    frame.attrs["model"] = model
    return frame
