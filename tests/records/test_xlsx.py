"""Workbooks: any table with a title column; typed cells; bombs refused before they are unpacked."""

from __future__ import annotations

import contextlib
import io
import time
import zipfile
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from synth.errors import UnreadableInput
from synth.records import read_bytes, read_file
from synth.records.formats import xlsx
from synth.records.writers import write_records

FILES = Path(__file__).parent / "files"


def make_book(*sheets: list[list[object]]) -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(
        stream, {"in_memory": True, "default_date_format": "yyyy-mm-dd", "remove_timezone": True}
    )
    for rows in sheets:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write(number, column, value)
    book.close()
    return stream.getvalue()


def test_a_sheet_is_read_like_a_table() -> None:
    book = make_book(
        [
            ["About the data"],
            ["Title", "Authors", "Publication Year", "Date"],
            ["Tea", "Author, Anna; Writer, Ben", 2001.0, date(2001, 3, 1)],
            [],
            ["Bread", "Third, Cem", 2002, None],
        ]
    )
    reading = read_bytes(book, "x.txt")
    assert (reading.format, [record.title for record in reading.records]) == ("xlsx", ["Tea", "Bread"])
    first = reading.records[0]
    assert (first.authors, first.year, first.date_raw) == (("Author, Anna", "Writer, Ben"), 2001, "2001-03-01")
    assert (first.line_start, ("Publication Year", "2001", 3) in first.raw) == (3, True)


def test_several_sheets_are_read_and_one_without_titles_is_quarantined() -> None:
    reading = read_bytes(make_book([["Title"], ["Tea"]], [["Notes"], ["made in May"]], [["Title"], ["Bread"]]), "x")
    assert [(record.position, record.title) for record in reading.records] == [(1, "Tea"), (2, "Bread")]
    assert [piece.code for piece in reading.quarantine] == ["no_header"]


def test_our_own_workbooks_come_back() -> None:
    made = read_file(FILES / "scopus_new.csv").records
    again = read_bytes(write_records(made, "xlsx"), "x").records
    assert [(record.title, record.authors, record.ids) for record in again] == [
        (record.title, record.authors, record.ids) for record in made]  # fmt: skip


def test_an_archive_that_is_no_workbook_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", "x")
    for content in (stream.getvalue(), b"PK\x03\x04rest"):
        with pytest.raises(UnreadableInput, match=r"zip archive, not an Excel workbook \(XLSX\)"):
            read_bytes(content, "x.xlsx")


def repack(book: bytes, name: str, content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, content if part.filename == name else old.read(part))
    return stream.getvalue()


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = repack(make_book([["Title"], ["Tea"]]), "xl/worksheets/sheet1.xml", b" " * 60_000_000)
    start = time.perf_counter()
    with pytest.raises(UnreadableInput, match="unpacks to 60 MB"):
        read_bytes(bomb, "x")
    assert time.perf_counter() - start < 1


def test_entities_inside_a_workbook_are_refused() -> None:
    book = repack(
        make_book([["Title"], ["Tea"]]),
        "xl/worksheets/sheet1.xml",
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><worksheet/>',
    )
    with pytest.raises(UnreadableInput, match="declares entities"):
        read_bytes(book, "x")


def test_a_false_word_about_the_size_of_a_sheet_is_not_believed() -> None:
    book = make_book([["Title"], ["Tea"]])
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").replace(b'ref="A1:A2"', b'ref="A1:XFD1048576"')
    assert b"XFD1048576" in sheet
    start = time.perf_counter()
    assert [record.title for record in read_bytes(repack(book, "xl/worksheets/sheet1.xml", sheet), "x").records] == [
        "Tea"
    ]
    assert time.perf_counter() - start < 2


BOOK = make_book([["Title", "Year"], ["Tea", 2001], ["Bread", 2002]])


@given(st.integers(4, len(BOOK) - 1), st.binary(min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_a_damaged_workbook_is_read_or_refused(place: int, noise: bytes) -> None:
    damaged = BOOK[:place] + noise + BOOK[place + len(noise) :]
    with contextlib.suppress(UnreadableInput):
        assert all(record.title for record in read_bytes(damaged, "x").records)


def test_formulas_are_not_run() -> None:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Title", "Year"])
    sheet.write_string(1, 0, "=1+1")
    sheet.write_formula(1, 1, "=2000+1", None, 2001)
    book.close()
    (record,) = read_bytes(stream.getvalue(), "x").records
    assert (record.title, record.year) == ("=1+1", 2001)
    assert xlsx.write_cell(3.5) == "3.5"
