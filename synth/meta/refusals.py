"""What may not be pooled. Each rule is one function over rows; the first that objects names its rows.

Rules speak only about columns that are there: measure, kind (or is_review), design_class, informant, study_id,
cluster_adjusted. References: Cochrane Handbook 6.3, chapters 6, 10, 23 and 24.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from synth.errors import RefusedPool
from synth.meta.cautions import Caution, ClusteringUnclear

_YES = frozenset({"yes", "true", "1", "review"})


def refuse_unpoolable(rows: pd.DataFrame, *, where: str = "") -> None:
    """Raise RefusedPool if ``rows`` may not stand in one pool. ``where`` (a synthesis, a file) opens the message.

    ``rows``: one effect each; ``effect_id`` (or ``id``) names them, else they are counted from 1.
    """
    refused = find_refusal(rows, where=where)
    if refused is not None:
        raise refused


def find_refusal(rows: pd.DataFrame, *, where: str = "", skip: frozenset[str] = frozenset()) -> RefusedPool | None:
    """The first objection to pooling ``rows``, or None; the rules named in ``skip`` are not asked."""
    if rows.empty:
        return None
    names = name_rows(rows)
    objections = (rule(rows, names) for name, rule in RULES.items() if name not in skip)
    refused = next((each for each in objections if each is not None), None)
    return _place(refused, where) if refused is not None and where else refused


def _place(refused: RefusedPool, where: str) -> RefusedPool:
    """The same refusal, with the synthesis or file that it is about in front."""
    message = f"{where}: {refused.message}"
    return RefusedPool(message, rows=refused.rows, rule=refused.rule, why=refused.why, hint=refused.hint)


def name_rows(rows: pd.DataFrame) -> list[str]:
    """How rows are called in a message: by effect id, or by their place."""
    for column in ("effect_id", "id"):
        if column in rows.columns:
            return [str(value) for value in rows[column]]
    return [f"row {number}" for number in range(1, len(rows) + 1)]


def _values(rows: pd.DataFrame, column: str) -> list[str]:
    """The column as text, empty where nothing is recorded or the column is missing."""
    if column not in rows.columns:
        return [""] * len(rows)
    return ["" if pd.isna(value) else str(value).strip() for value in rows[column]]


def _group(values: list[str], names: list[str]) -> dict[str, list[str]]:
    """Row names by value, in the order of first appearance; rows without a value do not count."""
    found: dict[str, list[str]] = {}
    for value, name in zip(values, names, strict=True):
        if value:
            found.setdefault(value, []).append(name)
    return found


def _list_groups(groups: dict[str, list[str]]) -> str:
    return "; ".join(f"{value}: {_shorten(names)}" for value, names in groups.items())


def _shorten(names: list[str], most: int = 6) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _all_rows(groups: dict[str, list[str]]) -> tuple[str, ...]:
    return tuple(name for names in groups.values() for name in names)


def _refuse_reviews(rows: pd.DataFrame, names: list[str]) -> RefusedPool | None:
    marked = _values(rows, "kind" if "kind" in rows.columns else "is_review")
    if not any(marked):
        return None
    groups = _group(["review" if value.casefold() in _YES else "primary study" for value in marked], names)
    if len(groups) < 2:
        return None
    return RefusedPool(
        f"reviews and primary studies may not be pooled ({_list_groups(groups)})",
        rows=tuple(groups["review"]),
        rule="reviews",
        why="A review holds primary studies: its people would be counted twice",
        hint='Keep kind = "primary"; the reviews stay listed beside the pool',
    )


def _refuse_measures(rows: pd.DataFrame, names: list[str]) -> RefusedPool | None:
    groups = _group([value.upper() for value in _values(rows, "measure")], names)
    if len(groups) < 2:
        return None
    return RefusedPool(
        f"different measures may not be pooled ({_list_groups(groups)})",
        rows=_all_rows(groups),
        rule="measures",
        why="They are not the same quantity: an odds ratio of 0.5 is not a risk ratio of 0.5 unless the event is rare",
        hint="Declare one measure; rows with another stay listed with their direction",
    )


def _refuse_designs(rows: pd.DataFrame, names: list[str]) -> RefusedPool | None:
    groups = _group([value.casefold() for value in _values(rows, "design_class")], names)
    if len(groups) < 2:
        return None
    return RefusedPool(
        f"different designs may not be pooled ({_list_groups(groups)})",
        rows=_all_rows(groups),
        rule="designs",
        why="Trials, non-randomised and before-after studies are biased differently, and more of them does not help",
        hint='Declare one design_class, for example "randomised", and a second synthesis for the others',
    )


def _refuse_informants(rows: pd.DataFrame, names: list[str]) -> RefusedPool | None:
    groups = _group([value.casefold() for value in _values(rows, "informant")], names)
    if len(groups) < 2:
        return None
    return RefusedPool(
        f"accounts of different informants may not be pooled ({_list_groups(groups)})",
        rows=_all_rows(groups),
        rule="informants",
        why="The same outcome told by survivors, perpetrators or records is not the same evidence",
        hint="Declare one informant, and show the others side by side",
    )


STUDY_COLUMNS = ("study_id", "study", "study_name", "slab")
"""Columns that say which study a row is of, in order of trust."""


def _refuse_studies_twice(rows: pd.DataFrame, names: list[str]) -> RefusedPool | None:
    column = next((name for name in STUDY_COLUMNS if name in rows), "study_id")
    groups = {study: found for study, found in _group(_values(rows, column), names).items() if len(found) > 1}
    if not groups:
        return None
    return RefusedPool(
        f"a study may not be pooled twice ({_list_groups(groups)})",
        rows=_all_rows(groups),
        rule="study twice",
        why="Its people would be counted twice, and its effects are not independent",
        hint='Declare one_effect_per_study = "longest", "shortest" or "primary", or choose a narrower outcome',
    )


def _refuse_ignored_clusters(rows: pd.DataFrame, names: list[str]) -> RefusedPool | None:
    ignored = [
        name for value, name in zip(_values(rows, "cluster_adjusted"), names, strict=True) if value.casefold() == "no"
    ]
    if not ignored:
        return None
    return RefusedPool(
        f"cluster trials that ignored their clusters may not be pooled as they are ({_shorten(ignored)})",
        rows=tuple(ignored),
        rule="clusters",
        why="Their intervals are too narrow, so that they weigh too much (Cochrane Handbook 6.3, section 23.1)",
        hint='Inflate their standard errors, or declare cluster_adjusted = ["yes", "unclear"] to leave them out',
    )


RULES: dict[str, Callable[[pd.DataFrame, list[str]], RefusedPool | None]] = {
    "reviews": _refuse_reviews,
    "measures": _refuse_measures,
    "designs": _refuse_designs,
    "informants": _refuse_informants,
    "study twice": _refuse_studies_twice,
    "clusters": _refuse_ignored_clusters,
}
"""The rules by name, in the order in which they are asked."""


def warn_of_unclear_clusters(rows: pd.DataFrame) -> list[Caution]:
    """A caution that names the rows of which it is unclear whether they allowed for clusters."""
    pairs = zip(_values(rows, "cluster_adjusted"), name_rows(rows), strict=True)
    unclear = [name for value, name in pairs if value.casefold() == "unclear"]
    if not unclear:
        return []
    return [ClusteringUnclear(f"It is unclear whether the clusters were allowed for in {_shorten(unclear)}")]
