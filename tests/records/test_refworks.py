"""RefWorks tagged: CNKI's small ``vo``, several people in one A1, text that goes on without a tag."""

from __future__ import annotations

from pathlib import Path

from synth.records import read_file

FILES = Path(__file__).parent / "files"


def test_people_between_semicolons_are_several_and_an_empty_volume_is_none() -> None:
    first, second = read_file(FILES / "refworks_cnki.txt").records
    assert first.authors == ("王芳", "李强")
    assert (first.volume, second.volume) == ("", "7")
    assert (first.pages, first.languages, first.affiliations) == ("72-74", ("zh",), ("北京大学",))
    assert second.type == "thesis"


def test_first_and_last_page_and_the_parts_of_a_date_come_together() -> None:
    first, second = read_file(FILES / "refworks_plain.txt").records
    assert (first.pages, first.date_raw, first.volume) == ("551-565", "Feb 2001", "32")
    assert first.abstract == "A summary that goes on in a second line."
    assert (second.type, second.container) == ("chapter", "The book of bread")


def test_the_database_is_named_by_the_file() -> None:
    assert read_file(FILES / "refworks_cnki.txt").database == "CNKI"
