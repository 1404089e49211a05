"""Find which records are one work: normalise, block, compare, decide, group. The one entry to deduplication."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from synth.dedup.block import find_candidates
from synth.dedup.compare import Prepared, are_worth_comparing, compare_pairs, prepare
from synth.dedup.decide import decide_pairs
from synth.dedup.group import Groups, Pair, split_untitled
from synth.dedup.normalise import normalise_records
from synth.dedup.reasons import explain_pairs

CHUNK = 100_000
"""Pairs compared at a time: bounds memory."""
LARGEST_CHECKED = 1000
"""Up to so many different records that hang together are compared each with each, to find what contradicts."""
FEWEST_FIELDS = 2
"""Besides a title, identical records must have so many of authors, year, container, pages and identifiers."""

PAIR_COLUMNS = ["record_id_1", "record_id_2", "relation", "method", "score", "reasons"]


@dataclass(frozen=True, slots=True)
class Deduplication:
    """Which records belong together, and what is known about pairs of them.

    ``groups``: record_id, group_id (the id of the group's oldest record). ``pairs``: record_id_1 < record_id_2,
    relation (same, maybe, related), method (the rule), score (0-1), reasons (list of text).
    """

    groups: pd.DataFrame
    pairs: pd.DataFrame


def find_groups(
    records: pd.DataFrame,
    *,
    answers: pd.DataFrame | None = None,
    old: Mapping[str, str] | None = None,
) -> Deduplication:
    """Group ``records`` (one row each; columns as in ``tables.RECORDS``, missing ones are tolerated) into works.

    ``answers``: what people said, columns record_id_1, record_id_2, relation (same, different, maybe, related); these
    always win, the last row of a pair counting. ``old``: record id to work, as known so far: an old work is never
    split; where the rules would, the pair goes on the review list.
    """
    if not len(records):
        return Deduplication(
            pd.DataFrame(columns=["record_id", "group_id"], dtype=object),
            pd.DataFrame(columns=PAIR_COLUMNS, dtype=object),
        )
    normal, first = _sort_by_content(normalise_records(records))
    told = _read_answers(answers, normal)
    decided = _decide(normal, first, told)
    fresh, refused = _group(decided, told, {})
    groups, _ = _group(decided, told, old) if old else (fresh, refused)
    doubtful = [*refused, *_find_split_works(fresh, normal, old or {}, told)]
    return Deduplication(_name_groups(groups, normal, records), _list_pairs(decided, groups, doubtful, told))


# Order and identical records -----------------------------------------------------------------------------------------


def _sort_by_content(normal: pd.DataFrame) -> tuple[pd.DataFrame, npt.NDArray[np.int64]]:
    """Rows in an order that only their content gives, and for each row the first row with the same content."""
    texts = normal.drop(columns="id").astype({"year": str, "n_authors": str})
    keys = ["\x1f".join(map(str, row)) for row in texts.itertuples(index=False, name=None)]
    names = normal["id"].tolist()
    order = sorted(range(len(keys)), key=lambda row: (keys[row], names[row]))
    codes = pd.factorize(np.array([keys[row] for row in order], dtype=object))[0]
    first = np.unique(codes, return_index=True)[1].astype(np.int64)[codes]
    return normal.iloc[order].reset_index(drop=True), first


def _is_telling(normal: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Which rows say enough to be one work with a row that says the very same."""
    known = sum((normal[name] != "").astype(int) for name in ("surnames", "container", "page", "doi"))
    fields = known + (normal["year"] > 0).astype(int) + normal["ids"].map(bool).astype(int)
    enough = (normal["title"] != "") & (fields >= FEWEST_FIELDS)
    return np.asarray(enough, dtype=bool)


# Answers -------------------------------------------------------------------------------------------------------------


def _read_answers(answers: pd.DataFrame | None, normal: pd.DataFrame) -> dict[Pair, str]:
    """What people said about pairs of rows; the last word about a pair counts."""
    if answers is None or not len(answers):
        return {}
    rows = {name: row for row, name in enumerate(normal["id"])}
    told: dict[Pair, str] = {}
    columns = (answers["record_id_1"], answers["record_id_2"], answers["relation"])
    for one, other, relation in zip(*columns, strict=True):
        if str(one) in rows and str(other) in rows and one != other:
            told[_in_order(rows[str(one)], rows[str(other)])] = str(relation)
    return told


def _in_order(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)


# Pairs ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Decided:
    """All that was decided about pairs of rows: evidence and decision, and the pairs of identical rows."""

    normal: pd.DataFrame
    prepared: Prepared
    pairs: pd.DataFrame
    identical: list[Pair]
    unchecked: frozenset[int]


def _decide(normal: pd.DataFrame, first: npt.NDArray[np.int64], told: dict[Pair, str]) -> _Decided:
    kept = np.flatnonzero(first == np.arange(len(first)))
    prepared = prepare(normal)
    left, right = find_candidates(normal.iloc[kept].reset_index(drop=True))
    found = _compare(prepared, kept[left], kept[right])
    identical, alike = _pair_identical(normal, first, prepared)
    components = _find_components(found, len(normal))
    checked = _compare(prepared, *_pairs_within(components, found), everything=True)
    unchecked = frozenset(row for rows in components if len(rows) > LARGEST_CHECKED for row in rows)
    pairs = pd.concat([found, checked, alike]).drop_duplicates(["left", "right"], keep="first")
    spoken = pairs[["left", "right"]].apply(tuple, axis=1).isin(told) if told else np.zeros(len(pairs), dtype=bool)
    return _Decided(normal, prepared, pairs[~np.asarray(spoken)].reset_index(drop=True), identical, unchecked)


def _compare(
    prepared: Prepared,
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    *,
    everything: bool = False,
) -> pd.DataFrame:
    """Decisions about pairs, chunk by chunk; without ``everything`` those that are ``different`` are dropped."""
    parts = []
    for start in range(0, max(len(left), 1), CHUNK):
        one, other = left[start : start + CHUNK], right[start : start + CHUNK]
        if not everything:
            worth = are_worth_comparing(prepared, one, other)
            one, other = one[worth], other[worth]
        decided = decide_pairs(compare_pairs(prepared, one, other))
        parts.append(decided if everything else decided[decided["relation"] != "different"])
    return pd.concat(parts, ignore_index=True)


def _pair_identical(
    normal: pd.DataFrame,
    first: npt.NDArray[np.int64],
    prepared: Prepared,
) -> tuple[list[Pair], pd.DataFrame]:
    """Neighbouring rows of equal content: those that are surely one work, and decisions about the others."""
    later = np.flatnonzero(first != np.arange(len(first)))
    decided = _compare(prepared, first[later], later, everything=True)
    telling = _is_telling(normal)[later]
    sure = (telling & ~decided["vetoed"].to_numpy(dtype=bool)) | (decided["relation"] == "same").to_numpy(dtype=bool)
    pairs = list(zip(first[later][sure].tolist(), later[sure].tolist(), strict=True))
    return pairs, decided[~sure & (decided["relation"] == "maybe").to_numpy(dtype=bool)]


def _find_components(found: pd.DataFrame, n: int) -> list[list[int]]:
    """Rows that hang together by ``same`` pairs, three and more."""
    same = found[found["relation"] == "same"]
    links = coo_array((np.ones(len(same)), (same["left"], same["right"])), shape=(n, n))
    labels = connected_components(links, directed=False)[1]
    order = np.argsort(labels, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)
    return [rows.tolist() for rows in members if len(rows) > 2]


def _pairs_within(
    components: list[list[int]],
    found: pd.DataFrame,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """All pairs of rows that hang together, but were not found to be anything yet."""
    known = set(_pairs_of(found))
    linked = (rows for rows in components if len(rows) <= LARGEST_CHECKED)
    pairs = [pair for rows in linked for pair in combinations(rows, 2) if pair not in known]
    both = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


# Groups --------------------------------------------------------------------------------------------------------------


def _group(decided: _Decided, told: dict[Pair, str], old: Mapping[str, str]) -> tuple[Groups, list[Pair]]:
    """The groups, and the ``same`` pairs that were refused. People's answers come first, then old works, then rules."""
    titled = (decided.normal["title"] != "").tolist()
    groups = Groups(titled, decided.unchecked, _allow(decided))
    groups.keep_apart(pair for pair, relation in told.items() if relation in ("different", "related"))
    groups.join_all(sorted(pair for pair, relation in told.items() if relation == "same"))
    groups.join_all(_pairs_of_old_works(decided.normal, old))
    groups.join_all(pair for pair in decided.identical if pair not in told)
    pairs = decided.pairs
    groups.keep_apart(_pairs_of(pairs[pairs["relation"].isin(["different", "related"])]))
    same = pairs[pairs["relation"] == "same"].sort_values(["score", "left", "right"], ascending=[False, True, True])
    with_titles, without = split_untitled(_pairs_of(same), titled)
    refused = groups.join_all(with_titles)
    groups.attach_untitled(without)
    return groups, refused


def _allow(decided: _Decided) -> frozenset[Pair]:
    """The ``same`` pairs of rows that were not compared with all they hang together with."""
    if not decided.unchecked:
        return frozenset()
    same = _pairs_of(decided.pairs[decided.pairs["relation"] == "same"])
    return frozenset([*decided.identical, *(_in_order(*pair) for pair in same if pair[0] in decided.unchecked)])


def _pairs_of(pairs: pd.DataFrame) -> Iterator[Pair]:
    return zip(pairs["left"].tolist(), pairs["right"].tolist(), strict=True)


def _pairs_of_old_works(normal: pd.DataFrame, old: Mapping[str, str]) -> Iterator[Pair]:
    for rows in _rows_of_old_works(normal, old):
        yield from pairwise(rows)


def _rows_of_old_works(normal: pd.DataFrame, old: Mapping[str, str]) -> list[list[int]]:
    works: dict[str, list[int]] = {}
    for row, name in enumerate(normal["id"]):
        if name in old:
            works.setdefault(old[name], []).append(row)
    return [rows for rows in works.values() if len(rows) > 1]


def _find_split_works(
    fresh: Groups,
    normal: pd.DataFrame,
    old: Mapping[str, str],
    told: dict[Pair, str],
) -> list[Pair]:
    """Pairs of an old work that the rules alone would not bring together."""
    found = []
    for rows in _rows_of_old_works(normal, old):
        parts = {fresh.root[row]: row for row in reversed(rows)}
        found += [_in_order(*pair) for pair in pairwise(parts.values())]
    return [pair for pair in found if pair not in told]


def _name_groups(groups: Groups, normal: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    """record_id, group_id in the order of ``records``; a group is named by its oldest record."""
    # Two imports may fall into one second; then the number of the source says which came first.
    loaded = records["loaded_at"].fillna("") if "loaded_at" in records else [""] * len(records)
    source = records["source_id"] if "source_id" in records and "loaded_at" in records else [0] * len(records)
    ages = {
        str(name): (str(at), int(number), str(name))
        for name, at, number in zip(records["id"], loaded, source, strict=True)
    }
    names = normal["id"].tolist()
    of_record: dict[str, str] = {}
    for rows in groups.members.values():
        oldest = min((names[row] for row in rows), key=ages.__getitem__)
        of_record.update((names[row], oldest) for row in rows)
    ids = [str(name) for name in records["id"]]
    return pd.DataFrame({"record_id": ids, "group_id": [of_record[name] for name in ids]})


# The list of pairs ---------------------------------------------------------------------------------------------------


def _list_pairs(decided: _Decided, groups: Groups, doubtful: Iterable[Pair], told: dict[Pair, str]) -> pd.DataFrame:
    """All pairs worth keeping, by relation and score. A ``same`` pair that is in two groups is a ``maybe``."""
    pairs = decided.pairs
    doubts = set(doubtful) - set(told)
    telling = pairs[pairs["relation"] != "different"]
    kept = pd.concat([telling, _decide_again(decided, doubts), _as_pairs(decided, told)])
    kept = kept.drop_duplicates(["left", "right"], keep="last")
    relations = [
        _settle(groups, pair, relation, pair in doubts)
        for pair, relation in zip(_pairs_of(kept), kept["relation"], strict=True)
    ]
    kept = kept.assign(relation=relations)
    kept = kept[kept["relation"] != ""]
    return _with_reasons(decided, kept, doubts)


def _settle(groups: Groups, pair: Pair, relation: str, doubtful: bool) -> str:
    """What is left to say once the groups are known; an empty text if nothing is."""
    together = groups.together(*pair)
    if doubtful or (relation == "same" and not together):
        return "maybe"
    return "" if relation in ("maybe", "related") and together else relation


def _decide_again(decided: _Decided, doubts: set[Pair]) -> pd.DataFrame:
    both = np.array(sorted(doubts), dtype=np.int64).reshape(-1, 2)
    return _compare(decided.prepared, both[:, 0], both[:, 1], everything=True)


def _as_pairs(decided: _Decided, told: dict[Pair, str]) -> pd.DataFrame:
    """Identical rows are ``same`` with full score, unless a person has spoken about them."""
    pairs = [pair for pair in decided.identical if pair not in told]
    return pd.DataFrame(
        {
            "left": np.array([pair[0] for pair in pairs], dtype=np.int64),
            "right": np.array([pair[1] for pair in pairs], dtype=np.int64),
            "relation": "same",
            "method": "every field equal",
            "score": 1.0,
        }
    )


def _with_reasons(decided: _Decided, kept: pd.DataFrame, doubts: set[Pair]) -> pd.DataFrame:
    names = decided.normal["id"].to_numpy(dtype=object)
    left, right = kept["left"].to_numpy(dtype=np.int64), kept["right"].to_numpy(dtype=np.int64)
    reasons = explain_pairs(compare_pairs(decided.prepared, left, right))
    listed = pd.DataFrame(
        {
            "record_id_1": np.minimum(names[left], names[right]),
            "record_id_2": np.maximum(names[left], names[right]),
            "relation": kept["relation"].to_numpy(),
            "method": [_name_method(row, doubts) for row in kept.itertuples(index=False)],
            "score": kept["score"].to_numpy(),
            "reasons": reasons,
        }
    )
    order = ["relation", "score", "record_id_1", "record_id_2"]
    return listed.sort_values(order, ascending=[True, False, True, True]).reset_index(drop=True)


def _name_method(row: tuple[object, ...], doubts: set[Pair]) -> str:
    left, right, relation, method = row[:4]
    if (left, right) in doubts:
        return f"doubtful: {method}"
    return f"related: {method}" if relation == "related" else str(method)
