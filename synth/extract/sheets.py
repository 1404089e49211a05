"""Coding sheets: a CSV file as rows that know their line, and all its mistakes at once."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from synth.errors import UsageError
from synth.files import read_bytes

ALSO_CALLED = {
    "study": "study_id",
    "question": "question_id",
    "effect": "effect_id",
    "finding_id": "effect_id",
    "work": "work_id",
    "record": "record_id",
    "person": "person_id",
}
"""Short column names that people write, and the names of our tables."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: where it is, what it is, what to do."""

    path: str
    line: int
    text: str
    hint: str = ""

    @property
    def place(self) -> str:
        """``file:line``."""
        return f"{self.path}:{self.line}"


class BadSheet(UsageError):
    """A sheet with mistakes; ``problems`` are all of them, and nothing was written."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        first, more = problems[0], len(problems) - 1
        super().__init__(
            f"{first.place}: {first.text}",
            why=f"{more} more {'problem' if more == 1 else 'problems'} in this file" if more else "",
            hint=first.hint,
            kept="Nothing was written",
        )
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its line in the file (1-based) and its filled cells by column."""

    line: int
    cells: dict[str, str]

    def get(self, column: str) -> str:
        """The cell without surrounding space; empty if there is none."""
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A CSV file: columns under our own names, rows without the empty ones."""

    path: str
    columns: tuple[str, ...]
    rows: tuple[SheetRow, ...]

    def problem(self, row: SheetRow, text: str, hint: str = "") -> Problem:
        """A mistake in that row."""
        return Problem(self.path, row.line, text, hint)


def read_sheet(path: str) -> Sheet:
    """The CSV file at ``path`` (``-``: stdin), in UTF-8 with or without a mark, split by comma, semicolon or tab.

    Raises UnreadableInput for no file, UsageError for text that is not UTF-8, BadSheet for a broken table.
    """
    content = read_bytes(path)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        raise UsageError(
            f"{path}:{line}: is not UTF-8 text", hint='Save it as "CSV UTF-8"', kept="Nothing was written"
        ) from None
    return parse_sheet(text, path)


def parse_sheet(text: str, path: str = "sheet") -> Sheet:
    """A sheet from the text of a CSV file."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        header = next(reader, [])
        columns = _name_columns(header, path)
        rows = list(_read_rows(reader, columns, path))
    except csv.Error as fault:
        raise BadSheet([Problem(path, reader.line_num, f"not CSV ({fault})", "Check the quotation marks")]) from None
    return Sheet(path, columns, tuple(rows))


def _delimiter(text: str) -> str:
    header = text.split("\n", 1)[0]
    return max(",;\t", key=header.count)


def _name_columns(header: Sequence[str], path: str) -> tuple[str, ...]:
    names = [ALSO_CALLED.get(name.strip(), name.strip()) for name in header]
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice is not None:
        raise BadSheet([Problem(path, 1, f"column {twice!r} stands twice", "Give each column its own name")])
    return tuple(names)


def _read_rows(reader: Iterable[list[str]], columns: tuple[str, ...], path: str) -> Iterable[SheetRow]:
    line = 2
    for cells in reader:
        if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
            problem = Problem(
                path,
                line,
                f"{len(cells)} cells in a table of {len(columns)} columns",
                "Put a text that holds the separator in quotation marks",
            )
            raise BadSheet([problem])
        filled = {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if name and cell.strip()}
        if filled:
            yield SheetRow(line, filled)
        line = reader.line_num + 1  # type: ignore[attr-defined]  # a csv.reader counts its lines


_KINDS = (
    ("effects", ({"study_id", "measure", "outcome"},)),
    ("labels", ({"study_id", "axis", "term"},)),
    ("answers", ({"study_id", "question_id", "value"}, {"study_id"})),
)


def tell_kind(sheet: Sheet) -> str:
    """What a sheet holds, by its columns: effects, labels or answers. Raises BadSheet without a column of studies."""
    for kind, choices in _KINDS:
        if any(choice <= set(sheet.columns) for choice in choices):
            return kind
    near = get_close_matches("study_id", sheet.columns, n=1)
    hint = f"Did you mean the column {near[0]!r}?" if near else "Get a blank sheet with: synth extract form"
    raise BadSheet([Problem(sheet.path, 1, "no column 'study_id'", hint)])
