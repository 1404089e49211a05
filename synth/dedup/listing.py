"""The list of pairs that is kept: relation, rule, score and reasons in words, once the groups are known."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from synth.dedup.compare import compare_pairs
from synth.dedup.group import Groups, Pair
from synth.dedup.pairs import CHUNK, Decided, compare_all, pairs_of
from synth.dedup.reasons import explain_pairs

PAIR_COLUMNS = ["record_id_1", "record_id_2", "relation", "method", "score", "reasons"]


def list_pairs(
    decided: Decided,
    groups: Groups,
    doubtful: Iterable[Pair],
    told: dict[Pair, str],
    *,
    folded: frozenset[str] = frozenset(),
    explain_same: bool = True,
) -> pd.DataFrame:
    """All pairs worth keeping, by relation and score. A ``same`` pair that is in two groups is a ``maybe``."""
    pairs = decided.pairs
    doubts = set(doubtful) - set(told)
    telling = pairs[pairs["relation"] != "different"]
    kept = pd.concat([telling, _decide_again(decided, doubts), _as_pairs(decided, told)])
    kept = kept.drop_duplicates(["left", "right"], keep="last")
    relations = [
        _settle(groups, pair, relation, doubtful=pair in doubts, folded=method in folded)
        for pair, relation, method in zip(pairs_of(kept), kept["relation"], kept["method"], strict=True)
    ]
    kept = kept.assign(relation=relations)
    kept = kept[kept["relation"] != ""]
    return _write(decided, kept, doubts, explain_same=explain_same)


def _settle(groups: Groups, pair: Pair, relation: str, *, doubtful: bool, folded: bool) -> str:
    """What is left to say once the groups are known; an empty text if nothing is."""
    together = groups.together(*pair)
    if doubtful or (relation == "same" and not together):
        return "maybe"
    if relation == "related" and together:
        return "related" if folded else ""
    return "" if relation == "maybe" and together else relation


def _decide_again(decided: Decided, doubts: set[Pair]) -> pd.DataFrame:
    both = np.array(sorted(doubts), dtype=np.int64).reshape(-1, 2)
    return compare_all(decided.prepared, both[:, 0], both[:, 1], everything=True)


def _as_pairs(decided: Decided, told: dict[Pair, str]) -> pd.DataFrame:
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


def _write(decided: Decided, kept: pd.DataFrame, doubts: set[Pair], *, explain_same: bool) -> pd.DataFrame:
    names = decided.normal["id"].to_numpy(dtype=object)
    left, right = kept["left"].to_numpy(dtype=np.int64), kept["right"].to_numpy(dtype=np.int64)
    listed = pd.DataFrame(
        {
            "record_id_1": np.minimum(names[left], names[right]),
            "record_id_2": np.maximum(names[left], names[right]),
            "relation": kept["relation"].to_numpy(),
            "method": [_name_method(row, doubts) for row in kept.itertuples(index=False)],
            "score": kept["score"].to_numpy(),
            "reasons": _explain(decided, kept, explain_same=explain_same),
        }
    )
    order = ["relation", "score", "record_id_1", "record_id_2"]
    return listed.sort_values(order, ascending=[True, False, True, True]).reset_index(drop=True)


def _explain(decided: Decided, kept: pd.DataFrame, *, explain_same: bool) -> pd.Series[object]:
    """The reasons of each pair; without ``explain_same`` only of those that a person may want to see."""
    told = np.full(len(kept), True) if explain_same else (kept["relation"] != "same").to_numpy(dtype=bool)
    reasons = np.empty(len(kept), dtype=object)
    reasons[:] = [[] for _ in range(len(kept))]
    places = np.flatnonzero(told)
    left, right = kept["left"].to_numpy(dtype=np.int64), kept["right"].to_numpy(dtype=np.int64)
    for start in range(0, len(places), CHUNK):
        chunk = places[start : start + CHUNK]
        found = explain_pairs(compare_pairs(decided.prepared, left[chunk], right[chunk]))
        for place, words in zip(chunk, found, strict=True):
            reasons[place] = words
    return pd.Series(reasons, dtype=object)


def _name_method(row: tuple[object, ...], doubts: set[Pair]) -> str:
    left, right, relation, method = row[:4]
    if (left, right) in doubts:
        return f"doubtful: {method}"
    return f"related: {method}" if relation == "related" else str(method)
