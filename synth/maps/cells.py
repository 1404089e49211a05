"""Counting unique studies in the cells of two axes: nested terms, margins, reviews apart from primary studies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from synth.maps.evidence import classify_evidence

TOTAL = "\x1ftotal"
"""Stands for a row or column in the margin; no term is called so, as terms hold no control characters."""
NOT_CODED = ""
"""Stands for the studies that have no code on an axis."""
DESIGN_AXES = ("design", "evidence_type")
CELL_COLUMNS = (
    "row",
    "col",
    "n",
    "primary",
    "reviews",
    "ongoing",
    "rated_reviews",
    "low_reviews",
    "newest_primary",
    "newest_review",
    "kinds",
    "study_ids",
)
_LOW = frozenset({"low", "critically low", "very low"})
_NOT_MENTIONED = 0  # level of disaggregation that says the group is not in the study


@dataclass(frozen=True, slots=True)
class Term:
    """One row or column: its id, what people read, how deep it is nested, and the term that it is part of."""

    id: str
    label: str
    depth: int = 0
    parent: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class GapTable:
    """Counts of unique studies by two axes.

    ``cells`` has one row for every pair of terms and for the margins (``TOTAL``), with the columns ``CELL_COLUMNS``:
    ``n`` unique studies of which ``primary`` and ``reviews``; ``ongoing`` protocols; ``rated_reviews`` with a known
    confidence of which ``low_reviews``; the newest years; ``kinds`` {kind of evidence: studies}; ``study_ids``.
    ``studies`` has one row a study, with ``evidence``, its kind.
    """

    rows: str
    cols: str
    row_terms: tuple[Term, ...]
    col_terms: tuple[Term, ...]
    cells: pd.DataFrame
    studies: pd.DataFrame

    def cell(self, row: str = TOTAL, col: str = TOTAL) -> Mapping[str, Any]:
        """One cell as a mapping of ``CELL_COLUMNS``; without names the grand total."""
        found: Mapping[str, Any] = self.cells.loc[(row, col)].to_dict()
        return found


def count_cells(
    studies: pd.DataFrame,
    labels: pd.DataFrame,
    rows: str,
    cols: str,
    *,
    row_terms: Sequence[Mapping[str, Any]] | None = None,
    col_terms: Sequence[Mapping[str, Any]] | None = None,
) -> GapTable:
    """Count the unique studies in every cell of ``rows`` x ``cols``.

    ``studies``: id, name, kind (primary or review), year, and where it is known confidence (of a review) and evidence;
    one row a study, more rows of one id count once. ``labels``: study_id, axis, term; rows of level 0 ("not
    mentioned") are no codes. ``row_terms`` and ``col_terms``: [{id, label, children}] in the order to show; a study
    coded with a part counts in the whole too, terms without any study stay, and terms that are only in the labels come
    last. A study without a code on an axis stands under ``NOT_CODED``.
    """
    studies = _unique_studies(studies, labels)
    labels = _valid_labels(labels, studies)
    row_list, row_of = _place_studies(studies, labels, rows, row_terms)
    col_list, col_of = _place_studies(studies, labels, cols, col_terms)
    pairs = row_of.rename(columns={"term": "row"}).merge(col_of.rename(columns={"term": "col"}), on="study_id")
    pairs = pairs.merge(studies, left_on="study_id", right_on="id")
    return GapTable(rows, cols, row_list, col_list, _summarise(pairs, row_list, col_list), studies)


def _unique_studies(studies: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """One row a study, in the order given, with ``evidence`` filled in from its design codes."""
    unique = studies.drop_duplicates("id").reset_index(drop=True).astype({"id": object})  # an empty frame has no type
    if "evidence" in unique:
        return unique
    coded = labels[labels["axis"].isin(DESIGN_AXES)]
    designs = coded.groupby("study_id", sort=False)["term"].agg(list).to_dict()
    kinds = unique["kind"] if "kind" in unique else pd.Series("primary", index=unique.index)
    evidence = [classify_evidence(designs.get(i, []), kind) for i, kind in zip(unique["id"], kinds, strict=True)]
    return unique.assign(kind=kinds, evidence=pd.Series(evidence, index=unique.index, dtype=object))


def _valid_labels(labels: pd.DataFrame, studies: pd.DataFrame) -> pd.DataFrame:
    """Labels of the studies at hand that say that something is there."""
    keep = labels["study_id"].isin(studies["id"]) & labels["term"].notna() & (labels["term"] != NOT_CODED)
    if "level" in labels:
        keep &= labels["level"].ne(_NOT_MENTIONED).fillna(value=True).astype(bool)
    return labels[keep]


def _place_studies(
    studies: pd.DataFrame, labels: pd.DataFrame, axis: str, tree: Sequence[Mapping[str, Any]] | None
) -> tuple[tuple[Term, ...], pd.DataFrame]:
    """The terms of an axis, and study_id, term: every place of every study, the wholes and the margin included."""
    coded = labels.loc[labels["axis"] == axis, ["study_id", "term"]].drop_duplicates()
    terms = list(flatten_terms(tree or []))
    terms += _unlisted_terms(coded, {term.id for term in terms})
    missing = studies.loc[~studies["id"].isin(coded["study_id"]), "id"]
    if len(missing):
        terms.append(Term(NOT_CODED, "not coded"))
    places = [coded, _frame(missing, NOT_CODED), _frame(studies["id"], TOTAL), _wholes(coded, terms)]
    return tuple(terms), pd.concat([part.astype(object) for part in places]).drop_duplicates()


def flatten_terms(tree: Iterable[Mapping[str, Any]], depth: int = 0, parent: str | None = None) -> Iterator[Term]:
    """The terms of a hierarchy [{id, label, children}], each before its parts."""
    for node in tree:
        term = Term(str(node["id"]), str(node.get("label") or node["id"]), depth, parent)
        yield term
        yield from flatten_terms(node.get("children") or (), depth + 1, term.id)


def _unlisted_terms(coded: pd.DataFrame, known: set[str]) -> list[Term]:
    """Terms that no hierarchy names: those of most studies first, then by name."""
    sizes = coded[~coded["term"].isin(known)].groupby("term")["study_id"].nunique()
    names = sorted(sizes.index, key=lambda name: (-sizes[name], name))
    return [Term(str(name), str(name)) for name in names]


def _wholes(coded: pd.DataFrame, terms: Sequence[Term]) -> pd.DataFrame:
    """Each study also stands in the terms that its codes are parts of."""
    parents = {term.id: term.parent for term in terms}
    rows = [(study, whole) for study, term in coded.itertuples(index=False) for whole in _ancestors(term, parents)]
    return pd.DataFrame(rows, columns=["study_id", "term"], dtype=object)


def _ancestors(term: str, parents: Mapping[str, str | None]) -> Iterator[str]:
    whole = parents.get(term)
    while whole is not None:
        yield whole
        whole = parents.get(whole)


def _frame(study_ids: pd.Series, term: str) -> pd.DataFrame:
    return pd.DataFrame({"study_id": study_ids.astype(object), "term": term})


def _summarise(pairs: pd.DataFrame, rows: Sequence[Term], cols: Sequence[Term]) -> pd.DataFrame:
    """One line for every cell, the empty ones too, indexed by (row, col)."""
    found = {key: _summary(part) for key, part in pairs.groupby(["row", "col"], sort=False)}
    empty = _summary(pairs.iloc[:0])
    keys = [(row, col) for row in [*(t.id for t in rows), TOTAL] for col in [*(t.id for t in cols), TOTAL]]
    lines = [{"row": row, "col": col} | found.get((row, col), empty) for row, col in keys]
    frame = pd.DataFrame(lines, columns=list(CELL_COLUMNS))
    return frame.set_index(["row", "col"], drop=False).rename_axis(index=[None, None])


def _summary(part: pd.DataFrame) -> dict[str, Any]:
    is_review = (part["kind"] == "review").to_numpy(dtype=bool)
    kinds = part["evidence"].value_counts(sort=False).to_dict()
    rated, low = _confidence(part[is_review])
    return {
        "n": len(part),
        "primary": int((~is_review).sum()),
        "reviews": int(is_review.sum()),
        "ongoing": int(kinds.get("ongoing", 0)),
        "rated_reviews": rated,
        "low_reviews": low,
        "newest_primary": _newest(part[~is_review & (part["evidence"] != "ongoing").to_numpy(dtype=bool)]),
        "newest_review": _newest(part[is_review]),
        "kinds": {str(kind): int(number) for kind, number in sorted(kinds.items())},
        "study_ids": tuple(part["study_id"]),
    }


def _confidence(reviews: pd.DataFrame) -> tuple[int, int]:
    """How many reviews have a known confidence, and how many a low one."""
    if "confidence" not in reviews:
        return 0, 0
    known = reviews["confidence"].dropna().astype(str).str.strip().str.casefold()
    return int((known != "").sum()), int(known.isin(_LOW).sum())


def _newest(part: pd.DataFrame) -> int | None:
    years = part["year"].dropna() if "year" in part else part["id"].iloc[:0]
    return int(years.max()) if len(years) else None
