"""Spreadsheets that people bring: labelled sets, decisions made elsewhere."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from difflib import get_close_matches

from synth.errors import UnreadableInput, UsageError

_PROBE = 4096
_BINARY = (b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How a PDF, an XLSX and an XLS begin."""


def read_sheet(content: bytes, name: str, *, needed: Sequence[str] = ()) -> list[dict[str, str]]:
    """The rows of a CSV (comma, semicolon or tab; UTF-8), column names in lower case; ``line`` holds the line number.

    Raises UnreadableInput for what is no such file and UsageError when a ``needed`` column is missing.
    """
    text = _decode(content, name)
    head = text[:_PROBE].partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count))
    try:
        columns = [column.strip().lower() for column in next(reader, [])]
        _check_columns(columns, needed, name)
        rows = []
        start = reader.line_num + 1
        for cells in reader:
            rows.append({"line": str(start), **dict(zip(columns, cells, strict=False))})
            start = reader.line_num + 1
    except csv.Error as fault:
        raise UnreadableInput(f"{name}:{reader.line_num}: cannot be read as CSV ({fault})") from None
    return [row for row in rows if any(value.strip() for column, value in row.items() if column != "line")]


def _decode(content: bytes, name: str) -> str:
    if content.startswith(_BINARY) or b"\0" in content[:_PROBE]:
        raise UnreadableInput(f"{name}: is not a CSV file", hint="Save the sheet as CSV (UTF-8) and try again")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        raise UnreadableInput(f"{name}:{line}: is not UTF-8 text", hint="Save the sheet as CSV (UTF-8)") from None


def _check_columns(columns: Sequence[str], needed: Sequence[str], name: str) -> None:
    for column in needed:
        if column not in columns:
            near = get_close_matches(column, columns, n=1)
            found = f"It has: {', '.join(columns[:8])}{' …' if len(columns) > 8 else ''}"
            raise UsageError(
                f"{name}: there is no column {column}", why=f"Did you mean {near[0]}?" if near else "", hint=found
            )
