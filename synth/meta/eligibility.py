"""What a declared synthesis takes: row by row, the first condition that a row does not meet, in one sentence."""

from __future__ import annotations

from typing import Any

import pandas as pd

from synth.meta.protocol import Synthesis


def as_text(value: Any) -> str:
    """A cell as text; empty where nothing is recorded."""
    return "" if value is None or bool(pd.isna(value)) else str(value).strip()


def judge_rows(rows: pd.DataFrame, synthesis: Synthesis, *, include_suggested: bool) -> tuple[list[str], list[str]]:
    """For each row the first rule that leaves it out, and the sentence that says so; empty strings for what fits."""
    judged = [_judge(row, synthesis, include_suggested=include_suggested) for row in rows.to_dict("records")]
    return [rule for rule, _ in judged], [reason for _, reason in judged]


def _judge(row: dict[Any, Any], synthesis: Synthesis, *, include_suggested: bool) -> tuple[str, str]:
    """The first rule that leaves the row out, with its sentence; two empty strings if none does."""
    if not include_suggested and as_text(row["status"]) == "suggested":
        outside = _judge_terms(row, synthesis, SCOPE)
        return outside if outside[0] else ("status", "No person has checked it: its status is suggested")
    return next((found for found in _all_judgements(row, synthesis) if found[0]), ("", ""))


def _all_judgements(row: dict[Any, Any], synthesis: Synthesis) -> list[tuple[str, str]]:
    return [
        _judge_terms(row, synthesis, SCOPE),
        _judge_kind(row, synthesis),
        _judge_terms(row, synthesis, CONDITIONS),
        _judge_time(row, synthesis),
        _judge_measure(row, synthesis),
    ]


SCOPE = (
    ("outcome_domain", "Its outcome is {found}", "Its outcome domain is not recorded"),
    ("outcome", "Its outcome is {found}", "Its outcome is not recorded"),
)
CONDITIONS = (
    ("informant", "Its informant is {found}", "Its informant is not recorded"),
    ("population", "It is about {found}", "The people it is about are not recorded"),
    ("design_class", "Its design is {found}", "Its design is not recorded"),
    ("adjusted", "Whether it is adjusted: {found}", "Whether it is adjusted is not recorded"),
    ("cluster_adjusted", "Whether it allows for clusters: {found}", "Whether it allows for clusters is not recorded"),
)


def _judge_terms(row: dict[Any, Any], synthesis: Synthesis, rules: tuple[tuple[str, str, str], ...]) -> tuple[str, str]:
    for column, known, unknown in rules:
        wanted = getattr(synthesis, column)
        found = as_text(row[column])
        if wanted and found.casefold() not in {term.casefold() for term in wanted}:
            return column, f"{known.format(found=found) if found else unknown}; the synthesis takes {either(wanted)}"
    return "", ""


def either(terms: tuple[str, ...]) -> str:
    """Terms as words: "a or b"."""
    return " or ".join(terms)


def _judge_kind(row: dict[Any, Any], synthesis: Synthesis) -> tuple[str, str]:
    kind = as_text(row["kind"]) or "primary"
    if not synthesis.kind or kind in synthesis.kind:
        return "", ""
    if kind == "review":
        return "kind", "It comes from a review, and reviews are never pooled with primary studies"
    return "kind", f"It comes from a {kind} study; the synthesis takes {either(synthesis.kind)}"


def _judge_time(row: dict[Any, Any], synthesis: Synthesis) -> tuple[str, str]:
    if synthesis.months is None:
        return "", ""
    low, high = synthesis.months
    months = row["timepoint_months"]
    if months is None or pd.isna(months):
        return "months", f"Its time point is not recorded; the synthesis takes months {low:g} to {high:g}"
    if low <= float(months) <= high:
        return "", ""
    return "months", f"It was measured at {float(months):g} months; the synthesis takes months {low:g} to {high:g}"


def _judge_measure(row: dict[Any, Any], synthesis: Synthesis) -> tuple[str, str]:
    found = as_text(row["measure"])
    if found.casefold() == "direction only":
        return "number", "Only a direction is reported, no number"
    if synthesis.measure and found.casefold() not in {term.casefold() for term in synthesis.measure}:
        return "measure", f"Its measure is {found or 'not recorded'}; the synthesis takes {either(synthesis.measure)}"
    return "", ""
