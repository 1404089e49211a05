"""One file per quirk: what databases, mail programs and editors do to exports."""

from __future__ import annotations

from pathlib import Path

import pytest
from synth import records
from synth.records import Reading, read_file

FILES = Path(__file__).parent / "files"
ALPHA, BETA = "Alpha tea and sleep", "Beta bread and rest"
PLAIN = """
bom_start.ris bom_middle.ris one_space.ris two_spaces_after_dash.ris lower_case_tags.ris tab_after_dash.ris no_type.ris
missing_end_middle.ris missing_end_last.ris cut_tail.ris blank_lines_inside.ris wrapped_title.ris keyword_list.ris
cochrane_header.ris ovid_counter.ris ebsco_provider.ris four_letter_tag.ris unknown_tag.ris glued_records.ris
end_in_prose.ris start_in_prose.ris nul_bytes.ris line_separator.ris lf_cr.ris lone_cr.ris mixed_line_ends.ris
repeated_type.ris utf16.ris utf16_without_mark.ris eric.nbib no_final_newline.nbib continuation.txt key_twice.bib
brace_missing.bib comma_missing.bib macros.bib scopus_pairs.csv ragged.csv newline_in_cell.csv
"""


def read(name: str) -> Reading:
    return read_file(FILES / name)


def codes(reading: Reading) -> set[str]:
    return {issue.code for issue in reading.issues}


@pytest.mark.parametrize("name", PLAIN.split())
def test_both_records_of_a_quirky_file_are_read(name: str) -> None:
    reading = read(name)
    assert [record.title for record in reading.records] == [ALPHA, BETA]
    assert [record.year for record in reading.records] == [2001, 2002] or name in {"cut_tail.ris", "ragged.csv"}
    assert reading.found == 2
    assert not reading.quarantine


@pytest.mark.parametrize(
    ("name", "place", "code"),
    [
        ("html_page_behind.ris", (13, 16), "html"),
        ("text_between.ris", (7, 8), "outside_record"),
        ("no_content.ris", (7, 9), "no_content"),
        ("open_quote.csv", (3, 3), "open_quote"),
        ("empty_row.csv", (4, 4), "no_content"),
    ],
)
def test_what_is_no_record_is_quarantined_with_its_lines(name: str, place: tuple[int, int], code: str) -> None:
    reading = read(name)
    assert [record.title for record in reading.records] == [ALPHA, BETA]
    (piece,) = reading.quarantine
    assert ((piece.line_start, piece.line_end), piece.code) == (place, code)
    lines = (FILES / name).read_text(encoding="utf-8").splitlines()
    assert piece.raw.splitlines() == lines[place[0] - 1 : place[1]]


@pytest.mark.parametrize(
    ("name", "encoding", "title"),
    [
        ("utf16.ris", "utf-16-le", ALPHA),
        ("utf16_without_mark.ris", "utf-16-be", ALPHA),
        ("cp1252.ris", "cp1252", "Alpha thé “tea” and sleep"),
        ("gb18030.ris", "gb18030", "Alpha 茶的研究 and sleep"),
        ("half_latin.ris", "utf-8+cp1252", "Alpha thé and sleep"),
    ],
)
def test_an_encoding_is_found_and_said(name: str, encoding: str, title: str) -> None:
    reading = read(name)
    assert (reading.encoding, reading.records[0].title, reading.found) == (encoding, title, 2)
    assert codes(reading) & {"encoding", "mixed_encoding"}


def test_bytes_of_another_encoding_in_one_half_are_mended() -> None:
    assert read("half_latin.ris").records[1].title == "Beta pâté and rest"


def test_a_missing_end_is_said() -> None:
    assert "missing_end" in codes(read("missing_end_middle.ris"))
    assert "missing_end" in codes(read("missing_end_last.ris"))
    assert "missing_end" in codes(read("cut_tail.ris"))


def test_one_keyword_tag_with_bare_lines_is_a_list() -> None:
    assert read("keyword_list.ris").records[0].keywords == ("tea", "sleep", "Anti-Inflammatory Agents")


def test_hits_that_the_database_reported_are_kept() -> None:
    reading = read("cochrane_header.ris")
    assert reading.hits_reported == 2
    assert read("ebsco_provider.ris").database == "TeaBase"


def test_titles_and_abstracts_keep_their_languages_where_counts_match() -> None:
    (record,) = read("languages.ris").records
    assert [(text.text, text.lang) for text in record.titles] == [("Chá e sono", "pt"), ("Tea and sleep", "en")]
    assert [text.lang for text in record.abstracts] == ["pt", "en"]
    assert record.ids == {"lilacs": "biblio-123456"}
    assert read("languages.ris").database == "LILACS"


def test_authors_stay_in_file_order_and_a_trial_number_is_no_author() -> None:
    (record,) = read("mixed_authors.ris").records
    assert record.authors == ("First, A.", "Second, B.")
    assert record.ids == {"central": "CN-01792552", "pmid": "30580550", "embase": "625820633", "nct": "NCT01234567"}


def test_entities_that_were_escaped_twice_are_resolved() -> None:
    assert read("entity_twice.ris").records[0].title == "Alpha tea & 'milk' and sleep"


def test_one_bibliographic_tag_makes_a_record() -> None:
    record = read("only_one_tag.ris").records[2]
    assert record.ids == {"doi": "10.1000/xyz.1"}
    assert "no_title" in codes(read("only_one_tag.ris"))


def test_entries_with_the_same_key_are_both_read_and_named() -> None:
    reading = read("key_twice.bib")
    assert "repeated_key" in codes(reading)
    assert reading.records[0].authors == ("Author, Anna", "Tea Board and Friends")


def test_a_damaged_entry_is_mended_and_named_with_its_lines() -> None:
    (issue,) = [issue for issue in read("brace_missing.bib").issues if issue.code == "damaged_entry"]
    assert issue.line == 1
    assert "lines 1-3" in issue.message


def test_macros_and_latex_are_resolved() -> None:
    first, second = read("macros.bib").records
    assert first.container == "Tea Journal"
    assert second.authors == ("Müller, Józef",)


def test_scopus_authors_are_read_in_both_spellings() -> None:
    first, second = read("scopus_pairs.csv").records
    assert first.authors == ("Pan, Y.", "Yu, C.")
    assert second.authors == ("Liu, R.", "Adler, D.G.")
    assert first.ids == {"scopus": "2-s2.0-1"}


def test_ragged_rows_are_kept_and_named() -> None:
    assert [issue.line for issue in read("ragged.csv").issues if issue.code == "ragged_row"] == [2, 3]


def test_a_newline_in_a_cell_does_not_shift_line_numbers() -> None:
    places = [(record.line_start, record.line_end) for record in read("newline_in_cell.csv").records]
    assert places == [(2, 3), (4, 4)]


def test_nbib_reads_full_names_languages_and_identifiers() -> None:
    first, second = read("no_final_newline.nbib").records
    assert (first.authors, second.authors) == (("Author, Anna",), ("Author, B",))
    assert (first.languages, first.ids) == (("en",), {"pmid": "1234567", "doi": "10.1000/x"})


def test_web_of_science_has_one_author_a_line() -> None:
    assert read("continuation.txt").records[0].authors == ("Author, A", "Second, B")


def test_a_lower_case_end_without_a_blank_ends_its_record():
    text = "ty - JOUR\nti - Cash in Bolivia\npy - 2018\ner -\nty - JOUR\nti - Two\npy - 2019\ner -\n"
    reading = records.read_bytes(text.encode(), "low.ris")
    assert [(record.title, record.year) for record in reading.records] == [("Cash in Bolivia", 2018), ("Two", 2019)]
    assert reading.quarantine == ()
