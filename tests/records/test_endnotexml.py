"""EndNote XML: a whole library on one line, styles inside a title, line ends written as characters."""

from __future__ import annotations

from pathlib import Path

from synth.records import read_bytes, read_file

FILES = Path(__file__).parent / "files"


def test_styles_inside_a_title_are_no_fields() -> None:
    first, second = read_file(FILES / "endnote.xml").records
    assert ("titles/title", "Alpha tea and sleep", 1) in first.raw
    assert (second.type, second.line_start) == ("chapter", 1)


def test_line_ends_written_as_characters_stand_between_addresses() -> None:
    first, _ = read_file(FILES / "endnote.xml").records
    assert first.affiliations == ("Tea School, Nairobi", "Bread School, Lima")
    assert first.authors == ("Author, Anna", "Writer, B. C.")


def test_a_bare_number_is_pubmeds_where_pubmed_is_named() -> None:
    first, _ = read_file(FILES / "endnote.xml").records
    assert first.ids == {"doi": "10.1000/alpha.1", "pmid": "11112222", "issn": "0098-1133"}
    other = (FILES / "endnote.xml").read_text(encoding="utf-8").replace("PubMed", "Elsewhere")
    assert "pmid" not in read_bytes(other.encode(), "x").records[0].ids


def test_a_library_cut_in_the_middle_of_a_record_keeps_both() -> None:
    text = (FILES / "endnote.xml").read_text(encoding="utf-8")
    reading = read_bytes(text[: text.index('</titles><dates><year><style face="normal">2002')].encode(), "x")
    assert [record.title for record in reading.records] == ["Alpha tea and sleep", "Beta bread and rest"]
    assert "missing_end" in {issue.code for issue in reading.issues}
