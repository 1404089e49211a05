"""Which pairs of records are worth comparing: records that share a key.

Keys are hashed to integers, sorted, and paired inside runs of equal keys; no key is ever looked up one by one. A run
longer than the cap tells nothing (a word pair that half the corpus has) and is left out; where the key alone is strong
evidence (an identifier, a whole title) each record of a long run meets its nearest neighbours in it instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

Integers = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

CAP = 60
"""Longest run of a weak key that is compared in full."""
STRONG_CAP = 200
"""Longest run of a strong key that is compared in full."""
NEIGHBOURS = 10
"""How many neighbours a record meets in a longer run of a strong key."""
_MIX = np.uint64(0x9E3779B97F4A7C15)
LONG_WORDS = 5
"""How many of a title's longest words are combined into keys."""


def find_candidates(normal: pd.DataFrame) -> tuple[Integers, Integers]:
    """Row numbers (left < right) of all pairs of ``normal`` that share a key, without repeats, in order."""
    titles = list(_every_title(normal))
    strong = [_pair_runs(keys, rows, STRONG_CAP, NEIGHBOURS) for keys, rows in _strong_keys(normal, titles)]
    weak = [_pair_runs(keys, rows, CAP, 0) for keys, rows in _weak_keys(normal, titles)]
    return _merge_pairs([*strong, *weak], len(normal))


def _merge_pairs(found: list[tuple[Integers, Integers]], n: int) -> tuple[Integers, Integers]:
    codes = np.sort(np.concatenate([left * n + right for left, right in found] or [np.empty(0, np.int64)]))
    codes = codes[np.r_[True, codes[1:] != codes[:-1]]] if len(codes) else codes
    return codes // max(n, 1), codes % max(n, 1)


def _pair_runs(keys: Hashes, rows: Integers, cap: int, neighbours: int) -> tuple[Integers, Integers]:
    """All pairs of rows with equal keys; in runs longer than ``cap`` only pairs at most ``neighbours`` places apart."""
    order = np.lexsort((rows, keys))
    keys, rows = keys[order], rows[order]
    reach = _reach(keys, cap, neighbours)
    lefts, rights = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    start = np.flatnonzero(reach)
    for step in range(1, cap):
        start = start[(reach[start] >= step) & (start + step < len(keys))]
        start = start[keys[start] == keys[start + step]]
        if not len(start):
            break
        lefts.append(rows[start])
        rights.append(rows[start + step])
    left, right = np.concatenate(lefts), np.concatenate(rights)
    distinct = left != right
    return np.minimum(left, right)[distinct], np.maximum(left, right)[distinct]


def _reach(keys: Hashes, cap: int, neighbours: int) -> Integers:
    """How far each place looks ahead: to the end of its run, to its neighbours in a long run, or not at all."""
    if not len(keys):
        return np.empty(0, np.int64)
    firsts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
    lengths = np.diff(np.r_[firsts, len(keys)])
    return np.repeat(np.where(lengths > cap, neighbours, lengths - 1), lengths)


# Keys ----------------------------------------------------------------------------------------------------------------


def _hash_texts(texts: Iterable[str]) -> Hashes:
    """A stable 64-bit hash of each text."""
    return np.asarray(pd.util.hash_array(np.array(list(texts), dtype=object), categorize=True), dtype=np.uint64)


def _keep(texts: pd.Series, present: pd.Series) -> tuple[Hashes, Integers]:
    kept = present.to_numpy(dtype=bool)
    return _hash_texts(texts.to_numpy()[kept]), np.flatnonzero(kept)


def _spread(items: Iterable[tuple[int, str]]) -> tuple[Hashes, Integers]:
    """Keys of records that have several of one kind, from (row, text)."""
    rows, texts = [], []
    for row, text in items:
        rows.append(row)
        texts.append(text)
    return _hash_texts(texts), np.array(rows, dtype=np.int64)


Titles = list[tuple[int, str]]


def _strong_keys(normal: pd.DataFrame, titles: Titles) -> Iterator[tuple[Hashes, Integers]]:
    yield _keep(normal["doi"], normal["doi"] != "")
    yield _spread((row, f"{name}:{value}") for row, ids in enumerate(normal["ids"]) for name, value in ids.items())
    yield _spread((row, title.replace(" ", "")) for row, title in titles)


def _weak_keys(normal: pd.DataFrame, titles: Titles) -> Iterator[tuple[Hashes, Integers]]:
    year = normal["year"].astype(str)
    paged, dated, known = normal["page"] != "", normal["year"] != 0, normal["first_author"] != ""
    yield _keep(normal["volume"] + "|" + normal["page"], paged & (normal["volume"] != ""))
    yield _keep(year + "|" + normal["page"] + "|" + normal["page_last"], paged & dated & (normal["page_last"] != ""))
    yield _keep(normal["first_author"] + "|" + year + "|" + normal["page"], known & dated & paged)
    yield _keep(normal["first_author"] + "|" + year, known & dated)
    yield _keep(normal["abstract"].str.slice(0, 100), normal["abstract"] != "")
    yield _spread(_title_ends(titles))
    yield _pair_long_words(titles)


def _every_title(normal: pd.DataFrame) -> Iterator[tuple[int, str]]:
    for row, (title, others) in enumerate(zip(normal["title"], normal["others"], strict=True)):
        yield from ((row, text) for text in (title, *others) if text)


def _title_ends(titles: Titles) -> Iterator[tuple[int, str]]:
    for row, title in titles:
        found = title.split()
        if len(found) >= 4:
            yield row, "start|" + " ".join(found[:4])
            yield row, "end|" + " ".join(found[-4:])


def _pair_long_words(titles: Titles) -> tuple[Hashes, Integers]:
    """Keys of every two of a title's longest words: each word is hashed once, the two hashes are mixed."""
    rows, found = [], []
    for row, title in titles:
        longest = sorted(set(title.split()), key=lambda word: (-len(word), word))[:LONG_WORDS]
        rows += [row] * len(longest)
        found += longest
    hashes, at = _hash_texts(found), np.array(rows, dtype=np.int64)
    keys, places = [np.empty(0, np.uint64)], [np.empty(0, np.int64)]
    for step in range(1, LONG_WORDS):
        same = at[step:] == at[:-step]
        one, other = hashes[step:][same], hashes[:-step][same]
        low, high = np.minimum(one, other), np.maximum(one, other)
        keys.append(low * _MIX + (high ^ (high >> np.uint64(29))))
        places.append(at[step:][same])
    return np.concatenate(keys), np.concatenate(places)
