"""Gap states: computed from the counts by named rules, never by eye. Not searched is never a gap.

The typology follows the usual distinction of absolute gaps (no study) and synthesis gaps (studies, but no review), as
in White et al. 2020, Campbell Systematic Reviews 16:e1125, and adds the cases that colour alone hides.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from synth.maps.cells import NOT_CODED, TOTAL, GapTable, Term


@dataclass(frozen=True, slots=True)
class GapState:
    """One state of a cell: its id, the words that people read, the rule, and whether it is a gap."""

    id: str
    label: str
    rule: str
    is_gap: bool = True


GAP_STATES = (
    GapState("absolute", "no evidence", "no study of any kind"),
    GapState(
        "not_reported",
        "studied, not reported for this group",
        "the whole group was studied here and this part of it elsewhere, but not this part here",
    ),
    GapState("ongoing", "ongoing only", "only protocols or studies that are not finished"),
    GapState("synthesis", "no review", "primary studies, but no review of them"),
    GapState("low_confidence", "low-confidence reviews only", "every review is rated, and none above low confidence"),
    GapState(
        "stale",
        "review out of date",
        "the newest review is older than the newest primary study by more years than allowed",
    ),
    GapState("covered", "studied and reviewed", "none of the gaps", is_gap=False),
    GapState("not_searched", "not searched", "declared as outside the search", is_gap=False),
)
SYNTHESIS_FROM = 1
"""A cell with this many primary studies and no review is a synthesis gap."""
STALE_YEARS = 5
"""A review may be this many years older than the newest primary study."""
_LABELS = {state.id: state.label for state in GAP_STATES}


def find_gaps(
    table: GapTable,
    *,
    synthesis_from: int = SYNTHESIS_FROM,
    stale_years: int = STALE_YEARS,
    not_searched: Collection[tuple[str, str]] = (),
) -> pd.DataFrame:
    """The state of every cell: row, col, their labels, n, primary, reviews, newest years, state, state_label.

    ``not_searched`` names cells (row, col) outside the search; ``TOTAL`` for one of the two means all of them. Margins
    and the studies without a code have no state and are left out. Rows come in the order of the table.
    """
    skip = set(not_searched)
    lines = []
    for row in _real(table.row_terms):
        for col in _real(table.col_terms):
            cell = table.cell(row.id, col.id)
            if {(row.id, col.id), (row.id, TOTAL), (TOTAL, col.id)} & skip:
                state = "not_searched"
            elif cell["n"]:
                state = _state_of_filled(cell, synthesis_from, stale_years)
            else:
                state = _state_of_empty(table, row, col)
            lines.append(_line(row, col, cell, state))
    return pd.DataFrame(lines, columns=[*_LINE_COLUMNS])


_LINE_COLUMNS = (
    "row",
    "row_label",
    "col",
    "col_label",
    "n",
    "primary",
    "reviews",
    "newest_primary",
    "newest_review",
    "state",
    "state_label",
)


def _real(terms: tuple[Term, ...]) -> list[Term]:
    return [term for term in terms if term.id != NOT_CODED]


def _line(row: Term, col: Term, cell: Mapping[str, Any], state: str) -> dict[str, Any]:
    numbers = {name: cell[name] for name in ("n", "primary", "reviews", "newest_primary", "newest_review")}
    names = {"row": row.id, "row_label": row.label, "col": col.id, "col_label": col.label}
    return names | numbers | {"state": state, "state_label": _LABELS[state]}


def _state_of_empty(table: GapTable, row: Term, col: Term) -> str:
    """An empty cell: nothing at all, or a part that was left out where its whole was studied."""
    in_whole_row = row.parent is not None and table.cell(row.parent, col.id)["n"] and table.cell(row.id)["n"]
    in_whole_col = col.parent is not None and table.cell(row.id, col.parent)["n"] and table.cell(TOTAL, col.id)["n"]
    return "not_reported" if in_whole_row or in_whole_col else "absolute"


def _state_of_filled(cell: Mapping[str, Any], synthesis_from: int, stale_years: int) -> str:
    if cell["ongoing"] == cell["n"]:
        return "ongoing"
    if not cell["reviews"]:
        return "synthesis" if cell["primary"] >= synthesis_from else "covered"
    if cell["low_reviews"] == cell["reviews"] == cell["rated_reviews"]:
        return "low_confidence"
    return "stale" if _is_stale(cell, stale_years) else "covered"


def _is_stale(cell: Mapping[str, Any], stale_years: int) -> bool:
    primary, review = cell["newest_primary"], cell["newest_review"]
    if pd.isna(primary) or pd.isna(review):
        return False
    return bool(primary - review > stale_years)


def count_gaps(gaps: pd.DataFrame) -> dict[str, int]:
    """{state: cells} for every state, the empty ones as 0."""
    found = gaps["state"].value_counts()
    return {state.id: int(found.get(state.id, 0)) for state in GAP_STATES}


def tabulate_map(table: GapTable, gaps: pd.DataFrame) -> pd.DataFrame:
    """The map as a table to export: one line a cell with its state, its kinds of evidence and its studies' ids."""
    cells = table.cells.reset_index(drop=True)
    keyed = gaps.merge(cells[["row", "col", "kinds", "study_ids"]], on=["row", "col"], how="left")
    keyed["kinds"] = ["; ".join(f"{kind}: {n}" for kind, n in kinds.items()) for kinds in keyed["kinds"]]
    keyed["study_ids"] = ["; ".join(map(str, ids)) for ids in keyed["study_ids"]]
    return keyed
