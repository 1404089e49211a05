"""A map to take away: EPPI JSON, a workbook, RIS of any cell."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from synth.maps import Axis, EvidenceMap
    from synth.steps.map import MapReport


def stable_id(*parts: str) -> int:
    """A whole number below 2^53 that the same names always give: what EPPI and JavaScript can hold."""
    digest = hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") >> 11


def write_eppi(report: MapReport, path: Path | str) -> None:
    """Write the map as EPPI JSON; one that came from EPPI keeps its ids, codes and hierarchy."""
    from synth.files import write_text
    from synth.maps.diff import dump_document

    write_text(path, dump_document(document_of(report)))


def document_of(report: MapReport) -> Mapping[str, Any]:
    """The map as an EPPI document."""
    return report.document or to_document(report.evidence_map)


def compare_with(report: MapReport, since: Path | str) -> tuple[dict[str, Any], pd.DataFrame]:
    """What changed since the map in ``since`` (EPPI JSON): see ``diff_documents`` and ``compare_states``."""
    from synth.maps.diff import compare_states, diff_documents
    from synth.steps.map import map_file
    from synth.steps.map_eppi import read_eppi

    old = read_eppi(since)
    if not old:
        raise UsageError(f"{since}: last year's map is needed as JSON", hint="Write it with: synth map -o last.json")
    shown = report.evidence_map
    before = map_file(since, shown.rows, shown.cols, shown.south)
    return diff_documents(old, document_of(report)), compare_states(before.gaps, report.gaps)


def apply_changes(since: Path | str, changes: Path | str, out: Path | str) -> None:
    """Write last year's map (EPPI JSON) with the changes applied: this year's, byte for byte."""
    from synth.files import read_bytes, write_text
    from synth.maps.diff import apply_diff, dump_document
    from synth.steps.map_eppi import read_eppi

    try:
        diff = json.loads(read_bytes(changes))
        made = apply_diff(read_eppi(since), diff)
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError):
        raise UsageError(f"{changes}: holds no changes", hint="Write them with --since and --diff") from None
    write_text(out, dump_document(made))


def to_document(evidence_map: EvidenceMap) -> dict[str, Any]:
    """The codes that were given, as CodeSets and References with stable ids; only the fields named here leave."""
    given = evidence_map.given
    axes = [
        axis for axis in evidence_map.axes if axis.id in set(given["axis"]) | {evidence_map.rows, evidence_map.cols}
    ]
    codes: dict[str, list[dict[str, int]]] = {}
    for study, axis, term in given[["study_id", "axis", "term"]].itertuples(index=False):
        codes.setdefault(study, []).append({"AttributeId": stable_id(axis, term), "ArmId": 0})
    return {
        "CodeSets": [_code_set(axis) for axis in axes],
        "References": [_reference(s, codes.get(s["id"], [])) for s in evidence_map.studies.to_dict("records")],
    }


def _code_set(axis: Axis) -> dict[str, Any]:
    top = {"id": "\x1faxis", "label": axis.id, "children": axis.tree}
    return {"SetName": axis.id, "Attributes": {"AttributesList": [_attribute(axis.id, top)]}}


def _attribute(axis: str, node: Mapping[str, Any]) -> dict[str, Any]:
    number = stable_id(axis, str(node["id"]))
    children = [_attribute(axis, child) for child in node.get("children") or ()]
    name = str(node.get("label") or node["id"])
    return {"AttributeId": number, "AttributeName": name, "Attributes": {"AttributesList": children}}


def _reference(study: Mapping[Any, Any], codes: list[dict[str, int]]) -> dict[str, Any]:
    import pandas as pd

    authors = study.get("authors")
    return {
        "ItemId": int(study["id"]) if str(study["id"]).isdigit() else stable_id("study", str(study["id"])),
        "Title": study.get("title") or study.get("name") or "",
        "ShortTitle": study.get("name") or "",
        "ParentTitle": study.get("container") or "",
        "Year": "" if pd.isna(study.get("year")) else str(int(study["year"])),
        "Authors": "; ".join(authors) if isinstance(authors, list) else "",
        "URL": study.get("link") or "",
        "TypeName": "Review" if study.get("kind") == "review" else "",
        "Codes": codes,
    }


def write_workbook(report: MapReport, path: Path | str, cell: tuple[str, str] | None = None) -> None:
    """Write a workbook: the counts as a table, every cell with its state, the studies. Text is never a formula."""
    import io

    import xlsxwriter

    from synth.files import write_bytes

    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(stream, options)
    book.set_properties({"created": _EPOCH})
    for name, lines in _sheets(report, cell):
        sheet = book.add_worksheet(name)
        for row, line in enumerate(lines):
            for column, value in enumerate(line):
                _write(sheet, row, column, value)
        sheet.freeze_panes(1, 1)
    book.close()
    write_bytes(path, stream.getvalue())


def _epoch() -> Any:
    from datetime import UTC, datetime

    return datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)


_EPOCH = _epoch()
"""A workbook holds no time of its own, so that the same map gives the same bytes."""


def _write(sheet: Any, row: int, column: int, value: Any) -> None:
    import pandas as pd

    if isinstance(value, str):
        sheet.write_string(row, column, value[:32_000])
    elif not pd.isna(value):
        sheet.write_number(row, column, value)


def _sheets(report: MapReport, cell: tuple[str, str] | None) -> list[tuple[str, list[list[Any]]]]:
    from synth.maps import TOTAL, tabulate_map

    table = report.table
    cols = [(term.id, term.label) for term in table.col_terms] + [(TOTAL, "All studies")]
    rows = [(term.id, term.label) for term in table.row_terms] + [(TOTAL, "All studies")]
    counts: list[list[Any]] = [["", *(label for _, label in cols)]]
    counts += [[label, *(int(table.cell(row, col)["n"]) for col, _ in cols)] for row, label in rows]
    cells = tabulate_map(table, report.gaps)
    chosen = _chosen(report, cell)
    heads = ["id", "name", "title", "authors", "year", "kind", "container", "link"]
    studies = [[_plain(study.get(head)) for head in heads] for study in chosen]
    return [
        ("Map", counts),
        ("Cells", [list(cells.columns), *cells.to_numpy().tolist()]),
        ("Studies", [heads, *studies]),
    ]


def _plain(value: Any) -> Any:
    return "; ".join(map(str, value)) if isinstance(value, list) else value


def _chosen(report: MapReport, cell: tuple[str, str] | None) -> list[dict[Any, Any]]:
    """The studies of a cell; of the whole map without one."""
    studies: list[dict[Any, Any]] = report.evidence_map.studies.to_dict("records")
    if not cell:
        return studies
    row, col = (_find_term(report, side, name) for side, name in zip(("rows", "cols"), cell, strict=True))
    ids = set(report.table.cell(row, col)["study_ids"])
    return [study for study in studies if study["id"] in ids]


def _find_term(report: MapReport, side: str, name: str) -> str:
    from difflib import get_close_matches

    from synth.maps import TOTAL

    terms = report.table.row_terms if side == "rows" else report.table.col_terms
    known = {term.label.casefold(): term.id for term in terms} | {term.id.casefold(): term.id for term in terms}
    if name in {"*", "all"}:
        return TOTAL
    if name.casefold() in known:
        return known[name.casefold()]
    near = get_close_matches(name.casefold(), known, n=1)
    listed = ", ".join(term.label for term in terms[:12])
    raise UsageError(
        f"{name!r}: no such term in the {side}", hint=f"Did you mean {near[0]}?" if near else f"There are: {listed}"
    )


def write_ris(report: MapReport, path: Path | str, cell: tuple[str, str] | None = None) -> None:
    """Write the studies of a cell, or of the whole map, as RIS with their codes as keywords "axis: term"."""
    from synth.files import write_bytes
    from synth.records.record import Record
    from synth.records.writers import write_records

    shown = report.evidence_map
    labels = {axis.id: {term.id: term.label for term in axis.terms} for axis in shown.axes}
    codes: dict[str, list[str]] = {}
    for study, axis, term in shown.given[["study_id", "axis", "term"]].itertuples(index=False):
        codes.setdefault(study, []).append(f"{axis}: {labels.get(axis, {}).get(term, term)}")
    records = [
        Record(place, 1, 1, keywords=tuple(_keywords(study, codes)), **_record_fields(study))
        for place, study in enumerate(_chosen(report, cell), 1)
    ]
    write_bytes(path, write_records(records, "ris"))


def _keywords(study: Mapping[Any, Any], codes: Mapping[str, list[str]]) -> list[str]:
    kind = ["kind: review"] if study.get("kind") == "review" else []
    return [*codes.get(study["id"], []), *kind]


def _record_fields(study: Mapping[Any, Any]) -> dict[str, Any]:
    import pandas as pd

    link, authors = str(study.get("link") or ""), study.get("authors")
    doi = link.removeprefix("https://doi.org/") if link.startswith("https://doi.org/") else ""
    return {
        "title": str(study.get("title") or study.get("name") or ""),
        "type": "article",
        "authors": tuple(authors) if isinstance(authors, list) else (),
        "year": None if pd.isna(study.get("year")) else int(study["year"]),
        "container": str(study.get("container") or ""),
        "ids": {"doi": doi} if doi else {},
        "urls": (link,) if link and not doi else (),
    }
