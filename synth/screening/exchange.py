"""Decisions as other screening programs export them, turned into our rows; and ours as ASReview reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Row = dict[str, str]
KINDS = ("rayyan", "covidence", "asreview")
_RAYYAN = {"included": "include", "excluded": "exclude", "maybe": "maybe"}
_COVIDENCE = {
    "include": "include",
    "included": "include",
    "yes": "include",
    "exclude": "exclude",
    "excluded": "exclude",
    "irrelevant": "exclude",
    "no": "exclude",
    "maybe": "maybe",
}
_KEPT = ("title", "doi", "pmid", "pmcid", "year", "line")


@dataclass(frozen=True, slots=True)
class Translated:
    """Our rows (verdict, person, reason, note and what names the work), and how many rows held no verdict."""

    rows: tuple[Row, ...]
    silent: int


def guess_kind(rows: Sequence[Row]) -> str:
    """Which program wrote the sheet, by its columns; empty for none that we know."""
    columns = set(rows[0]) if rows else set()
    if "asreview_label" in columns or {"included", "asreview_ranking"} <= columns:
        return "asreview"
    if "covidence #" in columns:
        return "covidence"
    if "notes" in columns and any("RAYYAN-INCLUSION" in row.get("notes", "") for row in rows):
        return "rayyan"
    return ""


def translate(
    rows: Sequence[Row], kind: str, *, verdict: str = "", people: Mapping[str, str] | None = None
) -> Translated:
    """Our rows from the sheet of another program.

    Rayyan keeps every person's word in the notes: ``people`` maps its names to ours. Covidence writes one file a list
    (included, irrelevant ...): ``verdict`` says which this is. ASReview holds one word a record.
    """
    found: list[Row] = []
    silent = 0
    for row in rows:
        made = _READERS[kind](row, verdict, people or {})
        silent += not made
        found += made
    return Translated(tuple(found), silent)


def _named(row: Row) -> Row:
    """What names the work; record numbers of another program mean nothing here."""
    return {name: row.get(name, "") for name in _KEPT}


def _read_asreview(row: Row, verdict: str, people: Mapping[str, str]) -> list[Row]:
    del verdict, people
    label = (row.get("asreview_label") or row.get("included", "")).strip()
    if label not in {"0", "1", "0.0", "1.0"}:
        return []
    note = row.get("asreview_note", "")
    return [_named(row) | {"verdict": "include" if label.startswith("1") else "exclude", "note": note}]


def _read_covidence(row: Row, verdict: str, people: Mapping[str, str]) -> list[Row]:
    del people
    word = verdict or row.get("status", "") or row.get("decision", "")
    spelled = _COVIDENCE.get(word.strip().lower(), "")
    reason = row.get("exclusion reason", "") or row.get("reason", "")
    year = row.get("published year", "") or row.get("year", "")
    named = _named(row) | {"year": year, "reason": reason, "note": row.get("notes", "")}
    return [named | {"verdict": spelled}] if spelled else []


def _read_rayyan(row: Row, verdict: str, people: Mapping[str, str]) -> list[Row]:
    del verdict
    notes = row.get("notes", "")
    said = re.search(r"RAYYAN-INCLUSION:\s*\{(.*?)\}", notes)
    if not said:
        return []
    reason = re.search(r"RAYYAN-EXCLUSION-REASONS:\s*([^|]*)", notes)
    first = reason.group(1).split(",")[0].strip() if reason else ""
    found = []
    for name, word in re.findall(r'"([^"]*)"\s*=>\s*"([^"]*)"', said.group(1)):
        spelled = _RAYYAN.get(word.strip().lower())
        if spelled:
            person = {"person": people[name]} if name in people else {"person": "" if not people else name}
            found.append(_named(row) | person | {"verdict": spelled, "reason": first if spelled == "exclude" else ""})
    return found


_READERS = {"rayyan": _read_rayyan, "covidence": _read_covidence, "asreview": _read_asreview}
