"""EndNote tagged (%A): CNKI's blank lines and double semicolons, bepress' order, BIBSYS' repeats."""

from __future__ import annotations

from pathlib import Path

from synth.records import read_bytes, read_file

FILES = Path(__file__).parent / "files"


def test_blank_lines_inside_a_record_stay_in_it() -> None:
    first, _ = read_file(FILES / "cnki_blank_lines.enw").records
    assert first.abstract == "First line of the summary. Second line of the summary."
    assert (first.line_start, first.line_end) == (1, 20)
    assert first.keywords == ("茶", "睡眠", "随机对照试验")


def test_cnki_addresses_stand_apart_and_its_link_shows_its_number() -> None:
    first, second = read_file(FILES / "cnki_blank_lines.enw").records
    assert first.affiliations == ("北京大学公共卫生学院", "复旦大学护理学院")
    assert first.ids == {"issn": "1009-9522", "cnki": "CJYS200103004"}
    assert second.ids == {"doi": "10.1000/beta.2"}


def test_a_title_before_the_type_opens_the_record() -> None:
    first, second = read_file(FILES / "bepress_order.enw").records
    assert (first.line_start, second.line_start) == (1, 10)
    assert first.date_raw == "September 1, 2001"


def test_a_blank_line_between_type_and_title_makes_no_second_record() -> None:
    text = "%0 Journal Article\n%A Author, A\n\n%T Tea\n%D 2001\n\n%0 Book\n%T Bread\n"
    reading = read_bytes(text.encode(), "x")
    assert [(record.title, record.authors) for record in reading.records] == [("Tea", ("Author, A",)), ("Bread", ())]


def test_repeated_fields_are_all_kept() -> None:
    first, second = read_file(FILES / "bibsys_repeated.enw").records
    assert [value for tag, value, _ in first.raw if tag == "%R"] == ["oai:example.org:1", "URN:NBN:no-nb_1"]
    assert (first.languages, first.type, second.type) == (("no", "da"), "book", "thesis")


def test_latex_comments_are_no_endnote() -> None:
    text = "% A comment\n@article{a,\n title = {Tea},\n year = {2001}\n}\n"
    assert read_bytes(text.encode(), "x").format == "bibtex"
