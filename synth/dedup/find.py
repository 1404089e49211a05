"""Find which records are one work: normalise, block, compare, decide, group. The one entry to deduplication."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from synth.dedup.group import Groups, Pair, split_untitled
from synth.dedup.listing import PAIR_COLUMNS, list_pairs
from synth.dedup.normalise import finish_normal, normalise_piece
from synth.dedup.pairs import Decided, Spread, decide_all, pairs_of

PIECE = 5_000
"""Records normalised at a time, which is what one worker gets."""


@dataclass(frozen=True, slots=True)
class Deduplication:
    """Which records belong together, and what is known about pairs of them.

    ``groups``: record_id, group_id (the id of the group's oldest record). ``pairs``: record_id_1 < record_id_2,
    relation (same, maybe, related), method (the rule, or the kind of relation), score (0-1), reasons (list of text).
    """

    groups: pd.DataFrame
    pairs: pd.DataFrame


def find_groups(
    records: pd.DataFrame,
    *,
    answers: pd.DataFrame | None = None,
    old: Mapping[str, str] | None = None,
    fold: Collection[str] = (),
    spread: Spread = map,
) -> Deduplication:
    """Group ``records`` (one row each; columns as in ``tables.RECORDS``, missing ones are tolerated) into works.

    ``answers``: what people said, columns record_id_1, record_id_2, relation (same, different, maybe, related); these
    always win, the last row of a pair counting. ``old``: record id to work, as known so far: an old work is never
    split; where the rules would, the pair goes on the review list. ``fold``: kinds of related works (see
    ``relations.KINDS``) that are one work for this team. ``spread`` computes pieces, in order: ``map``, or a cluster's.
    """
    pieces = (records.iloc[start : start + PIECE] for start in range(0, len(records), PIECE))
    normal = list(spread(normalise_piece, pieces))
    ages = _read_ages(records)
    return group_pieces(normal, answers=answers, old=old, fold=fold, spread=spread, ages=ages)


def group_pieces(
    pieces: list[pd.DataFrame],
    *,
    answers: pd.DataFrame | None = None,
    old: Mapping[str, str] | None = None,
    fold: Collection[str] = (),
    spread: Spread = map,
    ages: Mapping[str, tuple[str, int, str]] | None = None,
    explain_same: bool = True,
) -> Deduplication:
    """``find_groups`` from pieces of ``normalise_piece``, for sets whose records need not be kept in memory.

    ``ages``: what orders records from old to new, by id (default: their order in the pieces). Without
    ``explain_same`` pairs of one work come without reasons. ``pieces`` is emptied.
    """
    if not any(len(piece) for piece in pieces):
        return Deduplication(
            pd.DataFrame(columns=["record_id", "group_id"], dtype=object),
            pd.DataFrame(columns=PAIR_COLUMNS, dtype=object),
        )
    whole = pd.concat(pieces, ignore_index=True)
    pieces.clear()
    ids = whole["id"].tolist()
    normal, first = _sort_by_content(finish_normal(whole))
    del whole
    told = _read_answers(answers, normal)
    decided = decide_all(normal, first, told, spread)
    folded = frozenset(fold)
    fresh, refused = _group(decided, told, {}, folded)
    groups, _ = _group(decided, told, old, folded) if old else (fresh, refused)
    doubtful = [*refused, *_find_split_works(fresh, normal, old or {}, told)]
    pairs = list_pairs(decided, groups, doubtful, told, folded=folded, explain_same=explain_same)
    return Deduplication(_name_groups(groups, normal, ids, ages), pairs)


# Order and identical records -----------------------------------------------------------------------------------------


def _sort_by_content(normal: pd.DataFrame) -> tuple[pd.DataFrame, npt.NDArray[np.int64]]:
    """Rows in an order that only their content gives, and for each row the first row with the same content."""
    columns = [normal[name].tolist() for name in normal if name != "id"]
    keys = [hashlib.blake2b(repr(row).encode(), digest_size=16).digest() for row in zip(*columns, strict=True)]
    names = normal["id"].tolist()
    order = sorted(range(len(keys)), key=lambda row: (keys[row], names[row]))
    starts = [place for place, row in enumerate(order) if not place or keys[row] != keys[order[place - 1]]]
    first = np.repeat(np.array(starts, dtype=np.int64), np.diff([*starts, len(order)]))
    return normal.iloc[order].reset_index(drop=True), first


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


# Groups --------------------------------------------------------------------------------------------------------------


def _group(
    decided: Decided,
    told: dict[Pair, str],
    old: Mapping[str, str],
    folded: frozenset[str],
) -> tuple[Groups, list[Pair]]:
    """The groups, and the ``same`` pairs that were refused. People's answers come first, then old works, then rules."""
    titled = (decided.normal["title"] != "").tolist()
    groups = Groups(titled, decided.unchecked, _allow(decided))
    groups.keep_apart(pair for pair, relation in told.items() if relation in ("different", "related"))
    groups.join_all(sorted(pair for pair, relation in told.items() if relation == "same"))
    groups.join_all(_pairs_of_old_works(decided.normal, old))
    groups.join_all(pair for pair in decided.identical if pair not in told)
    pairs = decided.pairs
    related = pairs["relation"] == "related"
    fold = related & pairs["method"].isin(folded)
    groups.keep_apart(pairs_of(pairs[((pairs["relation"] == "different") | related) & ~fold]))
    same = pairs[pairs["relation"] == "same"].sort_values(["score", "left", "right"], ascending=[False, True, True])
    with_titles, without = split_untitled(pairs_of(same), titled)
    refused = groups.join_all(with_titles)
    groups.join_all(pairs_of(pairs[fold].sort_values(["score", "left", "right"], ascending=[False, True, True])))
    groups.attach_untitled(without)
    return groups, refused


def _allow(decided: Decided) -> frozenset[Pair]:
    """The ``same`` pairs of rows that were not compared with all they hang together with."""
    if not decided.unchecked:
        return frozenset()
    same = pairs_of(decided.pairs[decided.pairs["relation"] == "same"])
    return frozenset([*decided.identical, *(_in_order(*pair) for pair in same if pair[0] in decided.unchecked)])


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


def _read_ages(records: pd.DataFrame) -> dict[str, tuple[str, int, str]]:
    # Two imports may fall into one second; then the number of the source says which came first.
    loaded = records["loaded_at"].fillna("") if "loaded_at" in records else [""] * len(records)
    source = records["source_id"] if "source_id" in records and "loaded_at" in records else [0] * len(records)
    rows = zip(records["id"], loaded, source, strict=True)
    return {str(name): (str(at), int(number), str(name)) for name, at, number in rows}


def _name_groups(
    groups: Groups,
    normal: pd.DataFrame,
    ids: list[str],
    ages: Mapping[str, tuple[str, int, str]] | None,
) -> pd.DataFrame:
    """record_id, group_id in the order of ``ids``; a group is named by its oldest record."""
    places: Mapping[str, Any] = ages if ages is not None else {name: place for place, name in enumerate(ids)}
    names = normal["id"].tolist()
    of_record: dict[str, str] = {}
    for rows in groups.members.values():
        oldest = min(_names_of(rows, names), key=places.__getitem__)
        of_record.update((names[row], oldest) for row in rows)
    return pd.DataFrame({"record_id": ids, "group_id": [of_record[name] for name in ids]})


def _names_of(rows: Iterable[int], names: list[str]) -> Iterator[str]:
    return (names[row] for row in rows)
