"""Workbooks (XLSX): each sheet with a title column is a table as in CSV. Values are read, formulas are not run."""

from __future__ import annotations

import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from synth.errors import UnreadableInput
from synth.records.format import Format, Parsed
from synth.records.formats.csv import Row, make_head, read_table
from synth.records.record import Quarantined

MAGIC = b"PK\x03\x04"
MOST_BYTES = 1_000_000_000
"""A workbook that unpacks to more is refused before it is unpacked."""
MOST_RATIO, SMALL = 120, 20_000_000
"""A part larger than ``SMALL`` that shrank more than this to be packed is no table: sheets shrink 5 to 20 times."""
MOST_COLUMNS = 1000
_HEADER_ROWS = 12
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_SHEET = "xl/workbook.xml"
_HINT = "Save the sheet as CSV and read that"
_KEPT = "Nothing was imported from this file"


def is_workbook(content: bytes) -> bool:
    """A zip archive with a workbook inside. Any other archive, and a damaged one, is none."""
    if not content.startswith(MAGIC):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _SHEET in archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return False


def check_size(content: bytes) -> None:
    """Raise UnreadableInput for an archive that unpacks to far more than a table, or declares entities of its own."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        total = sum(part.file_size for part in parts)
        if total > MOST_BYTES or any(_is_bomb(part) for part in parts):
            raise UnreadableInput(
                f"the workbook unpacks to {total / 1e6:,.0f} MB from {len(content) / 1e6:,.1f} MB",
                why="no table of references does (a zip bomb?)",
                hint=_HINT,
                kept=_KEPT,
            )
        for part in parts:
            if part.filename.endswith((".xml", ".rels")) and _declares(archive, part):
                raise UnreadableInput(
                    f"the workbook's part {part.filename[:60]} declares entities of its own",
                    why="no program that makes tables does",
                    hint=_HINT,
                    kept=_KEPT,
                )


def _is_bomb(part: zipfile.ZipInfo) -> bool:
    return part.file_size > SMALL and part.file_size > MOST_RATIO * max(part.compress_size, 1)


def _declares(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    with archive.open(part) as stream:
        return _DECLARATION.search(stream.read(4096)) is not None


def to_text(content: bytes) -> str:
    """A workbook's rows as lines of JSON lists, so that a row's number is its line's.

    ``{"sheet": ...}`` opens each further sheet. Raises UnreadableInput for bombs, damaged workbooks, other archives.
    """
    if not is_workbook(content):
        raise UnreadableInput(
            "the file looks like a zip archive, not an Excel workbook (XLSX)",
            hint="Unpack the archive, or save the sheet as CSV",
            kept=_KEPT,
        )
    import openpyxl  # noqa: PLC0415  heavy, and most exports are no workbooks
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        check_size(content)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        lines = [line for number, sheet in enumerate(book.worksheets) for line in _write_sheet(sheet, number)]
    except (
        zipfile.BadZipFile,
        InvalidFileException,
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        OSError,
        SyntaxError,
        zlib.error,
        EOFError,
        NotImplementedError,
    ) as fault:
        # openpyxl lets through whatever its parts raise; SyntaxError is the XML parser's
        raise UnreadableInput("the workbook (XLSX) is damaged", why=str(fault)[:200], hint=_HINT, kept=_KEPT) from fault
    return "\n".join(lines)


def _write_sheet(sheet: Any, number: int) -> Iterator[str]:
    """A sheet's rows. Its own word about its size is not believed: a false one costs gigabytes."""
    if number:
        yield json.dumps({"sheet": sheet.title}, ensure_ascii=False)
    sheet.reset_dimensions()
    for row in sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS):
        cells = _drop_empty_end([write_cell(value) for value in row])
        yield json.dumps(cells, ensure_ascii=False) if cells else ""


def write_cell(value: Any) -> str:
    """A cell's value as a text: whole numbers without a point, dates as ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime) and value.time().isoformat() == "00:00:00":
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _drop_empty_end(cells: list[str]) -> list[str]:
    end = len(cells)
    while end and not cells[end - 1]:
        end -= 1
    return cells[:end]


def read(text: str) -> Parsed:
    """All rows of all sheets that have a title column; a sheet without one is quarantined whole."""
    sheets: list[list[Row]] = [[]]
    headers = []
    for number, line in enumerate(text.split("\n"), 1):
        cells = json.loads(line) if line else []
        if isinstance(cells, dict):
            sheets.append([])
            headers.append(number)
        elif cells:
            sheets[-1].append(Row(cells, number, number, line))
    parts = [_read_sheet(rows) for rows in sheets if rows]
    return _join(parts, headers)


def _read_sheet(rows: list[Row]) -> Parsed:
    for index, row in enumerate(rows[:_HEADER_ROWS]):
        head = make_head("\t", row.line_start, row.cells)
        if head is not None:
            return read_table(rows[index + 1 :], head, [row.line_start for row in rows[: index + 1]])
    raw = "\n".join(row.raw for row in rows)
    reason = "a sheet without a title column"
    return Parsed((), (Quarantined(rows[0].line_start, rows[-1].line_end, "no_header", reason, raw),))


def _join(sheets: list[Parsed], headers: list[int]) -> Parsed:
    """Several sheets as one file; positions count on."""
    records = [record for sheet in sheets for record in sheet.records]
    databases = {sheet.database for sheet in sheets if sheet.records}
    return Parsed(
        tuple(replace(record, position=number) for number, record in enumerate(records, 1)),
        tuple(piece for sheet in sheets for piece in sheet.quarantine),
        tuple(issue for sheet in sheets for issue in sheet.issues),
        tuple(sorted([*headers, *(line for sheet in sheets for line in sheet.headers)])),
        database=databases.pop() if len(databases) == 1 else "",
    )


def sniff(sample: str) -> float:
    """A workbook is known by its bytes, not by a text."""
    del sample
    return 0.0


FORMAT = Format("xlsx", sniff, read, "Excel workbook (.xlsx) with a title column", magic=(MAGIC,), to_text=to_text)
