"""RePEc: ReDIF templates, and NEP reports with a list of contents before the papers."""

from __future__ import annotations

from pathlib import Path

from synth.records import read_file

FILES = Path(__file__).parent / "files"


def test_templates_give_papers_and_articles() -> None:
    first, second = read_file(FILES / "redif.rdf").records
    assert (first.type, second.type) == ("report", "article")
    assert first.ids == {"repec": "RePEc:abc:wpaper:12"}
    assert first.affiliations == ("Tea School, Nairobi",)


def test_the_list_of_contents_makes_no_records() -> None:
    reading = read_file(FILES / "nep_report.txt")
    first, second = reading.records
    assert (first.line_start, second.line_start) == (19, 31)
    assert first.authors == ("Author, Anna", "Writer, Ben")
    assert (first.abstract, first.ids) == ("A summary on two lines.", {"repec": "RePEc:abc:wpaper:12"})
    assert reading.database == "RePEc"
