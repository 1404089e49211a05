"""A table of studies for a map: CSV or XLSX with one row a study, several codes in a cell."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from synth.errors import UnreadableInput, UsageError

if TYPE_CHECKING:
    import pandas as pd

NO_CODE = frozenset({"", "not seen", "not reported", "none reported", "not stated"})
"""What stands in a table where nobody saw a code; such a study is "not coded"."""
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "study_id", "studyid", "key"),
    "name": ("name", "short_name", "study", "study_name", "label"),
    "title": ("title",),
    "authors": ("authors", "author"),
    "year": ("year", "publication_year", "pub_year"),
    "kind": ("kind",),
    "is_review": ("is_review", "review"),
    "container": ("journal", "container", "source"),
    "link": ("url", "link", "doi"),
    "confidence": ("confidence", "review_confidence"),
    "finding": ("finding", "findings"),
}
"""Columns that are no axes, by what they mean."""
_YES = frozenset({"yes", "y", "true", "1", "review", "x", "sí", "si", "sim", "oui"})
_MOST_TERMS = 60
_LONGEST_TERM = 60
_PRIVATE = re.compile(
    r"comments?|notes?|.*_notes?|(first_|second_)?(screener|reviewer|coder|extractor|rater)s?(_?\d|_name)?|"
    r"(created|edited|added|checked|coded|screened|assigned)_?(by|to)|e_?mails?|staff|decided_by",
)
"""Columns that name people of the team or hold their notes: axes only if the user names them."""


def read_table(path: Path | str) -> tuple[list[str], list[dict[str, str]]]:
    """Heads (in small letters, spaces as _) and lines of a CSV with commas, semicolons or tabs."""
    from synth.files import read_bytes
    from synth.records.encoding import decode
    from synth.records.formats.xlsx import is_workbook, to_text

    content = read_bytes(path)
    if is_workbook(content):
        lines = _read_sheet(to_text(content))
    elif b"\0" in content[:4] or content.startswith((b"%PDF", b"PK\x03\x04")):
        raise UnreadableInput(f"{path}: is not a table", hint="Export the studies as CSV or XLSX, one row a study")
    else:
        text = decode(content).text
        comma = max(",;\t", key=text.split("\n", 1)[0].count)
        csv.field_size_limit(1 << 30)
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=comma))
    lines = lines or [[]]
    heads = ["_".join(head.strip().casefold().split()) or f"column_{place}" for place, head in enumerate(lines[0], 1)]
    if len(heads) < 2:
        raise UnreadableInput(
            f"{path}:1: is not a table of studies",
            why="It has one column only",
            hint="Export the studies as CSV with a line of column names, one row a study",
        )
    padding = [""] * len(heads)
    return heads, [dict(zip(heads, [*line, *padding], strict=False)) for line in lines[1:] if any(map(str.strip, line))]


def _read_sheet(text: str) -> list[list[str]]:
    """The rows of a workbook's first sheet."""
    rows = (json.loads(line) for line in text.split("\n") if line)
    found: list[list[str]] = []
    for row in rows:
        if isinstance(row, dict):
            break
        found.append([str(cell) for cell in row])
    return found


def is_private(column: str) -> bool:
    """Whether a column names people of the team, or holds their notes."""
    return bool(_PRIVATE.fullmatch(column))


def find_fields(heads: Sequence[str]) -> dict[str, str]:
    """{meaning: column} of the columns that are no axes; the first that fits counts."""
    found = {}
    for meaning, names in _FIELDS.items():
        column = next((name for name in names if name in heads), None)
        if column is not None:
            found[meaning] = column
    return found


def choose_axis(wanted: str, usual: str, axes: Sequence[str], coded: Sequence[str]) -> str:
    """The column to use; any may be named, those that look coded are offered."""
    from synth.maps.evidence_map import check_axis

    name = "_".join(wanted.casefold().split()) or usual
    if name in axes:
        return name
    if wanted:
        return check_axis(wanted, coded or axes)
    option = "--rows" if usual == "population" else "--cols"
    raise UsageError(
        f"No column {usual!r}, so say which one to use with {option}", hint=f"Axes: {', '.join(coded or axes)}"
    )


def _split_codes(cell: str) -> list[str]:
    parts = (part.strip() for part in re.split(r"[;|\n]", cell))
    return [part for part in parts if part.casefold() not in NO_CODE]


def looks_coded(cells: Iterable[str]) -> bool:
    """Whether a column holds codes and not free text, numbers or names: few, short, and used more than once."""
    codes = [code for cell in cells for code in _split_codes(cell)]
    terms = set(codes)
    if not terms or len(terms) > _MOST_TERMS or max(map(len, terms)) > _LONGEST_TERM or all(map(_is_number, terms)):
        return False
    return len(terms) <= 12 or len(codes) >= 2 * len(terms)


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).replace(",", "").isdigit()


def name_studies(lines: Sequence[Mapping[str, str]], fields: Mapping[str, str]) -> list[str]:
    """The column of ids, or names, or the number of the row; rows of one id are one study."""
    column = fields.get("id") or fields.get("name")
    return [(line[column].strip() if column else "") or f"row {place}" for place, line in enumerate(lines, 1)]


def table_studies(lines: Sequence[Mapping[str, str]], fields: Mapping[str, str], ids: Sequence[str]) -> pd.DataFrame:
    """One row a study: id, name, title, authors, year, kind, container, link, confidence, findings."""
    import pandas as pd

    def column(meaning: str) -> list[str]:
        return [line[fields[meaning]].strip() if meaning in fields else "" for line in lines]

    names = [name or title or study for name, title, study in zip(column("name"), column("title"), ids, strict=True)]
    years = [int(year[:4]) if year[:4].isdigit() and len(year) >= 4 else None for year in column("year")]
    return pd.DataFrame(
        {
            "id": list(ids),
            "name": names,
            "title": column("title"),
            "authors": [list(_names(text)) for text in column("authors")],
            "year": pd.array(years, dtype="Int64"),
            "kind": [_kind(*pair) for pair in zip(column("kind"), column("is_review"), strict=True)],
            "container": column("container"),
            "link": [_web_address(text) for text in column("link")],
            "confidence": column("confidence"),
            "findings": [[text] if text else [] for text in column("finding")],
        }
    )


def _names(text: str) -> Iterator[str]:
    yield from (name.strip() for name in text.split(";") if name.strip())


def _kind(kind: str, is_review: str) -> str:
    return "review" if "review" in kind.casefold() or is_review.casefold() in _YES else "primary"


def _web_address(text: str) -> str:
    return f"https://doi.org/{text}" if text.startswith("10.") else text


def table_labels(lines: Sequence[Mapping[str, str]], axes: Sequence[str], ids: Sequence[str]) -> pd.DataFrame:
    """study_id, axis, term: one row a code."""
    import pandas as pd

    codes = [
        (study, axis, code)
        for study, line in zip(ids, lines, strict=True)
        for axis in axes
        for code in _split_codes(line[axis])
    ]
    return pd.DataFrame(codes, columns=["study_id", "axis", "term"], dtype=object)
