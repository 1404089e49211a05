"""Decide about all pairs of rows worth looking at, chunk by chunk; chunks may be computed elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from synth.dedup.block import find_candidates
from synth.dedup.compare import Prepared, are_worth_comparing, compare_pairs, prepare
from synth.dedup.decide import decide_pairs
from synth.dedup.group import Pair

Rows = npt.NDArray[np.int64]
Spread = Callable[..., Iterable[Any]]
"""Calls a function on items of one or more iterables, results in order: the builtin ``map``, or a cluster's."""

CHUNK = 100_000
"""Pairs compared at a time: bounds memory, and is what one worker gets."""
LARGEST_CHECKED = 1000
"""Up to so many different records that hang together are compared each with each, to find what contradicts."""
FEWEST_FIELDS = 2
"""Besides a title, identical records must have so many of authors, year, container, pages and identifiers."""


@dataclass(frozen=True, slots=True)
class Decided:
    """All that was decided about pairs of rows: evidence and decision, and the pairs of identical rows."""

    normal: pd.DataFrame
    prepared: Prepared
    pairs: pd.DataFrame
    identical: list[Pair]
    unchecked: frozenset[int]


def decide_all(normal: pd.DataFrame, first: Rows, told: dict[Pair, str], spread: Spread = map) -> Decided:
    """Block, compare and decide. ``first``: for each row the first row of equal content; ``told``: people's answers."""
    kept = np.flatnonzero(first == np.arange(len(first)))
    prepared = prepare(normal)
    left, right = find_candidates(normal.iloc[kept].reset_index(drop=True))
    found = compare_all(prepared, kept[left], kept[right], spread=spread)
    identical, alike = _pair_identical(normal, first, prepared)
    components = _find_components(found, len(normal))
    checked = compare_all(prepared, *_pairs_within(components, found), everything=True)
    unchecked = frozenset(row for rows in components if len(rows) > LARGEST_CHECKED for row in rows)
    pairs = pd.concat([found, checked, alike]).drop_duplicates(["left", "right"], keep="first")
    if told:
        pairs = pairs[np.array([pair not in told for pair in pairs_of(pairs)], dtype=bool)]
    return Decided(normal, prepared, pairs.reset_index(drop=True), identical, unchecked)


def compare_all(
    prepared: Prepared,
    left: Rows,
    right: Rows,
    *,
    everything: bool = False,
    spread: Spread = map,
) -> pd.DataFrame:
    """Decisions about pairs; without ``everything`` those that are ``different`` are dropped."""
    starts = range(0, max(len(left), 1), CHUNK)
    chunks = ((left[start : start + CHUNK], right[start : start + CHUNK]) for start in starts)
    if spread is map:
        parts: Iterable[Any] = (decide_chunk(prepared, one, other, everything) for one, other in chunks)
    else:
        parts = spread(decide_part, (_cut_out(prepared, one, other) for one, other in chunks))
    return pd.concat(list(parts), ignore_index=True)


def decide_chunk(prepared: Prepared, left: Rows, right: Rows, everything: bool) -> pd.DataFrame:
    """Compare and decide one chunk of pairs."""
    if not everything:
        worth = are_worth_comparing(prepared, left, right)
        left, right = left[worth], right[worth]
    decided = decide_pairs(compare_pairs(prepared, left, right))
    return decided if everything else decided[decided["relation"] != "different"]


@dataclass(frozen=True, slots=True)
class Part:
    """One chunk of pairs with the records that it needs, for a worker: ``rows`` are their numbers in the whole."""

    prepared: Prepared
    rows: Rows
    left: Rows
    right: Rows


def _cut_out(prepared: Prepared, left: Rows, right: Rows) -> Part:
    rows, places = np.unique(np.concatenate([left, right]), return_inverse=True)
    return Part(prepared.take(rows), rows, places[: len(left)], places[len(left) :])


def decide_part(part: Part) -> pd.DataFrame:
    """``decide_chunk`` where only the part's records are at hand; rows are those of the whole again."""
    decided = decide_chunk(part.prepared, part.left, part.right, everything=False)
    return decided.assign(left=part.rows[decided["left"]], right=part.rows[decided["right"]])


def _pair_identical(normal: pd.DataFrame, first: Rows, prepared: Prepared) -> tuple[list[Pair], pd.DataFrame]:
    """Rows and the first row of equal content: those that are surely one work, and decisions about the others."""
    later = np.flatnonzero(first != np.arange(len(first)))
    decided = compare_all(prepared, first[later], later, everything=True)
    telling = _is_telling(normal)[later]
    vetoed = decided["vetoed"].to_numpy(dtype=bool)
    sure = (telling & ~vetoed) | (decided["relation"] == "same").to_numpy(dtype=bool)
    pairs = list(zip(first[later][sure].tolist(), later[sure].tolist(), strict=True))
    return pairs, decided[~sure & (decided["relation"] == "maybe").to_numpy(dtype=bool)]


def _is_telling(normal: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Which rows say enough to be one work with a row that says the very same."""
    known = sum((normal[name] != "").astype(int) for name in ("surnames", "container", "page", "doi"))
    fields = known + (normal["year"] > 0).astype(int) + normal["ids"].map(bool).astype(int)
    enough = (normal["title"] != "") & (fields >= FEWEST_FIELDS)
    return np.asarray(enough, dtype=bool)


def _find_components(found: pd.DataFrame, n: int) -> list[list[int]]:
    """Rows that hang together by ``same`` pairs, three and more."""
    same = found[found["relation"] == "same"]
    links = coo_array((np.ones(len(same)), (same["left"], same["right"])), shape=(n, n))
    labels = connected_components(links, directed=False)[1]
    order = np.argsort(labels, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)
    return [rows.tolist() for rows in members if len(rows) > 2]


def _pairs_within(components: list[list[int]], found: pd.DataFrame) -> tuple[Rows, Rows]:
    """All pairs of rows that hang together, but were not found to be anything yet."""
    known = set(pairs_of(found))
    linked = (rows for rows in components if len(rows) <= LARGEST_CHECKED)
    pairs = [pair for rows in linked for pair in combinations(rows, 2) if pair not in known]
    both = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def pairs_of(pairs: pd.DataFrame) -> Iterator[Pair]:
    """The (left, right) of each row."""
    return zip(pairs["left"].tolist(), pairs["right"].tolist(), strict=True)
