"""CSL-JSON and Crossref: dates in parts, particles, markup in abstracts, numbers in notes; DOAJ; our own lines."""

from __future__ import annotations

from pathlib import Path

from synth.records import read_bytes, read_file
from synth.records.writers import write_records

FILES = Path(__file__).parent / "files"


def test_names_dates_and_notes_of_csl_are_read() -> None:
    first, second = read_file(FILES / "csl.json").records
    assert first.authors == ("Author, Anna", "van der Berg, Ben", "Tea Study Group")
    assert (first.date_raw, second.date_raw, second.type) == ("2001-03-01", "2002", "chapter")
    assert first.ids == {"doi": "10.1000/alpha.1", "issn": "0098-1133", "pmid": "11112222", "pmcid": "PMC123456"}


def test_crossref_writes_lists_and_markup() -> None:
    first, second = read_file(FILES / "crossref.json").records
    assert (first.abstract, first.container, first.affiliations) == ("A summary.", "Journal of Tea", ("Tea School",))
    assert (second.type, second.ids) == ("chapter", {"doi": "10.1000/beta.2"})


def test_doaj_names_the_language_where_the_journal_has_one() -> None:
    first, second = read_file(FILES / "doaj.json").records
    assert [(text.text, text.lang) for text in first.abstracts] == [("A summary.", "pt")]
    assert first.ids == {"doi": "10.1000/alpha.1", "issn": "0098-1133", "doaj": "000004687a3a411cb466625281f2ceb0"}
    assert second.ids == {"doaj": "000004687a3a411cb466625281f2ceb1"}


def test_our_own_lines_come_back_as_they_were() -> None:
    first, _ = read_file(FILES / "own.jsonl").records
    assert first.authors == ("Author, Anna", "Tea; Board")
    assert [(text.text, text.lang) for text in first.titles] == [("Alpha tea and sleep", "en"), ("Chá e sono", "pt")]
    for form in ("jsonl", "csljson"):
        again = read_bytes(write_records(read_file(FILES / "csl.json").records, form), "x")
        assert [record.authors for record in again.records][1:] == [()]
        assert [record.title for record in again.records] == ["Alpha tea and sleep", "Beta bread and rest"]


def test_a_damaged_line_costs_itself_only() -> None:
    reading = read_file(FILES / "damaged_line.jsonl")
    assert [record.line_start for record in reading.records] == [1, 3]
    (piece,) = reading.quarantine
    assert (piece.line_start, piece.code, piece.raw) == (2, "damaged_entry", '{"title": "Gamma, cut in the mid')


def test_an_array_that_was_cut_off_keeps_what_stands_before() -> None:
    text = (FILES / "csl.json").read_text(encoding="utf-8")
    reading = read_bytes(text[: text.index('"issued": {"raw"')].encode(), "x")
    assert [record.title for record in reading.records] == ["Alpha tea and sleep"]
    assert [(piece.line_start, piece.code) for piece in reading.quarantine] == [(14, "damaged_entry")]
