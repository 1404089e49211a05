"""Studies are made of works: which report tells which study, matched from a sheet to the records that were imported."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from pathlib import PurePath
from typing import Any

import pandas as pd

from synth.extract.sheets import BadSheet, Problem, Sheet, SheetRow

ROLES = ("main", "protocol", "follow-up", "process", "qualitative", "economic", "secondary", "other")
KINDS = ("primary", "review")
LINK_KEYS = ("record_id", "file", "doi", "pmid", "work_id", "title")
"""By what a report can be named, the surest first; ``file`` goes with ``position``."""
Row = dict[str, Any]
Index = Mapping[str, Mapping[Any, set[tuple[str, str]]]]


def read_studies(sheet: Sheet) -> list[Row]:
    """Rows for ``studies`` from a sheet with id (or study), name, kind, year. Raises BadSheet with every mistake."""
    key = "id" if "id" in sheet.columns else "study_id"
    if key not in sheet.columns:
        raise BadSheet([Problem(sheet.path, 1, "no column 'id'", "A sheet of studies has id, name, kind, year")])
    made = [item for row in sheet.rows for item in _study(sheet, row, key)]
    problems = [item for item in made if isinstance(item, Problem)] + _twins(sheet, key)
    if problems:
        raise BadSheet(problems)
    return [item for item in made if not isinstance(item, Problem)]


def _study(sheet: Sheet, row: SheetRow, key: str) -> Iterator[Row | Problem]:
    kind, year = row.get("kind") or "primary", row.get("year")
    if not row.get(key):
        yield sheet.problem(row, "a study needs an id")
    if kind not in KINDS:
        yield sheet.problem(row, f"unknown kind {kind!r}", f"There are: {', '.join(KINDS)}")
    if year and not re.fullmatch(r"\d{4}", year):
        yield sheet.problem(row, f"{year!r} is not a year", "Write four digits or leave it empty")
        year = ""
    name = row.get("name") or row.get(key)
    yield {"id": row.get(key), "name": name, "kind": kind, "year": int(year) if year else None}


def _twins(sheet: Sheet, key: str) -> list[Problem]:
    seen: dict[str, int] = {}
    problems = []
    for row in sheet.rows:
        name = row.get(key)
        if name in seen:
            problems.append(sheet.problem(row, f"study {name!r} stands twice (first in line {seen[name]})"))
        seen.setdefault(name, row.line)
    return problems


def link_works(sheet: Sheet, records: pd.DataFrame, sources: pd.DataFrame, studies: Collection[str]) -> list[Row]:
    """Links (study_id, record_id, work_id, role) from a sheet that names reports by one of LINK_KEYS.

    ``records`` and ``sources`` are the store's. Raises BadSheet naming every report that was not found or that fits
    several works, and every unknown study.
    """
    if not set(LINK_KEYS) & set(sheet.columns):
        raise BadSheet([Problem(sheet.path, 1, "no column that names a report", f"Add one of: {', '.join(LINK_KEYS)}")])
    index = _index(records, sources)
    made = [item for row in sheet.rows for item in _link(sheet, row, index, studies)]
    problems = [item for item in made if isinstance(item, Problem)]
    if problems:
        raise BadSheet(problems)
    return [item for item in made if not isinstance(item, Problem)]


def _link(sheet: Sheet, row: SheetRow, index: Index, studies: Collection[str]) -> Iterator[Row | Problem]:
    study, role = row.get("study_id"), row.get("role") or "main"
    if study not in studies:
        near = get_close_matches(study, sorted(studies), n=1) if study else []
        yield sheet.problem(
            row,
            f"unknown study {study!r}",
            f"Did you mean {near[0]}?" if near else "Name the studies too, with --studies FILE.csv",
        )
    if role not in ROLES:
        yield sheet.problem(row, f"unknown role {role!r}", f"There are: {', '.join(ROLES)}")
    key, found = _find(row, index)
    if len({work for _, work in found}) == 1:
        record, work = min(found)
        yield {"study_id": study, "record_id": record, "work_id": work, "role": role, "status": "human"}
    elif found:
        yield sheet.problem(row, f"{key} fits {len({work for _, work in found})} works", "Name the report by record_id")
    else:
        yield sheet.problem(
            row,
            f"no record has this {key}" if key else "this row names no report",
            "Import the export that holds it, or name it by another column",
        )


def _find(row: SheetRow, index: Index) -> tuple[str, set[tuple[str, str]]]:
    """The first key that the row has and its records; later keys help out where an earlier one finds nothing."""
    first = ""
    for name in LINK_KEYS:
        if row.get(name):
            first = first or name
            found = index[name].get(_key_of(name, row))
            if found:
                return name, found
    return first, set()


def _key_of(name: str, row: SheetRow) -> Any:
    text = row.get(name)
    if name == "file":
        position = row.get("position")
        return (PurePath(text).name, int(position) if position.isdecimal() else -1)
    return {"doi": _doi_key, "title": _title_key}.get(name, str)(text)


def _index(records: pd.DataFrame, sources: pd.DataFrame) -> Index:
    names = zip(sources["id"], sources["file_name"], strict=True)
    files = {int(source): PurePath(str(name)).name for source, name in names}
    index: dict[str, dict[Any, set[tuple[str, str]]]] = {name: {} for name in LINK_KEYS}
    for record in records.to_dict("records"):
        place = (str(record["id"]), str(record["work_id"]))
        ids = record["ids"] if isinstance(record["ids"], dict) else {}
        keys = {
            "record_id": record["id"],
            "work_id": record["work_id"],
            "pmid": ids.get("pmid"),
            "doi": _doi_key(str(ids.get("doi") or "")),
            "title": _title_key(str(record["title"] or "")),
            "file": (files.get(int(record["source_id"]), ""), int(record["position"])),
        }
        for name, key in keys.items():
            if key:
                index[name].setdefault(key, set()).add(place)
    return index


def _doi_key(text: str) -> str:
    found = re.search(r"10\.\d{4,9}/\S+", text.casefold())
    return found.group().rstrip(".") if found else ""


def _title_key(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum())
