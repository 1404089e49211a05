"""The words of all texts as one sparse matrix, built once: TF-IDF over words and pairs of neighbouring words.

Values are those of the usual recipe (sublinear term frequency, smoothed inverse document frequency, rows of length 1;
words in more than 95 % of the texts left out), columns in alphabetical order. What makes it fast:
a word is looked up once and is a number from then on; pairs of words are pairs of numbers.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Scores = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

MAX_SHARE = 0.95
"""Words in more than this share of the texts say nothing."""
_FEW = 20
"""Below this number of texts a share of .95 would forbid words that stand in all but one of them."""
_CHUNK_BITS = 11
"""2,048 texts are counted at a time: enough for speed, few enough for memory."""
_NEARLY_ALL = 0.8
"""If more than this share of all values stands in shared columns, keeping these a second time is not worth it."""
_find_words = re.compile(r"(?u)\b\w\w+\b").findall


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The columns: ``words`` in alphabetical order; ``codes`` of words and pairs, ascending; ``idf`` of each column.

    The code of a word is its place times (number of words + 1); of a pair, that plus the second word's place plus 1.
    """

    words: tuple[str, ...]
    codes: Whole
    idf: Scores

    @property
    def single(self) -> npt.NDArray[np.bool_]:
        """True for the columns that stand for one word, not for a pair."""
        return np.asarray(self.codes % (len(self.words) + 1) == 0, dtype=bool)

    def name(self, column: int) -> str:
        """The word or the pair of words that a column stands for."""
        first, second = divmod(int(self.codes[column]), len(self.words) + 1)
        return self.words[first] if not second else f"{self.words[first]} {self.words[second - 1]}"

    def read(self, text: str) -> tuple[Whole, Scores]:
        """Columns of ``text`` and their weights (length 1 together); words that no text holds are left out."""
        places = {word: place for place, word in enumerate(self.words)}
        known = np.array([places.get(word, -1) for word in _find_words(text.lower())], dtype=np.int64)
        codes, counts = np.unique(_code(known, len(self.words) + 1), return_counts=True)
        at = np.minimum(np.searchsorted(self.codes, codes), max(len(self.codes) - 1, 0))
        held = (self.codes[at] == codes) if len(self.codes) else np.zeros(len(codes), bool)
        weights = (np.log(counts[held]) + 1) * self.idf[at[held]]
        return at[held], weights / (np.linalg.norm(weights) or 1.0)


def _code(words: Whole, base: int) -> Whole:
    """Codes of the words and of the pairs of neighbours; -1 stands for a word that is not known."""
    first, second = words[:-1], words[1:]
    pairs = first * base + second + 1
    return np.concatenate([(words * base)[words >= 0], pairs[(first >= 0) & (second >= 0)]])


@dataclass(frozen=True, slots=True)
class TextIndex:
    """``matrix`` is texts x columns, rows of length 1 (or 0 for an empty text).

    What most texts are ranked by is only the part that texts share: ``shared`` holds the columns that stand in two
    texts or more, ``shared_columns`` says which those are. ``word_scale`` and ``word_sums`` (one a text) turn a row
    into the row of single words alone: its length 1 again, and the sum of its values.
    """

    matrix: csr_matrix
    vocabulary: Vocabulary
    shared: csr_matrix
    shared_columns: npt.NDArray[np.int32]
    word_scale: Scores
    word_sums: Scores

    def compare(self, text: str) -> Scores:
        """Cosine of every text to ``text``, 0 to 1."""
        columns, weights = self.vocabulary.read(text)
        query = np.zeros(self.matrix.shape[1])
        query[columns] = weights
        return np.asarray(self.matrix @ query, dtype=float)

    def compare_rows(self, rows: Sequence[int]) -> Scores:
        """Cosine of every text to the mean of the texts in ``rows``."""
        middle = np.asarray(self.matrix[list(rows)].mean(axis=0)).ravel()
        length = float(np.linalg.norm(middle))
        return np.asarray(self.matrix @ middle, dtype=float) / (length or 1.0)

    def score(self, columns: Whole, weights: Scores) -> Scores:
        """Sum of ``weights`` (zero but for ``columns``) over each text, columns that only one text holds left out.

        That is the whole sum for every text but those that the weights were learned from.
        """
        at = np.searchsorted(self.shared_columns, columns)
        at = np.minimum(at, max(len(self.shared_columns) - 1, 0))
        held = self.shared_columns[at] == columns if len(self.shared_columns) else np.zeros(len(columns), dtype=bool)
        full = np.zeros((self.shared.shape[1], *weights.shape[1:]))
        full[at[held]] = weights[held]
        return np.asarray(self.shared @ full, dtype=float)


_Counted = tuple[Whole, "csr_matrix"]
"""Of a chunk: its codes, ascending, each once; and how often each (column) stands in each text (row)."""


def build_index(texts: Sequence[str], *, pairs: bool = True) -> TextIndex:
    """Count the words (and, with ``pairs``, pairs of words) of ``texts`` and weigh them; see the head of this file."""
    counted, words = _count_texts(texts, pairs=pairs)
    codes = _merge_codes([codes for codes, _ in counted])
    held = sum((np.bincount(_columns_of(part, codes), minlength=len(codes)) for part in counted), np.zeros(len(codes)))
    total = len(texts)
    keep = held <= (MAX_SHARE * total if total >= _FEW else total)
    idf = np.log((1 + total) / (held[keep] + 1.0)) + 1.0
    held = held[keep].astype(np.int64)
    common = held > 1
    if held[common].sum() > _NEARLY_ALL * held.sum():
        common[:] = True
    return _fill(counted, codes, keep, np.where(common, held, -held), Vocabulary(words, codes[keep], idf))


def _count_texts(texts: Sequence[str], *, pairs: bool) -> tuple[list[_Counted], tuple[str, ...]]:
    numbers, lengths, words = _number_words(texts)
    return [_count(chunk, sizes, len(words) + 1, pairs=pairs) for chunk, sizes in _chunks(numbers, lengths)], words


def _columns_of(part: _Counted, codes: Whole) -> Whole:
    """The place in ``codes`` of every value of a chunk."""
    return np.searchsorted(codes, part[0])[part[1].indices] if part[1].nnz else np.zeros(0, dtype=np.int64)


def _fill(
    counted: list[_Counted],
    codes: Whole,
    keep: npt.NDArray[np.bool_],
    held: Whole,
    vocabulary: Vocabulary,
) -> TextIndex:
    """Weigh the chunks one by one, letting go of each, so that little more than the result is ever in memory.

    ``held``: in how many texts each kept column stands, negative for columns that are not shared.
    """
    common, total = held > 0, sum(part.shape[0] for _, part in counted)
    places = np.cumsum(keep) - 1
    single, shared_places = vocabulary.single, np.cumsum(common) - 1
    whole = _Rows(total, max(len(held), 1), int(abs(held).sum()))
    shared = _Rows(total, max(int(common.sum()), 1), 0 if common.all() else int(held[common].sum()))
    scales, sums = [np.zeros(0)], [np.zeros(0)]
    counted.reverse()
    while counted:
        chunk = counted.pop()
        columns = _columns_of(chunk, codes)
        matrix = _weigh(chunk[1], columns, keep, places, vocabulary.idf)
        whole.add(np.diff(matrix.indptr), matrix.indices, matrix.data)
        rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        if not common.all():
            inside = common[matrix.indices]
            sizes = np.bincount(rows[inside], minlength=matrix.shape[0])
            shared.add(sizes, shared_places[matrix.indices[inside]], matrix.data[inside])
        scale, sum_of_row = _measure_words(rows, matrix.indices, matrix.data, single, matrix.shape[0])
        scales.append(scale)
        sums.append(sum_of_row)
    shared_columns = np.flatnonzero(common).astype(np.int32)
    matrix = whole.join()
    part = matrix if common.all() else shared.join()
    return TextIndex(matrix, vocabulary, part, shared_columns, np.concatenate(scales), np.concatenate(sums))


def _weigh(part: csr_matrix, columns: Whole, keep: npt.NDArray[np.bool_], places: Whole, idf: Scores) -> csr_matrix:
    """The chunk with the weights of the recipe, without columns that too many texts hold."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415  loads slowly, and a decision needs none of it
    from sklearn.preprocessing import normalize  # noqa: PLC0415  as above

    inside = keep[columns] if len(columns) else np.zeros(0, dtype=bool)
    at = places[columns[inside]]
    weights = (np.log(part.data[inside].astype(np.float64)) + 1) * idf[at]
    rows = np.repeat(np.arange(part.shape[0]), np.diff(part.indptr))[inside]
    ends = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=part.shape[0]))])
    matrix = csr_matrix((weights, at.astype(np.int32), ends), shape=(part.shape[0], max(len(idf), 1)))
    return normalize(matrix, copy=False)


def _measure_words(
    rows: Whole, columns: npt.NDArray[np.int32], values: Scores, single: npt.NDArray[np.bool_], total: int
) -> tuple[Scores, Scores]:
    """One over the length of each row's single words, and the sum of them at length 1."""
    inside = single[columns] if len(single) else np.zeros(len(columns), dtype=bool)
    rows, values = rows[inside], values[inside]
    lengths = np.sqrt(np.bincount(rows, weights=values**2, minlength=total))
    scale = 1 / np.where(lengths > 0, lengths, 1.0)
    return scale, np.bincount(rows, weights=values, minlength=total) * scale


class _Rows:
    """Rows of a sparse matrix, written one below the other into arrays of the size that is known before."""

    def __init__(self, rows: int, width: int, size: int) -> None:
        self._shape = (rows, width)
        self._ends = np.zeros(rows + 1, dtype=np.int64)
        self._columns, self._values = np.zeros(size, dtype=np.int32), np.zeros(size)
        self._row, self._at = 0, 0

    def add(self, sizes: Whole, columns: Whole, values: Scores) -> None:
        """Rows below those that are there."""
        start, end = self._at, self._at + len(values)
        self._columns[start:end], self._values[start:end] = columns, values
        self._ends[self._row + 1 : self._row + 1 + len(sizes)] = start + np.cumsum(sizes)
        self._row, self._at = self._row + len(sizes), end

    def join(self) -> csr_matrix:
        """The matrix."""
        from scipy.sparse import csr_matrix  # noqa: PLC0415  as above

        return csr_matrix((self._values, self._columns, self._ends), shape=self._shape)


def _number_words(texts: Sequence[str]) -> tuple[npt.NDArray[np.int32], Whole, tuple[str, ...]]:
    """Every word of every text as its place in the alphabet, texts one after the other; and how long each text is."""
    seen: defaultdict[str, int] = defaultdict()
    seen.default_factory = seen.__len__
    parts, lengths = [], np.zeros(len(texts), dtype=np.int64)
    for row, text in enumerate(texts):
        found = _find_words(text.lower())
        lengths[row] = len(found)
        parts.append(np.fromiter(map(seen.__getitem__, found), dtype=np.int32, count=len(found)))
    words = sorted(seen)
    places = np.zeros(len(seen), dtype=np.int32)
    places[[seen[word] for word in words]] = np.arange(len(words), dtype=np.int32)
    return places[np.concatenate(parts)] if words else np.zeros(0, np.int32), lengths, tuple(words)


def _chunks(numbers: npt.NDArray[np.int32], lengths: Whole) -> list[tuple[npt.NDArray[np.int32], Whole]]:
    ends = np.concatenate([[0], np.cumsum(lengths)])
    starts = range(0, len(lengths), 1 << _CHUNK_BITS)
    cuts = [(start, min(start + (1 << _CHUNK_BITS), len(lengths))) for start in starts]
    return [(numbers[ends[start] : ends[end]], lengths[start:end]) for start, end in cuts]


def _count(numbers: npt.NDArray[np.int32], lengths: Whole, base: int, *, pairs: bool) -> _Counted:
    from scipy.sparse import coo_matrix  # noqa: PLC0415  loads slowly, and a decision needs none of it

    rows = np.repeat(np.arange(len(lengths)), lengths)
    keys = (numbers.astype(np.int64) * base << _CHUNK_BITS) | rows
    if pairs and len(numbers):
        inside = rows[:-1] == rows[1:]
        second = (keys[:-1] + ((numbers[1:].astype(np.int64) + 1) << _CHUNK_BITS))[inside]
        keys = np.concatenate([keys, second])
    keys.sort()
    at = np.flatnonzero(_starts(keys))
    counts = np.diff(np.append(at, len(keys)))
    codes, rows = keys[at] >> _CHUNK_BITS, keys[at] & ((1 << _CHUNK_BITS) - 1)
    fresh = _starts(codes)
    shape = (len(lengths), max(int(fresh.sum()), 1))
    places = (rows.astype(np.int32), np.cumsum(fresh, dtype=np.int32) - 1)
    return codes[fresh], coo_matrix((counts.astype(np.uint16), places), shape=shape).tocsr()


def _starts(values: Whole) -> npt.NDArray[np.bool_]:
    """True where a sorted array goes on to another value."""
    fresh = np.ones(len(values), dtype=bool)
    fresh[1:] = values[1:] != values[:-1]
    return fresh


def _merge_codes(parts: Sequence[Whole]) -> Whole:
    """All codes, ascending, each once; a few parts at a time, so that no copy of everything is sorted."""
    parts = list(parts) or [np.zeros(0, dtype=np.int64)]
    while len(parts) > 1:
        joined = [np.sort(np.concatenate(parts[at : at + 4])) for at in range(0, len(parts), 4)]
        parts = [part[_starts(part)] for part in joined]
    return parts[0]
