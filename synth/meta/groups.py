"""Which group an effect belongs to: by a column, or by the labels that hang on it, its arm or its study."""

from __future__ import annotations

from typing import Any

import pandas as pd

from synth.meta.eligibility import as_text
from synth.meta.moderators import NOT_GIVEN


def find_groups(
    rows: pd.DataFrame, axis: str, labels: pd.DataFrame | None, *, include_suggested: bool = False
) -> list[str]:
    """The group of each row on ``axis``: by labels of the effect, its arm or its study, else a column of that name.

    The finest label counts. Several terms are joined with " + "; rows without one are "not given".
    """
    if not axis:
        return [""] * len(rows)
    usable = _labels_of(axis, labels, include_suggested=include_suggested)
    if not usable and axis in rows.columns:
        return [as_text(value) or NOT_GIVEN for value in rows[axis]]
    terms: dict[tuple[str, str], list[str]] = {}
    for label in usable:
        terms.setdefault(_label_place(label), []).append(as_text(label["term"]))
    return [_finest(row, terms) for row in rows.to_dict("records")]


def _labels_of(axis: str, labels: pd.DataFrame | None, *, include_suggested: bool) -> list[dict[Any, Any]]:
    if labels is None or labels.empty:
        return []
    usable = labels[labels["axis"] == axis]
    if not include_suggested and "status" in usable.columns:
        usable = usable[usable["status"] != "suggested"]
    found: list[dict[Any, Any]] = usable.to_dict("records")
    return found


def _label_place(label: dict[Any, Any]) -> tuple[str, str]:
    effect, arm = as_text(label.get("effect_id")), as_text(label.get("arm"))
    if effect:
        return "effect", effect
    return ("arm", f"{as_text(label['study_id'])}\n{arm}") if arm else ("study", as_text(label["study_id"]))


def _finest(row: dict[Any, Any], terms: dict[tuple[str, str], list[str]]) -> str:
    study = as_text(row["study_id"])
    for place in (("effect", row["effect_id"]), ("arm", f"{study}\n{as_text(row['arm_1'])}"), ("study", study)):
        if place in terms:
            return " + ".join(sorted(set(terms[place])))
    return NOT_GIVEN
