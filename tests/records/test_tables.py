"""Tables of many vendors: what they call their columns, and what they do in their own way."""

from __future__ import annotations

from pathlib import Path

import pytest
from synth.records import Record, read_bytes, read_file

FILES = Path(__file__).parent / "files"


def first(name: str) -> Record:
    return read_file(FILES / name).records[0]


@pytest.mark.parametrize(
    ("name", "database"),
    [("wos_tab.txt", "Web of Science"), ("dimensions.csv", "Dimensions"), ("bvs.csv", "LILACS"), ("ictrp.csv", "ICTRP"),
     ("openalex.csv", "OpenAlex"), ("scopus_new.csv", "Scopus"), ("cnki_table.csv", "CNKI"), ("zotero.csv", "")],
)  # fmt: skip
def test_the_header_tells_the_database(name: str, database: str) -> None:
    assert read_file(FILES / name).database == database


def test_web_of_science_writes_quotes_that_close_nothing() -> None:
    reading = read_bytes((FILES / "wos_tab.txt").read_bytes().replace(b"Alpha tea", b'"Alpha tea'), "x")
    assert [record.title for record in reading.records] == ['"Alpha tea and sleep', "Beta bread and rest"]
    record = reading.records[0]
    assert record.affiliations == (
        "[Author, Anna; Writer, Ben] Tea Sch, Nairobi, Kenya",
        "[Writer, Ben] Bread Sch, Lima, Peru",
    )
    assert (record.authors, record.date_raw, record.pages) == (("Author, Anna", "Writer, Ben"), "MAR 2001", "1-9")
    assert record.ids["wos"] == "WOS:000471694800003"


def test_scopus_puts_semicolons_between_people_now() -> None:
    records = read_file(FILES / "scopus_new.csv").records
    assert records[0].authors == ("Author, A.", "Writer, B.C.")
    assert records[1].authors == ()


def test_dimensions_opens_with_a_line_about_the_data() -> None:
    assert first("dimensions.csv").line_start == 3
    assert first("dimensions.csv").ids["dimensions"] == "pub.1000000001"


def test_bvs_names_its_numbers_descriptors_and_languages() -> None:
    record = first("bvs.csv")
    assert (record.ids["lilacs"], record.keywords, record.languages) == ("lil-123456", ("Chá", "Sono"), ("pt", "en"))


def test_openalex_sets_bars_between_people() -> None:
    assert first("openalex.csv").authors == ("Anna Author", "Ben Writer")
    assert first("openalex.csv").affiliations == ("Tea School, Nairobi", "Bread School, Lima")
    assert first("openalex.csv").ids["openalex"] == "W2741809807"


def test_trials_have_both_titles_and_their_number() -> None:
    record = first("ictrp.csv")
    assert [text.text for text in record.titles] == ["Alpha tea and sleep", "Tea for sleep"]
    assert (record.ids, record.type) == ({"irct": "IRCT20080728001031N30"}, "other")


def test_rayyan_writes_and_between_people() -> None:
    assert first("rayyan.csv").authors == ("Author, Anna", "Writer, Ben")
    assert first("rayyan.csv").ids["rayyan"] == "rayyan-101"


def test_chinese_column_names_are_read() -> None:
    record = first("cnki_table.csv")
    assert (record.authors, record.affiliations) == (("王芳", "李强"), ("北京大学", "复旦大学"))


def test_raw_fields_keep_the_names_of_the_columns_as_written() -> None:
    assert ("Author(s)", "Autora, Ana; Escritor, Ben", 2) in first("bvs.csv").raw


def test_a_row_of_empty_cells_is_no_record_and_is_accounted_for() -> None:
    reading = read_bytes(b"Title,Year\nTea,2001\n,\nBread,2002\n", "x")
    assert (len(reading.records), reading.quarantine, reading.ledger.lost) == (2, (), 0)


def test_embase_keywords_keep_their_brackets_whole() -> None:
    head = "Title,Author Names,Source,Emtree Medical Index Terms (Major Focus),Open URL Link\n"
    row = 'Tea,"A B.",Journal of Tea (2014) 3:3 (1-9),"cyst (diagnosis, surgery), sleep",\n'
    assert read_bytes((head + row).encode(), "x").records[0].keywords == ("cyst (diagnosis, surgery)", "sleep")
